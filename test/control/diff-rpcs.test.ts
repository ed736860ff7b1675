import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { Code, ConnectError } from "@connectrpc/connect";
import test from "ava";
import { createControlClient, DifferenceChange, DifferenceKind, type ControlClient } from "../../src/control/client.ts";
import { catalog } from "../../src/state/keys.ts";
import { createSnapshot, resetAccounts } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { newBucket } from "../state/fixtures.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { withState } from "../support/state.ts";
import { callOk, callRefused, withControlPlane } from "./control-plane.ts";

const ONE = "111111111111";
const TWO = "222222222222";

const WAIT_MS = 20;
const WAITS_MAX = 250;

type Use = (server: TestServer, client: ControlClient, control: string) => Promise<void>;

const withServer = async (use: Use, settings: Parameters<typeof startTestServer>[0] = {}): Promise<void> => {
  const server = await startTestServer(settings);
  const { controlUrl } = server.running;
  try {
    await use(server, createControlClient({ baseUrl: controlUrl }), controlUrl);
  } finally {
    await server.close();
  }
};

type DiffRequest = Parameters<ControlClient["state"]["diffState"]>[0];

const nameIn = (values: Readonly<Record<string, number>>, value: number): string =>
  Object.keys(values).find((name) => values[name] === value) ?? String(value);

/** Each difference in words, then the summary. */
const diffInWords = async ({ state }: ControlClient, request: DiffRequest): Promise<string[]> => {
  const words: string[] = [];
  for await (const { record } of state.diffState(request)) {
    if (record.case === "difference") {
      const { kind, change, accountId, bucket, key, name, fields } = record.value;
      const place = [accountId, bucket, key, name].filter((part) => part !== "").join("/");
      words.push([nameIn(DifferenceChange, change), nameIn(DifferenceKind, kind), place, ...fields].join(" "));
    } else if (record.case === "summary") {
      const { equal, added, removed, changed, kinds } = record.value;
      const counts = kinds.map(
        (count) => `${nameIn(DifferenceKind, count.kind)} ${count.added}/${count.removed}/${count.changed}`,
      );
      words.push([`equal ${equal} ${added}/${removed}/${changed}`, ...counts].join(", "));
    }
  }
  return words;
};

const seed = async (server: TestServer, client: ControlClient): Promise<void> => {
  const s3 = server.s3({ accountId: ONE });
  await s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a.jpg", Body: "a", Metadata: { color: "red" } }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "b.jpg", Body: "b" }));
  await client.state.createSnapshot({ name: "seeded" });
};

test("a diff names what was added, removed and changed, in order, and counts it last", async (t) => {
  await withServer(async (server, client) => {
    await seed(server, client);
    const from = { snapshot: "seeded" };
    t.deepEqual(await diffInWords(client, { from, to: {} }), ["equal true 0/0/0"]);
    const s3 = server.s3({ accountId: ONE });
    const Tagging = { TagSet: [{ Key: "k", Value: "v" }] };
    await s3.send(new PutObjectTaggingCommand({ Bucket: "photos", Key: "a.jpg", Tagging }));
    await s3.send(new DeleteObjectCommand({ Bucket: "photos", Key: "b.jpg" }));
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "c.jpg", Body: "c" }));
    await s3.send(new PutBucketTaggingCommand({ Bucket: "photos", Tagging }));
    await server.s3({ accountId: TWO }).send(new CreateBucketCommand({ Bucket: "new" }));
    const expected = [
      `ADDED CONFIGURATION ${ONE}/photos/tagging`,
      `CHANGED OBJECT ${ONE}/photos/a.jpg tags`,
      `REMOVED OBJECT ${ONE}/photos/b.jpg`,
      `ADDED OBJECT ${ONE}/photos/c.jpg`,
      `ADDED ACCOUNT ${TWO}`,
      `ADDED BUCKET ${TWO}/new`,
    ];
    const summary = "equal false 4/1/1, ACCOUNT 1/0/0, BUCKET 1/0/0, CONFIGURATION 1/0/0, OBJECT 1/1/1";
    t.deepEqual(await diffInWords(client, { from, to: {} }), [...expected, summary]);
    t.deepEqual(await diffInWords(client, { from, to: {}, summaryOnly: true }), [summary]);
    t.deepEqual(await diffInWords(client, { from, accountIds: [TWO] }), [
      ...expected.slice(4),
      "equal false 2/0/0, ACCOUNT 1/0/0, BUCKET 1/0/0",
    ]);
    t.deepEqual(await diffInWords(client, { from, bucket: "photos", prefix: "b" }), [
      expected[2],
      "equal false 0/1/0, OBJECT 0/1/0",
    ]);
  });
});

test("a fork is compared with the world it was made of", async (t) => {
  await withServer(async (server, client) => {
    await seed(server, client);
    const { world } = await client.worlds.createWorld({ name: "worker", fromWorld: "default" });
    const inFork = server.s3({ accountId: ONE, endpoint: world?.endpoint ?? "" });
    await inFork.send(
      new PutObjectCommand({ Bucket: "photos", Key: "a.jpg", Body: "longer", Metadata: { color: "blue" } }),
    );
    const places = { from: {}, to: { world: "worker" } };
    const [difference = ""] = await diffInWords(client, places);
    // Whether the clock went on in between is another matter.
    const fields = "etag sizeBytes checksum metadata.color";
    t.is(difference.replace(" lastModified", ""), `CHANGED OBJECT ${ONE}/photos/a.jpg ${fields}`);
    t.deepEqual(await diffInWords(client, { from: { snapshot: "seeded" }, to: {} }), ["equal true 0/0/0"]);
  });
});

test("a diff of what is not there is refused by name", async (t) => {
  await withServer(async (_server, client) => {
    const refusal = async (request: DiffRequest): Promise<ConnectError> =>
      ConnectError.from(await t.throwsAsync(diffInWords(client, request)));
    const unknown = await refusal({ from: {}, to: { world: "default", snapshot: "none" } });
    t.is(unknown.code, Code.NotFound);
    t.is(unknown.rawMessage, 'there is no snapshot "none" in world default');
    t.is((await refusal({ from: { world: "none" } })).code, Code.NotFound);
    const malformed = await refusal({ to: { snapshot: "No" } });
    t.is(malformed.code, Code.InvalidArgument);
    t.regex(malformed.rawMessage, /^to\.snapshot must be/);
    t.regex((await refusal({ from: { world: "No" } })).rawMessage, /^from\.world must be/);
    t.regex((await refusal({ bucket: "/" })).rawMessage, /^bucket must be/);
  });
});

test("a client that goes away amid a diff leaves nothing pinned", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const names = Array.from({ length: 5_000 }, (_, at) => `bucket-${at}`);
    await Promise.all(names.map((name) => newBucket(world, name)));
    const isPinned = (): Promise<boolean> =>
      world.host.engine.read(async (reader) => (await reader.scan(catalog.allPins, { limit: 1 })).length > 0);
    await createSnapshot(world, { name: "full", nowMs: 0 });
    await resetAccounts(world, {});
    await withControlPlane({ state }, async (control) => {
      const { state: client } = createControlClient({ baseUrl: control });
      for await (const _ of client.diffState({ from: { snapshot: "full" } })) {
        t.true(await isPinned());
        break;
      }
      for (let waits = 0; waits < WAITS_MAX && (await isPinned()); waits += 1) await sleep(WAIT_MS);
      t.false(await isPinned());
    });
  });
});

test("what a suite left since a snapshot is listed and counted", async (t) => {
  await withServer(async (server, client, control) => {
    await seed(server, client);
    const clean = {
      clean: true,
      buckets: [],
      bucketCount: 0,
      objects: [],
      objectCount: 0,
      uploads: [],
      uploadCount: 0,
      sessions: [],
      sessionCount: 0,
    };
    t.deepEqual(await callOk(t, control, "StateService/CheckLeaks", { sinceSnapshot: "seeded" }), clean);
    const s3 = server.s3({ accountId: ONE });
    await s3.send(new CreateBucketCommand({ Bucket: "left" }));
    const VersioningConfiguration = { Status: "Enabled" as const };
    await s3.send(new PutBucketVersioningCommand({ Bucket: "left", VersioningConfiguration }));
    const { VersionId: first } = await s3.send(new PutObjectCommand({ Bucket: "left", Key: "k", Body: "1" }));
    const { VersionId: second } = await s3.send(new PutObjectCommand({ Bucket: "left", Key: "k", Body: "2" }));
    const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket: "left", Key: "other" }));
    // What was there and is another now was not left.
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a.jpg", Body: "changed" }));
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "photos", Key: "u" }));
    const bucket = { accountId: ONE, partition: "aws" };
    const objectOf = (key: string, versionId: string | undefined, deleteMarker: boolean) => {
      return { ...bucket, bucket: "left", key, versionId, deleteMarker };
    };
    const leaks = {
      ...clean,
      clean: false,
      buckets: [{ ...bucket, name: "left" }],
      bucketCount: 1,
      objects: [objectOf("k", second, false), objectOf("k", first, false), objectOf("other", marker, true)],
      objectCount: 3,
      uploads: [{ ...bucket, bucket: "photos", key: "u", uploadId: UploadId }],
      uploadCount: 1,
    };
    const since = { sinceSnapshot: "seeded" };
    t.deepEqual(await callOk(t, control, "StateService/CheckLeaks", since), leaks);
    const listed = await callOk(t, control, "StateService/CheckLeaks", { ...since, listMax: 1 });
    t.deepEqual(listed, { ...leaks, objects: leaks.objects.slice(0, 1) });
    t.deepEqual(await callOk(t, control, "StateService/CheckLeaks", { ...since, accountIds: [TWO] }), clean);
    t.like(await callOk(t, control, "StateService/CheckLeaks", {}), { bucketCount: 2, objectCount: 5 });
  });
});

test("sessions count that were issued after the snapshot, until they expire by the world's clock", async (t) => {
  await withServer(async (server, client, control) => {
    // A clock that stands still: what came first is not told by it.
    await client.clock.freezeClock({});
    const sts = server.sts({ accountId: ONE });
    await sts.send(new GetSessionTokenCommand({}));
    await client.state.createSnapshot({ name: "seeded" });
    const since = { sinceSnapshot: "seeded" };
    t.like(await callOk(t, control, "StateService/CheckLeaks", since), { clean: true });
    const RoleArn = `arn:aws:iam::${TWO}:role/reader`;
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: "me", DurationSeconds: 900 }),
    );
    await sts.send(new GetFederationTokenCommand({ Name: "bob", DurationSeconds: 3_600 }));
    const leaks = await client.state.checkLeaks(since);
    t.deepEqual(
      leaks.sessions.map(({ accountId, principalArn, operation }) => [accountId, principalArn, operation]),
      [
        [TWO, `arn:aws:sts::${TWO}:assumed-role/reader/me`, "AssumeRole"],
        [ONE, `arn:aws:sts::${ONE}:federated-user/bob`, "GetFederationToken"],
      ],
    );
    t.is(leaks.sessions[0]?.accessKeyId, Credentials?.AccessKeyId);
    t.is(BigInt(Credentials?.Expiration?.getTime() ?? 0), 1_000n * (leaks.sessions[0]?.expiresAt?.seconds ?? 0n));
    t.false(leaks.clean);
    t.like(await client.state.checkLeaks({ ...since, accountIds: [TWO] }), { sessionCount: 1 });
    await client.clock.advanceClock({ by: { seconds: 900n } });
    t.like(await client.state.checkLeaks(since), { sessionCount: 1 });
    await client.clock.advanceClock({ by: { seconds: 2_700n } });
    t.like(await client.state.checkLeaks(since), { sessionCount: 0, clean: true });
    await client.state.createSnapshot({ name: "named", accountIds: [ONE] });
    await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "me" }));
    t.like(await client.state.checkLeaks({ sinceSnapshot: "named" }), { sessionCount: 0 });
    await t.throwsAsync(client.state.createSnapshot({ name: "seeded" }));
    t.like(await client.state.checkLeaks(since), { sessionCount: 1 }, "a snapshot that was not taken changes nothing");
  });
});

test("leaks since an unknown snapshot are refused", async (t) => {
  await withServer(async (_server, _client, control) => {
    const rpc = "StateService/CheckLeaks";
    const details = [{ type: "snapshot", name: "none", world: "default" }];
    await callRefused(t, control, { rpc, body: { sinceSnapshot: "none" }, code: "not_found", details });
    const message = await callRefused(t, control, { rpc, body: { sinceSnapshot: "No" }, code: "invalid_argument" });
    t.regex(message, /^sinceSnapshot must be/);
  });
});
