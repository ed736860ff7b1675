"""boto3 as suites use it: the transfer manager, checksums, presigned URLs, pagination, waiters.

ENDPOINT is the URL of the data plane; over https AWS_CA_BUNDLE names the authority to trust. Arguments are the names of what to
run; without one all of it runs.
"""

import base64
import hashlib
import io
import os
import sys
import zlib

import boto3
import botocore.httpchecksum
import requests
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["ENDPOINT"]
MIB = 1024 * 1024
CA = os.environ.get("AWS_CA_BUNDLE", True)


def client(service="s3", **options):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", **options)


s3 = client()


def refused(call, code):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{code} was expected")


def bucket(name):
    s3.create_bucket(Bucket=name)
    return name


def body_of(size):
    """Bytes that differ from place to place, so that a part in the wrong place is found out."""
    block = b"".join(hashlib.sha256(str(number).encode()).digest() for number in range(1024))
    return (block * (size // len(block) + 1))[:size]


def transfer():
    name = bucket("transfer")
    data = body_of(64 * MIB + 3)
    s3.upload_fileobj(io.BytesIO(data), name, "large", ExtraArgs={"Metadata": {"a": "b"}})
    head = s3.head_object(Bucket=name, Key="large")
    assert head["ContentLength"] == len(data)
    assert head["ETag"].endswith('-9"'), head["ETag"]
    assert head["Metadata"] == {"a": "b"}
    assert s3.get_object(Bucket=name, Key="large", PartNumber=9)["ContentLength"] == 3
    read = io.BytesIO()
    s3.download_fileobj(name, "large", read)
    assert read.getvalue() == data
    part = s3.get_object(Bucket=name, Key="large", Range=f"bytes={8 * MIB - 2}-{8 * MIB + 1}")
    assert part["Body"].read() == data[8 * MIB - 2 : 8 * MIB + 2]
    config = TransferConfig(multipart_threshold=16 * MIB, multipart_chunksize=16 * MIB)
    s3.copy({"Bucket": name, "Key": "large"}, name, "copied", Config=config)
    copied = io.BytesIO()
    s3.download_fileobj(name, "copied", copied)
    assert copied.getvalue() == data
    s3.upload_fileobj(io.BytesIO(b""), name, "empty")
    assert s3.get_object(Bucket=name, Key="empty")["Body"].read() == b""


def checksums():
    name = bucket("checksums")
    data = body_of(100_000)
    algorithms = [algorithm.upper() for algorithm in botocore.httpchecksum._CHECKSUM_CLS]
    assert {"CRC32", "SHA1", "SHA256"} <= set(algorithms), algorithms
    for algorithm in algorithms:
        member = f"Checksum{algorithm}"
        put = s3.put_object(Bucket=name, Key=algorithm, Body=data, ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")
        assert got["Body"].read() == data
        assert got[member] == put[member], (got, put)
        assert s3.head_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")[member] == put[member]
        refused(lambda: s3.put_object(Bucket=name, Key="bad", Body=b"x", **{member: put[member]}), "BadDigest")
        config = TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
        large = body_of(5 * MIB + 1)
        key = f"{algorithm}-large"
        s3.upload_fileobj(io.BytesIO(large), name, key, ExtraArgs={"ChecksumAlgorithm": algorithm}, Config=config)
        read = io.BytesIO()
        s3.download_fileobj(name, key, read, Config=config)
        assert read.getvalue() == large
        assert member in s3.head_object(Bucket=name, Key=key, ChecksumMode="ENABLED")
    crc32 = base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()
    assert s3.head_object(Bucket=name, Key="CRC32", ChecksumMode="ENABLED")["ChecksumCRC32"] == crc32
    for when in ["when_supported", "when_required"]:
        own = client(config=Config(request_checksum_calculation=when, response_checksum_validation=when))
        own.put_object(Bucket=name, Key=when, Body=data)
        assert own.get_object(Bucket=name, Key=when)["Body"].read() == data
    assert "ChecksumCRC64NVME" in s3.head_object(Bucket=name, Key="when_required", ChecksumMode="ENABLED")
    md5 = base64.b64encode(hashlib.md5(data).digest()).decode()
    s3.put_object(Bucket=name, Key="md5", Body=data, ContentMD5=md5)
    refused(lambda: s3.put_object(Bucket=name, Key="md5", Body=b"x", ContentMD5=md5), "BadDigest")
    assert s3.get_object(Bucket=name, Key="md5")["Body"].read() == data


class Unseekable(io.RawIOBase):
    """A stream that can be read once, as a pipe is."""

    def __init__(self, data):
        self.inner = io.BytesIO(data)

    def readable(self):
        return True

    def readinto(self, target):
        return self.inner.readinto(target)


def bodies():
    name = bucket("bodies")
    for size in [0, 1, 65_535, 65_536, 65_537, 1_000_000]:
        data = body_of(size)
        s3.put_object(Bucket=name, Key=f"bytes-{size}", Body=data)
        s3.put_object(Bucket=name, Key=f"file-{size}", Body=io.BytesIO(data))
        s3.upload_fileobj(io.BufferedReader(Unseekable(data)), name, f"stream-{size}")
        for form in ["bytes", "file", "stream"]:
            got = s3.get_object(Bucket=name, Key=f"{form}-{size}")
            assert got["Body"].read() == data
            assert got["ETag"] == f'"{hashlib.md5(data).hexdigest()}"'
    for key in ["a b+c", "%2F", "é/ü", "\U0001f600", "a//b", "../x", "?x=y&z", "<&>'\"", "."]:
        s3.put_object(Bucket=name, Key=key, Body=key.encode(), Metadata={"key": base64.b64encode(key.encode()).decode()})
        assert s3.get_object(Bucket=name, Key=key)["Body"].read() == key.encode()
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=name)["Contents"]]
    assert "\U0001f600" in keys and "<&>'\"" in keys and "a b+c" in keys
    s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys]})
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0


def presigned():
    name = bucket("presigned")
    for version in ["s3v4", "s3"]:
        signer = client(config=Config(signature_version=version, s3={"addressing_style": "path"}))
        url = lambda operation, **more: signer.generate_presigned_url(
            operation, Params={"Bucket": name, "Key": f"a b+c/{version}", **more}, ExpiresIn=60
        )
        put = requests.put(url("put_object"), data=b"by URL", verify=CA, timeout=10)
        assert put.status_code == 200, put.text
        got = requests.get(url("get_object", ResponseContentType="text/x"), verify=CA, timeout=10)
        assert got.content == b"by URL", got.text
        assert got.headers["content-type"] == "text/x"
        assert requests.head(url("head_object"), verify=CA, timeout=10).headers["content-length"] == "6"
        assert requests.delete(url("delete_object"), verify=CA, timeout=10).status_code == 204
        assert requests.get(url("get_object"), verify=CA, timeout=10).status_code == 404
        sub_resources(signer, {"Bucket": name, "Key": f"sub-resources/{version}"})
    role = {"RoleArn": "arn:aws:iam::111111111111:role/r", "RoleSessionName": "session"}
    issued = client("sts").assume_role(**role)["Credentials"]
    sts = client(
        "sts",
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )
    for method in ["GET", "POST"]:
        url = sts.generate_presigned_url("get_caller_identity", HttpMethod=method)
        identity = requests.request(method, url, verify=CA, timeout=10)
        assert "<Account>111111111111</Account>" in identity.text, identity.text


def sub_resources(signer, at):
    signer.put_object(**at, Body=b"signed in a header")
    signer.put_object_tagging(**at, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert signer.get_object_tagging(**at)["TagSet"] == [{"Key": "a", "Value": "b"}]
    assert signer.get_object_acl(**at)["Grants"]
    upload = {**at, "UploadId": signer.create_multipart_upload(**at)["UploadId"]}
    part = signer.upload_part(**upload, PartNumber=1, Body=b"part")
    assert len(signer.list_parts(**upload)["Parts"]) == 1
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    signer.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
    bucket_name = at["Bucket"]
    assert signer.list_objects_v2(Bucket=bucket_name, Prefix=at["Key"])["KeyCount"] == 1
    assert len(signer.list_object_versions(Bucket=bucket_name, Prefix=at["Key"])["Versions"]) == 1
    signer.put_bucket_cors(
        Bucket=bucket_name, CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    )
    signer.delete_bucket_cors(Bucket=bucket_name)
    signer.list_bucket_analytics_configurations(Bucket=bucket_name)
    signer.delete_objects(Bucket=bucket_name, Delete={"Objects": [{"Key": at["Key"]}]})


def pagination():
    name = bucket("pagination")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    keys = [f"{folder}/{number:02}" for folder in "abc" for number in range(10)]
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=b"1")
    for operation in ["list_objects_v2", "list_objects"]:
        pages = list(s3.get_paginator(operation).paginate(Bucket=name, PaginationConfig={"PageSize": 7}))
        assert len(pages) == 5
        assert [entry["Key"] for page in pages for entry in page["Contents"]] == keys
        pages = s3.get_paginator(operation).paginate(Bucket=name, Delimiter="/", PaginationConfig={"PageSize": 1})
        assert [prefix["Prefix"] for prefix in pages.search("CommonPrefixes[]")] == ["a/", "b/", "c/"]
    for key in keys[:5]:
        s3.put_object(Bucket=name, Key=key, Body=b"2")
        s3.delete_object(Bucket=name, Key=key)
    pages = list(s3.get_paginator("list_object_versions").paginate(Bucket=name, PaginationConfig={"PageSize": 3}))
    assert sum(len(page.get("Versions", [])) for page in pages) == 35
    assert sum(len(page.get("DeleteMarkers", [])) for page in pages) == 5
    uploads = [s3.create_multipart_upload(Bucket=name, Key=f"upload-{number}")["UploadId"] for number in range(5)]
    pages = s3.get_paginator("list_multipart_uploads").paginate(Bucket=name, PaginationConfig={"PageSize": 2})
    assert [upload["UploadId"] for upload in pages.search("Uploads[]")] == uploads
    for number in range(1, 6):
        s3.upload_part(Bucket=name, Key="upload-0", UploadId=uploads[0], PartNumber=number, Body=b"x")
    parts = {"Bucket": name, "Key": "upload-0", "UploadId": uploads[0]}
    pages = s3.get_paginator("list_parts").paginate(**parts, PaginationConfig={"PageSize": 2})
    assert [part["PartNumber"] for part in pages.search("Parts[]")] == [1, 2, 3, 4, 5]
    for number, upload in enumerate(uploads):
        s3.abort_multipart_upload(Bucket=name, Key=f"upload-{number}", UploadId=upload)
    for number in range(5):
        bucket(f"paged-{number}")
    pages = s3.get_paginator("list_buckets").paginate(Prefix="paged-", PaginationConfig={"PageSize": 2})
    assert [entry["Name"] for entry in pages.search("Buckets[]")] == [f"paged-{number}" for number in range(5)]


def waiters_and_errors():
    name = bucket("waiters")
    s3.put_object(Bucket=name, Key="k", Body=b"v")
    s3.get_waiter("bucket_exists").wait(Bucket=name)
    s3.get_waiter("object_exists").wait(Bucket=name, Key="k")
    s3.delete_object(Bucket=name, Key="k")
    s3.get_waiter("object_not_exists").wait(Bucket=name, Key="k")
    refused(lambda: s3.get_object(Bucket=name, Key="k"), "NoSuchKey")
    refused(lambda: s3.head_object(Bucket=name, Key="k"), "404")
    refused(lambda: s3.get_object(Bucket="no-such-bucket", Key="k"), "NoSuchBucket")
    s3.put_object(Bucket=name, Key="k", Body=b"v", IfNoneMatch="*")
    refused(lambda: s3.put_object(Bucket=name, Key="k", Body=b"v", IfNoneMatch="*"), "PreconditionFailed")
    refused(lambda: s3.delete_bucket(Bucket=name), "BucketNotEmpty")
    resource = boto3.resource("s3", endpoint_url=ENDPOINT, region_name="us-east-1")
    resource.Bucket(name).objects.all().delete()
    resource.Bucket(name).delete()
    s3.get_waiter("bucket_not_exists").wait(Bucket=name)


def accounts():
    name = bucket("of-the-caller")
    role = {"RoleArn": "arn:aws:iam::222222222222:role/deploy", "RoleSessionName": "python"}
    issued = client("sts").assume_role(**role)["Credentials"]
    other = client(
        aws_access_key_id=issued["AccessKeyId"],
        aws_secret_access_key=issued["SecretAccessKey"],
        aws_session_token=issued["SessionToken"],
    )
    other.create_bucket(Bucket="of-the-role")
    assert [entry["Name"] for entry in other.list_buckets()["Buckets"]] == ["of-the-role"]
    ours = [entry["Name"] for entry in s3.list_buckets()["Buckets"]]
    assert name in ours and "of-the-role" not in ours, ours
    data = body_of(20 * MIB)
    other.upload_fileobj(io.BytesIO(data), "of-the-role", "large", ExtraArgs={"ChecksumAlgorithm": "SHA256"})
    read = io.BytesIO()
    other.download_fileobj("of-the-role", "large", read)
    assert read.getvalue() == data
    # The caller's long-term key is of another account, which may not look into the role's bucket.
    refused(lambda: s3.list_objects_v2(Bucket="of-the-role"), "AccessDenied")


ALL = [bodies, checksums, presigned, pagination, waiters_and_errors, transfer, accounts]

if __name__ == "__main__":
    for part in ALL:
        if len(sys.argv) == 1 or part.__name__ in sys.argv:
            part()
            print("ok", part.__name__)
