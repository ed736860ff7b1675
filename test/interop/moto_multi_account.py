"""Every example of moto's page "Multi-Account support", over the wire.

https://docs.getmoto.org/en/latest/docs/multi_account.html
ENDPOINT and CONTROL are the URLs of a server's two ports. Where the page sets the environment variable of moto's own process,
the control plane does the same while the server runs.
"""

import os
import sys
from urllib.parse import urlsplit

import boto3
import requests
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
CONTROL = os.environ["CONTROL"]
DEFAULT_ACCOUNT = "123456789012"


def client(service="s3", **credentials):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", **credentials)


def credentials_of(response):
    return {
        "aws_access_key_id": response["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": response["Credentials"]["SecretAccessKey"],
        "aws_session_token": response["Credentials"]["SessionToken"],
    }


def names(s3):
    return [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def control(rpc, **message):
    answer = requests.post(f"{CONTROL}/standin.v1.{rpc}", json=message, timeout=10)
    assert answer.status_code == 200, answer.text


def request(method, host=None, **headers):
    """An unsigned request to the root of a host; the machine need not resolve *.localhost."""
    port = urlsplit(ENDPOINT).port
    if host is not None:
        headers["Host"] = f"{host}:{port}"
    answer = requests.request(method, f"{ENDPOINT}/", headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.text


def the_default_account():
    assert client("sts").get_caller_identity()["Account"] == DEFAULT_ACCOUNT
    assert client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{DEFAULT_ACCOUNT}:root"


def the_environment_variable():
    s3 = client()
    s3.create_bucket(Bucket="bucket-default-account")
    control("AccountService/SetDefaultAccount", accountId="111111111111")
    s3.create_bucket(Bucket="bucket-in-account-2")
    assert names(s3) == ["bucket-in-account-2"]
    assert client("sts").get_caller_identity()["Account"] == "111111111111"
    control("AccountService/ClearDefaultAccount")
    assert names(s3) == ["bucket-default-account"]


def the_request_header():
    headers = {"x-moto-account-id": "333344445555"}
    request("PUT", host="bucket.localhost", **headers)
    assert "<Name>bucket</Name>" in request("GET", **headers)
    assert "<Name>bucket</Name>" not in request("GET")
    assert names(client()) == []
    assert names(client(aws_access_key_id="333344445555", aws_secret_access_key="test")) == ["bucket"]


def sts_within_the_account():
    client1 = client()
    client1.create_bucket(Bucket="foobar")
    response = client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{DEFAULT_ACCOUNT}:role/my-role",
        RoleSessionName="test-session-name",
        ExternalId="test-external-id",
    )
    client2 = client(**credentials_of(response))
    assert len(client2.list_buckets()["Buckets"]) == 1


def sts_across_accounts():
    client1 = client()
    client1.create_bucket(Bucket="foobar")
    response = client("sts").assume_role(
        RoleArn="arn:aws:iam::111111111111:role/role-in-another-account",
        RoleSessionName="test-session-name",
        ExternalId="test-external-id",
    )
    client2 = client(**credentials_of(response))
    assert len(client2.list_buckets()["Buckets"]) == 0
    identity = client("sts", **credentials_of(response)).get_caller_identity()
    assert identity["Account"] == "111111111111"
    assert identity["Arn"] == "arn:aws:sts::111111111111:assumed-role/role-in-another-account/test-session-name"
    client2.create_bucket(Bucket="in-another-account")
    assert names(client1) == ["foobar"]
    assert names(client2) == ["in-another-account"]


def with_header(s3, account_id):
    """A client whose every request carries the header."""

    def add(request, **_):
        request.headers["x-moto-account-id"] = account_id

    s3.meta.events.register("before-sign", add)
    return s3


def precedence():
    """The variable wins over the header, the header over credentials, credentials over the default account."""
    role = {"RoleArn": "arn:aws:iam::111111111111:role/r", "RoleSessionName": "session"}
    issued = credentials_of(client("sts").assume_role(**role))

    def account(headers=None):
        sts = client("sts", **issued)
        return (with_header(sts, headers) if headers else sts).get_caller_identity()["Account"]

    assert account() == "111111111111"
    assert account("222222222222") == "222222222222"
    control("AccountService/SetDefaultAccount", accountId="333333333333")
    assert account() == "333333333333"
    assert account("222222222222") == "333333333333"
    control("AccountService/ClearDefaultAccount")
    assert account() == "111111111111"
    assert client("sts").get_caller_identity()["Account"] == DEFAULT_ACCOUNT


def the_variable_at_start():
    """The server was started with the variable: 999999999999 until the control plane takes it back."""
    s3 = client(aws_access_key_id="111111111111", aws_secret_access_key="test")
    s3.create_bucket(Bucket="overridden")
    assert names(client()) == ["overridden"]
    assert names(with_header(client(), "222222222222")) == ["overridden"]
    assert client("sts").get_caller_identity()["Account"] == "999999999999"
    role = {"RoleArn": "arn:aws:iam::111111111111:role/r", "RoleSessionName": "session"}
    issued = credentials_of(client("sts").assume_role(**role))
    assert client("sts", **issued).get_caller_identity()["Account"] == "999999999999"
    control("AccountService/ClearDefaultAccount")
    assert client("sts", **issued).get_caller_identity()["Account"] == "111111111111"
    assert names(s3) == []
    assert names(client()) == []


def what_accounts_share():
    """Bucket names are one namespace; a bucket that is there for one account is taken for the others."""
    client().create_bucket(Bucket="shared-name")
    other = client(aws_access_key_id="111111111111", aws_secret_access_key="test")
    try:
        other.create_bucket(Bucket="shared-name")
        raise AssertionError("the name was not taken")
    except ClientError as error:
        assert error.response["Error"]["Code"] == "BucketAlreadyExists"


EXAMPLES = [
    the_default_account,
    the_environment_variable,
    the_request_header,
    sts_within_the_account,
    sts_across_accounts,
    precedence,
    what_accounts_share,
]

if __name__ == "__main__":
    for example in [the_variable_at_start] if "--variable-at-start" in sys.argv else EXAMPLES:
        example()
        control("StateService/Reset")
        print("ok", example.__name__)
