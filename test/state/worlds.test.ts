import test from "ava";
import { listAccessKeys, putAccessKey } from "../../src/state/access-keys.ts";
import { createBucket, deleteBucket, findBucket, lookUpBucket } from "../../src/state/buckets.ts";
import { TooManyBucketsError, WorldGoneError } from "../../src/state/errors.ts";
import { createSnapshot, resetEverything, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { Engine } from "../../src/engine/port.ts";
import { prefixRange } from "../../src/state/keys.ts";
import { updateWorld } from "../../src/state/world-settings.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { ACCOUNT, newBucket, open, put, readAll } from "./fixtures.ts";

const key = (accessKeyId: string) => ({ accessKeyId, secretAccessKey: "s", accountId: ACCOUNT, createdAtMs: 0 });
const defaultOf = (state: State) => state.world(DEFAULT_WORLD)!;

/** Keys of the store but for its own: format, boot. */
const keysOf = async (engine: Engine): Promise<string[]> => {
  const entries = await engine.read((view) => view.scan(prefixRange("C"), { limit: 10_000 }));
  return entries.map(([at]) => at).filter((at) => !/^C[fbu]/.test(at));
};

test("a deleted world leaves no record and no layer behind, and what was forked from it stays", async (t) => {
  await withState(async (state, _dir, engine) => {
    await state.settle();
    const before = await keysOf(engine);
    const world = await state.createWorld({ name: "w" });
    const bucket = await newBucket(world, "b");
    await put({ state, world }, bucket, { key: "k", bytes: "x".repeat(100_000) });
    await putAccessKey(world, key("AKIA0000000000000000"));
    await createSnapshot(world, { name: "s", nowMs: 0 });
    await put({ state, world }, bucket, { key: "k", bytes: "later" });
    await world.draw();
    const fork = await state.fork({ name: "f", fromWorld: world });
    await state.deleteWorld(world);
    t.is(state.world("w"), undefined);
    await state.settle();
    const found = (await lookUpBucket(fork, { partition: "aws", name: "b" }))!;
    t.is(await readAll(await open({ state, world: fork }, found, "k")), "later");
    await state.deleteWorld(fork);
    await state.settle();
    t.deepEqual(await keysOf(engine), before);
    const rest = await engine.read((view) => view.scan(prefixRange("L"), { limit: 1 }));
    t.deepEqual(rest, []);
    const bodies = await engine.read((view) => view.scan(prefixRange("Bf"), { limit: 1 }));
    t.deepEqual(bodies, []);
  });
});

test("requests under way in a world that is deleted bring nothing of it back", async (t) => {
  await withState(async (state, _dir, engine) => {
    await state.settle();
    const before = await keysOf(engine);
    const world = await state.createWorld({ name: "w" });
    const wanted = { accountId: ACCOUNT, partition: "aws", region: "us-east-1", createdAtMs: 0 } as const;
    const more = {
      versioning: "Unversioned",
      objectOwnership: "BucketOwnerEnforced",
      objectLockEnabled: false,
    } as const;
    const create = (name: string) => world.transact((tx) => createBucket(tx, { ...wanted, ...more, name }));
    const early = create("early");
    const deleting = state.deleteWorld(world);
    const late = [
      create("late"),
      putAccessKey(world, key("AKIA0000000000000000")),
      createSnapshot(world, { name: "s", nowMs: 0 }),
      world.updateSettings({ authMode: "off" }),
      world.reseed("00".repeat(32)),
      world.read(async () => 1),
      Promise.resolve(world.draw()),
      state.fork({ name: "f", fromWorld: world }),
      resetEverything(world),
      state.deleteWorld(world),
    ];
    const outcomes = await Promise.allSettled(late);
    await deleting;
    t.is((await early).created, true);
    for (const [at, outcome] of outcomes.entries()) {
      t.true(outcome.status === "rejected" && outcome.reason instanceof WorldGoneError, `${at}`);
    }
    await state.settle();
    t.deepEqual(await keysOf(engine), before);
    // The name is free, and the new world is another one.
    const again = await state.createWorld({ name: "w" });
    await t.throwsAsync(create("late"), { instanceOf: WorldGoneError });
    t.is(await again.read((view) => findBucket(view, { partition: "aws", name: "early" })), undefined);
    t.is(state.world("w"), again);
  });
});

test("the default world is not deleted", async (t) => {
  await withState(async (state) => {
    await t.throwsAsync(state.deleteWorld(defaultOf(state)));
    t.truthy(await newBucket(defaultOf(state), "b"));
  });
});

test("worlds are there after a restart with what they hold, and ephemeral ones are gone", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    const life = { port: 15_001, createdAtMs: 5, timeToLiveMs: 7 };
    const kept = await first.state.createWorld({ name: "kept", settings: { authMode: "strict" }, life });
    await newBucket(kept, "b");
    const gone = await first.state.createWorld({ name: "gone", life: { ephemeral: true } });
    await newBucket(gone, "b");
    await first.crash();
    const second = await openStateIn(dir);
    t.deepEqual(
      second.state
        .worlds()
        .map(({ name }) => name)
        .sort(),
      [DEFAULT_WORLD, "kept"],
    );
    const again = second.state.world("kept")!;
    t.like(again.record, { ...life, settings: { authMode: "strict" } });
    t.truthy(await lookUpBucket(again, { partition: "aws", name: "b" }));
    await second.state.settle();
    const heads = await second.engine.read((view) => view.scan(prefixRange("Chgone"), { limit: 1 }));
    t.deepEqual(heads, []);
    await second.close();
  });
});

test("an override of the default account ends with the process that it was given to, in every world", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    await first.state.createWorld({ name: "w", settings: { accountOverride: ACCOUNT } });
    await first.close();
    const second = await openStateIn(dir);
    t.is(second.state.world("w")!.settings.accountOverride, undefined);
    await second.close();
  });
});

test("a fork has its origin's settings, but for those that are named, and goes back to these", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await world.updateSettings({ authMode: "strict", enforceRegion: true });
    const fork = await state.fork({ name: "f", fromWorld: world, settings: { enforceRegion: false } });
    t.like(fork.settings, { authMode: "strict", enforceRegion: false });
    await fork.updateSettings({ authMode: "off", enforceRegion: true });
    await resetEverything(fork);
    t.like(fork.settings, { authMode: "strict", enforceRegion: false });
    t.like(world.settings, { authMode: "strict", enforceRegion: true });
  });
});

test("a fork of a snapshot has the settings and keys of its time, and a restore leaves those of the world alone", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await world.updateSettings({ authMode: "strict" });
    await putAccessKey(world, key("AKIA000000000000THEN"));
    await createSnapshot(world, { name: "s", nowMs: 0 });
    await world.updateSettings({ authMode: "off" });
    await putAccessKey(world, key("AKIA0000000000000NOW"));
    const fork = await state.fork({ name: "f", fromWorld: world, fromSnapshot: "s" });
    t.is(fork.settings.authMode, "strict");
    const idsOf = async (of: typeof world) => (await listAccessKeys(of, { limit: 9 })).map((each) => each.accessKeyId);
    t.deepEqual(await idsOf(fork), ["AKIA000000000000THEN"]);
    await restoreSnapshot(world, "s");
    t.is(world.settings.authMode, "off");
    t.is((await idsOf(world)).length, 2);
  });
});

test("a port, a time to live and the rest of a world's life are its own and not its forks'", async (t) => {
  await withState(async (state) => {
    const life = { port: 15_001, createdAtMs: 5, timeToLiveMs: 7, ephemeral: true };
    const fromWorld = await state.createWorld({ name: "w", life });
    const fork = await state.fork({ name: "f", fromWorld });
    for (const name of Object.keys(life)) t.false(name in fork.record, name);
  });
});

test("an account has as many buckets as its world allows, whatever was deleted, reset and restored before", async (t) => {
  await withState(async (state) => {
    const world = defaultOf(state);
    await updateWorld(world, { settings: { bucketsPerAccountMax: 3 } });
    const full = async () => {
      await t.throwsAsync(newBucket(world, "one-more"), { instanceOf: TooManyBucketsError });
    };
    const [a] = [await newBucket(world, "a"), await newBucket(world, "b"), await newBucket(world, "c")];
    await full();
    t.truthy(await newBucket(world, "d", { accountId: "222222222222" }));
    await createSnapshot(world, { name: "s", nowMs: 0 });
    await world.transact((tx) => deleteBucket(tx, a));
    await newBucket(world, "d-2");
    await full();
    await resetEverything(world);
    await updateWorld(world, { settings: { bucketsPerAccountMax: 3 } });
    await newBucket(world, "e");
    await restoreSnapshot(world, "s");
    await full();
    await updateWorld(world, { settings: { bucketsPerAccountMax: undefined } });
    await newBucket(world, "f");
  });
});
