import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../src/control/client.ts";
import { startTestServer } from "./support/server.ts";

const clientAt = (endpoint: string): S3Client =>
  new S3Client({
    endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: "111111111111", secretAccessKey: "test" },
  });

/** What a worker's suite does: it makes what the seed does not have, changes what it has, and lists exactly what it did. */
const runSuite = async (s3: S3Client, worker: number): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket: "work" }));
  for (let at = 0; at < 10; at += 1) {
    await s3.send(new PutObjectCommand({ Bucket: "work", Key: `key-${at}`, Body: `${worker}` }));
  }
  await s3.send(new PutObjectCommand({ Bucket: "seeded", Key: "shared", Body: `changed by ${worker}` }));
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "work" }));
  if (Contents.length !== 10) throw new Error(`${Contents.length} objects`);
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "work", Key: Key ?? "" }));
    if ((await Body?.transformToString()) !== `${worker}`) throw new Error("another worker's object");
  }
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "seeded", Key: "shared" }));
  if ((await Body?.transformToString()) !== `changed by ${worker}`) throw new Error("another worker's change");
};

test("16 workers run one suite at once, each in its own fork of one seed, with the same bucket names", async (t) => {
  const server = await startTestServer();
  const { worlds } = createControlClient({ baseUrl: server.running.controlUrl });
  const seeded = server.s3({ accountId: "111111111111" });
  await seeded.send(new CreateBucketCommand({ Bucket: "seeded" }));
  await seeded.send(new PutObjectCommand({ Bucket: "seeded", Key: "shared", Body: "seed" }));
  await Promise.all(
    Array.from({ length: 16 }, async (_, worker) => {
      const { world } = await worlds.createWorld({ fromWorld: "default" });
      const s3 = clientAt(world?.endpoint ?? "");
      await runSuite(s3, worker);
      s3.destroy();
      await worlds.deleteWorld({ name: world?.name ?? "" });
    }),
  );
  const { Buckets = [] } = await seeded.send(new ListBucketsCommand({}));
  t.deepEqual(
    Buckets.map(({ Name }) => Name),
    ["seeded"],
  );
  const { Body } = await seeded.send(new GetObjectCommand({ Bucket: "seeded", Key: "shared" }));
  t.is(await Body?.transformToString(), "seed");
  t.deepEqual(
    (await worlds.listWorlds({})).worlds.map(({ name }) => name),
    ["default"],
  );
  await server.close();
});

type Asked = { readonly port: number; readonly headers?: Record<string, string>; readonly ca?: string };

/** The buckets that an unsigned request sees. */
const bucketsAt = ({ port, headers = {}, ca }: Asked): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const { get } = ca === undefined ? http : https;
    get({ host: "127.0.0.1", port, headers, agent: false, ca }, (answer) => {
      let body = "";
      answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
      answer.on("end", () => resolve([...body.matchAll(/<(?:Name|Code)>([^<]*)</g)].map(([, name = ""]) => name)));
    }).on("error", reject);
  });

/** A server with worlds of the given names, each with a bucket that is called as its world. */
const startWithWorlds = async (
  t: ExecutionContext,
  names: readonly string[],
  settings: Parameters<typeof startTestServer>[0] = {},
) => {
  const server = await startTestServer(settings);
  t.teardown(() => server.close());
  const { worlds } = createControlClient({ baseUrl: server.running.controlUrl });
  const ports = new Map([["default", Number(new URL(server.endpoint).port)]]);
  for (const name of names) {
    const { world } = await worlds.createWorld({ name });
    ports.set(name, world?.port ?? 0);
  }
  for (const [name, port] of ports) await fetch(`http://127.0.0.1:${port}/${name}`, { method: "PUT" });
  return { server, worlds, portOf: (name: string): number => ports.get(name) ?? 0 };
};

test("a world is named by the header, else by the host, else by the port", async (t) => {
  const { portOf } = await startWithWorlds(t, ["one", "two"]);
  const [main, port] = [portOf("default"), portOf("one")];
  t.deepEqual(await bucketsAt({ port: main }), ["default"]);
  t.deepEqual(await bucketsAt({ port }), ["one"]);
  t.deepEqual(await bucketsAt({ port, headers: { host: "two.world.localhost" } }), ["two"]);
  t.deepEqual(await bucketsAt({ port, headers: { host: `localhost:${main}` } }), ["one"]);
  const headers = { "x-standin-world": "default", host: "two.world.localhost" };
  t.deepEqual(await bucketsAt({ port, headers }), ["default"]);
  t.deepEqual(await bucketsAt({ port: main, headers: { "x-standin-world": "one" } }), ["one"]);
});

test("a world's port speaks TLS as the main one does, and listens on both loopback addresses", async (t) => {
  const { server, portOf } = await startWithWorlds(t, ["one"], { tls: { kind: "self-signed" } });
  const ca = await readFile(server.running.caPath ?? "", "utf8");
  t.deepEqual(await bucketsAt({ port: portOf("one"), ca }), ["one"]);
  t.deepEqual(await bucketsAt({ port: portOf("default"), ca }), ["default"]);
  t.deepEqual(await bucketsAt({ port: portOf("one") }), ["one"]);
  const answer = await fetch(`http://localhost:${portOf("one")}/`);
  t.regex(await answer.text(), /<Name>one</);
});

test("ports come from --world-ports, and endpoints have the advertised host", async (t) => {
  const first = 21_000 + (process.pid % 10_000);
  const settings = { worldPorts: { first, last: first + 50 }, advertiseHost: "s3.test" };
  const { worlds } = await startWithWorlds(t, ["one"], settings);
  const { world } = await worlds.getWorld({ name: "one" });
  const port = world?.port ?? 0;
  t.true(port >= first && port <= first + 50);
  t.is(world?.endpoint, `http://s3.test:${port}`);
});

test("a connection to a world that is deleted is closed, and one to a world that has its name anew sees the new one", async (t) => {
  const { worlds, portOf } = await startWithWorlds(t, ["one"]);
  const socket = net.connect(portOf("one"), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "data");
  const closed = once(socket, "close");
  await worlds.deleteWorld({ name: "one" });
  await closed;
  const { world } = await worlds.createWorld({ name: "one" });
  t.deepEqual(await bucketsAt({ port: world?.port ?? 0 }), []);
});

test("a download that is under way outlives its world, and an upload is refused", async (t) => {
  const { worlds, portOf } = await startWithWorlds(t, ["one"]);
  const url = `http://127.0.0.1:${portOf("one")}/one/key`;
  const bytes = Buffer.alloc(64 * 1024 * 1024, "abc");
  const signed = { "x-moto-account-id": "123456789012" };
  t.is((await fetch(url, { method: "PUT", body: bytes })).status, 200);
  const download = await fetch(url, { headers: signed });
  const upload = http.request(url, { method: "PUT", headers: { "content-length": "100000" }, agent: false });
  const refused = once(upload, "response");
  upload.write(Buffer.alloc(50_000));
  await sleep(100);
  await worlds.deleteWorld({ name: "one" });
  upload.end(Buffer.alloc(50_000));
  const [answer] = (await refused) as [http.IncomingMessage];
  t.is(answer.statusCode, 404);
  answer.resume();
  t.is((await download.arrayBuffer()).byteLength, bytes.length);
});

test("a world is deleted once its time to live is over, but not beneath an upload", async (t) => {
  const { worlds, portOf } = await startWithWorlds(t, ["one", "two"]);
  const timeToLive = { seconds: 1n, nanos: 0 };
  const upload = http.request({
    host: "127.0.0.1",
    port: portOf("one"),
    path: "/one/key",
    method: "PUT",
    headers: { "content-length": "100000" },
    agent: false,
  });
  const answered = once(upload, "response");
  upload.write(Buffer.alloc(50_000));
  for (const name of ["one", "two"]) await worlds.updateWorld({ name, timeToLive });
  const names = async () => (await worlds.listWorlds({})).worlds.map(({ name }) => name);
  await sleep(3_500);
  t.deepEqual(await names(), ["default", "one"]);
  upload.end(Buffer.alloc(50_000));
  const [answer] = (await answered) as [http.IncomingMessage];
  t.is(answer.statusCode, 200);
  answer.resume();
  for (let waited = 0; waited < 100 && (await names()).length > 1; waited += 1) await sleep(100);
  t.deepEqual(await names(), ["default"]);
  await t.throwsAsync(bucketsAt({ port: portOf("one") }), { code: "ECONNREFUSED" });
});

test("after a restart worlds are back on their ports; one whose port is taken is kept and says so", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "standin-worlds-"));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const settings = { ephemeral: false, dataDir };
  const first = await startTestServer(settings);
  const before = createControlClient({ baseUrl: first.running.controlUrl }).worlds;
  const portOf = new Map<string, number>();
  for (const name of ["back", "taken", "gone"]) {
    const { world } = await before.createWorld({ name, ephemeral: name === "gone" });
    portOf.set(name, world?.port ?? 0);
    await fetch(`${world?.endpoint}/in-${name}`, { method: "PUT" });
  }
  await first.close();
  const taken = portOf.get("taken") ?? 0;
  const other = net.createServer().listen(taken, "127.0.0.1");
  await once(other, "listening");
  const server = await startTestServer(settings);
  t.teardown(() => server.close());
  const { worlds } = createControlClient({ baseUrl: server.running.controlUrl });
  t.deepEqual(
    (await worlds.listWorlds({})).worlds.map(({ name }) => name),
    ["back", "default", "taken"],
  );
  t.deepEqual(await bucketsAt({ port: portOf.get("back") ?? 0 }), ["in-back"]);
  const { world } = await worlds.getWorld({ name: "taken" });
  t.like(world, { endpoint: "", port: taken, endpointProblem: `port ${taken} is taken` });
  const main = Number(new URL(server.endpoint).port);
  t.deepEqual(await bucketsAt({ port: main, headers: { "x-standin-world": "taken" } }), ["in-taken"]);
  t.deepEqual(await bucketsAt({ port: main, headers: { "x-standin-world": "gone" } }), ["NoSuchWorld"]);
  const moved = await worlds.updateWorld({ name: "taken", port: 0 });
  t.deepEqual(await bucketsAt({ port: moved.world?.port ?? 0 }), ["in-taken"]);
  other.close();
});
