import type { IncomingMessage, ServerResponse } from "node:http";
import http2 from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { startMultiplexedListener } from "../../src/http/multiplex.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { rawClient } from "./raw.ts";

type Request = IncomingMessage | http2.Http2ServerRequest;
type Response = ServerResponse | http2.Http2ServerResponse;

/** One handler for both, as Connect's adapter is. */
const handler = (request: Request, response: Response): void => {
  void (async () => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    if (request.url === "/slow") await sleep(100);
    const text = `[${request.httpVersion} ${request.method} ${request.url} ${body}]`;
    if ("stream" in response) response.end(text);
    else response.end(text);
  })();
};

const listen = async (t: ExecutionContext) => {
  const listener = await startMultiplexedListener({
    host: "127.0.0.1",
    port: 0,
    http1: handler,
    http2: handler,
    logger: silentLogger,
    limits: { headersMsMax: 200 },
  });
  t.teardown(() => listener.close({ graceMs: 0 }));
  return listener;
};

const connect = (t: ExecutionContext, port: number): http2.ClientHttp2Session => {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  session.on("error", () => {});
  t.teardown(() => session.destroy());
  return session;
};

const post = (session: http2.ClientHttp2Session, path: string, body = ""): Promise<string> =>
  new Promise((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": path });
    let text = "no answer";
    stream.on("response", () => {
      text = "";
    });
    stream.on("data", (chunk: Buffer) => {
      text += String(chunk);
    });
    stream.on("end", () => resolve(text));
    stream.on("error", reject);
    stream.end(body);
  });

test("HTTP/1.1 and cleartext HTTP/2 share a port", async (t) => {
  const { port } = await listen(t);
  const session = connect(t, port);
  t.deepEqual(await Promise.all([post(session, "/a", "1"), post(session, "/b", "2")]), [
    "[2.0 POST /a 1]",
    "[2.0 POST /b 2]",
  ]);
  const client = await rawClient(port);
  client.send("POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n3");
  t.regex(await client.until((text) => text.includes("]")), /\[1\.1 POST \/c 3\]/);
});

test("the first bytes may come one at a time, and a method may begin as HTTP/2 does", async (t) => {
  const { port } = await listen(t);
  const client = await rawClient(port);
  for (const letter of "PROPFIND /") {
    client.send(letter);
    await sleep(5);
  }
  client.send("x HTTP/1.1\r\nHost: a\r\n\r\n");
  t.regex(await client.until((text) => text.includes("]")), /\[1\.1 PROPFIND \/x \]/);
  const raw = await rawClient(port);
  const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  for (const letter of preface.slice(0, 6)) {
    raw.send(letter);
    await sleep(5);
  }
  raw.send(`${preface.slice(6)}\0\0\0\x04\0\0\0\0\0`);
  const answer = await raw.until((text) => text.length >= 9);
  t.is(answer.charCodeAt(3), 4, "a SETTINGS frame");
});

test("a connection that says nothing, or not enough, is closed after its time", async (t) => {
  const { port } = await listen(t);
  const [silent, half] = [await rawClient(port), await rawClient(port)];
  half.send("PR");
  t.deepEqual(await Promise.all([silent.closed(), half.closed()]), ["", ""]);
});

test("a stop lets calls of both kinds finish, says goodbye on HTTP/2 and closes what is idle", async (t) => {
  const { port, close } = await listen(t);
  const [busy, idle] = [connect(t, port), connect(t, port)];
  await Promise.all([post(busy, "/a"), post(idle, "/a")]);
  const client = await rawClient(port);
  client.send("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  const slow = post(busy, "/slow");
  await sleep(20);
  const began = performance.now();
  const closing = close({ graceMs: 2000 });
  t.is(await slow, "[2.0 POST /slow ]");
  t.regex(await client.closed(), /\[1\.1 POST \/slow \]/);
  await closing;
  t.true(performance.now() - began < 1000);
  t.true(idle.closed);
});

const never = (): void => {};

test("a stop cuts calls that do not finish within the grace time", async (t) => {
  const listener = await startMultiplexedListener({
    host: "127.0.0.1",
    port: 0,
    http1: never,
    http2: never,
    logger: silentLogger,
  });
  const session = connect(t, listener.port);
  const call = post(session, "/a").catch(() => "no answer");
  await sleep(30);
  await listener.close({ graceMs: 50 });
  t.is(await call, "no answer");
});
