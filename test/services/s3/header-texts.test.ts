/** Texts of headers beyond ASCII, and those that come as fields of a form or as parameters of a URL. */
import { connect } from "node:net";
import test from "ava";
import { postForm } from "../../support/post-form.ts";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { makeBucket } from "./client.ts";

const server = await startTestServer();
const bucket = await makeBucket(server.s3(), "header-texts");
test.after.always(() => server.close());

const authorization = "AWS4-HMAC-SHA256 Credential=123456789012/20200101/us-east-1/s3/aws4_request";
const head = (key: string) => server.request("HEAD", `/${bucket}/${key}`, { headers: { authorization } });
/** What Node gives a header's bytes as. */
const asBytes = (text: string): string => Buffer.from(text).toString("latin1");

/** A request of exactly these bytes, and the answer's. */
const exchange = (bytes: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.endpoint);
    const runs: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    socket.on("data", (run: Buffer) => runs.push(run));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(runs)));
    socket.write(bytes);
  });

const requestLine = (line: string): string =>
  `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: ${authorization}\r\n`;

test("headers beyond ASCII come back byte for byte, be they UTF-8 or not", async (t) => {
  const names = ["Content-Disposition", "Cache-Control", "Content-Type", "x-amz-website-redirect-location"];
  const texts = ["/\u00fc.txt", "/\u65e5\u672c.txt"].map((text) => Buffer.from(text));
  for (const value of [...texts, Buffer.from("/\u00fc.txt", "latin1")]) {
    for (const name of names) {
      const put = Buffer.from(`${requestLine(`PUT /${bucket}/raw`)}Content-Length: 2\r\n${name}: `);
      const stored = await exchange(Buffer.concat([put, value, Buffer.from("\r\n\r\nhi")]));
      t.true(stored.toString("latin1").startsWith("HTTP/1.1 200 "));
      for (const method of ["GET", "HEAD"]) {
        const answer = await exchange(Buffer.from(`${requestLine(`${method} /${bucket}/raw`)}\r\n`));
        t.true(answer.includes(Buffer.concat([Buffer.from(`\r\n${name}: `), value, Buffer.from("\r\n")])), name);
      }
    }
  }
});

test("a response- parameter may have what Latin-1 has", async (t) => {
  await server.request("PUT", `/${bucket}/override`, { headers: { authorization }, body: "hi" });
  const path = `/${bucket}/override?response-content-disposition=${encodeURIComponent("attachment; filename=\u00fc")}`;
  const { status, headers } = await server.request("GET", path, { headers: { authorization } });
  t.is(status, 200);
  t.is(headers["content-disposition"], "attachment; filename=\u00fc");
});

test("response-expires is answered word for word, be it a date or not", async (t) => {
  await server.request("PUT", `/${bucket}/expires`, { headers: { authorization }, body: "hi" });
  for (const expires of ["123", "Thu, 01 Dec 1994 16:00:00 GMT", "2030-01-01T00:00:00Z"]) {
    const path = `/${bucket}/expires?response-expires=${encodeURIComponent(expires)}`;
    for (const method of ["GET", "HEAD"]) {
      const { status, headers } = await server.request(method, path, { headers: { authorization } });
      t.is(status, 200);
      t.is(headers["expires"], expires);
    }
  }
});

test("fields of a form that are headers are answered as UTF-8", async (t) => {
  const disposition = 'attachment; filename="\u65e5\u672c.txt"';
  const fields = { key: "form", "Content-Disposition": disposition, "Cache-Control": "\u00fc" };
  t.is((await postForm(server, bucket, { fields })).status, 204);
  const { status, headers } = await head("form");
  t.is(status, 200);
  t.is(headers["content-disposition"], asBytes(disposition));
  t.is(headers["cache-control"], asBytes("\u00fc"));
});

test("a field that no header can carry is refused, but for metadata", async (t) => {
  for (const [name, value] of [
    ["Cache-Control", "a\r\nb"],
    ["x-amz-website-redirect-location", "/a\nb"],
    ["Content-Type", "a\u0000b"],
  ] as const) {
    const answer = await postForm(server, bucket, { fields: { key: "refused", [name]: value } });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "InvalidArgument");
    t.is(element(answer, "ArgumentName"), name.toLowerCase());
  }
  t.is((await head("refused")).status, 404);
  const fields = { key: "metadata", "x-amz-meta-text": "a\r\nb" };
  t.is((await postForm(server, bucket, { fields })).status, 204);
  t.is((await head("metadata")).headers["x-amz-meta-text"], "=?UTF-8?B?YQ0KYg==?=");
});

test("metadata whose name can be no header is counted in x-amz-missing-meta", async (t) => {
  const fields = { key: "missing", "x-amz-meta-n\u00e9v": "1", "x-amz-meta-a b": "2", "x-amz-meta-seen": "3" };
  t.is((await postForm(server, bucket, { fields })).status, 204);
  const { status, headers } = await head("missing");
  t.is(status, 200);
  t.is(headers["x-amz-missing-meta"], "2");
  t.is(headers["x-amz-meta-seen"], "3");
});

test("parameters of a presigned URL that are headers are answered as UTF-8, or refused", async (t) => {
  const put = (value: string) => {
    const query = `AWSAccessKeyId=123456789012&Expires=4000000000&Signature=x&x-amz-website-redirect-location=`;
    return server.request("PUT", `/${bucket}/url?${query}${encodeURIComponent(value)}`, { body: "hi" });
  };
  const refused = await put("/a\r\nb");
  t.is(refused.status, 400);
  t.is(element(refused, "ArgumentName"), "x-amz-website-redirect-location");
  t.is((await put("/\u65e5")).status, 200);
  t.is((await head("url")).headers["x-amz-website-redirect-location"], asBytes("/\u65e5"));
});
