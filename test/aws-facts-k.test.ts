/** What AWS answers to signatures and presigned URLs that are wrong, as recorded from it. */
import { hash } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import { call } from "./control/control-plane.ts";
import { startTestServer, type RawResponse } from "./support/server.ts";
import { element, presignedPath, presignedPathV2, sendSigned, sendSignedV2 } from "./support/signed.ts";

const server = await startTestServer();
const body = { accountId: "123456789012", accessKeyId: "AKIASTANDINFACTS0001", secretAccessKey: "secret" };
await call(server.running.controlUrl, "AccountService/CreateAccessKey", { body });
await server.request("PUT", "/facts");
await server.request("PUT", "/facts/k", { body: "v" });
test.after.always(() => server.close());

const KEYS = { accessKeyId: "AKIASTANDINFACTS0001", secretAccessKey: "secret" };
const WRONG = { ...KEYS, secretAccessKey: "wrong" };
const PATH = "/facts/k";

const unescape = (text = ""): string =>
  text.replaceAll(/&#xa;/gi, "\n").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

const hexBytes = (text: string): string => (Buffer.from(text).toString("hex").match(/../g) ?? []).join(" ");

/** Names of the elements within Error, in their order. */
const elements = ({ body }: RawResponse): string[] =>
  [...String(body).matchAll(/<(\w[\w-]*)>[^<]*<\/\1>/g)].map(([, name = ""]) => name);

const COMMON_END = ["RequestId", "HostId"];

const requireMismatch = (t: ExecutionContext, answer: RawResponse, version: "V2" | "V4"): void => {
  t.is(answer.status, 403);
  t.is(element(answer, "Code"), "SignatureDoesNotMatch");
  t.is(
    element(answer, "Message"),
    "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
  );
  t.is(element(answer, "AWSAccessKeyId"), KEYS.accessKeyId);
  const stringToSign = unescape(element(answer, "StringToSign"));
  t.is(element(answer, "StringToSignBytes"), hexBytes(stringToSign));
  t.truthy(element(answer, "SignatureProvided"));
  const expected = ["Code", "Message", "AWSAccessKeyId", "StringToSign", "SignatureProvided", "StringToSignBytes"];
  if (version === "V4") {
    const canonical = unescape(element(answer, "CanonicalRequest"));
    t.is(element(answer, "CanonicalRequestBytes"), hexBytes(canonical));
    t.is(stringToSign.split("\n")[3], hash("sha256", canonical, "hex"));
    expected.push("CanonicalRequest", "CanonicalRequestBytes");
  }
  t.deepEqual(elements(answer), [...expected, ...COMMON_END]);
};

test("fact 53: a wrong signature is answered with what was signed, in text and in bytes", async (t) => {
  requireMismatch(t, await sendSigned(server, WRONG, { path: PATH }), "V4");
  requireMismatch(t, await server.request("GET", presignedPath(server, WRONG, { path: PATH })), "V4");
  requireMismatch(t, await sendSignedV2(server, WRONG, { path: PATH }), "V2");
  requireMismatch(t, await server.request("GET", presignedPathV2(WRONG, { path: PATH })), "V2");
});

test("a right signature of another request is no right one", async (t) => {
  requireMismatch(t, await server.request("DELETE", presignedPath(server, KEYS, { path: PATH })), "V4");
  const other = presignedPath(server, KEYS, { path: "/facts/other" }).replace("other", "k");
  requireMismatch(t, await server.request("GET", other), "V4");
  const more = `${presignedPath(server, KEYS, { path: PATH })}&response-content-type=text/html`;
  requireMismatch(t, await server.request("GET", more), "V4");
  t.is((await server.request("GET", presignedPath(server, KEYS, { path: PATH }))).status, 200);
});

test("fact 54: an expired URL says when it expired and what time it is", async (t) => {
  const past = "20200101T000000Z";
  const signed = presignedPath(server, KEYS, { path: `${PATH}?X-Amz-Date=${past}&X-Amz-Expires=60` });
  const answer = await server.request("GET", signed);
  t.is(answer.status, 403);
  t.is(element(answer, "Code"), "AccessDenied");
  t.is(element(answer, "Message"), "Request has expired");
  t.is(element(answer, "X-Amz-Expires"), "60");
  t.is(element(answer, "Expires"), "2020-01-01T00:01:00Z");
  t.regex(element(answer, "ServerTime") ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);

  const answerV2 = await server.request("GET", presignedPathV2(KEYS, { path: PATH, expiresAtMs: 1_577_836_860_000 }));
  t.is(answerV2.status, 403);
  t.is(element(answerV2, "Message"), "Request has expired");
  t.is(element(answerV2, "Expires"), "2020-01-01T00:01:00Z");
  t.is(element(answerV2, "X-Amz-Expires"), undefined);
});

test("fact 55: x-amz-* headers that a presigned URL did not sign are named, with V4; V2 signs them all", async (t) => {
  const headers = { "x-amz-meta-a": "1", "x-amz-acl": "private" };
  const answer = await server.request("PUT", presignedPath(server, KEYS, { method: "PUT", path: "/facts/unsigned" }), {
    headers,
    body: "v",
  });
  t.is(answer.status, 403);
  t.is(element(answer, "Code"), "AccessDenied");
  t.is(element(answer, "Message"), "There were headers present in the request which were not signed");
  t.is(element(answer, "HeadersNotSigned"), "x-amz-meta-a, x-amz-acl");
  const path = presignedPathV2(KEYS, { method: "PUT", path: "/facts/unsigned" });
  requireMismatch(t, await server.request("PUT", path, { headers, body: "v" }), "V2");
  t.is((await sendSigned(server, KEYS, { path: "/facts/unsigned" })).status, 404);
});

test("fact 56: query parameters that a presigned URL lacks are asked for", async (t) => {
  const whole = presignedPath(server, KEYS, { path: PATH });
  for (const name of ["Algorithm", "Credential", "Signature", "Date", "SignedHeaders", "Expires"]) {
    const answer = await server.request(
      "GET",
      whole.replace(new RegExp(`[?&]X-Amz-${name}=[^&]*`), "?").replace(/\?+&?/, "?"),
    );
    t.is(answer.status, 400, name);
    t.is(element(answer, "Code"), "AuthorizationQueryParametersError", name);
    t.is(
      element(answer, "Message"),
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  }
  const wholeV2 = presignedPathV2(KEYS, { path: PATH });
  for (const name of ["AWSAccessKeyId", "Expires", "Signature"]) {
    const answer = await server.request("GET", wholeV2.replace(new RegExp(`${name}=[^&]*`), "x=y"));
    t.is(answer.status, 403, name);
    t.is(element(answer, "Code"), "AccessDenied");
    t.is(
      element(answer, "Message"),
      "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    );
  }
});

test("fact 56: a credential that was encoded twice is malformed", async (t) => {
  const whole = presignedPath(server, KEYS, { path: PATH });
  const answer = await server.request("GET", whole.replaceAll("%2F", "%252F"));
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "AuthorizationQueryParametersError");
  t.is(
    unescape(element(answer, "Message")).replaceAll("&quot;", '"'),
    'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  );
});

test("fact 58: an unsigned read of a private object is denied, and nothing else is said", async (t) => {
  const answer = await server.request("GET", PATH);
  t.is(answer.status, 403);
  t.is(element(answer, "Message"), "Access Denied");
  t.deepEqual(elements(answer), ["Code", "Message", ...COMMON_END]);
});

test("a presigned URL that lasts longer than a week is refused", async (t) => {
  const answer = await server.request("GET", presignedPath(server, KEYS, { path: `${PATH}?X-Amz-Expires=604801` }));
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "AuthorizationQueryParametersError");
  const longest = presignedPath(server, KEYS, { path: `${PATH}?X-Amz-Expires=604800` });
  t.is((await server.request("GET", longest)).status, 200);
});

test("a request that is signed twice is refused", async (t) => {
  const headers = { authorization: `AWS ${KEYS.accessKeyId}:x` };
  const answer = await server.request("GET", presignedPath(server, KEYS, { path: PATH }), { headers });
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "InvalidArgument");
  t.is(element(answer, "ArgumentName"), "Authorization");
});

test("a payload that is not the one that was signed is refused, whatever the key", async (t) => {
  for (const keys of [KEYS, { accessKeyId: "unknown", secretAccessKey: "x" }]) {
    const headers = { "x-amz-content-sha256": hash("sha256", "what was signed", "hex") };
    const answer = await sendSigned(server, keys, { method: "PUT", path: "/facts/payload", headers, body: "other" });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "XAmzContentSHA256Mismatch");
  }
  t.is((await sendSigned(server, KEYS, { path: "/facts/payload" })).status, 404);
});
