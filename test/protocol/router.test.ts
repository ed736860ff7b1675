import test, { type ExecutionContext } from "ava";
import { AwsError } from "../../src/protocol/aws-error.ts";
import { description } from "../../src/protocol/generated/s3.ts";
import { routeS3, type RouteOptions, type RoutedRequest, type S3OperationName } from "../../src/protocol/router.ts";

type Asked = { readonly headers?: Readonly<Record<string, string>> } & RouteOptions;

/** `GET /bucket?acl` -> its route. */
const route = (line: string, { headers = {}, ...options }: Asked = {}) => {
  const [method = "", target = ""] = line.split(/ (.*)/s);
  const at = target.indexOf("?");
  const request: RoutedRequest = {
    method,
    rawPath: at < 0 ? target : target.slice(0, at),
    rawQuery: at < 0 ? "" : target.slice(at + 1),
    headers,
  };
  return routeS3(request, options);
};

const refusal = (t: ExecutionContext, line: string, asked?: Asked): AwsError | undefined =>
  t.throws(() => route(line, asked), { instanceOf: AwsError }, line);

const FORM = { headers: { "content-type": "multipart/form-data; boundary=x" } };

/** The least that a client must send for an operation, without the SDKs' mark. */
const minimalRequest = (operation: S3OperationName): { line: string; headers: Record<string, string> } => {
  const { http, input } = description.operations[operation];
  const { members = [], required = 0 } = description.structures[input] ?? {};
  const [path = "", literals = ""] = http[1].split("?");
  const isBucket = members.some(([name, , binding]) => name === "Bucket" && binding === "label");
  const query = literals.split("&").filter((literal) => literal !== "" && !literal.startsWith("x-id="));
  const headers: Record<string, string> = {};
  for (const [, , binding = ""] of members.slice(0, required)) {
    if (binding.startsWith("query ")) query.push(`${binding.slice("query ".length)}=7`);
    if (binding.startsWith("header ")) headers[binding.slice("header ".length).toLowerCase()] = "value";
  }
  const place = `${isBucket ? "/bucket" : ""}${path.replace("{Key+}", "key")}`;
  return { line: `${http[0]} ${place}${query.length === 0 ? "" : `?${query.join("&")}`}`, headers };
};

for (const operation of Object.keys(description.operations) as S3OperationName[]) {
  test(`${operation} is found from the least that a client must send`, (t) => {
    const { line, headers } = minimalRequest(operation);
    const found = route(line, { headers, express: operation === "ListDirectoryBuckets" });
    t.is(found.operation, operation, line);
    // boto3's mark-less requests and the SDKs' marked ones are the same; a wrong mark changes nothing.
    t.is(
      route(`${line}${line.includes("?") ? "&" : "?"}x-id=GetObject`, {
        headers,
        express: operation === "ListDirectoryBuckets",
      }).operation,
      operation,
    );
  });
}

test("a request that another form of an operation tells apart is that form", (t) => {
  t.is(route("GET /b?list-type=2&prefix=a").operation, "ListObjectsV2");
  t.is(route("GET /b?prefix=a").operation, "ListObjects");
  t.is(route("GET /b?analytics").operation, "ListBucketAnalyticsConfigurations");
  t.is(route("GET /b?analytics&id=").operation, "GetBucketAnalyticsConfiguration");
  t.is(route("GET /b/k?uploadId=u").operation, "ListParts");
  t.is(route("GET /b/k?partNumber=1&versionId=v").operation, "GetObject");
  t.is(route("PUT /b/k?partNumber=1&uploadId=u").operation, "UploadPart");
  t.is(
    route("PUT /b/k?partNumber=1&uploadId=u", { headers: { "x-amz-copy-source": "/b/s" } }).operation,
    "UploadPartCopy",
  );
  t.is(route("PUT /b/k", { headers: { "x-amz-copy-source": "/b/s" } }).operation, "CopyObject");
  t.is(route("GET /").operation, "ListBuckets");
  t.is(route("OPTIONS /b/k").operation, "Preflight");
  t.is(route("GET /b/").operation, "ListObjects");
});

test("a sub-resource that the operation does not take is refused by name", (t) => {
  const lines = {
    "DELETE /b/k?acl": "ACL",
    "DELETE /b?acl": "ACL",
    "PUT /b/k?uploads": "UPLOADS",
    "PUT /b?analytics": "ANALYTICS",
    "DELETE /b?inventory": "INVENTORY",
    "PUT /b/k?uploadId=u": "UPLOAD",
    "DELETE /b/k?partNumber=1": "PARTNUMBER",
    "POST /b?acl": "ACL",
    "POST /b/k": "OBJECT",
    "PATCH /b": "BUCKET",
    "DELETE /": "SERVICE",
  };
  for (const [line, resource] of Object.entries(lines)) {
    const error = refusal(t, line);
    t.is(error?.code, "MethodNotAllowed", line);
    t.is(error?.status, 405);
    t.is(error?.fields["ResourceType"], resource, line);
  }
});

test("what is refused says by which methods it could be had", (t) => {
  const lines = {
    "PUT /b/k?uploadId=u": "DELETE, POST, GET",
    "DELETE /b/k?acl": "GET, PUT",
    "POST /b?acl": "GET, PUT",
    "PATCH /b": "DELETE, GET, PUT, HEAD",
  };
  for (const [line, allowed] of Object.entries(lines)) t.is(refusal(t, line)?.headers["Allow"], allowed, line);
});

test("a part without its upload, and lists that a key does not have, are refused in AWS's words", (t) => {
  const part = refusal(t, "PUT /b/k?partNumber=1");
  t.is(part?.code, "InvalidArgument");
  t.is(part?.message, "This operation does not accept partNumber without uploadId");
  t.deepEqual(part?.fields, { ArgumentName: "partNumber", ArgumentValue: "partNumber" });
  for (const [line, message] of [
    ["GET /b/k?uploads", "Key is not expected for the GET method ?uploads subresource"],
    ["GET /b/k?versions", "There is no such thing as the ?versions sub-resource for a key"],
  ] as const) {
    t.is(refusal(t, line)?.code, "InvalidRequest", line);
    t.is(refusal(t, line)?.message, message);
  }
});

test("two sub-resources at once are a conflict", (t) => {
  for (const [line, names] of [
    ["GET /b/k?uploads&uploadId=u", ["uploadId", "uploads"]],
    ["GET /b?policy&acl", ["acl", "policy"]],
    ["DELETE /b/k?tagging&acl&versionId=v", ["acl", "tagging"]],
  ] as const) {
    const error = refusal(t, line);
    t.is(error?.code, "InvalidArgument", line);
    t.is(error?.message, `Conflicting query string parameters: ${names.join(", ")}`);
    t.deepEqual(error?.fields, { ArgumentName: "ResourceType", ArgumentValue: names[0] });
  }
});

test("only a copy has a source", (t) => {
  const headers = { "x-amz-copy-source": "b/s" };
  for (const line of ["GET /b/k", "HEAD /b/k", "DELETE /b/k", "GET /b", "DELETE /b", "POST /b/k?uploadId=u"]) {
    const error = refusal(t, line, { headers });
    t.is(error?.code, "InvalidArgument", line);
    t.is(error?.message, "You can only specify a copy source header for copy requests.");
    t.deepEqual(error?.fields, { ArgumentName: "x-amz-copy-source", ArgumentValue: "b/s" });
  }
  t.is(route("POST /b/k?uploads", { headers }).operation, "CreateMultipartUpload");
  t.is(route("PUT /b/k", { headers }).operation, "CopyObject");
});

test("a sub-resource with an escape in its name is refused like any other", (t) => {
  t.is(refusal(t, "DELETE /b/k?%61cl")?.code, "MethodNotAllowed");
});

test("parameters that AWS does not know are ignored", (t) => {
  t.is(route("DELETE /b/k?cache=1&X-Amz-Date=now&id=7").operation, "DeleteObject");
});

test("a list type other than 2 is an invalid argument", (t) => {
  const error = refusal(t, "GET /b?list-type=3");
  t.is(error?.code, "InvalidArgument");
  t.deepEqual(error?.fields, { ArgumentName: "list-type", ArgumentValue: "3" });
});

test("a key is everything behind the bucket, decoded once and not cleaned", (t) => {
  const keys = {
    "/b/a//b": "a//b",
    "/b//lead": "/lead",
    "/b//": "/",
    "/b/../other": "../other",
    "/b/a/./b/": "a/./b/",
    "/b/a%2Fb": "a/b",
    "/b/%2E%2E/x": "../x",
    "/b/a+b%20c%2B": "a+b c+",
    "/b/%2525": "%25",
    "/b/a%3Fb%23c": "a?b#c",
    "/b/%0D%0A": "\r\n",
    "/b/%F0%9F%98%80%EF%BC%A1": "\u{1F600}\uFF21",
    // As Node hands on raw bytes: each as one character.
    [`/b/${Buffer.from("\u{1F600}\u00e9").toString("latin1")}`]: "\u{1F600}\u00e9",
    [`/b/${Buffer.from("\u00e9").toString("latin1")}%C3%A9`]: "\u00e9\u00e9",
  };
  for (const [path, key] of Object.entries(keys)) {
    const found = route(`GET ${path}`);
    t.deepEqual({ bucket: found.bucket, key: found.key }, { bucket: "b", key }, path);
  }
});

test("the host's bucket leaves the whole path to the key", (t) => {
  t.like(route("GET /a/b", { virtualBucket: "v" }), { operation: "GetObject", bucket: "v", key: "a/b" });
  t.like(route("GET //a", { virtualBucket: "v" }), { bucket: "v", key: "/a" });
  t.like(route("GET /?uploads", { virtualBucket: "v" }), { operation: "ListMultipartUploads", bucket: "v" });
  t.is(route("GET /", { virtualBucket: "v" }).key, undefined);
});

test("what cannot be decoded is an invalid URI", (t) => {
  const lines = [
    "GET /b/%",
    "GET /b/%zz",
    "GET /b/%FF",
    "GET /b/%ED%A0%80",
    "GET /b/%C0%AF",
    "GET /b%FF",
    "GET /b/\u00e9",
    "GET /b?prefix=%FF",
    "GET /b?%E0=1",
    "GET /b?prefix=%",
  ];
  for (const line of lines) {
    const error = refusal(t, line);
    t.is(error?.code, "InvalidURI", line);
    t.is(error?.status, 400);
  }
});

test("a POST of a form to a bucket is a form upload, and nothing else is", (t) => {
  t.is(route("POST /b", FORM).operation, "PostObject");
  t.is(route("POST /b/", FORM).operation, "PostObject");
  t.is(route("POST /", { ...FORM, virtualBucket: "v" }).operation, "PostObject");
  t.is(route("POST /b", { headers: { "content-type": "Multipart/form-DATA; boundary=x" } }).operation, "PostObject");
  t.is(refusal(t, "POST /b/k", FORM)?.code, "MethodNotAllowed");
  const error = refusal(t, "POST /b", { headers: { "content-type": "application/x-www-form-urlencoded" } });
  t.is(error?.code, "PreconditionFailed");
  t.is(error?.status, 412);
  t.is(error?.fields["Condition"], "Bucket POST must be of the enclosure-type multipart/form-data");
});
