/** Why there are worlds: one suite, 16 workers, a process each. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { CreateBucketCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../src/control/client.ts";
import { startTestServer, type TestServer } from "./support/server.ts";

const SUITE = join(import.meta.dirname, "fixtures/worker-suite.ts");
const WORKERS = 16;
const ARTICLES = ["article-1", "article-2", "article-3"];

const seededServer = async (t: ExecutionContext): Promise<TestServer> => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const s3 = server.s3({ accountId: "111111111111" });
  await s3.send(new CreateBucketCommand({ Bucket: "catalog" }));
  for (const key of ARTICLES) await s3.send(new PutObjectCommand({ Bucket: "catalog", Key: key, Body: key }));
  return server;
};

/** What the suite says of its first failure in a worker; empty where all of it passed. */
const runWorker = async (args: readonly string[]): Promise<string> => {
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "close")]);
  return code === 0 ? "" : said.trim() || `ended with ${String(code)}`;
};

/** Runs the suite in all workers at once. */
const runWorkers = ({ running }: TestServer, { shared }: { shared?: string } = {}): Promise<string[]> =>
  Promise.all(
    Array.from({ length: WORKERS }, (_, worker) =>
      runWorker([running.controlUrl, String(worker), ...(shared === undefined ? [] : [shared])]),
    ),
  );

test("16 workers, each in a fork of its own, all pass the suite, and their seed is as it was", async (t) => {
  t.timeout(180_000);
  const server = await seededServer(t);
  t.deepEqual(
    await runWorkers(server),
    Array.from({ length: WORKERS }, () => ""),
  );
  const s3 = server.s3({ accountId: "111111111111" });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "catalog" }));
  t.deepEqual(
    Contents.map(({ Key }) => Key),
    ARTICLES,
  );
  const { worlds } = createControlClient({ baseUrl: server.running.controlUrl });
  t.deepEqual(
    (await worlds.listWorlds({})).worlds.map(({ name }) => name),
    ["default"],
  );
});

test("16 workers that share one world fall over each other", async (t) => {
  t.timeout(180_000);
  const server = await seededServer(t);
  const failures = (await runWorkers(server, { shared: server.endpoint })).filter((failure) => failure !== "");
  t.log(
    `${failures.length} of ${WORKERS} fail: ${[...new Set(failures.map((line) => line.split("\n")[0]))].join("; ")}`,
  );
  t.true(failures.length > 0);
  for (const failure of failures)
    t.regex(failure, /BucketAlreadyOwnedByYou|NoSuchBucket|NoSuchKey|NotFound|AssertionError|BucketNotEmpty/);
});
