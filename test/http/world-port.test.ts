import net from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startDataListener } from "../../src/http/data-listener.ts";
import { loadSelfSigned } from "../../src/http/tls/self-signed.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import type { WireRequest } from "../../src/protocol/wire.ts";
import { ok, rawClient } from "./raw.ts";

const GET = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
const options = { host: "127.0.0.1", port: 0, logger: silentLogger };
const handle = async ({ world }: WireRequest) => ok(`[${world ?? "none"}]`);

test("requests say which world their port is for, on many ports and connections of one listener", async (t) => {
  const listener = await startDataListener({ ...options, handle });
  t.teardown(() => listener.close({ graceMs: 0 }));
  const ports = await Promise.all(["a", "b", "c"].map((world) => listener.openPort({ port: 0, world })));
  for (const [port, world] of [[listener.port, "none"], ...ports.map(({ port }, at) => [port, "abc"[at]])] as const) {
    const client = await rawClient(Number(port));
    client.send(GET + GET);
    await client.until((text) => text.split(`[${world}]`).length === 3);
  }
  t.is(new Set([listener.port, ...ports.map(({ port }) => port)]).size, 4);
});

test("a port that is closed ends its idle connections at once, lets answers under way be sent, and is free", async (t) => {
  const answered = Promise.withResolvers<void>();
  const listener = await startDataListener({
    ...options,
    handle: async (request) => {
      await answered.promise;
      return handle(request);
    },
  });
  t.teardown(() => listener.close({ graceMs: 0 }));
  const port = await listener.openPort({ port: 0, world: "a" });
  const [idle, busy] = [await rawClient(port.port), await rawClient(port.port)];
  busy.send(GET);
  await sleep(50);
  const closing = port.close();
  t.is(await idle.closed(), "");
  const again = await listener.openPort({ port: port.port, world: "b" });
  answered.resolve();
  t.regex(await busy.closed(), /\[a\]$/);
  await closing;
  const next = await rawClient(again.port);
  next.send(GET);
  await next.until((text) => text.includes("[b]"));
});

test("a port that is closed before a connection has said what it speaks leads it nowhere", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "standin-world-port-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const tls = await loadSelfSigned({ folder, hosts: [], nowMs: Date.now() });
  const served: (string | undefined)[] = [];
  const listener = await startDataListener({
    ...options,
    tls,
    handle: async (request) => {
      served.push(request.world);
      return ok("");
    },
  });
  t.teardown(() => listener.close({ graceMs: 0 }));
  const port = await listener.openPort({ port: 0, world: "a" });
  const socket = net.connect(port.port, "127.0.0.1");
  await once(socket, "connect");
  await sleep(50);
  const closing = port.close({ graceMs: 5_000 });
  const closed = once(socket, "close");
  socket.on("error", () => {});
  socket.write(GET);
  await closed;
  await closing;
  t.deepEqual(served, []);
});
