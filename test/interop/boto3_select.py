"""SelectObjectContent through boto3: each input and output, and errors before and after the answer has begun.

ENDPOINT is the URL of the data plane.
"""

import bz2
import gzip
import json
import os

import boto3
from botocore.exceptions import ClientError, EventStreamError

s3 = boto3.client("s3", endpoint_url=os.environ["ENDPOINT"], region_name="us-east-1")
BUCKET = "boto3-select"
s3.create_bucket(Bucket=BUCKET)


def select(key, sql, given, output=None, **options):
    answer = s3.select_object_content(
        Bucket=BUCKET,
        Key=key,
        Expression=sql,
        ExpressionType="SQL",
        InputSerialization=given,
        OutputSerialization=output or {"JSON": {}},
        **options,
    )
    records, kinds = b"", []
    for event in answer["Payload"]:
        kinds += list(event)
        records += event.get("Records", {}).get("Payload", b"")
    assert kinds[-2:] == ["Stats", "End"], kinds
    return records.decode()


ROWS = [{"id": number, "name": f"name {number}", "price": number / 4} for number in range(2000)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS).encode()
TABLE = "id,name,price\n" + "".join(f'{row["id"]},"{row["name"]}",{row["price"]}\n' for row in ROWS)

OBJECTS = {
    "table.csv": TABLE.encode(),
    "table.csv.gz": gzip.compress(TABLE.encode()),
    "table.csv.bz2": bz2.compress(TABLE.encode()),
    "rows.json": LINES,
    "rows.json.gz": gzip.compress(LINES),
    "rows.json.bz2": bz2.compress(LINES),
    "document.json": json.dumps({"items": ROWS}, indent=2).encode(),
}
for key, body in OBJECTS.items():
    s3.put_object(Bucket=BUCKET, Key=key, Body=body)

COMPRESSIONS = {"": "NONE", ".gz": "GZIP", ".bz2": "BZIP2"}
for suffix, compression in COMPRESSIONS.items():
    given = {"CSV": {"FileHeaderInfo": "USE"}, "CompressionType": compression}
    sql = "SELECT s.name, s.price FROM S3Object s WHERE CAST(s.id AS INT) BETWEEN 7 AND 8"
    assert select(f"table.csv{suffix}", sql, given, {"CSV": {}}) == "name 7,1.75\nname 8,2.0\n"
    found = select(f"table.csv{suffix}", sql, given, {"JSON": {"RecordDelimiter": "\n"}})
    assert [json.loads(line) for line in found.splitlines()] == [
        {"name": "name 7", "price": "1.75"},
        {"name": "name 8", "price": "2.0"},
    ]
    given = {"JSON": {"Type": "LINES"}, "CompressionType": compression}
    assert select(f"rows.json{suffix}", "SELECT COUNT(*), SUM(s.id) AS total FROM S3Object s", given) == (
        '{"_1":2000,"total":1999000}\n'
    )
    assert select(f"rows.json{suffix}", "SELECT * FROM S3Object", given).count("\n") == 2000

given = {"JSON": {"Type": "DOCUMENT"}}
assert select("document.json", "SELECT r.id FROM S3Object[*].items[*] r WHERE r.price > 499.5", given) == '{"id":1999}\n'

given = {"CSV": {"FileHeaderInfo": "IGNORE"}}
assert select("table.csv", "SELECT _1 FROM S3Object LIMIT 2", given, {"CSV": {"QuoteFields": "ALWAYS"}}) == '"0"\n"1"\n'
parts = [
    select("table.csv", "SELECT _1 FROM S3Object", {"CSV": {}}, {"CSV": {}}, ScanRange={"Start": at, "End": at + 9999})
    for at in range(0, len(TABLE), 10000)
]
assert "".join(parts).split() == ["id"] + [str(row["id"]) for row in ROWS]

try:
    select("table.csv", "SELECT id FROM", {"CSV": {}})
    raise AssertionError("an error was expected")
except ClientError as error:
    assert error.response["Error"]["Code"] == "ParseUnexpectedTerm", error
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400

s3.put_object(Bucket=BUCKET, Key="late.json", Body=LINES * 4 + b'{"id":')
try:
    select("late.json", "SELECT * FROM S3Object", {"JSON": {"Type": "LINES"}})
    raise AssertionError("an error was expected")
except EventStreamError as error:
    assert error.response["Error"]["Code"] == "JSONParsingError", error
