import test from "ava";
import { deleteAnnotation, findAnnotation, listAnnotations, putAnnotation } from "../../src/state/annotations.ts";
import { bucketUsage } from "../../src/state/counters.ts";
import type { Bucket, ObjectVersion } from "../../src/state/model.ts";
import { currentObject, putObject } from "../../src/state/objects.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { findBucket } from "../../src/state/buckets.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { fileBodies, LARGE, newBucket, put, readAll, remove, setVersioning, type Place } from "./fixtures.ts";

const present = async (world: World, bucket: Bucket, key: string): Promise<ObjectVersion> =>
  (await world.read((view) => currentObject(view, bucket, key)))!;

const annotate = (
  { state, world }: Place,
  bucket: Bucket,
  { key, name, text }: { key: string; name: string; text: string | Buffer },
): Promise<void> =>
  state.bodies.storing(Buffer.from(text), (body) =>
    world.transact(async (tx) => {
      const object = (await currentObject(tx, bucket, key))!;
      const checksum = { algorithm: "CRC32", value: "crc" };
      const { sizeBytes } = body;
      const annotation = { name, etag: "etag", sizeBytes, lastModifiedMs: 7, checksum, body };
      await putAnnotation(tx, bucket, { object, annotation });
    }),
  );

const text = async ({ state, world }: Place, bucket: Bucket, { key, name }: { key: string; name: string }) => {
  const object = await world.read((view) => currentObject(view, bucket, key));
  if (object === undefined) return undefined;
  const content = await world.read(async (view) => {
    const found = await findAnnotation(view, bucket, { object, name });
    return found && state.bodies.openExtents(view, found.extents);
  });
  return content && readAll(content);
};

const placeOf = (state: State): Place => ({ state, world: state.world(DEFAULT_WORLD)! });

test("snapshots, restores, resets and forks carry annotations as they carry objects", async (t) => {
  await withState(async (state, dir, engine) => {
    const place = placeOf(state);
    const { world } = place;
    const bucket = await newBucket(world, "bucket");
    const note = { key: "k", name: "note" };
    await put(place, bucket, { key: "k", bytes: "body" });
    await annotate(place, bucket, { ...note, text: "before" });
    await createSnapshot(world, { name: "one", nowMs: 0 });
    await annotate(place, bucket, { ...note, text: "after" });
    await annotate(place, bucket, { key: "k", name: "other", text: LARGE });
    const fork = await state.fork({ name: "fork", fromWorld: world });
    t.is(await text({ state, world: fork }, bucket, note), "after");
    await remove(world, bucket, { key: "k" });
    t.is(await text({ state, world: fork }, bucket, { key: "k", name: "other" }), LARGE.toString());

    await restoreSnapshot(world, "one");
    const restored = (await world.read((view) => findBucket(view, { partition: "aws", name: "bucket" })))!;
    t.is(await text(place, restored, note), "before");
    t.is(await text(place, restored, { key: "k", name: "other" }), undefined);
    t.is((await present(world, restored, "k")).annotationCount, 1);
    await resetAccounts(world, {});
    t.is(await world.read((view) => findBucket(view, { partition: "aws", name: "bucket" })), undefined);
    t.is(await text({ state, world: fork }, bucket, note), "after");
    await state.settle();
    await state.bodies.dead.settle();
    t.deepEqual((await audit(engine, dir)).problems, []);
  });
});

test("annotations count as bytes, and their files go with them", async (t) => {
  await withState(async (state, dir) => {
    const place = placeOf(state);
    const { world } = place;
    const bucket = await newBucket(world, "bucket");
    const bytes = async (): Promise<number> => (await world.read((view) => bucketUsage(view, bucket))).bytes;
    await put(place, bucket, { key: "k", bytes: "12345" });
    await annotate(place, bucket, { key: "k", name: "large", text: LARGE });
    t.is(await bytes(), 5 + LARGE.length);
    await annotate(place, bucket, { key: "k", name: "large", text: "123" });
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
    t.is(await bytes(), 8);
    await annotate(place, bucket, { key: "k", name: "large", text: LARGE });
    await world.transact(async (tx) => {
      const object = (await currentObject(tx, bucket, "k"))!;
      t.true(await deleteAnnotation(tx, bucket, { object, name: "large" }));
    });
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
    t.is(await bytes(), 5);
    await annotate(place, bucket, { key: "k", name: "large", text: LARGE });
    await put(place, bucket, { key: "k", bytes: "1" });
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
    t.is(await bytes(), 1);
  });
});

test("a version keeps its annotations while others come and go above it", async (t) => {
  await withState(async (state) => {
    const place = placeOf(state);
    const { world } = place;
    const bucket = await setVersioning(world, await newBucket(world, "bucket"), "Enabled");
    const note = { key: "a\0b", name: "note" };
    await put(place, bucket, { key: note.key, bytes: "one", versionId: "one" });
    await annotate(place, bucket, { ...note, text: "of one" });
    await put(place, bucket, { key: note.key, bytes: "two", versionId: "two" });
    t.is(await text(place, bucket, note), undefined);
    await annotate(place, bucket, { ...note, text: "of two" });
    await remove(world, bucket, { key: note.key, markerId: "marker" });
    await remove(world, bucket, { key: note.key, versionId: "two" });
    await remove(world, bucket, { key: note.key, versionId: "marker" });
    t.is(await text(place, bucket, note), "of one");
  });
});

test("annotations of a key do not show among those of a key that begins like it", async (t) => {
  await withState(async (state) => {
    const place = placeOf(state);
    const bucket = await newBucket(place.world, "bucket");
    const keys = ["a", "a\0", "a\0\u0001", "a00000000001"];
    for (const key of keys) {
      await put(place, bucket, { key, bytes: "body" });
      await annotate(place, bucket, { key, name: "n", text: `of ${key}` });
    }
    for (const key of keys) {
      const object = await present(place.world, bucket, key);
      const { entries } = await place.world.read((view) =>
        listAnnotations(view, bucket, { object, prefix: "", limit: 10 }),
      );
      t.deepEqual(
        entries.map(({ name, lastModifiedMs }) => [name, lastModifiedMs]),
        [["n", 7]],
      );
      t.is(await text(place, bucket, { key, name: "n" }), `of ${key}`);
    }
  });
});

test("a copy over its own source lets no annotation die in between", async (t) => {
  await withState(async (state, dir, engine) => {
    const place = placeOf(state);
    const { world } = place;
    const bucket = await newBucket(world, "bucket");
    const note = { key: "k", name: "note" };
    await put(place, bucket, { key: "k", bytes: "body" });
    await annotate(place, bucket, { ...note, text: LARGE });
    await world.transact(async (tx) => {
      const object = (await currentObject(tx, bucket, "k"))!;
      const copied = [{ partNumber: 0, sizeBytes: object.sizeBytes, extents: object.extents }];
      const annotationsOf = { bucket, object, change: () => ({ etag: "changed" }) };
      await putObject(tx, bucket, { ...object, content: { copied, multipart: false }, annotationsOf });
    });
    await state.bodies.dead.settle();
    t.is(await text(place, bucket, note), LARGE.toString());
    const object = await present(world, bucket, "k");
    t.is((await world.read((view) => findAnnotation(view, bucket, { object, name: "note" })))?.etag, "changed");
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

test("annotations are there after a restart", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    const bucket = await newBucket(placeOf(first.state).world, "bucket");
    await put(placeOf(first.state), bucket, { key: "k", bytes: "body" });
    await annotate(placeOf(first.state), bucket, { key: "k", name: "note", text: LARGE });
    await first.close();
    const second = await openStateIn(dir);
    t.is(await text(placeOf(second.state), bucket, { key: "k", name: "note" }), LARGE.toString());
    await second.close();
  });
});
