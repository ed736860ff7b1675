import test from "ava";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createReadTracker } from "../../src/state/bodies/reads.ts";
import { INLINE_BYTES_MAX } from "../../src/state/bodies/receive.ts";
import { lookUpBucket } from "../../src/state/buckets.ts";
import { createSnapshot, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { withState } from "../support/state.ts";
import { copy, fileBodies, LARGE, newBucket, open, put, remove } from "./fixtures.ts";

test("a body of the inline limit makes no file, one byte more makes one, and both read back", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const small = Buffer.alloc(INLINE_BYTES_MAX, "small");
    await put({ state, world }, bucket, { key: "small", bytes: small });
    t.deepEqual(await fileBodies(dir), []);
    await put({ state, world }, bucket, { key: "large", bytes: LARGE });
    t.is((await fileBodies(dir)).length, 1);
    t.deepEqual(Buffer.from((await open({ state, world }, bucket, "small")) as Uint8Array), small);
    t.deepEqual(await buffer((await open({ state, world }, bucket, "large")) as Readable), LARGE);
  });
});

test("a body's file goes with its last reference, copies and overwrites included", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "a", bytes: LARGE });
    await copy(world, bucket, { from: "a", to: "b" });
    await copy(world, bucket, { from: "b", to: "c" });
    t.is((await fileBodies(dir)).length, 1, "copies write no bytes");
    await remove(world, bucket, { key: "a" });
    await put({ state, world }, bucket, { key: "b", bytes: Buffer.from("short") });
    await state.bodies.dead.settle();
    t.is((await fileBodies(dir)).length, 1);
    await remove(world, bucket, { key: "c" });
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
  });
});

test("a body that a snapshot still needs outlives its object, and comes back with a restore", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "a", bytes: LARGE });
    await createSnapshot(world, { name: "before", nowMs: 0 });
    await remove(world, bucket, { key: "a" });
    await state.bodies.dead.settle();
    t.is((await fileBodies(dir)).length, 1);
    await restoreSnapshot(world, "before");
    const restored = (await lookUpBucket(world, bucket))!;
    t.deepEqual(await buffer((await open({ state, world }, restored, "a")) as Readable), LARGE);
  });
});

test("a read that began before a delete gets all its bytes, and the file goes when it is done", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "a", bytes: LARGE });
    const stream = (await open({ state, world }, bucket, "a")) as Readable;
    await remove(world, bucket, { key: "a" });
    await state.bodies.dead.settle();
    t.is((await fileBodies(dir)).length, 1);
    t.deepEqual(await buffer(stream), LARGE);
    await new Promise((resolve) => setImmediate(resolve));
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
  });
});

test("bytes whose transaction fails leave no file", async (t) => {
  await withState(async (state, dir) => {
    await t.throwsAsync(
      state.bodies.storing(LARGE, async () => {
        throw new Error("refused");
      }),
      { message: "refused" },
    );
    await t.throwsAsync(
      state.bodies.storing(
        (async function* () {
          yield LARGE;
          throw new Error("cut off");
        })(),
        async () => undefined,
      ),
      { message: "cut off" },
    );
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
  });
});

test("what is put off until present reads have ended waits for them and for no later ones", (t) => {
  const reads = createReadTracker();
  const done: string[] = [];
  const first = reads.begin();
  reads.afterPresentReads(() => done.push("a"));
  const second = reads.begin();
  t.deepEqual(done, []);
  reads.retain(first);
  reads.end(first);
  t.deepEqual(done, [], "retained");
  reads.end(first);
  t.deepEqual(done, ["a"]);
  reads.afterPresentReads(() => done.push("b"));
  t.deepEqual(done, ["a"]);
  reads.end(second);
  t.deepEqual(done, ["a", "b"]);
  reads.afterPresentReads(() => done.push("c"));
  t.deepEqual(done, ["a", "b", "c"], "nothing to wait for");
});
