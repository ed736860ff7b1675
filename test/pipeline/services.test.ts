/** Which service a request is for. */
import test from "ava";
import { startTestServer, type RawRequest, type RawResponse } from "../support/server.ts";
import { element, keysOf, presignedPath, sendSigned } from "../support/signed.ts";

const server = await startTestServer();
await server.request("PUT", "/services");
test.after.always(() => server.close());

const ACTION = "Action=GetCallerIdentity";
const VERSION = "Version=2011-06-15";
const FORM = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };

/** Which service it was that answered. */
const serviceOf = ({ body }: RawResponse): string => {
  const text = String(body);
  if (text.includes("GetCallerIdentityResponse")) return "sts";
  if (text.includes("ListAllMyBucketsResult")) return "s3";
  // S3 has no element around its errors.
  if (text.includes("<ErrorResponse><Error>")) return "s3-control";
  if (text.includes("https://iam.amazonaws.com/doc/")) return "iam";
  const [code, message] = [element({ body }, "Code"), element({ body }, "Message")];
  return code === "NotImplemented" ? (message ?? "") : `${code}: ${message}`;
};

const TABLE: readonly (readonly [string, string, string, RawRequest, string])[] = [
  ["a bare request", "GET", "/", {}, "s3"],
  ["an action in the query", "GET", `/?${ACTION}&${VERSION}`, {}, "sts"],
  ["an action in the query without a version", "GET", `/?${ACTION}`, {}, "sts"],
  ["an action in a form", "POST", "/", { headers: FORM, body: `${ACTION}&${VERSION}` }, "sts"],
  ["an action in a form without a version", "POST", "/", { headers: FORM, body: ACTION }, "sts"],
  ["the host sts.localhost", "GET", `/?${ACTION}`, { headers: { host: "sts.localhost:5000" } }, "sts"],
  ["AWS's own host of STS", "GET", `/?${ACTION}`, { headers: { host: "sts.eu-west-1.amazonaws.com" } }, "sts"],
  ["an action of IAM, by its version", "GET", "/?Action=GetUser&Version=2010-05-08", {}, "iam"],
  ["the host iam.localhost", "GET", "/?Action=GetUser", { headers: { host: "iam.localhost" } }, "iam"],
  [
    "S3 Control's path with its header",
    "GET",
    "/v20180820/configuration/publicAccessBlock",
    { headers: { "x-amz-account-id": "123456789012" } },
    "s3-control",
  ],
  [
    "S3 Control's host",
    "GET",
    "/v20180820/x",
    { headers: { host: "123456789012.s3-control.localhost" } },
    "s3-control",
  ],
  ["an action that no service has, without a version", "GET", "/?Action=Nothing", {}, "s3"],
];

for (const [name, method, path, request, expected] of TABLE) {
  test(`${name} is for ${expected}`, async (t) => {
    t.is(serviceOf(await server.request(method, path, request)), expected);
  });
}

test("the credential scope names the service, in the header and in a presigned URL", async (t) => {
  const keys = keysOf("111111111111");
  const path = `/?${ACTION}&${VERSION}`;
  for (const [service, expected] of [
    ["s3", "s3"],
    ["sts", "sts"],
    ["iam", "iam"],
    ["dynamodb", "The service dynamodb is not implemented."],
  ] as const) {
    const own = service === "s3" ? "/" : path;
    t.is(serviceOf(await sendSigned(server, keys, { path: own, service })), expected);
    t.is(serviceOf(await server.request("GET", presignedPath(server, keys, { path: own, service }))), expected);
  }
});

test("a scope of another service is 501, in S3's words, with the request's id", async (t) => {
  const answer = await sendSigned(server, keysOf("test"), { service: "sqs" });
  t.is(answer.status, 501);
  t.is(element(answer, "RequestId"), String(answer.headers["x-amz-request-id"]));
});

test("S3 Control's requests are signed for s3 and are not taken for a bucket v20180820", async (t) => {
  const headers = { "x-amz-account-id": "123456789012" };
  const answer = await sendSigned(server, keysOf("123456789012"), { path: "/v20180820/tags/x", headers });
  t.is(serviceOf(answer), "s3-control");
  t.is(element(await sendSigned(server, keysOf("test"), { path: "/v20180820/x" }), "Code"), "NoSuchBucket");
});

test("a form with files is for S3, whatever else the request says", async (t) => {
  const headers = { "content-type": "multipart/form-data; boundary=x", host: "sts.localhost" };
  const answer = await server.request("POST", "/services", { headers, body: "--x--" });
  t.false(String(answer.body).includes("sts.amazonaws.com"));
  t.truthy(answer.headers["x-amz-id-2"]);
});

test("an object that is called like an action, or holds a form, is an object", async (t) => {
  const body = `${ACTION}&${VERSION}`;
  t.is((await server.request("PUT", "/services/form", { headers: FORM, body })).status, 200);
  t.is((await server.request("PUT", `/services/other?${ACTION}`, { headers: FORM, body })).status, 200);
  const list = await server.request("GET", "/services?list-type=2");
  t.deepEqual(
    [...String(list.body).matchAll(/<Key>([^<]*)</g)].map(([, key]) => key),
    ["form", "other"],
  );
});

test("a form above a megabyte is refused", async (t) => {
  const answer = await server.request("POST", "/", { headers: FORM, body: `${ACTION}&x=${"a".repeat(1024 * 1024)}` });
  t.is(answer.status, 413);
  t.is(
    (await server.request("POST", "/", { headers: FORM, body: `${ACTION}&x=${"a".repeat(1000 * 1024)}` })).status,
    200,
  );
});
