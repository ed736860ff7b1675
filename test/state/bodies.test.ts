import test from "ava";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createReadTracker } from "../../src/state/bodies/reads.ts";
import { INLINE_BYTES_MAX } from "../../src/state/bodies/receive.ts";
import { createBucket, requireBucket } from "../../src/state/buckets.ts";
import type { Bucket } from "../../src/state/model.ts";
import { currentObject, deleteObject, putObject, readManifest } from "../../src/state/objects.ts";
import { createSnapshot, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";

const newBucket = (world: World, name: string): Promise<Bucket> =>
  world.transact(async (tx) => {
    const { bucket } = await createBucket(tx, {
      name,
      accountId: "111111111111",
      partition: "aws",
      region: "us-east-1",
      createdAtMs: 0,
      versioning: "Unversioned",
      objectOwnership: "BucketOwnerEnforced",
      objectLockEnabled: false,
    });
    return bucket;
  });

const put = (state: State, world: World, { bucket, key, bytes }: { bucket: Bucket; key: string; bytes: Buffer }) =>
  state.bodies.storing(bytes, (body) =>
    world.transact(async (tx) =>
      putObject(tx, await requireBucket(tx, bucket), {
        key,
        versionId: "unused",
        etag: "etag",
        sizeBytes: bytes.length,
        lastModifiedMs: 0,
        storageClass: "STANDARD",
        ownerAccountId: "111111111111",
        attributes: {},
        content: { body },
      }),
    ),
  );

const copy = (world: World, { bucket, from, to }: { bucket: Bucket; from: string; to: string }) =>
  world.transact(async (tx) => {
    const present = await requireBucket(tx, bucket);
    const source = (await currentObject(tx, present, from))!;
    const copied = await readManifest(tx, present, source);
    return putObject(tx, present, { ...source, key: to, content: { copied, multipart: false } });
  });

const remove = (world: World, { bucket, key }: { bucket: Bucket; key: string }) =>
  world.transact(async (tx) =>
    deleteObject(tx, await requireBucket(tx, bucket), {
      key,
      marker: { versionId: "unused", lastModifiedMs: 0, ownerAccountId: "111111111111" },
    }),
  );

const open = async (state: State, world: World, { bucket, key }: { bucket: Bucket; key: string }) =>
  world.read(async (view) => {
    const object = (await currentObject(view, bucket, key))!;
    return state.bodies.openContent(view, { bucket, object, range: { offsetBytes: 0, lengthBytes: object.sizeBytes } });
  });

const fileBodies = async (dir: string): Promise<string[]> => {
  const boots = await readdir(join(dir, "bodies")).catch(() => []);
  return (await Promise.all(boots.map((boot) => readdir(join(dir, "bodies", boot))))).flat();
};

const LARGE = Buffer.alloc(INLINE_BYTES_MAX + 1, "large");

test("a body of the inline limit makes no file, one byte more makes one, and both read back", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const small = Buffer.alloc(INLINE_BYTES_MAX, "small");
    await put(state, world, { bucket, key: "small", bytes: small });
    t.deepEqual(await fileBodies(dir), []);
    await put(state, world, { bucket, key: "large", bytes: LARGE });
    t.is((await fileBodies(dir)).length, 1);
    t.deepEqual(Buffer.from((await open(state, world, { bucket, key: "small" })) as Uint8Array), small);
    t.deepEqual(await buffer((await open(state, world, { bucket, key: "large" })) as Readable), LARGE);
  });
});

test("a body's file goes with its last reference, copies and overwrites included", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put(state, world, { bucket, key: "a", bytes: LARGE });
    await copy(world, { bucket, from: "a", to: "b" });
    await copy(world, { bucket, from: "b", to: "c" });
    t.is((await fileBodies(dir)).length, 1, "copies write no bytes");
    await remove(world, { bucket, key: "a" });
    await put(state, world, { bucket, key: "b", bytes: Buffer.from("short") });
    await state.bodies.settle();
    t.is((await fileBodies(dir)).length, 1);
    await remove(world, { bucket, key: "c" });
    await state.bodies.settle();
    t.deepEqual(await fileBodies(dir), []);
  });
});

test("a body that a snapshot still needs outlives its object, and comes back with a restore", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put(state, world, { bucket, key: "a", bytes: LARGE });
    await createSnapshot(world, { name: "before", nowMs: 0 });
    await remove(world, { bucket, key: "a" });
    await state.bodies.settle();
    t.is((await fileBodies(dir)).length, 1);
    await restoreSnapshot(world, "before");
    t.deepEqual(await buffer((await open(state, world, { bucket, key: "a" })) as Readable), LARGE);
  });
});

test("a read that began before a delete gets all its bytes, and the file goes when it is done", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put(state, world, { bucket, key: "a", bytes: LARGE });
    const stream = (await open(state, world, { bucket, key: "a" })) as Readable;
    await remove(world, { bucket, key: "a" });
    await state.bodies.settle();
    t.is((await fileBodies(dir)).length, 1);
    t.deepEqual(await buffer(stream), LARGE);
    await new Promise((resolve) => setImmediate(resolve));
    await state.bodies.settle();
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
    await state.bodies.settle();
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
