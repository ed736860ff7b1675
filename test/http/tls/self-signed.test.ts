import { X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { IncomingMessage } from "node:http";
import test, { type ExecutionContext } from "ava";
import { loadSelfSigned } from "../../../src/http/tls/self-signed.ts";
import { listen, ok, rawClient, readAll } from "../raw.ts";

const NOW = Date.parse("2026-11-01T00:00:00Z");
const DAY_MS = 86_400_000;

const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "standin-tls-"));
  t.teardown(() => rm(folder, { recursive: true }));
  return path.join(folder, "tls");
};

test("the server's certificate names the loopback, the local host names with their services and buckets, and what is asked for", async (t) => {
  const { cert, caPath } = await loadSelfSigned({
    folder: await newFolder(t),
    hosts: ["s3.test", "10.0.0.7", "fd00::1:7"],
    nowMs: NOW,
  });
  const certificate = new X509Certificate(cert);
  const authority = new X509Certificate(await readFile(caPath));
  for (const host of [
    "localhost",
    "s3.localhost",
    "b.s3.localhost",
    "sts.localhost",
    "b.s3.localhost.localstack.cloud",
    "b.s3.test",
    "b.s3.s3.test",
  ])
    t.not(certificate.checkHost(host), undefined, host);
  for (const address of ["127.0.0.1", "::1", "10.0.0.7", "fd00::1:7"])
    t.not(certificate.checkIP(address), undefined, address);
  t.is(certificate.checkHost("s3.amazonaws.com"), undefined);
  t.is(certificate.checkIP("10.0.0.8"), undefined);
  t.true(certificate.verify(authority.publicKey));
  t.true(certificate.checkIssued(authority));
  t.true(authority.ca);
  t.false(certificate.ca);
});

test("certificates are kept from start to start, until they are damaged, about to end or for other names", async (t) => {
  const folder = await newFolder(t);
  const load = async (hosts: readonly string[] = [], nowMs = NOW): Promise<string> =>
    (await loadSelfSigned({ folder, hosts, nowMs })).cert;
  const first = await load();
  t.is(await load(), first);
  t.is(await load([], NOW + 793 * DAY_MS), first);
  const renewed = await load([], NOW + 795 * DAY_MS);
  t.not(renewed, first);
  const named = await load(["fd00::1", "other.test"], NOW + 795 * DAY_MS);
  t.not(named, renewed);
  t.is(await load(["fd00::1"], NOW + 795 * DAY_MS), named);
  await writeFile(path.join(folder, "server.pem"), named.slice(0, 100));
  t.not(await load([], NOW + 795 * DAY_MS), named);
  t.is((await stat(path.join(folder, "server-key.pem"))).mode & 0o777, 0o600);
});

const get = (url: string, options: https.RequestOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    https
      .request(url, options, (response: IncomingMessage) => void text(response).then(resolve, reject))
      .on("error", reject)
      .end("body");
  });

test("one port speaks TLS to those who begin with a handshake and plain HTTP to the rest", async (t) => {
  const { caPath, ...material } = await loadSelfSigned({ folder: await newFolder(t), hosts: [], nowMs: Date.now() });
  const { port } = await listen(
    t,
    async ({ secure, host, body }) => ok(`${secure ? "secure" : "plain"} ${host} ${String(await readAll(body))}`),
    { tls: material },
  );
  const ca = await readFile(caPath);
  t.is(await get(`https://localhost:${port}/`, { ca, method: "PUT" }), `secure localhost:${port} body`);
  t.is(await get(`https://127.0.0.1:${port}/`, { ca, method: "PUT" }), `secure 127.0.0.1:${port} body`);
  await t.throwsAsync(get(`https://localhost:${port}/`, {}), { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" });
  const plain = await rawClient(port);
  plain.send("G");
  await new Promise((resolve) => setTimeout(resolve, 20));
  plain.send("ET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: b\r\n\r\n");
  t.regex(await plain.until((received) => received.includes("plain b")), /plain a .*plain b/s);
});

test("a TLS port outlives broken handshakes and silent connections, and stops", async (t) => {
  const { cert, key } = await loadSelfSigned({ folder: await newFolder(t), hosts: [], nowMs: Date.now() });
  const { port, close } = await listen(t, async () => ok("[fine]"), {
    tls: { cert, key },
    limits: { headersMsMax: 50 },
  });
  const broken = await rawClient(port);
  broken.send("\x16\x03\x01\x00\x05hello");
  await broken.closed();
  const silent = await rawClient(port);
  t.is(await silent.closed(), "");
  const gone = await rawClient(port);
  gone.socket.end();
  t.is(await gone.closed(), "");
  const plain = await rawClient(port);
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  t.regex(await plain.until((received) => received.includes("[fine]")), /200 OK/);
  await close({ graceMs: 1000 });
  t.regex(await plain.closed(), /\[fine\]$/);
});

test("material that is no certificate is refused before the port opens", async (t) => {
  await t.throwsAsync(listen(t, async () => ok(""), { tls: { cert: "x", key: "y" } }));
});
