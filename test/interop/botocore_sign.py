"""Signs requests as boto3 does. Each line of standard input is one, as JSON; each line of standard output is what goes out."""

import json
import sys
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

CREDENTIALS = Credentials("AKIAROOT", "root-secret")
REGION = "eu-central-1"
HOST = "localhost:5000"

SIGNERS = {
    ("s3", False): lambda: S3SigV4Auth(CREDENTIALS, "s3", REGION),
    ("s3", True): lambda: S3SigV4QueryAuth(CREDENTIALS, "s3", REGION, expires=60),
    ("sts", False): lambda: SigV4Auth(CREDENTIALS, "sts", REGION),
    ("sts", True): lambda: SigV4QueryAuth(CREDENTIALS, "sts", REGION, expires=60),
}

for line in sys.stdin:
    plain = json.loads(line)
    query = f"?{plain['query']}" if plain["query"] else ""
    request = AWSRequest(
        method=plain["method"],
        url=f"http://{HOST}{plain['path']}{query}",
        headers={"host": HOST, **plain["headers"]},
        data=plain["body"].encode(),
    )
    # Over plain http boto3 signs the payload of S3 too.
    SIGNERS[plain["service"], plain["inQuery"]]().add_auth(request)
    parts = urlsplit(request.url)
    print(
        json.dumps(
            {
                "method": request.method,
                "rawPath": parts.path,
                "rawQuery": parts.query,
                "headers": {name.lower(): value.strip(" ") for name, value in request.headers.items()},
            }
        )
    )
