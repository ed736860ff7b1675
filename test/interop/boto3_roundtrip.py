"""Sends every operation that botocore knows, with every member filled, to the server of boto3-roundtrip.test.ts, and compares.

Usage: python3 boto3_roundtrip.py http://127.0.0.1:PORT
Writes one JSON object to standard output: the operations that were compared, and every difference that was found.

The server is asked beside the operations themselves:
  GET /_model                          structures by service, so that members unknown to it can be left out
  GET /_prepare?operation&style&branch the output that it will answer the next operation with
  GET /_decoded                        the operation and input that it read from the last request
"""

import base64
import datetime
import hashlib
import json
import sys
import urllib.parse
import urllib.request

import boto3
from botocore.config import Config

# botocore writes CR into documents as it is, and a reader of XML has to take it for LF: only keys of DeleteObjects are escaped.
HOSTILE = " \t& < > \" ' ]]> &amp; &#65; %41+%2F \n \U0001F600\uFF21\u00e9 \u0085\u2028 "
HOSTILE_CR = HOSTILE + "\r\n \r \n"
HOSTILE_HEADER = "& < > \" ' ]]> &amp; %41+%2F; \t= ~"
HOSTILE_KEY = "/lead//double/./../a b+c%2F?d#e&f=g<>\"'*()!~\r\n\U0001F600\uFF21\u00e9/"
CUSTOMER_KEY = "k" * 32
FIXED = {
    "Bucket": "amzn-s3-demo-bucket",
    "ChecksumAlgorithm": "SHA256",
    "CopySource": "amzn-s3-demo-source/some key?versionId=v1",
    "SSECustomerKey": CUSTOMER_KEY,
    "CopySourceSSECustomerKey": CUSTOMER_KEY,
    "RequestRoute": "route-1",
}
# Members that botocore sends by itself, and one that makes it check bodies that we made up.
LEFT_OUT = {"SSECustomerKeyMD5", "CopySourceSSECustomerKeyMD5", "EncodingType", "ContentLength", "ChecksumMode"}
# What botocore adds to requests by itself.
ADDED_PREFIXES = ("Checksum", "ContentMD5", "ContentType", "ContentLength", "EncodingType", "ExpiresText", "ResponseExpiresText", "ClientToken", "SSECustomerKey", "CopySourceSSECustomerKey")
FIRST_TIME = datetime.datetime(2024, 2, 29, 23, 59, 58, tzinfo=datetime.timezone.utc)
SECONDS_MAX = 5
# botocore forgets to encode the customer's key here.
KEYS_AS_GIVEN = {"GetObjectAttributes", "ListParts"}
EVENT_STREAMS = {"SelectObjectContent"}
FILLINGS = [("rich", 0), ("rich", 1), ("rich", 2), ("required", 0)]


class Filler:
    """Fills botocore's shapes; `branch` picks the member of each union."""

    def __init__(self, style, branch, operation, unions):
        self.style, self.branch, self.unions, self.count = style, branch, unions, 0
        self.escapes_keys = operation.name == "DeleteObjects"

    def fill(self, name, shape):
        self.count += 1
        location = shape.serialization.get("location", "")
        kind = shape.type_name
        if kind == "structure":
            return self.structure(shape)
        if kind == "list":
            if location == "header":
                return [f"Item{self.count}a", f"Item{self.count}b"]
            return [self.fill(name, shape.member) for _ in range(2)]
        if kind == "map":
            return {"first": f"{self.count} {HOSTILE_HEADER}", "second-key": str(self.count)}
        if kind in ("integer", "long"):
            return max(self.count, shape.metadata.get("min", 0))
        if kind == "boolean":
            return self.count % 2 == 0
        if kind == "timestamp":
            return FIRST_TIME + datetime.timedelta(seconds=self.count)
        if kind == "blob":
            return bytes([0, 255, 13, 10, self.count % 256])
        return self.text(name, shape, location)

    def text(self, name, shape, location):
        if name in FIXED:
            return FIXED[name]
        if location == "uri":
            return HOSTILE_KEY
        # `response-*` parameters become headers of the answer.
        becomes_header = location == "querystring" and name.startswith("Response")
        if location == "header" or becomes_header or shape.serialization.get("xmlAttribute"):
            return f"{self.count} {HOSTILE_HEADER}"
        if shape.enum and location == "":
            return shape.enum[self.branch % len(shape.enum)]
        carries_cr = location == "querystring" or (self.escapes_keys and name == "Key")
        hostile = HOSTILE_CR if carries_cr else HOSTILE
        return f"{hostile}{self.count}{hostile}"

    def structure(self, shape):
        names = list(shape.members)
        if shape.name in self.unions:
            names = [names[self.branch % len(names)]]
        elif self.style == "required":
            names = list(shape.required_members)
        return {name: self.fill(name, shape.members[name]) for name in names if name not in LEFT_OUT}


def plain(value):
    """As the server writes it in JSON: times in ISO form, bytes in an object of their own."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.read() if hasattr(value, "read") else value


class Model:
    """The members that the server knows, by structure."""

    def __init__(self, description):
        self.description = description

    def unions(self):
        return {name for name, row in self.description["structures"].items() if row.get("union")}

    def operation(self, name):
        return self.description["operations"].get(name)

    def known(self, value, wire_type):
        kind, _, name = wire_type.partition(" ")
        if kind == "struct" and isinstance(value, dict):
            members = {row[0]: row[1] for row in self.description["structures"][name]["members"]}
            return {key: self.known(member, members[key]) for key, member in value.items() if key in members}
        if kind == "list" and isinstance(value, list):
            return [self.known(item, self.description["lists"][name]["of"]) for item in value]
        # AWS gave PartNumberMarker another type in later models.
        return str(value) if kind == "string" and isinstance(value, int) else value


def known_to_botocore(value, shape):
    if shape is None:
        return {}
    if shape.type_name == "structure" and isinstance(value, dict):
        return {name: known_to_botocore(member, shape.members[name]) for name, member in value.items() if name in shape.members}
    if shape.type_name == "list" and isinstance(value, list):
        return [known_to_botocore(item, shape.member) for item in value]
    return int(value) if shape.type_name == "integer" else value


class Server:
    def __init__(self, url):
        self.url = url

    def get(self, path, **query):
        target = f"{self.url}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(target, timeout=SECONDS_MAX) as response:
            return json.load(response)


def sent_key(name):
    """A customer's key as it travels: botocore encodes it and adds its MD5."""
    return {
        name: base64.b64encode(CUSTOMER_KEY.encode()).decode(),
        f"{name}MD5": base64.b64encode(hashlib.md5(CUSTOMER_KEY.encode()).digest()).decode(),
    }


def wanted_input(operation, given):
    stream = stream_of(operation.input_shape)
    wanted = {name: value for name, value in given.items() if name != stream}
    if "CopySource" in wanted:
        wanted["CopySource"] = urllib.parse.quote(wanted["CopySource"], safe="/?=")
    for name in ("SSECustomerKey", "CopySourceSSECustomerKey"):
        if name in wanted and operation.name not in KEYS_AS_GIVEN:
            wanted.update(sent_key(name))
    # A structure without members leaves no trace in flat parameters.
    is_flat = operation.service_model.metadata["protocol"] == "query"
    return plain({name: value for name, value in wanted.items() if not (is_flat and value == {})})


def stream_of(shape):
    """The member whose content a handler gets as a stream."""
    if shape is None or "payload" not in shape.serialization:
        return None
    name = shape.serialization["payload"]
    return name if shape.members[name].type_name == "blob" else None


def read_output(output, shape):
    members = {name: value for name, value in output.items() if name not in ("ResponseMetadata", "ExpiresString")}
    stream = stream_of(shape)
    if stream is not None and stream in members:
        members[stream] = members[stream].read()
    # botocore's own ways of saying that there is nothing.
    if members.get("Metadata") == {}:
        del members["Metadata"]
    return plain({name: value for name, value in members.items() if value is not None})


def difference(side, wanted, found):
    names = [name for name in {**wanted, **found} if wanted.get(name) != found.get(name)]
    return f"{side}: " + "; ".join(f"{name}: wanted {wanted.get(name)!r}, found {found.get(name)!r}" for name in names)


def wanted_output(operation, prepared):
    wanted = known_to_botocore(prepared, operation.output_shape)
    # botocore decodes every text of the lists that `encoding-type=url` encodes but this one.
    if operation.name == "ListObjects" and "Prefix" in wanted:
        wanted["Prefix"] = urllib.parse.quote_plus(wanted["Prefix"], safe="/*-._")
    return wanted


def without_added(found, wanted):
    return {name: value for name, value in found.items() if name in wanted or not name.startswith(ADDED_PREFIXES)}


def compare(server, client, model, operation, style, branch):
    """Sends one operation and yields what came out otherwise than it went in."""
    row = model.operation(operation.name)
    filler = Filler(style, branch, operation, model.unions())
    given = filler.structure(operation.input_shape) if operation.input_shape else {}
    prepared = server.get("/_prepare", operation=operation.name, service=operation.service_model.service_name, style=style, branch=branch)
    method = getattr(client, client_method(client, operation.name))
    try:
        output = method(**given)
    except Exception as error:  # every failure is a finding
        if operation.name not in EVENT_STREAMS:
            yield f"{type(error).__name__}: {error}; {server.get('/_decoded').get('error', 'decoded')}"
            return
    decoded = server.get("/_decoded")
    if decoded["operation"] != operation.name:
        yield f"was taken for {decoded['operation']} {decoded.get('error', '')}"
        return
    wanted = model.known(wanted_input(operation, given), f"struct {row['input']}")
    found = without_added(decoded["input"], wanted)
    if found != wanted:
        yield difference("input", wanted, found)
    if operation.name in EVENT_STREAMS:
        return
    wanted = wanted_output(operation, prepared)
    found = read_output(output, operation.output_shape)
    if found != wanted:
        yield difference("output", wanted, found)


METHODS = {}


def client_method(client, operation_name):
    mapping = METHODS.setdefault(client.meta.service_model.service_name, {name: method for method, name in client.meta.method_to_api_mapping.items()})
    return mapping[operation_name]


def client_of(service, url):
    config = Config(
        inject_host_prefix=False,
        response_checksum_validation="when_required",
        retries={"total_max_attempts": 1},
        connect_timeout=SECONDS_MAX,
        read_timeout=SECONDS_MAX,
        s3={"addressing_style": "path"},
    )
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="test",
        config=config,
    )


def run(server, service):
    client = client_of(service, server.url)
    model = Model(server.get("/_model", service=service))
    report = {"compared": [], "unknownToServer": [], "problems": []}
    for name in client.meta.service_model.operation_names:
        operation = client.meta.service_model.operation_model(name)
        if model.operation(name) is None:
            report["unknownToServer"].append(name)
            continue
        for style, branch in FILLINGS:
            for problem in compare(server, client, model, operation, style, branch):
                report["problems"].append(f"{service} {name}, {style} {branch}: {problem}")
        report["compared"].append(name)
    return report


def main():
    server = Server(sys.argv[1])
    json.dump({"boto3": boto3.__version__, **{service: run(server, service) for service in ("s3", "sts")}}, sys.stdout)


main()
