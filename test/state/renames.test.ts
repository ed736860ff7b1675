/** Renaming: references move, bytes do not, and the tokens of what was done are bounded. */
import test from "ava";
import { lookUpBucket, requireBucket } from "../../src/state/buckets.ts";
import type { Bucket } from "../../src/state/model.ts";
import { currentObject } from "../../src/state/objects.ts";
import { findRename, rememberRename, renameObject } from "../../src/state/renames.ts";
import { createSnapshot, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { copy, fileBodies, LARGE, newBucket, open, put, readAll, remove, removeBucket } from "./fixtures.ts";

const rename = (world: World, bucket: Bucket, { from, to }: { from: string; to: string }): Promise<void> =>
  world.transact(async (tx) => {
    const present = await requireBucket(tx, bucket);
    await renameObject(tx, present, { object: (await currentObject(tx, present, from))!, to });
  });

const remember = (world: World, bucket: Bucket, token: string): Promise<void> =>
  world.transact((tx) => rememberRename(tx, bucket, { token, request: `request of ${token}` }));

const find = (world: World, bucket: Bucket, token: string): Promise<string | undefined> =>
  world.transact((tx) => findRename(tx, bucket, token));

test("a renamed body is the same file, whoever else refers to it, and goes with the last of them", async (t) => {
  await withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "a", bytes: LARGE });
    const files = await fileBodies(dir);
    await rename(world, bucket, { from: "a", to: "b" });
    await copy(world, bucket, { from: "b", to: "c" });
    await rename(world, bucket, { from: "b", to: "d" });
    await rename(world, bucket, { from: "d", to: "c" });
    t.deepEqual(await fileBodies(dir), files);
    t.is(await readAll(await open({ state, world }, bucket, "c")), LARGE.toString());
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    await remove(world, bucket, { key: "c" });
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
  });
});

test("what was renamed after a snapshot is back under its old key after a restore", async (t) => {
  await withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "a", bytes: LARGE });
    await put({ state, world }, bucket, { key: "b", bytes: "small" });
    await createSnapshot(world, { name: "before", nowMs: 0 });
    await rename(world, bucket, { from: "a", to: "b" });
    await remember(world, bucket, "token");
    t.is(await readAll(await open({ state, world }, bucket, "b")), LARGE.toString());
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    await restoreSnapshot(world, "before");
    const restored = (await lookUpBucket(world, bucket))!;
    t.is(await readAll(await open({ state, world }, restored, "a")), LARGE.toString());
    t.is(await readAll(await open({ state, world }, restored, "b")), "small");
    t.is(await find(world, restored, "token"), undefined);
    await state.settle();
    await state.bodies.dead.settle();
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

test("a bucket remembers its last tokens and forgets the oldest, and is deleted with them", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const tokens = Array.from({ length: 4_096 }, (_, index) => `token-${index}`);
    for (const token of tokens) await remember(world, bucket, token);
    t.is(await find(world, bucket, "token-4095"), "request of token-4095");
    const found = await Promise.all(tokens.map((token) => find(world, bucket, token)));
    const known = found.filter((request) => request !== undefined).length;
    t.true(known <= 2_048, `${known} tokens are known`);
    t.true(known > 1_024, `${known} tokens are known`);
    await removeBucket(world, bucket);
    t.is(await find(world, await newBucket(world, "bucket"), "token-4095"), undefined);
  });
});
