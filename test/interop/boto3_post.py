"""What boto3 makes for browsers: presigned forms and URLs, of both signature versions, sent by a client that knows neither.

ENDPOINT is the URL of the data plane.
"""

import base64
import hashlib
import os

import boto3
import requests
from botocore.config import Config

ENDPOINT = os.environ["ENDPOINT"]
BUCKET = "boto3-post"


def client(version="s3v4", service="s3", **options):
    config = Config(signature_version=version, s3={"addressing_style": "path"})
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", config=config, **options)


s3 = client()


def send(form, content=b"by form", name="cat.jpg", **fields):
    data = {**form["fields"], **fields}
    return requests.post(form["url"], data=data, files={"file": (name, content)}, allow_redirects=False, timeout=10)


def body(key):
    return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def forms(version, signer):
    key = f"{version}/na\u00efve " + "${filename}"
    form = signer.generate_presigned_post(
        BUCKET,
        key,
        Fields={"acl": "private", "Content-Type": "image/jpeg", "success_action_status": "201", "x-amz-meta-a": "b"},
        Conditions=[
            {"acl": "private"},
            ["starts-with", "$Content-Type", "image/"],
            {"success_action_status": "201"},
            ["starts-with", "$x-amz-meta-a", ""],
            ["content-length-range", 1, 10],
        ],
    )
    answer = send(form)
    assert answer.status_code == 201, answer.text
    stored = f"{version}/na\u00efve cat.jpg"
    assert f"<Key>{stored}</Key>" in answer.text, answer.text
    assert answer.headers["ETag"] == '"' + hashlib.md5(b"by form").hexdigest() + '"'
    assert body(stored) == b"by form"
    head = s3.head_object(Bucket=BUCKET, Key=stored)
    assert (head["ContentType"], head["Metadata"]) == ("image/jpeg", {"a": "b"}), head
    assert "EntityTooLarge" in send(form, content=b"12345678901").text
    assert "EntityTooSmall" in send(form, content=b"").text
    assert "Policy Condition failed" in send(form, key="elsewhere").text
    assert "Extra input fields: x-amz-meta-c" in send(form, **{"x-amz-meta-c": "d"}).text
    redirected = signer.generate_presigned_post(
        BUCKET,
        f"{version}/redirected",
        Fields={"success_action_redirect": "http://example.com/"},
        Conditions=[["starts-with", "$success_action_redirect", "http://example.com"]],
    )
    answer = send(redirected)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith(f"http://example.com/?bucket={BUCKET}&key={version}%2Fredirected&etag=")


def urls(version, signer):
    key = f"{version}/url"
    url = lambda operation, **more: signer.generate_presigned_url(operation, {"Bucket": BUCKET, "Key": key, **more}, 60)
    digest = base64.b64encode(hashlib.md5(b"by URL").digest()).decode()
    headers = {"Content-MD5": digest, "Content-Type": "text/x"}
    signed = url("put_object", ContentMD5=digest, ContentType="text/x")
    assert requests.put(signed, data=b"other", headers=headers, timeout=10).status_code == 400
    answer = requests.put(signed, data=b"by URL", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    got = requests.get(url("get_object", ResponseContentDisposition="attachment"), timeout=10)
    assert (got.content, got.headers["content-disposition"]) == (b"by URL", "attachment"), got.text
    upload = {"UploadId": s3.create_multipart_upload(Bucket=BUCKET, Key=key)["UploadId"]}
    part = requests.put(url("upload_part", PartNumber=1, **upload), data=b"part", timeout=10)
    assert part.status_code == 200, part.text
    parts = {"Parts": [{"PartNumber": 1, "ETag": part.headers["ETag"]}]}
    s3.complete_multipart_upload(Bucket=BUCKET, Key=key, MultipartUpload=parts, **upload)
    assert body(key) == b"part"


s3.create_bucket(Bucket=BUCKET)
issued = client(service="sts").assume_role(RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="session")["Credentials"]
session = {
    "aws_access_key_id": issued["AccessKeyId"],
    "aws_secret_access_key": issued["SecretAccessKey"],
    "aws_session_token": issued["SessionToken"],
}
for version in ["s3v4", "s3"]:
    for signer in [client(version), client(version, **session)]:
        forms(version, signer)
        urls(version, signer)
