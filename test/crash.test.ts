/**
 * `kill -9` in the middle of a storm of puts, over and over on one data directory: what was acknowledged is there, the rest
 * is there as a whole or not at all.
 */
import { spawn } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdtemp, readdir, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buffer } from "node:stream/consumers";
import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

import test from "ava";
import type { ExecutionContext } from "ava";

import { INLINE_BYTES_MAX } from "../src/state/bodies/receive.ts";

const CRASHES = 10;
const CONNECTIONS = 16;
const BODY_BYTES_MAX = 200 * 1024;
const STORM_MS_MIN = 30;
const STORM_MS_MAX = 500;
const REWRITES_PERCENT = 20;
const BOOT_MS_MAX = 20_000;
const ORPHANS_MS_MAX = 15_000;
const POLL_MS = 100;

const MAIN = join(import.meta.dirname, "../src/main.ts");
const BUCKET = "/crash";

type Server = { readonly url: string; kill(): Promise<void> };

const startServer = async (t: ExecutionContext, dataDir: string): Promise<Server> => {
  const flags = ["--port", "0", "--control-port", "0", "--data-dir", dataDir, "--json", "--log-level", "error"];
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
  };
  t.teardown(kill);
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    closed.then(() => Promise.reject(new Error("the server ended before it was up"))),
    sleep(BOOT_MS_MAX, undefined, { ref: false }).then(() => Promise.reject(new Error("the server is not up"))),
  ])) as [string];
  const { dataUrl } = JSON.parse(line) as { dataUrl: string };
  return { url: dataUrl, kill };
};

/** A body is told by its number: its size and its bytes. Small ones live in the engine, large ones are files. */
const pool = randomBytes(4 * BODY_BYTES_MAX);

const bodyOf = (number: number): Buffer => {
  const digest = createHash("md5").update(String(number)).digest();
  const most = digest[0]! < 128 ? BODY_BYTES_MAX : INLINE_BYTES_MAX;
  const size = 1 + (digest.readUInt32BE(1) % most);
  const start = digest.readUInt32BE(5) % (pool.byteLength - size);
  return pool.subarray(start, start + size);
};

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };
type Client = { send(method: string, path: string, body?: Buffer): Promise<Answer>; close(): void };

/** Signed in form only: the mode `lenient` believes a key that it does not know. */
const signature = (): Record<string, string> => {
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const scope = `test/${date.slice(0, 8)}/us-east-1/s3/aws4_request`;
  return {
    "x-amz-date": date,
    "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`,
  };
};

const createClient = (url: string): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  return {
    async send(method, path, body = Buffer.alloc(0)) {
      const headers = { ...signature(), "content-length": body.byteLength };
      const outgoing = request(url + path, { method, agent, headers });
      // In two halves, so that a crash often finds a body half received.
      const half = body.byteLength >>> 1;
      const incoming = once(outgoing, "response");
      incoming.catch(() => undefined);
      outgoing.write(body.subarray(0, half));
      await nextTurn();
      outgoing.end(body.subarray(half));
      const [response] = await incoming;
      return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
    },
    close: () => agent.destroy(),
  };
};

/** What is known of a key: the body that it must have (none: it must be absent), and one that it may have instead. */
type Known = { readonly must: number | undefined; readonly may: number | undefined };

type Storm = {
  /** Every key that was ever put. */
  readonly keys: Map<string, Known>;
  /** Keys that the last storm touched. */
  readonly touched: Set<string>;
  acknowledged: number;
  cut: number;
  lastBody: number;
};

/** One connection's keys are its own, so that at most one put of a key is under way. */
const nextKey = (storm: Storm, own: string[], worker: number): string => {
  if (own.length > 0 && randomInt(100) < REWRITES_PERCENT) return own[randomInt(own.length)]!;
  const key = `${BUCKET}/${worker}-${storm.lastBody}`;
  own.push(key);
  return key;
};

/** Puts until the server is gone. An answer that is not 200 is an error; a broken connection is one unless we killed. */
const putUntilKilled = async (
  client: Client,
  storm: Storm,
  { worker, killed }: { worker: number; killed: () => boolean },
): Promise<void> => {
  const own: string[] = [];
  for (;;) {
    const number = (storm.lastBody += 1);
    const key = nextKey(storm, own, worker);
    const before = storm.keys.get(key)?.must;
    storm.keys.set(key, { must: before, may: number });
    storm.touched.add(key);
    try {
      const { status, body } = await client.send("PUT", key, bodyOf(number));
      if (status !== 200) throw new Error(`PUT ${key} was answered ${status}: ${body.toString()}`);
    } catch (error) {
      if (!killed() || (error instanceof Error && error.message.startsWith("PUT "))) throw error;
      storm.cut += 1;
      return;
    }
    storm.keys.set(key, { must: number, may: undefined });
    storm.acknowledged += 1;
  }
};

const stormAndKill = async (server: Server, storm: Storm): Promise<void> => {
  const client = createClient(server.url);
  let killed = false;
  const workers = Array.from({ length: CONNECTIONS }, (_, worker) =>
    putUntilKilled(client, storm, { worker, killed: () => killed }),
  );
  const puts = Promise.all(workers);
  await Promise.race([puts, sleep(randomInt(STORM_MS_MIN, STORM_MS_MAX))]);
  killed = true;
  await server.kill();
  await puts;
  client.close();
};

const etagOf = (body: Buffer): string => `"${createHash("md5").update(body).digest("hex")}"`;

/** Which of the bodies that a key may have it has; undefined when it is absent. Throws when it is neither, or not whole. */
const findBody = async (client: Client, key: string, { must, may }: Known): Promise<number | undefined> => {
  const { status, headers, body } = await client.send("GET", key);
  if (status === 404) {
    if (must === undefined) return undefined;
    throw new Error(`${key} was acknowledged and is gone`);
  }
  if (status !== 200) throw new Error(`GET ${key} was answered ${status}: ${body.toString()}`);
  if (headers.etag !== etagOf(body)) throw new Error(`${key} has bytes that are not those of its ETag`);
  for (const number of [must, may]) if (number !== undefined && bodyOf(number).equals(body)) return number;
  throw new Error(`${key} has ${body.byteLength} bytes that nobody sent`);
};

/** Looks at `keys`; what is found is from now on what must be there. */
const verify = async (server: Server, storm: Storm, keys: Iterable<string>): Promise<void> => {
  const client = createClient(server.url);
  const queue = keys[Symbol.iterator]();
  const work = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const must = await findBody(client, next.value, storm.keys.get(next.value)!);
      storm.keys.set(next.value, { must, may: undefined });
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  client.close();
};

/** A file such as a crash leaves between a body's last byte and its record. Answers its path. */
const plantOrphan = async (dataDir: string): Promise<string> => {
  const bodies = join(dataDir, "bodies");
  const boot = (await readdir(bodies)).toSorted().at(-1)!;
  const [body] = await readdir(join(bodies, boot));
  const orphan = join(bodies, boot, `f${boot}ffffffff`);
  await copyFile(join(bodies, boot, body!), orphan);
  return orphan;
};

const bodyFiles = async (dataDir: string): Promise<string[]> => {
  const entries = await readdir(join(dataDir, "bodies"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

const awaitFiles = async (dataDir: string, count: number): Promise<string[]> => {
  const end = Date.now() + ORPHANS_MS_MAX;
  let files = await bodyFiles(dataDir);
  while (files.length !== count && Date.now() < end) {
    await sleep(POLL_MS);
    files = await bodyFiles(dataDir);
  }
  return files;
};

const largeObjects = ({ keys }: Storm): number =>
  [...keys.values()].filter(({ must }) => must !== undefined && bodyOf(must).byteLength > INLINE_BYTES_MAX).length;

const crashAgainAndAgain = async (t: ExecutionContext, dataDir: string): Promise<void> => {
  const storm: Storm = { keys: new Map(), touched: new Set(), acknowledged: 0, cut: 0, lastBody: 0 };
  for (let crash = 0; crash < CRASHES; crash++) {
    const server = await startServer(t, dataDir);
    if (crash === 0) await createClient(server.url).send("PUT", BUCKET);
    await verify(server, storm, storm.touched);
    storm.touched.clear();
    await stormAndKill(server, storm);
  }
  const orphan = await plantOrphan(dataDir);
  const server = await startServer(t, dataDir);
  await verify(server, storm, storm.keys.keys());
  t.log(`${storm.acknowledged} puts acknowledged, ${storm.cut} cut, ${storm.keys.size} keys`);
  t.true(storm.acknowledged > CRASHES * CONNECTIONS, "the storms were storms");
  t.true(storm.cut >= CRASHES, "each crash cut puts");
  const files = await awaitFiles(dataDir, largeObjects(storm));
  t.false(files.includes(orphan), "a body without a record is gone");
  t.is(files.length, largeObjects(storm), "there is a file for every large object, and no other");
};

test("kill -9 in a storm of puts, ten times over, loses nothing acknowledged and leaves nothing half written", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "standin-crash-"));
  // Teardowns run last first: the servers end before their directory goes.
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  await crashAgainAndAgain(t, dataDir);
});
