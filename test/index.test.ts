import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import {
  ClientClock,
  Code,
  ConnectError,
  createControlClient,
  durationFromMs,
  durationMs,
  startStandin,
  timestampDate,
  timestampFromDate,
  UsageError,
  type Standin,
  type StandinOptions,
} from "../src/index.ts";

const start = async (t: ExecutionContext, options?: StandinOptions): Promise<Standin> => {
  const standin = await startStandin(options);
  t.teardown(() => standin.close());
  return standin;
};

const clientOf = (t: ExecutionContext, { endpoint }: Standin): S3Client => {
  const credentials = { accessKeyId: "111111111111", secretAccessKey: "test" };
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  t.teardown(() => client.destroy());
  return client;
};

test("a suite starts a server of its own, uses it, and steers it", async (t) => {
  const standin = await start(t);
  const s3 = clientOf(t, standin);
  await s3.send(new CreateBucketCommand({ Bucket: "mine" }));
  const { buckets } = await standin.control.inspect.listBuckets({ accountId: "111111111111" });
  t.deepEqual(
    buckets.map(({ name }) => name),
    ["mine"],
  );
  await standin.control.state.reset({});
  t.deepEqual((await s3.send(new ListBucketsCommand({}))).Buckets ?? [], []);
});

test("servers side by side know nothing of each other", async (t) => {
  const [one, other] = await Promise.all([start(t), start(t)]);
  t.not(one.endpoint, other.endpoint);
  await clientOf(t, one).send(new CreateBucketCommand({ Bucket: "same" }));
  await clientOf(t, other).send(new CreateBucketCommand({ Bucket: "same" }));
  t.pass();
});

test("a closed server has let go of its ports, and may be closed again", async (t) => {
  const standin = await startStandin();
  const port = Number(new URL(standin.endpoint).port);
  await standin.control.state.reset({});
  await standin.close();
  await standin.close();
  const again = await start(t, { port });
  t.is(again.endpoint, standin.endpoint);
});

test("state in a data directory is kept", async (t) => {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), "standin-index-"));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const first = await startStandin({ dataDir });
  await clientOf(t, first).send(new CreateBucketCommand({ Bucket: "kept" }));
  await first.close();
  const second = await startStandin({ dataDir });
  const { Buckets } = await clientOf(t, second).send(new ListBucketsCommand({}));
  t.is(Buckets?.[0]?.Name, "kept");
  await second.close();
  t.true(existsSync(dataDir));
});

test("a server with a token has a client that presents it", async (t) => {
  const { control, controlUrl } = await start(t, { controlToken: "s3cret" });
  await t.notThrowsAsync(control.state.reset({}));
  await t.throwsAsync(createControlClient({ baseUrl: controlUrl }).state.reset({}), { message: /unauthenticated/ });
});

test("a port that is taken and an option that is not valid are errors of one line", async (t) => {
  const { endpoint } = await start(t);
  const port = Number(new URL(endpoint).port);
  await t.throwsAsync(startStandin({ port }), {
    instanceOf: UsageError,
    message: `port ${port} on 127.0.0.1 is taken by another program`,
  });
  await t.throwsAsync(startStandin({ account: "1" }), { instanceOf: UsageError, message: /^account: / });
});

test("what the control plane takes and answers can be said with this package alone", async (t) => {
  const { control } = await start(t);
  const at = new Date("2040-01-01T00:00:00.000Z");
  await control.clock.freezeClock({ at: timestampFromDate(at), atOnce: true });
  const { clock } = await control.clock.advanceClock({ by: durationFromMs(1_500), atOnce: true });
  t.is(timestampDate(clock!.now!).toISOString(), "2040-01-01T00:00:01.500Z");
  const settings = { clientClock: ClientClock.WORLD };
  const { world } = await control.worlds.createWorld({ settings, timeToLive: durationFromMs(60_000) });
  t.is(durationMs(world!.timeToLive!), 60_000);
  t.is(world!.settings!.clientClock, ClientClock.WORLD);
  const error = await t.throwsAsync(control.worlds.getWorld({ name: "none" }), { instanceOf: ConnectError });
  t.is(error?.code, Code.NotFound);
});
