/** CORS, as browsers ask and are answered: preflights and the requests that follow them. */
import { CreateBucketCommand, PutBucketCorsCommand, PutObjectCommand, type CORSRule } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer, type RawResponse } from "../../../support/server.ts";
import { element, keysOf, sendSigned } from "../../../support/signed.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const s3 = server.s3();
let buckets = 0;

/** A bucket with an object `k` of nine bytes, and with these rules. */
const bucketWith = async (...CORSRules: CORSRule[]): Promise<string> => {
  const Bucket = `cors-${(buckets += 1)}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "test-cors" }));
  if (CORSRules.length > 0) await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
  return Bucket;
};

const ORIGIN = "https://localhost:4200";
const RULE: CORSRule = { AllowedOrigins: [ORIGIN], AllowedMethods: ["GET", "PUT"], MaxAgeSeconds: 3000 };

const preflight = (bucket: string, headers: Record<string, string>, path = `/${bucket}/k`): Promise<RawResponse> =>
  server.request("OPTIONS", path, { headers });

const get = (bucket: string, headers: Record<string, string>): Promise<RawResponse> =>
  sendSigned(server, keysOf("123456789012"), { path: `/${bucket}/k`, headers });

const corsOf = ({ headers }: RawResponse): Record<string, unknown> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-") || name === "vary"));

const VARY = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

test("fact 59: a preflight without Origin is refused, whatever the bucket", async (t) => {
  const bucket = await bucketWith(RULE);
  for (const path of [`/${bucket}/k`, "/no-such-bucket/k"]) {
    const answer = await preflight(bucket, { referer: ORIGIN }, path);
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "BadRequest");
    t.is(element(answer, "Message"), "Insufficient information. Origin request header needed.");
  }
});

test("fact 59: a bucket without a configuration, or none at all, names the method that was asked about", async (t) => {
  const bucket = await bucketWith();
  const asked = await preflight(bucket, { origin: ORIGIN, "access-control-request-method": "PUT" });
  t.is(asked.status, 403);
  t.is(element(asked, "Code"), "AccessForbidden");
  t.is(element(asked, "Message"), "CORSResponse: CORS is not enabled for this bucket.");
  t.is(element(asked, "Method"), "PUT");
  t.is(element(asked, "ResourceType"), "BUCKET");
  t.is(element(await preflight(bucket, { origin: ORIGIN }), "Method"), "OPTIONS");
  const missing = await preflight(bucket, { origin: ORIGIN }, "/no-such-bucket/k");
  t.is(element(missing, "Message"), "CORSResponse: Bucket not found");
  t.is(element(missing, "Method"), "OPTIONS");
  t.is(element(missing, "ResourceType"), "BUCKET");
});

test("fact 59: a preflight that no rule fits is refused, of an object or of the bucket", async (t) => {
  const bucket = await bucketWith(RULE);
  const headers = { origin: "https://elsewhere", "access-control-request-method": "PUT" };
  const ofObject = await preflight(bucket, headers);
  t.is(ofObject.status, 403);
  t.is(element(ofObject, "Code"), "AccessForbidden");
  t.true(element(ofObject, "Message")?.startsWith("CORSResponse: This CORS request is not allowed. This is usually"));
  t.is(element(ofObject, "Method"), "PUT");
  t.is(element(ofObject, "ResourceType"), "OBJECT");
  t.deepEqual(corsOf(ofObject), {});
  t.is(element(await preflight(bucket, headers, `/${bucket}`), "ResourceType"), "BUCKET");
});

test("a preflight names a method of S3's", async (t) => {
  const bucket = await bucketWith(RULE);
  const none = await preflight(bucket, { origin: ORIGIN });
  t.is(none.status, 400);
  t.is(element(none, "Message"), "Invalid Access-Control-Request-Method: null");
  const other = await preflight(bucket, { origin: ORIGIN, "access-control-request-method": "PATCH" });
  t.is(element(other, "Message"), "Invalid Access-Control-Request-Method: PATCH");
});

test("fact 60: an allowed preflight echoes the origin and lists the rule's methods", async (t) => {
  const bucket = await bucketWith(RULE);
  const headers = { origin: ORIGIN, "access-control-request-method": "PUT" };
  const allowed = {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "GET, PUT",
    "access-control-allow-credentials": "true",
    "access-control-max-age": "3000",
    vary: VARY,
  };
  const answer = await preflight(bucket, headers);
  t.is(answer.status, 200);
  t.is(answer.headers["content-length"], "0");
  t.is(answer.headers["content-type"], undefined);
  t.deepEqual(corsOf(answer), allowed);
  const virtual = await server.request("OPTIONS", "/k", { headers: { ...headers, host: `${bucket}.localhost` } });
  t.deepEqual(corsOf(virtual), allowed);
});

test("fact 60: an origin of * is answered as it stands, without credentials", async (t) => {
  const bucket = await bucketWith({
    AllowedOrigins: ["*"],
    AllowedMethods: ["GET"],
    ExposeHeaders: ["x-amz-id-2", "ETag"],
  });
  const allowed = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET",
    "access-control-expose-headers": "x-amz-id-2, ETag",
    vary: VARY,
  };
  t.deepEqual(corsOf(await preflight(bucket, { origin: ORIGIN, "access-control-request-method": "GET" })), allowed);
  t.deepEqual(corsOf(await get(bucket, { origin: "null" })), allowed);
});

test("fact 60: requested headers are allowed in any case, and answered in lower case", async (t) => {
  const bucket = await bucketWith({
    ...RULE,
    AllowedHeaders: ["x-amz-Request-payer", "x-amz-meta-*"],
  });
  const ask = (names: string) =>
    preflight(bucket, {
      origin: ORIGIN,
      "access-control-request-method": "GET",
      "access-control-request-headers": names,
    });
  const answer = await ask("X-Amz-Request-Payer,x-amz-META-a");
  t.is(answer.headers["access-control-allow-headers"], "x-amz-request-payer, x-amz-meta-a");
  t.is((await ask("x-amz-request-payer, x-amz-acl")).status, 403);
  const none = await bucketWith(RULE);
  t.is(
    (
      await preflight(none, {
        origin: ORIGIN,
        "access-control-request-method": "GET",
        "access-control-request-headers": "x-amz-acl",
      })
    ).status,
    403,
  );
});

test("an origin may hold one wildcard", async (t) => {
  const bucket = await bucketWith({ AllowedOrigins: ["http://*.example.com"], AllowedMethods: ["GET"] });
  const origin = async (text: string) => (await get(bucket, { origin: text })).headers["access-control-allow-origin"];
  t.is(await origin("http://a.b.example.com"), "http://a.b.example.com");
  t.is(await origin("http://.example.com"), "http://.example.com");
  for (const other of ["http://example.com", "https://a.example.com", "http://a.example.com.evil"]) {
    t.is(await origin(other), undefined, other);
  }
});

test("fact 60: a GET that no rule fits is answered without CORS headers", async (t) => {
  const bucket = await bucketWith(RULE);
  const answer = await get(bucket, { origin: "https://elsewhere" });
  t.is(String(answer.body), "test-cors");
  t.deepEqual(corsOf(answer), {});
  t.deepEqual(corsOf(await get(bucket, {})), {});
  const unasked = await get(bucket, { origin: ORIGIN, "access-control-request-headers": "x-amz-acl" });
  t.deepEqual(corsOf(unasked), {});
});

test("a bucket's rules hold for refusals too, be it of somebody who may not use the bucket", async (t) => {
  const bucket = await bucketWith(RULE);
  const missing = await sendSigned(server, keysOf("123456789012"), {
    path: `/${bucket}/missing`,
    headers: { origin: ORIGIN },
  });
  t.is(missing.status, 404);
  t.is(missing.headers["access-control-allow-origin"], ORIGIN);
  const anonymous = await server.request("GET", `/${bucket}/k`, { headers: { origin: ORIGIN } });
  t.is(anonymous.status, 403);
  t.is(anonymous.headers["access-control-allow-origin"], ORIGIN);
  const unknown = await server.request("DELETE", `/${bucket}/k?acl`, { headers: { origin: ORIGIN } });
  t.is(unknown.status, 405);
  t.deepEqual(corsOf(unknown), {}, "no rule allows DELETE");
  const unrouted = await server.request("PUT", `/${bucket}/k?uploads`, { headers: { origin: ORIGIN } });
  t.is(unrouted.status, 405);
  t.is(unrouted.headers["access-control-allow-origin"], ORIGIN);
  const elsewhere = await server.request("GET", "/no-such-bucket/k", { headers: { origin: ORIGIN } });
  t.deepEqual(corsOf(elsewhere), {});
});

test("the first rule that fits answers", async (t) => {
  const bucket = await bucketWith(
    { AllowedOrigins: ["http://a"], AllowedMethods: ["GET"], MaxAgeSeconds: 1 },
    { AllowedOrigins: ["http://*"], AllowedMethods: ["GET", "HEAD"], MaxAgeSeconds: 2 },
  );
  t.is((await get(bucket, { origin: "http://a" })).headers["access-control-max-age"], "1");
  t.is((await get(bucket, { origin: "http://b" })).headers["access-control-max-age"], "2");
});
