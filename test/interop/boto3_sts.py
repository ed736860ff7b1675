"""boto3 and STS, with every signature verified and every policy evaluated.

ENDPOINT is the URL of the data plane; the credentials of the environment are those of an account's root.
"""

import json
import os

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
ACCOUNT = "123456789012"
OTHER = "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/team/reader"


def client(service="sts", credentials=None, **options):
    keys = credentials and {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", **(keys or {}), **options)


def refused(call, code, text=""):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert text in error.response["Error"]["Message"], error
        return
    raise AssertionError(f"{code} was expected")


sts = client()
assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
assert sts.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE")["Account"]

policy = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}})
assumed = sts.assume_role(
    RoleArn=ROLE,
    RoleSessionName="session",
    Policy=policy,
    Tags=[{"Key": "team", "Value": "a"}],
    TransitiveTagKeys=["team"],
    SourceIdentity="alice",
)
assert assumed["SourceIdentity"] == "alice" and assumed["PackedPolicySize"] > 0
role = client(credentials=assumed["Credentials"])
identity = role.get_caller_identity()
assert identity["Arn"] == f"arn:aws:sts::{OTHER}:assumed-role/reader/session" == assumed["AssumedRoleUser"]["Arn"]
assert identity["UserId"] == assumed["AssumedRoleUser"]["AssumedRoleId"]

buckets = client("s3", assumed["Credentials"])
buckets.create_bucket(Bucket="made-by-the-role")
refused(lambda: client("s3").delete_bucket(Bucket="made-by-the-role"), "AccessDenied")
unsealed = {**assumed["Credentials"], "SessionToken": "garbled"}
refused(lambda: client("s3", unsealed).list_buckets(), "InvalidToken")
refused(lambda: client("sts", unsealed).get_caller_identity(), "InvalidClientTokenId")

# The session policy lets it do nothing but S3.
refused(lambda: role.get_access_key_info(AccessKeyId="AKIAIOSFODNN7EXAMPLE"), "AccessDenied", "no session policy allows")
whole = client(credentials=sts.assume_role(RoleArn=ROLE, RoleSessionName="session")["Credentials"])
chained = {"RoleArn": ROLE, "RoleSessionName": "second"}
refused(lambda: whole.assume_role(**chained, DurationSeconds=3601), "ValidationError", "1 hour session limit")
assert whole.assume_role(**chained)["AssumedRoleUser"]["Arn"].endswith("/second")
refused(lambda: whole.get_session_token(), "AccessDenied", "Cannot call GetSessionToken with session credentials")
refused(
    lambda: whole.get_federation_token(Name="bob"),
    "AccessDenied",
    "Cannot call GetFederationToken with session credentials",
)

session = sts.get_session_token(DurationSeconds=900)
assert client(credentials=session["Credentials"]).get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
federated = sts.get_federation_token(Name="bob", Policy=policy)
assert federated["FederatedUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:federated-user/bob"
assert client("s3", federated["Credentials"]).list_buckets()["Buckets"] == []
nothing = sts.get_federation_token(Name="bob")
refused(lambda: client("s3", nothing["Credentials"]).list_buckets(), "AccessDenied")

task = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
root = client(credentials=sts.assume_root(TargetPrincipal=OTHER, TaskPolicyArn=task)["Credentials"])
assert root.get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:root"

refused(lambda: sts.decode_authorization_message(EncodedMessage="x"), "InvalidAuthorizationMessageException")
refused(lambda: client(config=Config(signature_version=UNSIGNED)).get_caller_identity(), "MissingAuthenticationToken")
if hasattr(sts, "get_web_identity_token"):
    token = sts.get_web_identity_token(Audience=["a"], SigningAlgorithm="ES384")
    assert token["WebIdentityToken"].count(".") == 2
if hasattr(sts, "get_delegated_access_token"):
    traded = sts.get_delegated_access_token(TradeInToken=federated["Credentials"]["SessionToken"])
    assert traded["AssumedPrincipal"] == federated["FederatedUser"]["Arn"]
