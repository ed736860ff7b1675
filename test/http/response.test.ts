import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { createLogger } from "../../src/platform/logger.ts";
import { count, listen, ok, rawClient } from "./raw.ts";

const host = "Host: localhost\r\n";

test("text, bytes and nothing carry their length; answers carry a date and keep the connection for 75 s", async (t) => {
  const bodies = { "/text": "grün", "/bytes": new Uint8Array([65, 66]), "/none": undefined } as const;
  const { port } = await listen(t, async ({ rawPath }) => {
    const body = bodies[rawPath as keyof typeof bodies];
    return { status: 200, headers: { "x-at": rawPath }, ...(body === undefined ? {} : { body }) };
  });
  for (const [path, length] of [
    ["/text", 5],
    ["/bytes", 2],
    ["/none", 0],
  ] as const) {
    const client = await rawClient(port);
    client.send(`GET ${path} HTTP/1.1\r\n${host}\r\n`);
    const text = await client.until((text) => text.includes("\r\n\r\n"));
    t.regex(text, new RegExp(`Content-Length: ${length}\r\n`));
    t.regex(text, /\r\nDate: .* GMT\r\n/);
    t.regex(text, /Keep-Alive: timeout=75/);
    t.notRegex(text, /Transfer-Encoding/);
  }
});

test("HEAD, 204 and 304 have no body; HEAD keeps the length of what GET would send", async (t) => {
  let destroyed = 0;
  const { port } = await listen(t, async ({ rawPath }) => {
    const body = new Readable({
      read() {},
      destroy: (_error, done) => {
        destroyed += 1;
        done(null);
      },
    });
    const status = Number(rawPath.slice(1));
    return { status, headers: status === 200 ? { "Content-Length": "1000" } : {}, body };
  });
  const client = await rawClient(port);
  client.send(
    `HEAD /200 HTTP/1.1\r\n${host}\r\nGET /204 HTTP/1.1\r\n${host}\r\nGET /304 HTTP/1.1\r\n${host}\r\nHEAD /404 HTTP/1.1\r\n${host}\r\n`,
  );
  const text = await client.until((text) => count(text, "\r\n\r\n") === 4);
  t.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => match[1]),
    ["200", "204", "304", "404"],
  );
  t.is(count(text, "Content-Length"), 1);
  t.notRegex(text, /Transfer-Encoding/);
  t.is(destroyed, 4);
});

test("a Date and a Content-Length that the answer names are sent as they are", async (t) => {
  const date = "Thu, 01 Jan 1970 00:00:00 GMT";
  const { port } = await listen(t, async () => ({
    status: 200,
    headers: { Date: date, "content-length": "2" },
    body: "ok",
  }));
  const client = await rawClient(port);
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
  const text = await client.until((text) => text.endsWith("ok"));
  t.is(count(text, "Date:"), 1);
  t.true(text.includes(date));
  t.is(count(text.toLowerCase(), "content-length"), 1);
});

test("a streamed body is not read faster than the client takes it, and is let go of when the client leaves", async (t) => {
  let produced = 0;
  const closed = Promise.withResolvers<void>();
  const { port } = await listen(t, async () => {
    const body = new Readable({
      read() {
        produced += 65_536;
        this.push(Buffer.alloc(65_536));
      },
      destroy(_error, done) {
        closed.resolve();
        done(null);
      },
    });
    return { status: 200, headers: { "Content-Length": String(2 ** 40) }, body };
  });
  const client = await rawClient(port);
  client.socket.pause();
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
  await sleep(200);
  const before = produced;
  await sleep(100);
  t.is(produced, before);
  t.true(produced < 16 * 2 ** 20);
  client.socket.destroy();
  await closed.promise;
});

test("a body that comes after its client has left is let go of", async (t) => {
  const closed = Promise.withResolvers<void>();
  const { port } = await listen(t, async () => {
    await sleep(50);
    return {
      status: 200,
      headers: {},
      body: new Readable({
        read() {},
        destroy: (_error, done) => {
          closed.resolve();
          done(null);
        },
      }),
    };
  });
  const client = await rawClient(port);
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
  await sleep(10);
  client.socket.destroy();
  await closed.promise;
  t.pass();
});

test("a body that fails, ends early or runs over cuts the connection and is logged", async (t) => {
  const lines: string[] = [];
  const bodies: Record<string, () => Readable> = {
    "/fails": () =>
      new Readable({
        read() {
          this.push("part");
          this.destroy(new Error("disk gone"));
        },
      }),
    "/short": () => Readable.from([Buffer.from("part")]),
    "/long": () => Readable.from([Buffer.from("part"), Buffer.from("x".repeat(100))]),
    "/closes": () => {
      const body = new Readable({ read() {} });
      setTimeout(() => body.destroy(), 5);
      return body;
    },
  };
  const { port } = await listen(
    t,
    async ({ rawPath }) => ({ status: 200, headers: { "Content-Length": "10" }, body: bodies[rawPath]?.() ?? "" }),
    { logger: createLogger({ level: "info", write: (line) => lines.push(line) }) },
  );
  for (const path of Object.keys(bodies)) {
    const client = await rawClient(port);
    client.send(`GET ${path} HTTP/1.1\r\n${host}\r\n`);
    const text = await client.closed();
    t.false(text.includes("xxx"), path);
  }
  t.is(lines.length, 4);
  t.regex(lines[0] ?? "", /disk gone/);
});

test("a refusal without 100 Continue closes, so that a body sent anyway is not taken for a request", async (t) => {
  const paths: string[] = [];
  const { port } = await listen(t, async ({ rawPath }) => {
    paths.push(rawPath);
    return { status: 403, headers: {}, body: "no" };
  });
  const client = await rawClient(port);
  client.send(`PUT /a HTTP/1.1\r\n${host}Content-Length: 100\r\nExpect: 100-continue\r\n\r\n`);
  await client.until((text) => text.endsWith("no"));
  client.send(`GET /smuggled HTTP/1.1\r\n${host}\r\n`);
  const text = await client.closed();
  t.false(text.includes("100 Continue"));
  t.regex(text, /^HTTP\/1\.1 403 .*Connection: close/s);
  t.deepEqual(paths, ["/a"]);
});

test("an early answer leaves at once; what is left of a short body is read away and the connection kept", async (t) => {
  const { port } = await listen(t, async ({ rawPath }) => ok(`[${rawPath}]`), { limits: { drainBytesMax: 1000 } });
  const client = await rawClient(port);
  client.send(`PUT /early HTTP/1.1\r\n${host}Content-Length: 1000\r\n\r\n`);
  await client.until((text) => text.includes("[/early]"));
  client.send("x".repeat(1000));
  client.send(`GET /next HTTP/1.1\r\n${host}\r\n`);
  t.true((await client.until((text) => text.includes("[/next]"))).includes("[/next]"));
});

test("an early answer to a longer body says that it closes, and does", async (t) => {
  const { port } = await listen(t, async ({ rawPath }) => ok(`[${rawPath}]`), { limits: { drainBytesMax: 1000 } });
  const client = await rawClient(port);
  client.send(`PUT /early HTTP/1.1\r\n${host}Content-Length: 1001\r\n\r\n`);
  t.regex(await client.until((text) => text.includes("[/early]")), /Connection: close/);
  client.send("x".repeat(1001));
  t.false((await client.closed()).includes("100 Continue"));
});

test("the rest of a body that does not come is not waited for beyond its limit", async (t) => {
  const { port } = await listen(t, async () => ok("early"), { limits: { drainMsMax: 50 } });
  const client = await rawClient(port);
  client.send(`PUT /early HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`);
  t.regex(await client.closed(), /early$/);
});
