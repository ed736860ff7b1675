import test from "ava";
import { bucketNameFor, lookUpBucket } from "../../src/state/buckets.ts";
import { NamespaceConflictError } from "../../src/state/errors.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { updateWorld } from "../../src/state/world-settings.ts";
import { withState } from "../support/state.ts";
import { ACCOUNT, newBucket, removeBucket } from "./fixtures.ts";

const OTHER = "222222222222";
const defaultOf = (state: State) => state.world(DEFAULT_WORLD)!;
const setNamespace = (world: World, bucketNamespace: "partition" | "account") =>
  updateWorld(world, { settings: { bucketNamespace } });

/** Whose bucket a caller gets by a name. */
const ownerOf = async (world: World, name: string, callerAccountId = ACCOUNT): Promise<string | undefined> =>
  (await lookUpBucket(world, bucketNameFor(world, { partition: "aws", name, callerAccountId })))?.accountId;

test("where names are each account's own, two have a bucket of one name, and each gets its own by it", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await setNamespace(world, "account");
    const [mine, theirs] = [await newBucket(world, "b"), await newBucket(world, "b", { accountId: OTHER })];
    t.not(mine.id, theirs.id);
    t.is(await ownerOf(world, "b"), ACCOUNT);
    t.is(await ownerOf(world, "b", OTHER), OTHER);
    t.is(await ownerOf(world, "b", "333333333333"), undefined);
    await removeBucket(world, mine);
    t.is(await ownerOf(world, "b"), undefined);
    t.is(await ownerOf(world, "b", OTHER), OTHER);
    await resetAccounts(world, { accountIds: [OTHER] });
    t.is(await ownerOf(world, "b", OTHER), undefined);
  });
});

test("buckets stay found when names become each account's own, and when they are shared again", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await newBucket(world, "before");
    t.is(await ownerOf(world, "before", OTHER), ACCOUNT);
    await setNamespace(world, "account");
    t.is(await ownerOf(world, "before"), ACCOUNT);
    t.is(await ownerOf(world, "before", OTHER), undefined);
    const gone = await newBucket(world, "gone");
    await newBucket(world, "between", { accountId: OTHER });
    await removeBucket(world, gone);
    await setNamespace(world, "partition");
    t.is(await ownerOf(world, "before", OTHER), ACCOUNT);
    t.is(await ownerOf(world, "between"), OTHER);
    t.is(await ownerOf(world, "gone"), undefined);
    // A name is taken for all again.
    t.is((await newBucket(world, "between")).accountId, OTHER);
  });
});

test("names are not shared again while two accounts have one; both are named and nothing changes", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await setNamespace(world, "account");
    const mine = await newBucket(world, "twice");
    await newBucket(world, "twice", { accountId: OTHER });
    const change = { settings: { bucketNamespace: "partition", enforceRegion: true } } as const;
    const error = await t.throwsAsync(updateWorld(world, change), { instanceOf: NamespaceConflictError });
    t.like(error, { bucketName: "twice", ownerAccountId: ACCOUNT, accountId: OTHER });
    t.like(world.settings, { bucketNamespace: "account", enforceRegion: false });
    t.is(await ownerOf(world, "twice", OTHER), OTHER);
    await removeBucket(world, mine);
    await updateWorld(world, change);
    t.is(await ownerOf(world, "twice"), OTHER);
  });
});

test("a snapshot of one kind of names is restored in a world of the other, unless it has one twice", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await newBucket(world, "b");
    await createSnapshot(world, { name: "shared", nowMs: 0 });
    await setNamespace(world, "account");
    await newBucket(world, "c", { accountId: OTHER });
    await createSnapshot(world, { name: "own", nowMs: 0 });
    await newBucket(world, "b", { accountId: OTHER });
    await createSnapshot(world, { name: "twice", nowMs: 0 });
    await createSnapshot(world, { name: "theirs", accountIds: [OTHER], nowMs: 0 });

    await restoreSnapshot(world, "shared");
    t.is(await ownerOf(world, "b"), ACCOUNT);
    t.is(await ownerOf(world, "b", OTHER), undefined);
    await restoreSnapshot(world, "theirs");
    t.is(await ownerOf(world, "b", OTHER), OTHER);
    await restoreSnapshot(world, "shared");

    await setNamespace(world, "partition");
    t.is(await ownerOf(world, "b", OTHER), ACCOUNT);
    await restoreSnapshot(world, "own");
    t.is(await ownerOf(world, "c"), OTHER);
    t.is(await ownerOf(world, "b"), ACCOUNT);
    await t.throwsAsync(restoreSnapshot(world, "twice"), { instanceOf: NamespaceConflictError });
    await t.throwsAsync(restoreSnapshot(world, "theirs"), { instanceOf: NamespaceConflictError });
    t.is(await ownerOf(world, "c"), OTHER);
  });
});

test("a fork has the kind of names that it is given, of a world and of a snapshot", async (t) => {
  await withState(async (state) => {
    const fromWorld = defaultOf(state);
    const fork = (name: string, bucketNamespace: "partition" | "account", fromSnapshot?: string) =>
      state.fork({ name, fromWorld, settings: { bucketNamespace }, ...(fromSnapshot && { fromSnapshot }) });
    await newBucket(fromWorld, "b");
    const own = await fork("own", "account");
    t.is(await ownerOf(own, "b", OTHER), undefined);
    await newBucket(own, "b", { accountId: OTHER });
    t.is(await ownerOf(own, "b", OTHER), OTHER);
    t.is(await ownerOf(own, "b"), ACCOUNT);
    t.is(await ownerOf(fromWorld, "b", OTHER), ACCOUNT);

    await setNamespace(fromWorld, "account");
    await createSnapshot(fromWorld, { name: "s", nowMs: 0 });
    await newBucket(fromWorld, "b", { accountId: OTHER });
    const shared = await fork("shared", "partition", "s");
    t.is(await ownerOf(shared, "b", OTHER), ACCOUNT);
    await t.throwsAsync(fork("twice", "partition"), { instanceOf: NamespaceConflictError });
    t.is(state.world("twice"), undefined);
    // Nothing of the failed one stands in the way.
    t.truthy(await fork("twice", "account"));
  });
});
