import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { echo, listen, ok, rawClient, readAll } from "./raw.ts";

const host = "Host: localhost\r\n";

test("what is not HTTP gets a clean 400, after the answers to what came before it", async (t) => {
  const { port } = await listen(t, async () => {
    await sleep(30);
    return ok("[good]");
  });
  const bad = await rawClient(port);
  bad.send("hello there\r\n\r\n");
  t.regex(await bad.closed(), /^HTTP\/1\.1 400 Bad Request\r\n.*<Code>BadRequest<\/Code>/s);
  const after = await rawClient(port);
  after.send(`GET / HTTP/1.1\r\n${host}\r\nhello there\r\n\r\n`);
  t.regex(await after.closed(), /\[good\]HTTP\/1\.1 400/);
});

test("a broken chunk in a body is answered, and its reader is told", async (t) => {
  const failed = Promise.withResolvers<unknown>();
  const { port } = await listen(t, async ({ body }) => {
    await readAll(body).catch(failed.resolve);
    return ok("");
  });
  const client = await rawClient(port);
  client.send(`PUT / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n`);
  t.regex(await client.closed(), /^HTTP\/1\.1 400 .*<Code>BadRequest</s);
  t.true((await failed.promise) instanceof Error);
});

test("headers of 64 KiB are too large, a little less is not", async (t) => {
  const { port } = await listen(t, echo);
  const large = await rawClient(port);
  large.send(`GET / HTTP/1.1\r\n${host}x-a: ${"a".repeat(64 * 1024)}\r\n\r\n`);
  t.regex(await large.closed(), /^HTTP\/1\.1 400 .*<Code>RequestHeaderSectionTooLarge</s);
  const fits = await rawClient(port);
  fits.send(`GET / HTTP/1.1\r\n${host}x-a: ${"a".repeat(63 * 1024)}\r\n\r\n`);
  t.regex(await fits.until((text) => text.includes("GET /?")), /200 OK/);
});

test("headers that do not come to an end are answered RequestTimeout", async (t) => {
  const { port } = await listen(t, echo, { limits: { headersMsMax: 50, checkMs: 20 } });
  const client = await rawClient(port);
  client.send("GET / HT");
  t.regex(await client.closed(), /<Code>RequestTimeout</);
});

test("a body that stops coming is answered RequestTimeout and its reader is told", async (t) => {
  const failed = Promise.withResolvers<unknown>();
  const { port } = await listen(
    t,
    async ({ body }) => {
      await readAll(body).catch(failed.resolve);
      return ok("late");
    },
    { limits: { bodyIdleMsMax: 100 } },
  );
  const client = await rawClient(port);
  client.send(`PUT / HTTP/1.1\r\n${host}Content-Length: 100\r\n\r\nhalf`);
  t.regex(await client.closed(), /^HTTP\/1\.1 400 .*<Code>RequestTimeout</s);
  t.true((await failed.promise) instanceof Error);
});

test("a body that keeps coming slowly, and a handler that takes its time, outlive the idle limit", async (t) => {
  const { port } = await listen(
    t,
    async (request) => {
      await sleep(150);
      return echo(request);
    },
    { limits: { bodyIdleMsMax: 80 } },
  );
  const client = await rawClient(port);
  client.send(`PUT / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\n`);
  for (const letter of "hello") {
    client.send(letter);
    await sleep(50);
  }
  t.regex(await client.until((text) => text.includes("hello")), /200 OK/);
});

test("a client that stops reading its answer is let go of", async (t) => {
  const closed = Promise.withResolvers<void>();
  const { port } = await listen(
    t,
    async () => ({
      status: 200,
      headers: {},
      body: new Readable({
        read() {
          this.push(Buffer.alloc(65_536));
        },
        destroy: (_error, done) => {
          closed.resolve();
          done(null);
        },
      }),
    }),
    { limits: { bodyIdleMsMax: 100 } },
  );
  const client = await rawClient(port);
  client.socket.pause();
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
  await closed.promise;
  t.pass();
});

test("an idle connection is closed after its time", async (t) => {
  const { port } = await listen(t, echo, { limits: { keepAliveMs: 50 } });
  const client = await rawClient(port);
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
  t.regex(await client.closed(), /GET \/\? $/);
});
