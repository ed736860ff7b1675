import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { CreateBucketCommand, ListBucketsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { startTestServer, type TestServer } from "../support/server.ts";
import { callOk, callRefused } from "./control-plane.ts";

type World = {
  readonly name: string;
  readonly endpoint: string;
  readonly port: number;
  readonly endpointProblem: string;
  readonly ephemeral: boolean;
  readonly timeToLive?: string;
  readonly createdAt?: string;
  readonly settings: Readonly<Record<string, unknown>>;
};

const ONE = "111111111111";
const TWO = "222222222222";

const withServer = async (use: (server: TestServer, control: string) => Promise<void>): Promise<void> => {
  const server = await startTestServer();
  try {
    await use(server, server.running.controlUrl);
  } finally {
    await server.close();
  }
};

const worldOf = async (
  t: ExecutionContext,
  control: string,
  ...[rpc, body]: [rpc: "CreateWorld" | "GetWorld" | "UpdateWorld", body: object]
): Promise<World> => (await callOk(t, control, `WorldService/${rpc}`, body))["world"] as World;

const bucketsAt = async (server: TestServer, endpoint: string): Promise<(string | undefined)[]> => {
  const { Buckets = [] } = await server.s3({ endpoint }).send(new ListBucketsCommand({}));
  return Buckets.map(({ Name }) => Name);
};

test("a world that begins empty has the server's settings, a made-up name and an endpoint, and lasts", async (t) => {
  await withServer(async (server, control) => {
    await server.s3().send(new CreateBucketCommand({ Bucket: "bucket-b" }));
    const world = await worldOf(t, control, "CreateWorld", {});
    t.regex(world.name, /^world-[0-9a-f]{8}$/);
    t.is(world.endpoint, `http://127.0.0.1:${world.port}`);
    t.like(world, { ephemeral: false, endpointProblem: "" });
    t.true(Math.abs(Date.parse(world.createdAt ?? "") - Date.now()) < 60_000);
    t.false("timeToLive" in world);
    t.deepEqual(world.settings, {
      overrideAccountId: "",
      fallbackAccountId: "123456789012",
      authMode: "AUTH_MODE_LENIENT",
      crossAccountAccess: true,
      accountHeader: false,
      newBuckets: "NEW_BUCKETS_CURRENT",
      enforceRegion: false,
      restoreDuration: "0s",
      bucketNamespace: "BUCKET_NAMESPACE_PARTITION",
      bucketsPerAccountMax: 10_000,
      pageEntriesMax: 1_000,
      bucketCreationDelay: "0s",
      accessLogDelay: "300s",
      clientClock: "CLIENT_CLOCK_EITHER",
      eventWebhookUrl: "",
      eventDelay: "0s",
      replicationDelay: "0s",
      eventDuplicates: 0,
      equivalentHosts: { hosts: [] },
    });
    t.deepEqual(await bucketsAt(server, world.endpoint), []);
    t.deepEqual(await worldOf(t, control, "GetWorld", { name: world.name }), world);
    t.is((await worldOf(t, control, "GetWorld", {})).endpoint, server.endpoint);
  });
});

test("a world begins as another is, or as a snapshot of it was, and is ephemeral unless asked otherwise", async (t) => {
  await withServer(async (server, control) => {
    await server.s3().send(new CreateBucketCommand({ Bucket: "then" }));
    await callOk(t, control, "StateService/CreateSnapshot", { name: "s" });
    await server.s3().send(new CreateBucketCommand({ Bucket: "now" }));
    const live = await worldOf(t, control, "CreateWorld", { fromWorld: "default", ephemeral: false });
    const past = await worldOf(t, control, "CreateWorld", { name: "past", fromSnapshot: "s" });
    t.deepEqual([live.ephemeral, past.ephemeral], [false, true]);
    t.deepEqual(await bucketsAt(server, live.endpoint), ["now", "then"]);
    t.deepEqual(await bucketsAt(server, past.endpoint), ["then"]);
    await server.s3({ endpoint: past.endpoint }).send(new CreateBucketCommand({ Bucket: "own" }));
    const fork = await worldOf(t, control, "CreateWorld", { name: "fork", fromWorld: "past" });
    t.deepEqual(await bucketsAt(server, fork.endpoint), ["own", "then"]);
  });
});

test("what a request names is set, and what it does not name stays", async (t) => {
  await withServer(async (_server, control) => {
    const settings = {
      overrideAccountId: ONE,
      fallbackAccountId: TWO,
      authMode: "AUTH_MODE_STRICT",
      crossAccountAccess: false,
      accountHeader: true,
      newBuckets: "NEW_BUCKETS_LEGACY",
      enforceRegion: true,
      restoreDuration: "1.500s",
      bucketNamespace: "BUCKET_NAMESPACE_ACCOUNT",
      bucketsPerAccountMax: 100,
      pageEntriesMax: 2,
      bucketCreationDelay: "3s",
      accessLogDelay: "4s",
      clientClock: "CLIENT_CLOCK_REAL",
      eventWebhookUrl: "https://hooks.test/s3",
      eventDelay: "2s",
      replicationDelay: "3s",
      eventDuplicates: 3,
      equivalentHosts: { hosts: ["minio:9000"] },
    };
    const made = await worldOf(t, control, "CreateWorld", { name: "w", settings, timeToLive: "60s" });
    t.deepEqual(made.settings, settings);
    t.is(made.timeToLive, "60s");
    const change = { settings: { overrideAccountId: "", crossAccountAccess: true }, ephemeral: true };
    const changed = await worldOf(t, control, "UpdateWorld", { name: "w", ...change });
    t.deepEqual(changed.settings, { ...settings, overrideAccountId: "", crossAccountAccess: true });
    t.like(changed, { timeToLive: "60s", ephemeral: true });
    const last = await worldOf(t, control, "UpdateWorld", { name: "w", timeToLive: "0s", ephemeral: false });
    t.false("timeToLive" in last);
    t.false(last.ephemeral);
    await callOk(t, control, "StateService/Reset", { world: "w", everything: true });
    t.deepEqual((await worldOf(t, control, "GetWorld", { name: "w" })).settings, settings);
  });
});

test("settings hold from the next request on: pages, quota, bucket names, a bucket that is not found at first", async (t) => {
  await withServer(async (server, control) => {
    const settings = { pageEntriesMax: 2, bucketsPerAccountMax: 1, bucketNamespace: "BUCKET_NAMESPACE_ACCOUNT" };
    const { endpoint } = await worldOf(t, control, "CreateWorld", { name: "w", settings });
    const [one, two] = [server.s3({ endpoint, accountId: ONE }), server.s3({ endpoint, accountId: TWO })];
    await one.send(new CreateBucketCommand({ Bucket: "bucket-b" }));
    await two.send(new CreateBucketCommand({ Bucket: "bucket-b" }));
    await t.throwsAsync(one.send(new CreateBucketCommand({ Bucket: "bucket-c" })), { name: "TooManyBuckets" });
    for (const Key of ["1", "2", "3"]) await one.send(new PutObjectCommand({ Bucket: "bucket-b", Key }));
    const page = await one.send(new ListObjectsV2Command({ Bucket: "bucket-b", MaxKeys: 50 }));
    t.like(page, { KeyCount: 2, MaxKeys: 2, IsTruncated: true });
    t.is((await two.send(new ListObjectsV2Command({ Bucket: "bucket-b" }))).KeyCount, 0);
    const limited = { settings: { bucketCreationDelay: "3600s", bucketsPerAccountMax: 2 } };
    await callOk(t, control, "WorldService/UpdateWorld", { name: "w", ...limited });
    await one.send(new CreateBucketCommand({ Bucket: "bucket-d" }));
    await t.throwsAsync(one.send(new ListObjectsV2Command({ Bucket: "bucket-d" })), { name: "NoSuchBucket" });
    t.deepEqual((await one.send(new ListBucketsCommand({}))).Buckets, []);
    await callOk(t, control, "WorldService/UpdateWorld", { name: "w", settings: { bucketCreationDelay: "0s" } });
    t.is((await one.send(new ListObjectsV2Command({ Bucket: "bucket-d" }))).KeyCount, 0);
  });
});

test("names that two accounts have cannot be shared, and the answer names both", async (t) => {
  await withServer(async (server, control) => {
    const settings = { bucketNamespace: "BUCKET_NAMESPACE_ACCOUNT" };
    const { endpoint } = await worldOf(t, control, "CreateWorld", { name: "w", settings });
    for (const accountId of [ONE, TWO]) {
      await server.s3({ endpoint, accountId }).send(new CreateBucketCommand({ Bucket: "twice" }));
    }
    await callRefused(t, control, {
      rpc: "WorldService/UpdateWorld",
      body: { name: "w", settings: { bucketNamespace: "BUCKET_NAMESPACE_PARTITION" } },
      code: "failed_precondition",
      details: [{ bucket: "twice", ownerAccountId: ONE, accountId: TWO }],
    });
  });
});

test("worlds with one seed give the same ids", async (t) => {
  await withServer(async (server, control) => {
    const first = async (name: string): Promise<unknown> => {
      const { endpoint } = await worldOf(t, control, "CreateWorld", { name, idSeed: 7 });
      return (await server.s3({ endpoint }).send(new ListBucketsCommand({}))).$metadata.requestId;
    };
    t.is(await first("a"), await first("b"));
  });
});

test("worlds are listed by name, in pages", async (t) => {
  await withServer(async (_server, control) => {
    for (const name of ["z", "b", "a"]) await worldOf(t, control, "CreateWorld", { name });
    const list = async (body: object) => {
      const page = await callOk(t, control, "WorldService/ListWorlds", body);
      return { names: (page["worlds"] as World[]).map(({ name }) => name), next: page["nextPageToken"] };
    };
    const page = await list({ pageSize: 3 });
    t.deepEqual(page.names, ["a", "b", "default"]);
    t.deepEqual(await list({ pageSize: 3, pageToken: page.next }), { names: ["z"], next: "" });
  });
});

test("a deleted world is gone from both planes, and its name and port are free", async (t) => {
  await withServer(async (server, control) => {
    const { endpoint, port } = await worldOf(t, control, "CreateWorld", { name: "w" });
    await server.s3({ endpoint }).send(new CreateBucketCommand({ Bucket: "bucket-b" }));
    await callOk(t, control, "WorldService/DeleteWorld", { name: "w" });
    const details = [{ type: "world", name: "w", world: "" }];
    await callRefused(t, control, { rpc: "WorldService/GetWorld", body: { name: "w" }, code: "not_found", details });
    await callRefused(t, control, { rpc: "StateService/Reset", body: { world: "w" }, code: "not_found", details });
    t.is((await server.request("GET", "/", { headers: { "x-standin-world": "w" } })).status, 404);
    await t.throwsAsync(fetch(endpoint));
    const again = await worldOf(t, control, "CreateWorld", { name: "w", port });
    t.is(again.port, port);
    t.deepEqual(await bucketsAt(server, again.endpoint), []);
  });
});

test("what cannot be is refused with what is wrong, and nothing is made of it", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  await withServer(async (server, control) => {
    await worldOf(t, control, "CreateWorld", { name: "w" });
    const refused = async (body: object, code: string, details: readonly object[]): Promise<void> => {
      await callRefused(t, control, { rpc: "WorldService/CreateWorld", body, code, details });
    };
    const field = (name: string, reason: string) => [{ field: name, reason }];
    await refused({ name: "w" }, "already_exists", [{ type: "world", name: "w", world: "" }]);
    await refused({ name: "default" }, "already_exists", [{ type: "world", name: "default", world: "" }]);
    await refused({ fromWorld: "x" }, "not_found", [{ type: "world", name: "x", world: "" }]);
    await refused({ fromWorld: "w", fromSnapshot: "x" }, "not_found", [{ type: "snapshot", name: "x", world: "w" }]);
    await refused({ port }, "failed_precondition", field("port", "is taken"));
    await refused({ port: 65_536 }, "invalid_argument", field("port", "must be 0 to 65535"));
    const name = "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end";
    for (const bad of ["W", "-a", "a.b", "a".repeat(64)])
      await refused({ name: bad }, "invalid_argument", field("name", name));
    await refused({ fromWorld: "W" }, "invalid_argument", field("fromWorld", name));
    await refused({ fromSnapshot: "W" }, "invalid_argument", field("fromSnapshot", name));
    for (const [settings, of, reason] of [
      [{ overrideAccountId: "1" }, "overrideAccountId", "must be twelve digits"],
      [{ fallbackAccountId: "" }, "fallbackAccountId", "must be twelve digits"],
      [{ authMode: 9 }, "authMode", "must be one of AUTH_MODE_OFF, AUTH_MODE_LENIENT, AUTH_MODE_STRICT"],
      [{ newBuckets: 0 }, "newBuckets", "must be one of NEW_BUCKETS_CURRENT, NEW_BUCKETS_LEGACY"],
      [{ bucketsPerAccountMax: 0 }, "bucketsPerAccountMax", "must be 1 to 1000000"],
      [{ pageEntriesMax: 1_001 }, "pageEntriesMax", "must be 1 to 1000"],
      [{ restoreDuration: "-1s" }, "restoreDuration", "must be 0 to 172800 seconds"],
      [{ bucketCreationDelay: "3601s" }, "bucketCreationDelay", "must be 0 to 3600 seconds"],
      [{ accessLogDelay: "86401s" }, "accessLogDelay", "must be 0 to 86400 seconds"],
    ] as const) {
      await refused({ settings }, "invalid_argument", field(`settings.${of}`, reason));
    }
    await refused({ timeToLive: "0.999s" }, "invalid_argument", field("timeToLive", "must be 1 to 31622400 seconds"));
    await refused({ idSeed: -1 }, "invalid_argument", field("idSeed", "must be 0 to 2^53 - 1"));
    await refused({ idSeed: "9007199254740992" }, "invalid_argument", field("idSeed", "must be 0 to 2^53 - 1"));
    for (const body of [{}, { name: "default" }]) {
      await callRefused(t, control, { rpc: "WorldService/DeleteWorld", body, code: "invalid_argument" });
    }
    for (const body of [{ timeToLive: "5s" }, { ephemeral: true }, { port: 0 }]) {
      await callRefused(t, control, { rpc: "WorldService/UpdateWorld", body, code: "invalid_argument" });
    }
    const { worlds } = (await callOk(t, control, "WorldService/ListWorlds")) as { worlds: World[] };
    t.deepEqual(
      worlds.map((world) => world.name),
      ["default", "w"],
    );
    t.is((await server.request("GET", "/")).status, 200);
  });
  other.close();
});

test("a world moves to another port, and what is wrong with one leaves it where it is", async (t) => {
  await withServer(async (server, control) => {
    const { endpoint, port } = await worldOf(t, control, "CreateWorld", { name: "w" });
    const other = await worldOf(t, control, "CreateWorld", { name: "other" });
    const body = { name: "w", port: other.port, settings: { enforceRegion: true } };
    await callRefused(t, control, { rpc: "WorldService/UpdateWorld", body, code: "failed_precondition" });
    const same = await worldOf(t, control, "GetWorld", { name: "w" });
    t.like(same, { endpoint, port, settings: { enforceRegion: false } });
    const moved = await worldOf(t, control, "UpdateWorld", { name: "w", port: 0 });
    t.not(moved.port, port);
    t.deepEqual(await bucketsAt(server, moved.endpoint), []);
    await t.throwsAsync(fetch(endpoint));
  });
});

test("a world may be given the port that it has, which changes nothing", async (t) => {
  await withServer(async (_server, control) => {
    const { name, port, endpoint } = await worldOf(t, control, "CreateWorld", {});
    const updated = await worldOf(t, control, "UpdateWorld", { name, port, settings: { pageEntriesMax: 7 } });
    t.like(updated, { port, endpoint, endpointProblem: "", settings: { pageEntriesMax: 7 } });
    t.is((await fetch(endpoint)).status, 200);
  });
});
