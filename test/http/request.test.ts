import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { createLogger } from "../../src/platform/logger.ts";
import type { WireRequest } from "../../src/protocol/wire.ts";
import { count, echo, listen, ok, rawClient, readAll } from "./raw.ts";

const host = "Host: localhost\r\n";

test("a request comes as it was sent: path and query untouched, headers in lower case, repeated ones joined", async (t) => {
  const seen: WireRequest[] = [];
  const { port } = await listen(t, async (request) => {
    seen.push(request);
    return ok("");
  });
  const client = await rawClient(port);
  client.send(
    `GET /b/a%20key//x?list-type=2&prefix=%2F?# HTTP/1.1\r\nHOST: Bucket.localhost:1\r\nX-Amz-Meta-A: 1\r\nx-amz-meta-a: 2\r\n\r\n`,
  );
  await client.until((text) => text.includes("200 OK"));
  const [request] = seen;
  t.is(request?.method, "GET");
  t.is(request?.rawPath, "/b/a%20key//x");
  t.is(request?.rawQuery, "list-type=2&prefix=%2F?#");
  t.is(request?.host, "Bucket.localhost:1");
  t.is(request?.headers["x-amz-meta-a"], "1, 2");
  t.is(request?.remoteAddress, "127.0.0.1");
  t.false(request?.secure);
});

test("an absolute target names the host, with or without a path", async (t) => {
  const { port } = await listen(t, async ({ host, rawPath, rawQuery }) => ok(`<${host} ${rawPath} ${rawQuery}>`));
  const client = await rawClient(port);
  client.send(
    `GET http://b.s3.amazonaws.com/k?acl HTTP/1.1\r\n${host}\r\nGET HTTP://other:80?acl HTTP/1.1\r\n${host}\r\n`,
  );
  const text = await client.until((text) => count(text, ">") === 2);
  t.regex(text, /<b\.s3\.amazonaws\.com \/k acl>/);
  t.regex(text, /<other:80 \/ acl>/);
});

test("a target without a path is a bad request", async (t) => {
  const { port } = await listen(t, echo);
  const client = await rawClient(port);
  client.send(`OPTIONS * HTTP/1.1\r\n${host}\r\n`);
  t.regex(await client.until((text) => text.includes("</Error>")), /^HTTP\/1\.1 400 .*<Code>BadRequest</s);
});

test("bodies arrive whole, with a length, in chunks, and empty", async (t) => {
  const { port } = await listen(t, echo);
  const client = await rawClient(port);
  client.send(`PUT /1 HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`);
  client.send(`PUT /2 HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`);
  client.send(`PUT /3 HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\nPUT /4 HTTP/1.1\r\n${host}\r\n`);
  const text = await client.until((text) => text.includes("PUT /4?"));
  t.regex(text, /PUT \/1\? hello/);
  t.regex(text, /PUT \/2\? abcde/);
  t.regex(text, /PUT \/3\? /);
});

test("100 Continue is sent when the handler asks for the body, and only to those who wait for it", async (t) => {
  const { port } = await listen(t, echo);
  const client = await rawClient(port);
  client.send(`PUT /a HTTP/1.1\r\n${host}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`);
  await client.until((text) => text === "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("hello");
  await client.until((text) => text.includes("PUT /a? hello"));
  client.send(`PUT /b HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\nhi`);
  const text = await client.until((text) => text.includes("PUT /b? hi"));
  t.is(count(text, "100 Continue"), 1);
});

test("a handler that stops reading in the middle, by an error, still gets its answer through", async (t) => {
  const { port } = await listen(t, async ({ body }) => {
    try {
      for await (const chunk of body) throw new Error(`bad digest after ${(chunk as Buffer).length}`);
    } catch {
      return { status: 400, headers: {}, body: "[BadDigest]" };
    }
    return ok("");
  });
  const client = await rawClient(port);
  client.send(`PUT /a HTTP/1.1\r\n${host}Content-Length: 200000\r\n\r\n${"x".repeat(100_000)}`);
  await client.until((text) => text.includes("[BadDigest]"));
  client.send("x".repeat(100_000));
  client.send(`PUT /b HTTP/1.1\r\n${host}Content-Length: 1\r\n\r\nx`);
  t.is(count(await client.until((text) => count(text, "[BadDigest]") === 2), "[BadDigest]"), 2);
});

test("a client that goes away in the middle of its body is an error to whoever reads it, and nothing is logged", async (t) => {
  const lines: string[] = [];
  const failed = Promise.withResolvers<unknown>();
  const handle = async ({ body }: WireRequest) => {
    await readAll(body).catch((error: unknown) => {
      failed.resolve(error);
      throw error;
    });
    return ok("");
  };
  const { port } = await listen(t, handle, {
    logger: createLogger({ level: "info", write: (line) => lines.push(line) }),
  });
  const client = await rawClient(port);
  client.send(`PUT /a HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nhalf`);
  await sleep(20);
  client.socket.destroy();
  t.true((await failed.promise) instanceof Error);
  await sleep(10);
  t.deepEqual(lines, []);
});

test("a long body arrives whole and is not taken faster than its reader reads", async (t) => {
  const size = 64 * 2 ** 20;
  const go = Promise.withResolvers<void>();
  const { port } = await listen(t, async ({ body }) => {
    await go.promise;
    let bytes = 0;
    for await (const chunk of body) {
      if (bytes === 0) await sleep(100);
      bytes += (chunk as Buffer).length;
    }
    return ok(`[${bytes}]`);
  });
  const client = await rawClient(port);
  client.send(`PUT / HTTP/1.1\r\n${host}Content-Length: ${size}\r\n\r\n`);
  client.socket.write(Buffer.alloc(size));
  await sleep(200);
  t.true(client.socket.writableLength > 0, "the client is held back");
  go.resolve();
  t.regex(await client.until((text) => text.includes("]")), new RegExp(`\\[${size}\\]`));
});
