"""boto3, which goes by the real clock, in worlds whose clock was moved.

ENDPOINT is the URL of the data plane, CONTROL that of the control plane. Every signature and its time is judged.
"""

import datetime
import os

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
CONTROL = os.environ["CONTROL"]
BUCKET = "boto3-clock"
NOW = datetime.datetime.now(datetime.timezone.utc)
WEEK = 7 * 24 * 60 * 60


def client(service="s3", version="s3v4", **options):
    config = Config(signature_version=version, s3={"addressing_style": "path"}) if service == "s3" else None
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", config=config, **options)


s3 = client()


def clock(rpc, **fields):
    answer = requests.post(f"{CONTROL}/standin.v1.ClockService/{rpc}", json=fields, timeout=10)
    assert answer.ok, answer.text
    return answer.json()["clock"]


def refused(call, code):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} was expected")


def presign(signer, seconds):
    return signer.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": "a"}, ExpiresIn=seconds)


def works(url):
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 200, answer.text


def has_expired(url):
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 403, answer.text
    assert "<Code>AccessDenied</Code><Message>Request has expired</Message>" in answer.text, answer.text
    assert "<Expires>" in answer.text and "<ServerTime>" in answer.text, answer.text


def visit(at):
    """Does all of it at an instant, and goes back to the present."""
    year = at.year
    old = presign(s3, 900)
    works(old)
    clock("SetClock", at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
    assert s3.head_object(Bucket=BUCKET, Key="a")["LastModified"].year == year
    if at > NOW:
        has_expired(old)
    else:
        assert "Request is not valid yet" in requests.get(old, timeout=10).text

    plain = client(version="s3")  # what boto3 presigns with, unless it is told otherwise
    urls = [presign(s3, 60), presign(plain, 60)]
    for url in urls:
        works(url)
    form = s3.generate_presigned_post(BUCKET, "posted", ExpiresIn=60)
    send = lambda: requests.post(form["url"], data=form["fields"], files={"file": b"x"}, timeout=10)
    assert send().status_code == 204, send().text
    clock("AdvanceClock", by="120s")
    for url in urls:
        has_expired(url)
    assert "Policy expired" in send().text
    works(presign(s3, 60))

    week = presign(s3, WEEK)
    clock("AdvanceClock", by=f"{6 * 24 * 60 * 60}s")
    works(week)
    clock("AdvanceClock", by=f"{2 * 24 * 60 * 60}s")
    has_expired(week)
    clock("ResumeClock", realTime=True)


def sessions():
    role = client("sts").assume_role(
        RoleArn="arn:aws:iam::123456789012:role/r", RoleSessionName="clock", DurationSeconds=900
    )["Credentials"]
    keys = {
        "aws_access_key_id": role["AccessKeyId"],
        "aws_secret_access_key": role["SecretAccessKey"],
        "aws_session_token": role["SessionToken"],
    }
    session = client(**keys)
    session.head_object(Bucket=BUCKET, Key="a")
    clock("AdvanceClock", by="960s")
    refused(lambda: session.get_object(Bucket=BUCKET, Key="a"), "ExpiredToken")
    refused(lambda: client("sts", **keys).get_caller_identity(), "ExpiredToken")
    clock("ResumeClock", realTime=True)
    session.head_object(Bucket=BUCKET, Key="a")


s3.create_bucket(Bucket=BUCKET)
s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")
visit(datetime.datetime(2020, 2, 29, 12, tzinfo=datetime.timezone.utc))
visit(datetime.datetime(2040, 6, 1, tzinfo=datetime.timezone.utc))
visit(NOW + datetime.timedelta(days=8))
sessions()
