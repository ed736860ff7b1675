/** What is kept in memory never shows a state that nobody ever saw. */
import test from "ava";
import { CommitFailedError } from "../../src/engine/errors.ts";
import type { Engine } from "../../src/engine/port.ts";
import { findBucket, lookUpBucket, requireBucket } from "../../src/state/buckets.ts";
import { AccountChangedError, BucketGoneError } from "../../src/state/errors.ts";
import { listObjects } from "../../src/state/listing.ts";
import { currentObject, readManifest } from "../../src/state/objects.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { completeUpload, readParts } from "../../src/state/uploads.ts";
import { withState } from "../support/state.ts";
import { ACCOUNT, begin, newBucket, put, remove, removeBucket, uploadPart, type Place } from "./fixtures.ts";

const NAME = { partition: "aws", name: "bucket" } as const;

const putInParts = async (place: Place, bytes: string): Promise<void> => {
  const { world } = place;
  const bucket = (await lookUpBucket(world, NAME))!;
  const upload = await begin(world, bucket, { key: "k", uploadId: "upload" });
  await uploadPart(place, bucket, { upload, partNumber: 1, bytes });
  await world.transact(async (tx) => {
    const present = await requireBucket(tx, bucket);
    const chosen = await readParts(tx, present, upload);
    const { attributes, ownerAccountId, storageClass } = upload;
    const object = { key: "k", versionId: "unused", etag: bytes, sizeBytes: bytes.length, lastModifiedMs: 0 };
    await completeUpload(tx, present, {
      upload,
      chosen,
      object: { ...object, attributes, ownerAccountId, storageClass },
    });
  });
};

test("a view that is alive while its account is restored goes on seeing what it saw first", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const place = { state, world };
    const bucket = await newBucket(world, "bucket");
    await putInParts(place, "old");
    await createSnapshot(world, { name: "before", nowMs: 0 });
    // Another object at the same place in its key's order.
    await remove(world, bucket, { key: "k" });
    await putInParts(place, "new!");
    await world.read(async (view) => {
      const object = (await currentObject(view, bucket, "k"))!;
      await restoreSnapshot(world, "before");
      await world.read((later) => findBucket(later, NAME));
      const parts = await readManifest(view, bucket, object);
      t.deepEqual(
        parts.map(({ sizeBytes }) => sizeBytes),
        [4],
      );
      const present = await findBucket(view, NAME);
      t.is(present?.epoch, bucket.epoch);
    });
  });
});

test("a view that is alive while a bucket moves to another account still finds its owner", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    await newBucket(world, "bucket", { accountId: "222222222222" });
    await createSnapshot(world, { name: "theirs", nowMs: 0 });
    await resetAccounts(world, {});
    await newBucket(world, "bucket");
    await world.read(async (view) => {
      await view.reader.get("anything");
      await restoreSnapshot(world, "theirs");
      await world.read((later) => findBucket(later, { partition: "aws", name: "other" }));
      t.is((await findBucket(view, NAME))?.accountId, ACCOUNT);
    });
    t.is((await lookUpBucket(world, NAME))?.accountId, "222222222222");
  });
});

test("a bucket is found as it was or as it will be while a restore is on its way to those who asked for it", async (t) => {
  let held: Promise<void> | undefined;
  // On disk already, and not acknowledged yet.
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    transact: async (fn) => {
      const result = await engine.transact(fn);
      await held;
      return result;
    },
  });
  await withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      await newBucket(world, "bucket", { accountId: "222222222222" });
      await createSnapshot(world, { name: "theirs", nowMs: 0 });
      await resetAccounts(world, {});
      await newBucket(world, "bucket");
      t.is(await lookUpBucket(world, { partition: "aws", name: "other" }), undefined);
      const gate = Promise.withResolvers<void>();
      held = gate.promise;
      const restoring = restoreSnapshot(world, "theirs");
      await new Promise((resolve) => setTimeout(resolve, 50));
      t.is((await lookUpBucket(world, NAME))?.accountId, "222222222222");
      gate.resolve();
      await restoring;
      t.is((await lookUpBucket(world, NAME))?.accountId, "222222222222");
    },
    { wrap },
  );
});

test("reads and writes of a request whose account was reset or restored meanwhile say so", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put({ state, world }, bucket, { key: "k", bytes: "bytes" });
    await createSnapshot(world, { name: "before", nowMs: 0 });
    for (const change of [() => resetAccounts(world, {}), () => restoreSnapshot(world, "before")]) {
      const known = (await lookUpBucket(world, NAME)) ?? bucket;
      await change();
      const refused = { instanceOf: AccountChangedError };
      await t.throwsAsync(put({ state, world }, known, { key: "k", bytes: "later" }), refused);
      await t.throwsAsync(
        world.read((view) => currentObject(view, known, "k")),
        refused,
      );
      await t.throwsAsync(
        world.read((view) => listObjects(view, known, { prefix: "", limit: 1 })),
        refused,
      );
    }
    const present = (await lookUpBucket(world, NAME))!;
    t.is((await world.read((view) => currentObject(view, present, "k")))?.sizeBytes, 5);
  });
});

test("an upload into a bucket that was deleted and made again meanwhile lands nowhere", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await removeBucket(world, bucket);
    const again = await newBucket(world, "bucket");
    await t.throwsAsync(put({ state, world }, bucket, { key: "k", bytes: "bytes" }), { instanceOf: BucketGoneError });
    t.is(await world.read((view) => currentObject(view, again, "k")), undefined);
  });
});

test("a commit whose outcome is not known leaves nothing stale in memory", async (t) => {
  const failing = { next: false };
  // The batch reaches the disk and the engine learns nothing of it, as when a connection breaks.
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    transact: async (fn) => {
      const result = await engine.transact(fn);
      if (failing.next) throw new CommitFailedError({ cause: "connection lost" });
      return result;
    },
  });
  await withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      const bucket = await newBucket(world, "bucket");
      await put({ state, world }, bucket, { key: "k", bytes: "bytes" });
      await world.read((view) => findBucket(view, NAME));
      failing.next = true;
      await t.throwsAsync(resetAccounts(world, {}), { instanceOf: CommitFailedError });
      failing.next = false;
      t.is(await lookUpBucket(world, NAME), undefined);
    },
    { wrap },
  );
});
