/** What signatures have to be like, through the wire, looked at as someone would who wants to get past them. */
import { createHmac } from "node:crypto";
import { connect } from "node:net";
import test from "ava";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import aws4 from "aws4";
import { createControlClient } from "../../src/control/client.ts";
import { call, callOk } from "../control/control-plane.ts";
import { startTestServer, type RawResponse } from "../support/server.ts";
import { element, presignedPath, presignedPathV2, sendSigned, sendSignedV2, type Keys } from "../support/signed.ts";

const KEYS: Keys = { accessKeyId: "AKIASTANDINSIGNED001", secretAccessKey: "secret" };
const UNKNOWN: Keys = { accessKeyId: "unknown", secretAccessKey: "unknown" };
const ACCOUNT = "123456789012";
const DAY = 24 * 3_600_000;

const server = await startTestServer();
const { controlUrl } = server.running;
await call(controlUrl, "AccountService/CreateAccessKey", { body: { accountId: ACCOUNT, ...KEYS } });
await server.request("PUT", "/signed");
await server.request("PUT", "/signed/k", { body: "v" });
test.after.always(() => server.close());

const { host: HOST } = new URL(server.endpoint);
const codeOf = (answer: RawResponse): string => `${answer.status} ${element(answer, "Code") ?? ""}`.trim();

/** The Authorization header of a good GET of `/signed/k`, and the headers that go with it. */
const signedGet = (
  change: (authorization: string) => string = (same) => same,
  headers: Record<string, string> = {},
) => {
  const signed = aws4.sign({ host: HOST, path: "/signed/k", service: "s3", headers }, KEYS);
  const all = Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]));
  return { ...all, Authorization: change(all["Authorization"] ?? "") };
};
const getWith = (change: (authorization: string) => string) =>
  server.request("GET", "/signed/k", { headers: signedGet(change) });

test("an Authorization header is read as AWS reads it: its algorithm in capitals, each component once, in any order", async (t) => {
  t.is((await getWith((same) => same)).status, 200);
  const reordered = (header: string): string => {
    const [credential = "", headers = "", signature = ""] = header.slice("AWS4-HMAC-SHA256 ".length).split(", ");
    return `AWS4-HMAC-SHA256 ${signature},${headers},${credential}`;
  };
  t.is((await getWith(reordered)).status, 200);
  const refused: readonly [string, (header: string) => string][] = [
    ["400 InvalidArgument", (header) => header.replace("AWS4-HMAC-SHA256", "aws4-hmac-sha256")],
    ["400 InvalidArgument", (header) => header.replace("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256X")],
    ["400 InvalidArgument", () => "Bearer token"],
    ["501 NotImplemented", (header) => header.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")],
    [
      "400 AuthorizationHeaderMalformed",
      (header) => header.replace("Credential=", "Credential=x/20200101/us-east-1/s3/aws4_request, Credential="),
    ],
    ["400 AuthorizationHeaderMalformed", (header) => `${header}, Signature=${"0".repeat(64)}`],
    ["400 AuthorizationHeaderMalformed", (header) => header.replace("Credential=", "XCredential=")],
    ["400 AuthorizationHeaderMalformed", (header) => header.replace("SignedHeaders=", "Signed=")],
    ["400 AuthorizationHeaderMalformed", (header) => header.replace("Signature=", "Sig=")],
    ["400 AuthorizationHeaderMalformed", (header) => header.replace("aws4_request", "aws5_request")],
    ["403 SignatureDoesNotMatch", (header) => header.replace(/.$/, (last) => (last === "a" ? "b" : "a"))],
    [
      "403 SignatureDoesNotMatch",
      (header) => header.replace(/[0-9a-f]{64}$/, (hex) => hex.toUpperCase().replace(/^\d+$/, "A")),
    ],
    [
      "403 SignatureDoesNotMatch",
      (header) => header.replace("SignedHeaders=host", "SignedHeaders=constructor;__proto__;host"),
    ],
  ];
  for (const [expected, change] of refused) t.is(codeOf(await getWith(change)), expected, String(change));
});

test("Signature Version 4A is refused by name, in headers, in the query and for chunks", async (t) => {
  const path = presignedPath(server, KEYS, { path: "/signed/k" }).replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
  const answer = await server.request("GET", path);
  t.is(codeOf(answer), "501 NotImplemented");
  t.is(element(answer, "Message"), "Signature Version 4A (AWS4-ECDSA-P256-SHA256) is not implemented.");
});

test("the host must be signed, in headers and in the query", async (t) => {
  const header = await getWith((same) => same.replace("SignedHeaders=host;", "SignedHeaders="));
  t.is(codeOf(header), "403 AccessDenied");
  t.is(element(header, "HeadersNotSigned"), "host");
  const inQuery = presignedPath(server, KEYS, { path: "/signed/k" }).replace(
    "SignedHeaders=host",
    "SignedHeaders=range",
  );
  t.is(element(await server.request("GET", inQuery), "HeadersNotSigned"), "host");
  const path = "/?Action=GetCallerIdentity&Version=2011-06-15";
  const signed = aws4.sign({ host: HOST, path, service: "sts" }, KEYS);
  const headers = Object.fromEntries(
    Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  headers["Authorization"] = (headers["Authorization"] ?? "").replace("SignedHeaders=host;", "SignedHeaders=");
  const sts = await server.request("GET", path, { headers });
  t.is(codeOf(sts), "403 SignatureDoesNotMatch");
  t.regex(element(sts, "Message") ?? "", /must be a 'SignedHeader' in the AWS Authorization\.$/);
});

test("x-amz-* headers that were added to a signed request are refused", async (t) => {
  const headers = { ...signedGet(), "x-amz-acl": "public-read", "x-amz-meta-a": "1" };
  const answer = await server.request("GET", "/signed/k", { headers });
  t.is(codeOf(answer), "403 AccessDenied");
  t.is(element(answer, "HeadersNotSigned"), "x-amz-acl, x-amz-meta-a");
});

test("a request more than fifteen minutes off is refused with both times", async (t) => {
  const late = new Date(Date.now() - 16 * 60_000).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const answer = await server.request("GET", "/signed/k", {
    headers: signedGet((same) => same, { "X-Amz-Date": late }),
  });
  t.is(codeOf(answer), "403 RequestTimeTooSkewed");
  t.is(element(answer, "RequestTime"), late);
  t.is(element(answer, "MaxAllowedSkewMilliseconds"), "900000");
  t.regex(element(answer, "ServerTime") ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  const date = new Date(Date.now() - 16 * 60_000).toUTCString();
  t.is(
    codeOf(await server.request("GET", "/signed/k", { headers: signedGet((same) => same, { Date: date }) })),
    "403 RequestTimeTooSkewed",
  );
  t.is(
    (
      await server.request("GET", "/signed/k", {
        headers: signedGet((same) => same, { Date: new Date().toUTCString() }),
      })
    ).status,
    200,
  );
});

/** One request over a socket, as it is written here. */
const sendRaw = (text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const socket = connect(Number(port), hostname, () => socket.end(text));
    let answer = "";
    socket.on("data", (chunk) => (answer += String(chunk)));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });

const rawLines = (target: string, headers: Readonly<Record<string, string>>): string =>
  [
    `GET ${target} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "Connection: close",
    "",
    "",
  ].join("\r\n");

test("the host of an absolute target is the one that has to be signed", async (t) => {
  const { Host: _host, ...headers } = signedGet() as Record<string, string>;
  t.regex(await sendRaw(rawLines(`http://${HOST}/signed/k`, { Host: HOST, ...headers })), /^HTTP\/1.1 200 /);
  // Else whoever has a signed request could send it to another bucket's host.
  const other = await sendRaw(rawLines(`http://other.localhost/signed/k`, { Host: HOST, ...headers }));
  t.regex(other, /^HTTP\/1.1 403 /);
  t.regex(other, /SignatureDoesNotMatch/);
});

test("headers that are sent twice are signed as one, however they are joined", async (t) => {
  const headers = signedGet((same) => same, { "X-Amz-Meta-A": "1,2" }) as Record<string, string>;
  const { "X-Amz-Meta-A": _joined, ...rest } = headers;
  const twice = rawLines("/signed/k", { ...rest, "x-amz-meta-a": "1", "X-Amz-Meta-A": "2" });
  t.regex(await sendRaw(twice), /^HTTP\/1.1 200 /);
});

test("a form whose x-amz-content-sha256 is not its body's is refused, whatever the key", async (t) => {
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  const common = { "content-type": "application/x-www-form-urlencoded" };
  for (const keys of [KEYS, UNKNOWN]) {
    const good = await sendSigned(server, keys, { method: "POST", service: "sts", body, headers: common });
    t.is(good.status, 200);
    const hashed = { ...common, "x-amz-content-sha256": "0".repeat(64) };
    const wrong = await sendSigned(server, keys, { method: "POST", service: "sts", body, headers: hashed });
    t.is(codeOf(wrong), "403 SignatureDoesNotMatch");
  }
  // Only S3 knows bodies that are not signed.
  const unsigned = { ...common, "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const answer = await sendSigned(server, KEYS, { method: "POST", service: "sts", body, headers: unsigned });
  t.is(codeOf(answer), "403 SignatureDoesNotMatch");
});

test("a URL of version 2 holds for the headers that it signed in its query", async (t) => {
  const expires = String(Math.floor(Date.now() / 1000) + 60);
  const text = `PUT\n\n\n${expires}\nx-amz-acl:private\n/signed/v2`;
  const signature = createHmac("sha1", KEYS.secretAccessKey).update(text).digest("base64");
  const query = new URLSearchParams({
    AWSAccessKeyId: KEYS.accessKeyId,
    Expires: expires,
    Signature: signature,
    "x-amz-acl": "private",
  });
  const path = `/signed/v2?${query.toString()}`;
  t.is((await server.request("PUT", path, { body: "v" })).status, 200);
  const other = await server.request("PUT", path, { body: "v", headers: { "x-amz-acl": "bucket-owner-full-control" } });
  t.is(codeOf(other), "403 SignatureDoesNotMatch");
});

test("what a URL signed in its query holds however the query is escaped", async (t) => {
  const headers = { "x-amz-server-side-encryption": "aws:kms" };
  const query = new URLSearchParams(headers).toString();
  const path = presignedPath(server, KEYS, { method: "PUT", path: `/signed/escaped?${query}` });
  for (const written of [path, path.replace("X-Amz-Signature", "X-Amz-Signatur%65")]) {
    const answer = await server.request("PUT", written, { body: "v" });
    t.is(answer.status, 200);
    t.is(answer.headers["x-amz-server-side-encryption"], "aws:kms");
  }
});

test("what was signed for one service is nothing to another, however the scope is escaped", async (t) => {
  const path = presignedPath(server, KEYS, { path: "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Expires=60" });
  const answer = await server.request("GET", path.replace("X-Amz-Credential", "X-Amz-Credentia%6C"));
  t.is(codeOf(answer), "403 SignatureDoesNotMatch");
  t.is(element(answer, "Message"), "Credential should be scoped to correct service: 'sts'.");
  const sts = presignedPath(server, KEYS, { path: "/signed/k?X-Amz-Expires=60", service: "sts" });
  const other = await server.request("GET", sts.replace("X-Amz-Credential", "X-Amz-Credentia%6C"));
  t.is(codeOf(other), "400 AuthorizationQueryParametersError");
});

test("what is under a key of KMS is for Signature Version 4 alone", async (t) => {
  const headers = { "x-amz-server-side-encryption": "aws:kms" };
  t.is((await sendSigned(server, KEYS, { method: "PUT", path: "/signed/kms", headers, body: "v" })).status, 200);
  t.is((await sendSigned(server, KEYS, { path: "/signed/kms" })).status, 200);
  for (const answer of [
    await sendSignedV2(server, KEYS, { path: "/signed/kms" }),
    await server.request("GET", presignedPathV2(KEYS, { path: "/signed/kms" })),
  ]) {
    t.is(codeOf(answer), "400 InvalidArgument");
    t.is(
      element(answer, "Message"),
      "Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.",
    );
    t.is(element(answer, "ArgumentName"), "Authorization");
  }
  t.is((await sendSignedV2(server, KEYS, { path: "/signed/k" })).status, 200);
});

test("a world may have hosts that signatures may name in its own host's place, and says so in the answer", async (t) => {
  const settings = { equivalentHosts: { hosts: ["minio:9000"] } };
  const { world } = await callOk(t, controlUrl, "WorldService/CreateWorld", { name: "behind", settings });
  const { endpoint } = world as { endpoint: string };
  await callOk(t, controlUrl, "AccountService/CreateAccessKey", { world: "behind", accountId: ACCOUNT, ...KEYS });
  await fetch(`${endpoint}/signed`, { method: "PUT" });
  const signedFor = (host: string): string =>
    aws4.sign({ host, path: "/signed", service: "s3", signQuery: true }, KEYS).path ?? "";
  const own = await fetch(`${endpoint}${signedFor(new URL(endpoint).host)}`);
  t.is(own.status, 200);
  t.is(own.headers.get("x-standin-warning"), null);
  const behind = await fetch(`${endpoint}${signedFor("minio:9000")}`);
  t.is(behind.status, 200);
  t.is(behind.headers.get("x-standin-warning"), "signed for the host minio:9000, an equivalent host of this one");
  t.is((await fetch(`${endpoint}${signedFor("other:9000")}`)).status, 403);
  await callOk(t, controlUrl, "WorldService/UpdateWorld", { name: "behind", settings: { equivalentHosts: {} } });
  t.is((await fetch(`${endpoint}${signedFor("minio:9000")}`)).status, 403);
  const wrong = await call(controlUrl, "WorldService/UpdateWorld", {
    body: { name: "behind", settings: { equivalentHosts: { hosts: ["a b"] } } },
  });
  t.is(wrong.json["code"], "invalid_argument");
});

test("--equivalent-hosts says the same of the default world, for a host that names the bucket too", async (t) => {
  const behind = await startTestServer({ equivalentHosts: ["minio.test"] });
  t.teardown(() => behind.close());
  await callOk(t, behind.running.controlUrl, "AccountService/CreateAccessKey", { accountId: ACCOUNT, ...KEYS });
  await behind.request("PUT", "/signed");
  const path = aws4.sign({ host: "signed.minio.test", path: "/", service: "s3", signQuery: true }, KEYS).path ?? "";
  const headers = { host: `signed.localhost:${new URL(behind.endpoint).port}` };
  const answer = await behind.request("GET", path, { headers });
  t.is(answer.status, 200);
  t.truthy(answer.headers["x-standin-warning"]);
});

test("fact 54: a URL of seven days is good until then by the world's clock, and refused on the eighth", async (t) => {
  const frozen = await startTestServer();
  t.teardown(() => frozen.close());
  const { clock, accounts } = createControlClient({ baseUrl: frozen.running.controlUrl });
  await accounts.createAccessKey({ accountId: ACCOUNT, ...KEYS });
  await frozen.request("PUT", "/signed");
  await frozen.request("PUT", "/signed/k", { body: "v" });
  const at = Date.UTC(2026, 0, 1);
  await clock.freezeClock({ at: timestampFromMs(at) });
  const path = presignedPath(frozen, KEYS, { path: "/signed/k?X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800" });
  t.is((await frozen.request("GET", path)).status, 200);
  await clock.advanceClock({ by: durationFromMs(7 * DAY) });
  t.is((await frozen.request("GET", path)).status, 200);
  await clock.advanceClock({ by: durationFromMs(DAY) });
  const answer = await frozen.request("GET", path);
  t.is(codeOf(answer), "403 AccessDenied");
  t.is(element(answer, "Message"), "Request has expired");
  t.is(element(answer, "X-Amz-Expires"), "604800");
  t.is(element(answer, "Expires"), "2026-01-08T00:00:00Z");
  t.is(element(answer, "ServerTime"), "2026-01-09T00:00:00Z");
});

test("a role that was assumed for fifteen minutes ends by the world's clock, in each service's words", async (t) => {
  const frozen = await startTestServer();
  t.teardown(() => frozen.close());
  const { clock } = createControlClient({ baseUrl: frozen.running.controlUrl });
  const RoleArn = `arn:aws:iam::${ACCOUNT}:role/short`;
  await clock.freezeClock({});
  const assumed = await frozen
    .sts()
    .send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "session", DurationSeconds: 900 }));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = assumed.Credentials ?? {};
  const keys = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  const sts: STSClient = frozen.sts({ credentials: keys });
  await clock.advanceClock({ by: durationFromMs(15 * 60_000 - 1000) });
  t.is((await sendSigned(frozen, keys)).status, 200);
  t.is((await sts.send(new GetCallerIdentityCommand({}))).Account, ACCOUNT);
  await clock.advanceClock({ by: durationFromMs(1000) });
  const s3 = await sendSigned(frozen, keys);
  t.is(codeOf(s3), "400 ExpiredToken");
  t.is(element(s3, "Message"), "The provided token has expired.");
  t.is(element(s3, "Token-0"), SessionToken);
  const error = await t.throwsAsync(sts.send(new GetCallerIdentityCommand({})));
  t.like(error, { name: "ExpiredToken", message: "The security token included in the request is expired" });
});

test("keys and tokens that are none are refused in strict, in each service's words", async (t) => {
  const strict = await startTestServer({ authMode: "strict" });
  t.teardown(() => strict.close());
  await callOk(t, strict.running.controlUrl, "AccountService/CreateAccessKey", { accountId: ACCOUNT, ...KEYS });
  const sts = { service: "sts", path: "/?Action=GetCallerIdentity&Version=2011-06-15" };
  const s3 = await sendSigned(strict, UNKNOWN);
  t.is(codeOf(s3), "403 InvalidAccessKeyId");
  t.is(element(s3, "AWSAccessKeyId"), "unknown");
  t.is(codeOf(await sendSigned(strict, UNKNOWN, sts)), "403 InvalidClientTokenId");
  const foreign = { ...KEYS, sessionToken: "garbled" };
  const withToken = await sendSigned(strict, foreign);
  t.is(codeOf(withToken), "400 InvalidToken");
  t.is(element(withToken, "Token-0"), "garbled");
  t.is(codeOf(await sendSigned(strict, foreign, sts)), "403 InvalidClientTokenId");
  t.is(codeOf(await strict.request("GET", sts.path)), "403 MissingAuthenticationToken");
});
