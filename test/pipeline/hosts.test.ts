/** Which bucket and which region a host names. */
import test from "ava";
import { startTestServer } from "../support/server.ts";
import { element, keysOf, sendSigned } from "../support/signed.ts";

const server = await startTestServer({ baseHosts: ["s3.test"] });
await server.request("PUT", "/hosted");
await server.request("PUT", "/hosted/k", { body: "v" });
await server.request("PUT", "/dotted.name");
await server.request("PUT", "/dotted.name/k", { body: "v" });
test.after.always(() => server.close());

const get = (host: string, path: string) => sendSigned(server, keysOf("123456789012"), { path, headers: { host } });

for (const host of [
  "hosted.localhost",
  "HOSTED.LocalHost:5000",
  "hosted.s3.localhost",
  "hosted.s3.us-east-1.localhost:4566",
  "hosted.s3.localhost.localstack.cloud",
  "hosted.s3.us-east-1.localhost.localstack.cloud:4566",
  "hosted.s3.amazonaws.com",
  "hosted.s3.us-east-1.amazonaws.com",
  "hosted.s3-us-east-1.amazonaws.com",
  "hosted.s3.dualstack.us-east-1.amazonaws.com",
  "hosted.s3-fips.us-east-1.amazonaws.com",
  "hosted.s3.test",
  "hosted.s3.s3.test",
  "hosted.s3.default.world.localhost",
  "hosted.default.world.localhost",
]) {
  test(`${host} is the bucket's host`, async (t) => {
    const answer = await get(host, "/k");
    t.is(String(answer.body), "v");
    t.is(element(await get(host, "/?list-type=2"), "Name"), "hosted");
  });
}

for (const host of [
  "localhost:5000",
  "127.0.0.1:5000",
  "[::1]:5000",
  "s3.localhost",
  "s3.us-east-1.localhost",
  "s3.amazonaws.com",
  "s3.us-east-1.amazonaws.com",
  "localhost.localstack.cloud:4566",
  "s3.test",
  "standin",
  "my-service.default.svc.cluster.local:5000",
  "hosted.localhost.localstack.cloud",
]) {
  test(`${host} is path style`, async (t) => {
    t.is(String((await get(host, "/hosted/k")).body), "v");
  });
}

test("a bucket's name with dots may stand in the host", async (t) => {
  t.is(String((await get("dotted.name.localhost", "/k")).body), "v");
  t.is(String((await get("dotted.name.s3.amazonaws.com", "/k")).body), "v");
});

test("a host that names another region than the bucket's is redirected", async (t) => {
  const answer = await get("hosted.s3.eu-west-1.amazonaws.com", "/k");
  t.is(answer.status, 301);
  t.is(element(answer, "Code"), "PermanentRedirect");
  t.is(element(answer, "Endpoint"), "hosted.s3.us-east-1.amazonaws.com");
  t.is(answer.headers["x-amz-bucket-region"], "us-east-1");
  t.is((await get("s3.localhost", "/hosted/k")).status, 200);
});

test("a redirect leaves the bucket's name alone, though it holds the region's", async (t) => {
  await server.request("PUT", "/eu-west-1.logs");
  const answer = await get("eu-west-1.logs.s3.eu-west-1.amazonaws.com", "/k");
  t.is(answer.status, 301);
  t.is(element(answer, "Endpoint"), "eu-west-1.logs.s3.us-east-1.amazonaws.com");
});

test("fact 11: aws-global is no region that anything may be signed for", async (t) => {
  const answer = await sendSigned(server, keysOf("test"), { path: "/hosted/k", region: "aws-global" });
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "AuthorizationHeaderMalformed");
  t.is(element(answer, "Region"), "us-east-1");
});

test("a bucket is served to clients of other regions, with its own region in the answer", async (t) => {
  const answer = await sendSigned(server, keysOf("test"), { method: "HEAD", path: "/hosted", region: "eu-west-1" });
  t.is(answer.status, 200);
  t.is(answer.headers["x-amz-bucket-region"], "us-east-1");
});

test("the bucket and the key of a virtual host may have the same name", async (t) => {
  const headers = { host: "hosted.localhost" };
  t.is((await server.request("PUT", "/hosted", { headers, body: "same" })).status, 200);
  t.is(String((await get("localhost", "/hosted/hosted")).body), "same");
});
