import { once } from "node:events";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { startDataListener } from "../../src/http/data-listener.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { ok, rawClient } from "./raw.ts";

const host = "Host: localhost\r\n";

test("a stop lets requests in flight finish, closes idle connections at once and accepts no more", async (t) => {
  const listener = await startDataListener({
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    handle: async ({ rawPath }) => {
      await sleep(rawPath === "/slow" ? 100 : 0);
      return ok(`[${rawPath}]`);
    },
  });
  const [idle, silent, busy] = [
    await rawClient(listener.port),
    await rawClient(listener.port),
    await rawClient(listener.port),
  ];
  idle.send(`GET /idle HTTP/1.1\r\n${host}\r\n`);
  await idle.until((text) => text.includes("[/idle]"));
  busy.send(`GET /slow HTTP/1.1\r\n${host}\r\n`);
  await sleep(20);
  const began = performance.now();
  const closing = listener.close({ graceMs: 2000 });
  await Promise.all([idle.closed(), silent.closed()]);
  t.true(performance.now() - began < 80);
  t.regex(await busy.closed(), /Connection: close.*\[\/slow\]$/s);
  await closing;
  t.true(performance.now() - began < 1000);
  const [error] = (await once(net.connect(listener.port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
  t.is(error.code, "ECONNREFUSED");
});

test("a stop cuts what has not finished within the grace time", async (t) => {
  const listener = await startDataListener({
    host: "127.0.0.1",
    port: 0,
    logger: silentLogger,
    handle: () => new Promise(() => {}),
  });
  const client = await rawClient(listener.port);
  client.send(`GET / HTTP/1.1\r\n${host}\r\n`);
  await sleep(20);
  await listener.close({ graceMs: 50 });
  t.is(await client.closed(), "");
});
