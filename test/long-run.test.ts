/** What a server must not pile up while a suite runs against it for hours. In a process of its own, so that all it holds is its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { Agent, request } from "node:http";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";

const MAIN = path.resolve(import.meta.dirname, "../src/main.ts");
const SMALL_REQUESTS = 2_000;
const ABORTED = 100;
const AT_ONCE = 16;
const LARGE_BYTES = 8 * 1024 * 1024;
const SETTLED_WITHIN_MS = 10_000;

type Child = {
  readonly dataUrl: string;
  readonly dataDir: string;
  readonly pid: number;
  stop(): Promise<number | null>;
};

const start = async (t: ExecutionContext): Promise<Child> => {
  const args = [MAIN, "--ephemeral", "--auth", "off", "--json", "--port", "0", "--control-port", "0"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  t.teardown(() => void child.kill("SIGKILL"));
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const stop = async (): Promise<number | null> => {
    const exited = once(child, "exit") as Promise<[number | null]>;
    child.kill("SIGTERM");
    return (await exited)[0];
  };
  return { ...(JSON.parse(String(line)) as Omit<Child, "stop">), stop };
};

/** What the process has open: connections, files, all but the database's own files, which it opens as it sees fit. */
const openIn = async ({ pid, dataDir }: Child): Promise<string[]> => {
  const folder = `/proc/${pid}/fd`;
  const links = await Promise.all((await readdir(folder)).map((fd) => readlink(path.join(folder, fd)).catch(() => "")));
  return links.filter((link) => link !== "" && !link.startsWith(path.join(dataDir, "db")));
};

const bodiesOf = async ({ dataDir }: Child): Promise<string[]> => {
  const entries = await readdir(path.join(dataDir, "bodies"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
};

/** Whether `look` comes to say `wanted`; else what it says at the end. */
const settles = async (look: () => Promise<number>, wanted: (found: number) => boolean): Promise<number> => {
  const endsAt = performance.now() + SETTLED_WITHIN_MS;
  let found = await look();
  while (!wanted(found) && performance.now() < endsAt) {
    await sleep(50);
    found = await look();
  }
  return found;
};

type Sent = { readonly method: string; readonly path: string; readonly body?: Buffer };

/** Sends one request and reads its answer to the end. */
const send = (agent: Agent, url: string, { method, path: of, body }: Sent): Promise<number> =>
  new Promise((resolve, reject) => {
    const outgoing = request(new URL(of, url), { method, agent }, (incoming) => {
      incoming.resume();
      incoming.on("error", reject);
      incoming.on("end", () => resolve(incoming.statusCode ?? 0));
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });

/** Sends the half of an upload and breaks off. */
const breakUpload = (url: string, of: string): Promise<void> =>
  new Promise((resolve) => {
    const headers = { "content-length": LARGE_BYTES };
    const outgoing = request(new URL(of, url), { method: "PUT", agent: false, headers });
    outgoing.on("error", () => {});
    outgoing.on("close", resolve);
    outgoing.write(Buffer.alloc(LARGE_BYTES / 2), () => outgoing.destroy());
  });

/** Reads the beginning of a download and breaks off. */
const breakDownload = (url: string, of: string): Promise<void> =>
  new Promise((resolve) => {
    const outgoing = request(new URL(of, url), { agent: false }, (incoming) => {
      incoming.on("error", () => {});
      incoming.once("data", () => outgoing.destroy());
    });
    outgoing.on("error", () => {});
    outgoing.on("close", resolve);
    outgoing.end();
  });

/** Runs `work` for 0 to `count` - 1, a few at a time. */
const times = async (count: number, work: (n: number) => Promise<unknown>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
};

const small = (n: number): Sent[] => {
  const of = `/long-run/small-${n}`;
  return [
    { method: "PUT", path: of, body: Buffer.alloc(1024, n) },
    { method: "HEAD", path: of },
    { method: "GET", path: of },
    { method: "DELETE", path: of },
  ];
};

const storm = async (
  server: Child,
  { requests, aborted }: { requests: number; aborted: number },
): Promise<number[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const statuses: number[] = [];
  await times(requests / 4, async (n) => {
    for (const each of small(n)) statuses.push(await send(agent, server.dataUrl, each));
  });
  await times(aborted, (n) => breakUpload(server.dataUrl, `/long-run/broken-${n}`));
  await times(aborted, () => breakDownload(server.dataUrl, "/long-run/large"));
  agent.destroy();
  return statuses;
};

test("thousands of requests and aborted transfers leave no open files, no connections and no bodies behind", async (t) => {
  if (!existsSync("/proc/self/fd")) {
    t.log("skipped: this machine does not show what a process has open");
    t.pass();
    return;
  }
  const server = await start(t);
  const plain = new Agent();
  const one = (sent: Sent): Promise<number> => send(plain, server.dataUrl, sent);
  t.is(await one({ method: "PUT", path: "/long-run" }), 200);
  t.is(await one({ method: "PUT", path: "/long-run/large", body: Buffer.alloc(LARGE_BYTES) }), 200);
  // All that is opened once, at first use, is open from here on.
  await storm(server, { requests: 80, aborted: 4 });
  await sleep(500);
  const before = (await openIn(server)).length;

  const statuses = await storm(server, { requests: SMALL_REQUESTS, aborted: ABORTED });
  t.is(statuses.length, SMALL_REQUESTS);
  t.deepEqual(
    statuses.filter((status) => status >= 300),
    [],
  );
  const open = async (): Promise<number> => (await openIn(server)).length;
  t.true((await settles(open, (found) => found <= before)) <= before, (await openIn(server)).join("\n"));
  const bodies = async (): Promise<number> => (await bodiesOf(server)).length;
  t.is(await settles(bodies, (found) => found === 1), 1, "only the large object's");

  t.is(await one({ method: "DELETE", path: "/long-run/large" }), 204);
  t.is(await settles(bodies, (found) => found === 0), 0, "no read was left that would keep it");
  t.is(await one({ method: "GET", path: "/long-run/broken-1" }), 404);
  t.is(await server.stop(), 0);
  t.false(existsSync(server.dataDir));
});
