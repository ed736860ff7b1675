import test from "ava";
import { S3_HEADER_BYTES_MAX } from "../../src/platform/limits.ts";
import { rawClient } from "../http/raw.ts";
import { startTestServer } from "../support/server.ts";
import { element } from "../support/signed.ts";

const server = await startTestServer();
test.after.always(() => server.close());

test("headers of 8 KiB are taken, and a byte more is RequestHeaderSectionTooLarge", async (t) => {
  const { host } = new URL(server.endpoint);
  const rest = "host".length + host.length + "connection".length + "close".length + "x-filler".length;
  const filler = "x".repeat(S3_HEADER_BYTES_MAX - rest);
  t.is((await server.request("GET", "/", { headers: { "x-filler": filler } })).status, 200);
  const refused = await server.request("GET", "/", { headers: { "x-filler": `${filler}x` } });
  t.is(refused.status, 400);
  t.is(element(refused, "Code"), "RequestHeaderSectionTooLarge");
  t.is(element(refused, "MaxSizeAllowed"), String(S3_HEADER_BYTES_MAX));
});

test("an upload whose length nobody says is refused: 411 without a word, 501 for a chunked transfer", async (t) => {
  await server.request("PUT", "/lengths");
  const chunked = await server.request("PUT", "/lengths/key", {
    headers: { "transfer-encoding": "chunked" },
    body: "abc",
  });
  t.is(chunked.status, 501);
  t.is(element(chunked, "Code"), "NotImplemented");
  t.is(element(chunked, "Header"), "Transfer-Encoding");
  const client = await rawClient(Number(new URL(server.endpoint).port));
  client.send("PUT /lengths/key HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  const silent = await client.closed();
  t.regex(silent, /^HTTP\/1\.1 411 /);
  t.regex(silent, /<Code>MissingContentLength<\/Code>/);
});
