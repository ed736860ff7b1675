/** Requests that are refused before their operation begins, for what stands in their path, query or headers. */
import { createHash } from "node:crypto";
import test from "ava";
import { startTestServer, type RawRequest, type RawResponse } from "../support/server.ts";
import { element, keysOf, sendSigned } from "../support/signed.ts";

const server = await startTestServer();
await server.request("PUT", "/refusals");
await server.request("PUT", "/refusals/kept", { body: "v" });
await server.request("PUT", "/locking", { headers: { "x-amz-bucket-object-lock-enabled": "true" } });
test.after.always(() => server.close());

const outcome = (answer: RawResponse) => [answer.status, element(answer, "Code"), element(answer, "Message")] as const;
const kept = async () => String((await sendSigned(server, keysOf("test"), { path: "/refusals/kept" })).body);

for (const [method, query] of [
  ["GET", ""],
  ["PUT", ""],
  ["DELETE", ""],
  ["POST", "?uploads"],
  ["GET", "?uploadId=x"],
  ["PUT", "?partNumber=1&uploadId=x"],
] as const) {
  test(`a key of more than 1,024 bytes is KeyTooLongError for ${method} key${query}`, async (t) => {
    const send = (length: number) =>
      sendSigned(server, keysOf("test"), { method, path: `/refusals/${"k".repeat(length)}${query}` });
    const answer = await send(1_025);
    t.deepEqual(outcome(answer), [400, "KeyTooLongError", "Your key is too long"]);
    t.is(element(answer, "Size"), "1025");
    t.is(element(answer, "MaxSizeAllowed"), "1024");
    t.not(element(await send(1_024), "Code"), "KeyTooLongError");
  });
}

test("fact 15: an expected owner, of the bucket or of a copy's source, must be an account id and the right one", async (t) => {
  const copy = { "x-amz-copy-source": "refusals/kept" };
  for (const headers of [
    { "x-amz-expected-bucket-owner": "abcd" },
    { ...copy, "x-amz-expected-bucket-owner": "abcd" },
    { ...copy, "x-amz-source-expected-bucket-owner": "abcd" },
  ]) {
    t.deepEqual(outcome(await server.request("PUT", "/refusals/owner", { headers })), [
      400,
      "InvalidBucketOwnerAWSAccountID",
      "The value of the expected bucket owner parameter must be an AWS Account ID... [abcd]",
    ]);
  }
  for (const [owner, status] of [
    ["123456789012", 200],
    ["111111111111", 403],
  ] as const) {
    for (const header of ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"]) {
      const headers = { ...copy, [header]: owner };
      t.is((await server.request("PUT", "/refusals/owner", { headers })).status, status, header);
    }
  }
});

test("what makes a version takes no version id", async (t) => {
  for (const [method, path] of [
    ["PUT", "/refusals/kept?versionId=null"],
    ["POST", "/refusals/kept?uploads&versionId=null"],
    ["PUT", "/refusals/kept?partNumber=1&uploadId=x&versionId=null"],
  ] as const) {
    const answer = await server.request(method, path, { body: "other" });
    t.deepEqual(outcome(answer), [400, "InvalidArgument", "This operation does not accept a version-id."]);
    t.is(element(answer, "ArgumentName"), "versionId");
  }
  t.is(await kept(), "v");
});

test("deleting several keys needs a digest of the body: Content-MD5, a checksum, or one in the trailer", async (t) => {
  const body = "<Delete><Object><Key>never</Key></Object></Delete>";
  const send = (options: RawRequest) => server.request("POST", "/refusals?delete", { body, ...options });
  t.deepEqual(outcome(await send({})), [
    400,
    "InvalidRequest",
    "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
  ]);
  const digest = (algorithm: string) => createHash(algorithm).update(body).digest("base64");
  for (const headers of [
    { "content-md5": digest("md5") },
    { "x-amz-checksum-sha256": digest("sha256") },
    { "x-amz-checksum-sha1": digest("sha1") },
  ]) {
    t.is((await send({ headers })).status, 200);
  }
  const trailed = `${body.length.toString(16)}\r\n${body}\r\n0\r\nx-amz-checksum-sha1:${digest("sha1")}\r\n\r\n`;
  const headers = {
    "content-encoding": "aws-chunked",
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": String(body.length),
    "x-amz-trailer": "x-amz-checksum-sha1",
  };
  t.is((await send({ body: trailed, headers })).status, 200);
});

test("an object that is put under a lock needs a digest of its body", async (t) => {
  const lock = { "x-amz-object-lock-legal-hold": "OFF" };
  const refused = await server.request("PUT", "/locking/k", { headers: lock, body: "v" });
  t.deepEqual(outcome(refused), [
    400,
    "InvalidRequest",
    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
  ]);
  const headers = { ...lock, "content-md5": createHash("md5").update("v").digest("base64") };
  t.is((await server.request("PUT", "/locking/k", { headers, body: "v" })).status, 200);
});

test("fact 59: a preflight without Origin, without a CORS configuration, without a bucket", async (t) => {
  const origin = { origin: "http://page.test" };
  const preflight = (path: string, headers: Record<string, string>) => server.request("OPTIONS", path, { headers });
  t.deepEqual(outcome(await preflight("/refusals/k", {})), [
    400,
    "BadRequest",
    "Insufficient information. Origin request header needed.",
  ]);
  const plain = await preflight("/refusals/k", origin);
  t.deepEqual(outcome(plain), [403, "AccessForbidden", "CORSResponse: CORS is not enabled for this bucket."]);
  t.is(element(plain, "Method"), "OPTIONS");
  t.is(element(plain, "ResourceType"), "BUCKET");
  const asked = await preflight("/refusals/k", { ...origin, "access-control-request-method": "PUT" });
  t.is(element(asked, "Method"), "PUT");
  t.deepEqual(outcome(await preflight("/missing/k", origin)), [
    403,
    "AccessForbidden",
    "CORSResponse: Bucket not found",
  ]);
});

test("an action of another version than STS's is no action", async (t) => {
  const answer = await server.request("GET", "/?Action=GetCallerIdentity&Version=1999-01-01");
  t.deepEqual(outcome(answer), [
    400,
    "InvalidAction",
    "Could not find operation GetCallerIdentity for version 1999-01-01",
  ]);
});
