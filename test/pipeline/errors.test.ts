/** What a refused request is answered, on the wire. */
import test from "ava";
import { startTestServer, type RawResponse } from "../support/server.ts";
import { element, keysOf, sendSigned } from "../support/signed.ts";

const server = await startTestServer();
await server.request("PUT", "/errors");
await server.request("PUT", "/errors/kept", { body: "v" });
test.after.always(() => server.close());

const keys = keysOf("123456789012");
const code = (answer: RawResponse): string | undefined => element(answer, "Code");

test("every answer of S3 carries its ids, and an error repeats them in its document", async (t) => {
  const seen = new Set<string>();
  for (const [method, path] of [
    ["GET", "/"],
    ["GET", "/errors"],
    ["PUT", "/errors/ids"],
    ["HEAD", "/errors/missing"],
    ["DELETE", "/errors/missing"],
    ["GET", "/missing"],
    ["OPTIONS", "/errors"],
    ["PATCH", "/errors"],
  ] as const) {
    const answer = await server.request(method, path);
    const [id, id2] = [answer.headers["x-amz-request-id"], answer.headers["x-amz-id-2"]].map(String);
    t.regex(id ?? "", /^[0-9A-Z]{16}$/, `${method} ${path}`);
    t.regex(id2 ?? "", /^[0-9A-Za-z+/=]{76}$/, `${method} ${path}`);
    seen.add(id ?? "");
    if (answer.status < 400 || method === "HEAD") continue;
    t.is(element(answer, "RequestId"), id);
    t.is(element(answer, "HostId"), id2);
    t.is(answer.headers["content-type"], "application/xml");
  }
  t.is(seen.size, 8);
});

test("every answer of STS carries its id, and its document repeats it", async (t) => {
  for (const path of ["/?Action=GetCallerIdentity&Version=2011-06-15", "/?Action=Nothing&Version=2011-06-15"]) {
    const answer = await server.request("GET", path);
    t.regex(element(answer, "RequestId") ?? "", /^[0-9A-Z-]{16,36}$/i);
    t.is(element(answer, "RequestId"), String(answer.headers["x-amzn-requestid"]));
    t.is(answer.headers["content-type"], "text/xml");
  }
});

test("an error of HEAD has its status and its ids, and no body", async (t) => {
  for (const [path, status] of [
    ["/missing", 404],
    ["/missing/k", 404],
    ["/errors/missing", 403],
    ["/errors?acl", 405],
  ] as const) {
    const answer = await server.request("HEAD", path);
    t.is(answer.status, status, path);
    t.is(answer.body.byteLength, 0);
    t.truthy(answer.headers["x-amz-request-id"]);
  }
  t.is((await sendSigned(server, keys, { method: "HEAD", path: "/errors/missing" })).status, 404);
});

test("a missing bucket is 404 NoSuchBucket for every operation on it", async (t) => {
  for (const [method, path] of [
    ["GET", "/missing"],
    ["GET", "/missing?versions"],
    ["GET", "/missing?location"],
    ["GET", "/missing?uploads"],
    ["DELETE", "/missing"],
    ["GET", "/missing/k"],
    ["PUT", "/missing/k"],
    ["DELETE", "/missing/k"],
    ["POST", "/missing/k?uploads"],
    ["PUT", "/missing?versioning"],
    ["GET", "/missing?tagging"],
  ] as const) {
    const answer = await server.request(method, path);
    t.is(answer.status, 404, `${method} ${path}`);
    t.is(code(answer), "NoSuchBucket", `${method} ${path}`);
    t.is(element(answer, "BucketName"), "missing");
    t.is(element(answer, "Message"), "The specified bucket does not exist");
  }
});

test("a missing key is 404 NoSuchKey and named", async (t) => {
  const answer = await sendSigned(server, keys, { path: "/errors/a%20%26b" });
  t.is(answer.status, 404);
  t.is(code(answer), "NoSuchKey");
  t.is(element(answer, "Key"), "a &amp;b");
});

test("a sub-resource that an operation does not take is refused, and nothing is done", async (t) => {
  for (const [method, path] of [
    ["DELETE", "/errors/kept?acl"],
    ["DELETE", "/errors/kept?retention"],
    ["DELETE", "/errors?acl"],
    ["DELETE", "/errors?versions"],
    ["PUT", "/errors/kept?uploads"],
    ["POST", "/errors?acl"],
  ] as const) {
    const answer = await server.request(method, path, { body: "" });
    t.is(answer.status, 405, `${method} ${path}`);
    t.is(code(answer), "MethodNotAllowed");
  }
  t.is(String((await sendSigned(server, keys, { path: "/errors/kept" })).body), "v");
});

test("a document that is no XML, or not the one that is expected, is MalformedXML", async (t) => {
  for (const body of [
    "not xml",
    "<Delete>",
    "<Delete></Other>",
    "<Other/>",
    "<Delete/><Delete/>",
    "<Delete><Object><Key>kept</Key></Object></Delete>junk",
    '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>',
    "<Delete><Object><Key>kept</Key></Object><Quiet>maybe</Quiet></Delete>",
    "<Delete>".repeat(1000),
  ]) {
    const answer = await server.request("POST", "/errors?delete", { body });
    t.is(answer.status, 400, body.slice(0, 60));
    t.is(code(answer), "MalformedXML", body.slice(0, 60));
  }
  t.is(String((await sendSigned(server, keys, { path: "/errors/kept" })).body), "v");
});

test("a document above four megabytes is refused", async (t) => {
  const answer = await server.request("POST", "/errors?delete", {
    body: `<Delete>${" ".repeat(4 * 1024 * 1024)}</Delete>`,
  });
  t.is(answer.status, 400);
  t.true(["MaxMessageLengthExceeded", "MalformedXML", "EntityTooLarge"].includes(code(answer) ?? ""));
});

test("paths that cannot be decoded are InvalidURI", async (t) => {
  for (const path of ["/errors/%zz", "/errors/%", "/errors/%ff", "/errors/%ed%a0%80", "/%ff"]) {
    const answer = await server.request("GET", path);
    t.is(answer.status, 400, path);
    t.is(code(answer), "InvalidURI", path);
  }
});

test("a path is never made shorter: dots and doubled slashes belong to the key", async (t) => {
  for (const key of ["a//b", "/a", "a/", ".", "..", "../errors2", "a/../b", "%2e%2e/x", "%2F", "a%00b"]) {
    const path = `/errors/${key}`;
    t.is((await server.request("PUT", path, { body: key })).status, 200, key);
    t.is(String((await sendSigned(server, keys, { path })).body), key, key);
  }
});

test("methods that S3 does not have are 405", async (t) => {
  for (const method of ["PATCH", "TRACE", "LINK"]) t.is((await server.request(method, "/errors/kept")).status, 405);
});

test("wrong numbers and names in a query are the client's error", async (t) => {
  for (const [path, expected] of [
    ["/errors?max-keys=x", "InvalidArgument"],
    ["/errors?max-keys=-1", "InvalidArgument"],
    ["/errors?list-type=2&max-keys=99999999999", "InvalidArgument"],
    ["/errors?list-type=2&continuation-token=x", "InvalidArgument"],
    ["/errors?encoding-type=base64", "InvalidArgument"],
    ["/errors/kept?versionId=nothing", "InvalidArgument"],
    ["/errors/k?uploadId=u&part-number-marker=x", "InvalidArgument"],
  ] as const) {
    const answer = await sendSigned(server, keys, { path });
    t.is(answer.status, 400, `${path}: ${String(answer.body)}`);
    t.is(code(answer), expected, path);
  }
});
