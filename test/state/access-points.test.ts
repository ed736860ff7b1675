/** What S3 Control keeps of an account goes where the rest of its state goes: snapshots, resets, forks, archives, diffs, the doctor. */
import test, { type ExecutionContext } from "ava";
import {
  accessPointAlias,
  allAccessPoints,
  deleteAccessPoint,
  hasAccessPoints,
  isAccessPointAlias,
  putAccessPoint,
  putAccessPointDocument,
  readAccessPoint,
  readAccessPointDocument,
  readAccessPointOfAlias,
  type AccessPoint,
} from "../../src/state/access-points.ts";
import { keptAccountBlock, putAccountBlock } from "../../src/state/account-block.ts";
import { accessPointLineRecords, accountBlockRecord } from "../../src/state/archive/control-lines.ts";
import { ArchiveError, type AccessPointLine } from "../../src/state/archive/format.ts";
import { diffStates } from "../../src/state/diff/diff.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { diagnose, withStore } from "../support/doctor.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { archiveOf, importInto } from "./archive/archives.ts";
import { ACCOUNT, newBucket } from "./fixtures.ts";

const OTHER = "222222222222";
const worldOf = (state: State): World => state.world(DEFAULT_WORLD)!;

const BLOCK = { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: false, RestrictPublicBuckets: false };
const pointOf = (name: string, rest: Partial<AccessPoint> = {}): AccessPoint => ({
  accountId: ACCOUNT,
  region: "us-east-1",
  name,
  partition: "aws",
  bucketName: "behind",
  bucketAccountId: ACCOUNT,
  publicAccessBlock: BLOCK,
  createdAtMs: 5,
  ...rest,
});

const POLICY = '{"Version":"2012-10-17",  "Statement":[]}';
const TAGS = '[{"key":"k","value":"v"}]';

const fill = (world: World): Promise<void> =>
  world.transact(async (tx) => {
    await putAccountBlock(tx, ACCOUNT, JSON.stringify(BLOCK));
    for (const point of [pointOf("one"), pointOf("one", { region: "eu-west-1", vpcId: "vpc-01234567" })]) {
      await putAccessPoint(tx, point);
    }
    await putAccessPointDocument(tx, pointOf("one"), { kind: "policy", document: POLICY });
    await putAccessPointDocument(tx, pointOf("one"), { kind: "tags", document: TAGS });
  });

/** All of it, as it is found. */
const contents = async (world: World) => ({
  block: await keptAccountBlock(world, ACCOUNT),
  points: await world.read(async (view) => {
    const found: unknown[] = [];
    for await (const point of allAccessPoints(view, ACCOUNT)) {
      const policy = await readAccessPointDocument(view, point, "policy");
      const tags = await readAccessPointDocument(view, point, "tags");
      const byAlias = await readAccessPointOfAlias(view, accessPointAlias(point));
      found.push({ point, policy, tags, byAlias });
    }
    return found;
  }),
});

const NOTHING = { block: undefined, points: [] };
const ALL = {
  block: JSON.stringify(BLOCK),
  points: [pointOf("one", { region: "eu-west-1", vpcId: "vpc-01234567" }), { ...pointOf("one") }].map((point, at) => ({
    point,
    policy: at === 0 ? undefined : POLICY,
    tags: at === 0 ? undefined : TAGS,
    byAlias: point,
  })),
};

test("a reset empties it, a snapshot captures it, a restore and a fork set it", (t) =>
  withState(async (state) => {
    const world = worldOf(state);
    t.deepEqual(await contents(world), NOTHING);
    await fill(world);
    t.deepEqual(await contents(world), ALL);
    await createSnapshot(world, { name: "full", nowMs: 0 });
    await resetAccounts(world, { accountIds: [ACCOUNT] });
    t.deepEqual(await contents(world), NOTHING);
    await restoreSnapshot(world, "full");
    t.deepEqual(await contents(world), ALL);
    await world.transact(async (tx) => {
      await deleteAccessPoint(tx, pointOf("one"));
      await putAccountBlock(tx, ACCOUNT, undefined);
    });
    t.deepEqual(await contents(world), { block: undefined, points: ALL.points.slice(0, 1) });
    await restoreSnapshot(world, "full");
    t.deepEqual(await contents(world), ALL);
  }));

test("an archive carries it: the same state gives the same bytes, and an import gives it back", (t) =>
  withState(async (state) => {
    await fill(worldOf(state));
    const archive = await archiveOf(worldOf(state));
    await withState(async (other) => {
      const world = worldOf(other);
      await importInto(world, archive);
      t.deepEqual(await contents(world), ALL);
      t.deepEqual(await archiveOf(world), archive);
    });
  }));

test("lines of an archive that no program of ours would write are refused", (t) => {
  const { accountId: _accountId, ...point } = pointOf("one");
  const line: AccessPointLine = { type: "accessPoint", ...point };
  t.notThrows(() => accessPointLineRecords(line, ACCOUNT));
  for (const change of [
    { name: "a/b" },
    { name: "" },
    { region: "eu\0" },
    { partition: "moon" as never },
    { bucketAccountId: "me" },
    { publicAccessBlock: {} as never },
    { publicAccessBlock: { ...BLOCK, BlockPublicAcls: "yes" } as never },
    { publicAccessBlock: { ...BLOCK, More: true } as never },
    { tags: ["k"] },
    { tags: [{ key: "k" }] },
    { tags: [{ key: "k", value: 1 }] },
  ] satisfies Partial<AccessPointLine>[]) {
    const bad = { ...line, ...change };
    t.throws(() => accessPointLineRecords(bad, ACCOUNT), { instanceOf: ArchiveError }, JSON.stringify(change));
  }
  const block = { type: "accountBlock", publicAccessBlock: { BlockPublicAcls: true } } as const;
  t.throws(() => accountBlockRecord(block), { instanceOf: ArchiveError });
});

const changesOf = async (t: ExecutionContext, world: World): Promise<string[]> => {
  const found: string[] = [];
  for await (const { kind, change, accountId, bucket, name, fields } of diffStates(world.host, {
    from: { world, snapshot: "base" },
    to: { world },
  })) {
    t.deepEqual([kind, accountId, bucket], ["configuration", ACCOUNT, undefined]);
    found.push([change, name, ...fields].join(" "));
  }
  return found;
};

test("a diff tells what was added, changed and removed", (t) =>
  withState(async (state) => {
    const world = worldOf(state);
    await createSnapshot(world, { name: "base", nowMs: 0 });
    await fill(world);
    t.deepEqual(await changesOf(t, world), [
      "added publicAccessBlock",
      "added accessPoint/us-east-1/one/policy",
      "added accessPoint/us-east-1/one/tags",
      "added accessPoint/eu-west-1/one",
      "added accessPoint/us-east-1/one",
    ]);
    await createSnapshot(world, { name: "base", nowMs: 0, replace: true });
    await world.transact(async (tx) => {
      await putAccountBlock(tx, ACCOUNT, JSON.stringify({ ...BLOCK, BlockPublicAcls: false }));
      await deleteAccessPoint(tx, pointOf("one", { region: "eu-west-1" }));
      await putAccessPoint(tx, pointOf("one", { bucketName: "other", createdAtMs: 6 }));
    });
    t.deepEqual(await changesOf(t, world), [
      "changed publicAccessBlock BlockPublicAcls",
      "removed accessPoint/eu-west-1/one",
      "changed accessPoint/us-east-1/one bucketName createdAt",
    ]);
  }));

test("the doctor knows its records", (t) =>
  withFolder(async (dir) => {
    const open = await openStateIn(dir);
    await fill(worldOf(open.state));
    await open.close();
    t.deepEqual(await withStore(dir, (store) => diagnose(store)), []);
  }));

test("aliases are labels of host names, one for each account, region and name", (t) => {
  const points = [
    pointOf("one"),
    pointOf("two"),
    pointOf("one", { region: "eu-west-1" }),
    pointOf("one", { accountId: OTHER }),
    pointOf("one", { accountId: "999999999999" }),
    pointOf("one", { accountId: "000000000000" }),
    pointOf("a".repeat(50)),
    pointOf(`${"a".repeat(49)}b`),
  ];
  const aliases = points.map((point) => accessPointAlias(point));
  t.is(new Set(aliases).size, points.length);
  for (const [at, alias] of aliases.entries()) {
    t.regex(alias, /^[a-z0-9-]{3,20}-[a-z2-7]{34}-s3alias$/);
    t.true(alias.length <= 63);
    t.true(isAccessPointAlias(alias));
    t.is(alias, accessPointAlias(points[at]!));
  }
  for (const text of ["", "one-s3alias", `${aliases[0]}x`, `one-${"7".repeat(34)}-s3alias`]) {
    t.false(isAccessPointAlias(text), text);
  }
});

test("a bucket has the access points of its own account and partition alone", (t) =>
  withState(async (state) => {
    const world = worldOf(state);
    const bucket = await newBucket(world, "behind");
    const has = () => world.read((view) => hasAccessPoints(view, bucket));
    await world.transact(async (tx) => {
      await putAccessPoint(tx, pointOf("one", { bucketName: "another" }));
      await putAccessPoint(tx, pointOf("two", { partition: "aws-cn" }));
      await putAccessPoint(tx, pointOf("three", { bucketAccountId: OTHER }));
      await putAccessPoint(tx, pointOf("four", { accountId: OTHER }));
    });
    t.false(await has());
    await world.transact((tx) => putAccessPoint(tx, pointOf("five")));
    t.true(await has());
    await world.transact((tx) => deleteAccessPoint(tx, pointOf("five")));
    t.false(await has());
    t.is(await world.read((view) => readAccessPoint(view, pointOf("five"))), undefined);
  }));
