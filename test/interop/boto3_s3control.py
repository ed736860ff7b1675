"""S3 Control and access points through boto3: the account's public access block, access points, tags, and objects behind them.

ENDPOINT is the URL of the data plane, at an IP address.
"""

import json
import os
import socket
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
BUCKET = "boto3-behind"
PORT = urlsplit(os.environ["ENDPOINT"]).port
# botocore puts the account, or the access point's name, before the host: an IP address cannot have that.
ENDPOINT = f"http://localhost:{PORT}"

resolve = socket.getaddrinfo


def to_loopback(host, *rest, **options):
    """The machine need not resolve *.localhost."""
    return resolve("127.0.0.1" if str(host).endswith("localhost") else host, *rest, **options)


socket.getaddrinfo = to_loopback


def client(service, style="auto"):
    config = Config(s3={"addressing_style": style})
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", config=config)


control = client("s3control")
s3 = client("s3")


def refusal(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response
    raise AssertionError("it was not refused")


def account_block():
    answer = refusal(control.get_public_access_block, AccountId=ACCOUNT)
    assert answer["Error"]["Code"] == "NoSuchPublicAccessBlockConfiguration", answer
    assert answer["Error"]["AccountId"] == ACCOUNT, answer
    assert answer["HostId"], answer
    block = {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": False,
        "BlockPublicPolicy": True,
        "RestrictPublicBuckets": False,
    }
    control.put_public_access_block(AccountId=ACCOUNT, PublicAccessBlockConfiguration=block)
    got = control.get_public_access_block(AccountId=ACCOUNT)["PublicAccessBlockConfiguration"]
    assert got == block, got
    control.delete_public_access_block(AccountId=ACCOUNT)


def access_points():
    s3.create_bucket(Bucket=BUCKET)
    made = control.create_access_point(AccountId=ACCOUNT, Name="boto3-point", Bucket=BUCKET)
    arn, alias = made["AccessPointArn"], made["Alias"]
    got = control.get_access_point(AccountId=ACCOUNT, Name="boto3-point")
    assert (got["Bucket"], got["Alias"], got["NetworkOrigin"]) == (BUCKET, alias, "Internet"), got
    pages = control.get_paginator("list_access_points_for_object_lambda")
    assert "NotImplemented" in str(refusal(lambda: list(pages.paginate(AccountId=ACCOUNT))))
    listed = control.list_access_points(AccountId=ACCOUNT, Bucket=BUCKET)["AccessPointList"]
    assert [point["Name"] for point in listed] == ["boto3-point"], listed
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/object/*"],
            }
        ],
    }
    control.put_access_point_policy(AccountId=ACCOUNT, Name="boto3-point", Policy=json.dumps(policy))
    text = control.get_access_point_policy(AccountId=ACCOUNT, Name="boto3-point")["Policy"]
    assert json.loads(text) == policy, text
    status = control.get_access_point_policy_status(AccountId=ACCOUNT, Name="boto3-point")["PolicyStatus"]
    assert status == {"IsPublic": False}, status
    return arn, alias


def objects(arn, alias):
    for style in ["auto", "path", "virtual"]:
        own = client("s3", style)
        for name in [arn, alias]:
            own.put_object(Bucket=name, Key=f"{style}/\u00fc k", Body=b"body")
            assert own.get_object(Bucket=name, Key=f"{style}/\u00fc k")["Body"].read() == b"body"
            keys = [entry["Key"] for entry in own.list_objects_v2(Bucket=name, Prefix=style)["Contents"]]
            assert keys == [f"{style}/\u00fc k"], keys
    copied = f"{arn}/object/auto/\u00fc k"
    s3.copy_object(Bucket=arn, Key="copy", CopySource=copied)
    s3.copy_object(Bucket=alias, Key="copy", CopySource={"Bucket": arn, "Key": "copy"}, MetadataDirective="REPLACE")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": arn, "Key": "copy"})
    assert f"//boto3-point-{ACCOUNT}.localhost:{PORT}/copy" in url, url
    assert refusal(s3.get_bucket_versioning, Bucket=alias)["Error"]["Code"] == "MethodNotAllowed"


def tags(arn):
    for resource in [arn, f"arn:aws:s3:::{BUCKET}"]:
        control.tag_resource(
            AccountId=ACCOUNT, ResourceArn=resource, Tags=[{"Key": "a/b", "Value": "1"}, {"Key": "c", "Value": ""}]
        )
        control.untag_resource(AccountId=ACCOUNT, ResourceArn=resource, TagKeys=["c", "d"])
        got = control.list_tags_for_resource(AccountId=ACCOUNT, ResourceArn=resource)["Tags"]
        assert got == [{"Key": "a/b", "Value": "1"}], got


def ends(arn):
    for entry in s3.list_objects_v2(Bucket=BUCKET)["Contents"]:
        s3.delete_object(Bucket=arn, Key=entry["Key"])
    assert refusal(s3.delete_bucket, Bucket=BUCKET)["Error"]["Code"] == "BucketHasAccessPointsAttached"
    control.delete_access_point_policy(AccountId=ACCOUNT, Name="boto3-point")
    control.delete_access_point(AccountId=ACCOUNT, Name="boto3-point")
    s3.delete_bucket(Bucket=BUCKET)


account_block()
the_arn, the_alias = access_points()
objects(the_arn, the_alias)
tags(the_arn)
ends(the_arn)
