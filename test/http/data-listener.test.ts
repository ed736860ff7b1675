import { once } from "node:events";
import { createServer } from "node:net";
import net from "node:net";
import os from "node:os";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { startDataListener } from "../../src/http/data-listener.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { echo, listen, ok, rawClient } from "./raw.ts";

const host = "Host: localhost\r\n";

test("pipelined requests are answered in order, whichever is ready first", async (t) => {
  const { port } = await listen(t, async ({ rawPath }) => {
    await sleep(rawPath === "/0" ? 60 : rawPath === "/1" ? 20 : 0);
    return rawPath === "/1"
      ? { status: 200, headers: { "Content-Length": "4" }, body: Readable.from([Buffer.from("[/1]")]) }
      : ok(`[${rawPath}]`);
  });
  const client = await rawClient(port);
  client.send([0, 1, 2, 3].map((n) => `GET /${n} HTTP/1.1\r\n${host}\r\n`).join(""));
  const text = await client.until((text) => text.includes("[/3]"));
  t.deepEqual([...text.matchAll(/\[\/\d\]/g)].map(String), ["[/0]", "[/1]", "[/2]", "[/3]"]);
});

test("HTTP/1.0 is answered and closed, or kept when asked for", async (t) => {
  const { port } = await listen(t, echo);
  const plain = await rawClient(port);
  plain.send("GET /a HTTP/1.0\r\n\r\n");
  t.regex(await plain.closed(), /Connection: close.*GET \/a\? $/s);
  const kept = await rawClient(port);
  kept.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  await kept.until((text) => text.includes("GET /a?"));
  kept.send("GET /b HTTP/1.0\r\n\r\n");
  t.regex(await kept.closed(), /GET \/b\? $/);
});

test("the loopback is bound in both families on one port where the machine has both", async (t) => {
  const hasIpv6 = Object.values(os.networkInterfaces()).some((list) => list?.some(({ address }) => address === "::1"));
  const { port, addresses } = await listen(t, echo);
  t.deepEqual(addresses, [{ host: "127.0.0.1", port }, ...(hasIpv6 ? [{ host: "::1", port }] : [])]);
});

test("a taken port rejects with EADDRINUSE", async (t) => {
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.teardown(() => void taken.close());
  const { port } = taken.address() as net.AddressInfo;
  await t.throwsAsync(startDataListener({ host: "127.0.0.1", port, handle: echo, logger: silentLogger }), {
    code: "EADDRINUSE",
  });
});
