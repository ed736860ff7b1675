import test from "ava";
import { putAnnotation } from "../../src/state/annotations.ts";
import { catalog } from "../../src/state/keys.ts";
import { deleteConfiguration, putConfiguration, requireBucket } from "../../src/state/buckets.ts";
import { diffStates, type DiffOptions } from "../../src/state/diff/diff.ts";
import type { Difference } from "../../src/state/diff/difference.ts";
import { SnapshotNotFoundError } from "../../src/state/errors.ts";
import type { Bucket, ObjectVersion } from "../../src/state/model.ts";
import { currentObject, putObject, updateObject } from "../../src/state/objects.ts";
import { rememberRename } from "../../src/state/renames.ts";
import { createSnapshot, deleteSnapshot, resetAccounts } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { ACCOUNT, begin, newBucket, put, remove, removeBucket, setVersioning, uploadPart } from "./fixtures.ts";

const OTHER = "222222222222";

const withWorld = (use: (place: { state: State; world: World }) => Promise<void>): Promise<void> =>
  withState((state) => use({ state, world: state.world(DEFAULT_WORLD)! }), {
    layering: { stackLayersMax: 1, viewsEndedMs: 0 },
  });

const diff = async (world: World, options: Partial<DiffOptions> = {}): Promise<Difference[]> => {
  const found: Difference[] = [];
  const places = { from: { world, snapshot: "base" }, to: { world } };
  for await (const difference of diffStates(world.host, { ...places, ...options })) found.push(difference);
  return found;
};

/** `added object photos/a` and so on, with the fields of what was changed. */
const inWords = (differences: readonly Difference[]): string[] =>
  differences.map(({ change, kind, accountId, bucket, key, versionId, partNumber, name, deleteMarker, fields }) =>
    [
      change,
      deleteMarker === true ? "marker" : kind,
      bucket === undefined ? accountId : [bucket, key].filter((part) => part !== undefined).join("/"),
      ...(kind === "version" ? [versionId] : []),
      ...(partNumber === undefined ? [] : [partNumber]),
      ...(name === undefined ? [] : [name]),
      ...fields,
    ].join(" "),
  );

const snapshot = (world: World, options: { accountIds?: string[] } = {}) =>
  createSnapshot(world, { name: "base", nowMs: 0, ...options });

const change = (world: World, bucket: Bucket, { key, to }: { key: string; to: Partial<ObjectVersion> }) =>
  world.transact(async (tx) => {
    const object = (await currentObject(tx, bucket, key))!;
    return updateObject(tx, await requireBucket(tx, bucket), { object, change: to });
  });

const configure = (world: World, bucket: Bucket, document: object | undefined) =>
  world.transact(async (tx) => {
    const present = await requireBucket(tx, bucket);
    if (document === undefined) return deleteConfiguration(tx, present, "lifecycle");
    return putConfiguration(tx, present, { kind: "lifecycle", document: JSON.stringify(document) });
  });

const nothingPinned = async (world: World): Promise<boolean> =>
  world.host.engine.read(async (reader) => (await reader.scan(catalog.allPins, { limit: 1 })).length === 0);

test("an object's changes are named by their fields", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "photos");
    const changes: Record<string, Partial<ObjectVersion>> = {
      acl: { attributes: { acl: [{ grantee: { id: "id" }, permission: "READ" }] } },
      checksum: { checksum: { algorithm: "CRC32", type: "FULL_OBJECT", value: "v" } },
      contentType: { attributes: { contentType: "text/plain" } },
      encryption: { attributes: { encryption: { algorithm: "AES256" } } },
      lastModified: { lastModifiedMs: 1 },
      lock: { attributes: { lock: { legalHold: true } } },
      "metadata.color metadata.size": { attributes: { metadata: { size: "1", color: "red" } } },
      "metadata.long": { attributes: { metadata: { long: "x".repeat(1_500) } } },
      ownerAccountId: { ownerAccountId: OTHER },
      storageClass: { storageClass: "GLACIER" },
      tags: { attributes: { tags: [{ key: "k", value: "v" }] } },
    };
    for (const key of Object.keys(changes)) await put({ state, world }, bucket, { key, bytes: "x" });
    await snapshot(world);
    for (const [key, to] of Object.entries(changes)) await change(world, bucket, { key, to });
    const expected = Object.keys(changes).map((key) => `changed object photos/${key} ${key}`);
    t.deepEqual(inWords(await diff(world)), expected);
  });
});

test("a bucket that was made again is compared with what it was, by its name", async (t) => {
  await withWorld(async ({ state, world }) => {
    const first = await newBucket(world, "again");
    await put({ state, world }, first, { key: "gone", bytes: "x" });
    await put({ state, world }, first, { key: "same", bytes: "x" });
    await configure(world, first, { Rules: ["one"] });
    await snapshot(world);
    await remove(world, first, { key: "gone" });
    await remove(world, first, { key: "same" });
    await removeBucket(world, first);
    t.deepEqual(inWords(await diff(world)), [
      `removed account ${ACCOUNT}`,
      "removed bucket again",
      "removed configuration again lifecycle",
      "removed object again/gone",
      "removed object again/same",
    ]);
    const second = await newBucket(world, "again");
    await put({ state, world }, second, { key: "same", bytes: "x" });
    await configure(world, second, { Rules: ["two"], Other: 1 });
    const expected = ["changed configuration again lifecycle Other Rules", "removed object again/gone"];
    t.deepEqual(inWords(await diff(world)), expected);
    t.deepEqual(inWords(await diff(world, { bucket: "again" })), expected);
    await configure(world, second, { Rules: ["one"] });
    await put({ state, world }, second, { key: "gone", bytes: "x" });
    t.deepEqual(inWords(await diff(world)), [], "an id that nobody sees is no difference");
  });
});

test("versions, markers, uploads and parts are known by their ids", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await setVersioning(world, await newBucket(world, "v"), "Enabled");
    await put({ state, world }, bucket, { key: "k", bytes: "x", versionId: "one" });
    const upload = await begin(world, bucket, { key: "u", uploadId: "id" });
    await uploadPart({ state, world }, bucket, { upload, partNumber: 1, bytes: "x" });
    await snapshot(world);
    await put({ state, world }, bucket, { key: "k", bytes: "x", versionId: "two" });
    await remove(world, bucket, { key: "k", markerId: "three" });
    await uploadPart({ state, world }, bucket, { upload, partNumber: 1, bytes: "longer" });
    await uploadPart({ state, world }, bucket, { upload, partNumber: 2, bytes: "x" });
    await begin(world, bucket, { key: "u", uploadId: "other" });
    const expected = [
      "removed object v/k",
      "added marker v/k three",
      "added version v/k two",
      "added upload v/u",
      "changed part v/u 1 sizeBytes",
      "added part v/u 2",
    ];
    t.deepEqual(inWords(await diff(world)), expected);
    t.deepEqual(inWords(await diff(world, { prefix: "k" })), expected.slice(0, 3));
    t.deepEqual(inWords(await diff(world, { prefix: "u", bucket: "v" })), expected.slice(3));
  });
});

test("annotations are known by their version's id, wherever that version stands", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "b");
    const annotate = (name: string, text: string) =>
      state.bodies.storing(Buffer.from(text), (body) =>
        world.transact(async (tx) => {
          const present = await requireBucket(tx, bucket);
          const object = (await currentObject(tx, present, "k"))!;
          const checksum = { algorithm: "CRC32", value: "v" };
          const annotation = { name, etag: text, sizeBytes: text.length, lastModifiedMs: 0, checksum, body };
          return putAnnotation(tx, present, { object, annotation });
        }),
      );
    await put({ state, world }, bucket, { key: "k", bytes: "x" });
    for (const name of ["changed", "gone", "same"]) await annotate(name, "1");
    await snapshot(world);
    await annotate("changed", "22");
    await annotate("new", "1");
    const changes = ["changed annotation b/k changed etag sizeBytes", "added annotation b/k new"];
    t.deepEqual(inWords(await diff(world)), changes);
    // The version that is called `null` has another place now, and the same name.
    await put({ state, world }, bucket, { key: "k", bytes: "x" });
    for (const [name, text] of [
      ["changed", "22"],
      ["new", "1"],
      ["same", "1"],
    ] as const)
      await annotate(name, text);
    t.deepEqual(inWords(await diff(world)), [changes[0]!, "removed annotation b/k gone", changes[1]!]);
  });
});

test("a snapshot of named accounts is compared with those alone", async (t) => {
  await withWorld(async ({ world }) => {
    await newBucket(world, "ours");
    await newBucket(world, "theirs", { accountId: OTHER });
    await snapshot(world, { accountIds: [ACCOUNT] });
    await resetAccounts(world, {});
    t.deepEqual(inWords(await diff(world)), [`removed account ${ACCOUNT}`, "removed bucket ours"]);
    t.deepEqual(inWords(await diff(world, { from: undefined, to: { world, snapshot: "base" } })), [
      `added account ${ACCOUNT}`,
      "added bucket ours",
    ]);
    t.deepEqual(inWords(await diff(world, { accountIds: [OTHER] })), []);
  });
});

test("what only the server knows is no difference: tokens of renames, marks of uploads, emptied accounts", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "b");
    await snapshot(world);
    await resetAccounts(world, { accountIds: [OTHER] });
    await world.transact(async (tx) =>
      rememberRename(tx, await requireBucket(tx, bucket), { token: "t", request: "r" }),
    );
    await begin(world, bucket, { key: "k", uploadId: "id" });
    await put({ state, world }, bucket, { key: "k", bytes: "x" });
    t.deepEqual(inWords(await diff(world)), ["added object b/k", "added upload b/k"]);
  });
});

test("a diff shows one moment, whatever is written, reset and deleted while it goes on", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "b");
    await snapshot(world);
    const keys = Array.from({ length: 600 }, (_, at) => `k${String(at).padStart(3, "0")}`);
    for (const key of keys) await put({ state, world }, bucket, { key, bytes: "x" });
    const found: (string | undefined)[] = [];
    for await (const { key } of diffStates(world.host, { from: { world, snapshot: "base" }, to: { world } })) {
      if (found.length === 0) {
        await put({ state, world }, bucket, { key: "later", bytes: "x" });
        await resetAccounts(world, {});
        await deleteSnapshot(world, "base");
        await state.settle();
      }
      found.push(key);
    }
    t.deepEqual(found, keys);
    t.true(await nothingPinned(world));
  });
});

test("a diff that is left or cut off pins nothing any more", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "b");
    await snapshot(world);
    for (const key of ["one", "two"]) await put({ state, world }, bucket, { key, bytes: "x" });
    for await (const _ of diffStates(world.host, { from: { world, snapshot: "base" }, to: { world } })) {
      t.false(await nothingPinned(world));
      break;
    }
    t.true(await nothingPinned(world));
    const stop = new AbortController();
    const cutOff = diffStates(world.host, { from: undefined, to: { world }, signal: stop.signal });
    await cutOff.next();
    stop.abort(new Error("enough"));
    await t.throwsAsync(
      async () => {
        for await (const _ of cutOff);
      },
      { message: "enough" },
    );
    t.true(await nothingPinned(world));
  });
});

test("what a crash left pinned is forgotten at the next start", async (t) => {
  await withFolder(async (dir) => {
    const before = await openStateIn(dir);
    const world = before.state.world(DEFAULT_WORLD)!;
    await newBucket(world, "b");
    const running = diffStates(world.host, { from: undefined, to: { world } });
    await running.next();
    t.false(await nothingPinned(world));
    await before.crash();
    const after = await openStateIn(dir);
    t.true(await nothingPinned(after.state.world(DEFAULT_WORLD)!));
    await after.close();
  });
});

test("an unknown snapshot is named with its world", async (t) => {
  await withWorld(async ({ state, world }) => {
    const fork = await state.fork({ name: "fork", fromWorld: world });
    const error = await t.throwsAsync(diff(world, { to: { world: fork, snapshot: "none" }, from: { world } }), {
      instanceOf: SnapshotNotFoundError,
    });
    t.like(error, { snapshotName: "none", worldName: "fork" });
  });
});

test("a state that stood on flattened layers differs in the same", async (t) => {
  await withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "b");
    for (const key of ["a", "b", "c"]) await put({ state, world }, bucket, { key, bytes: "x" });
    await snapshot(world);
    for (const name of ["one", "two", "three"]) {
      await remove(world, bucket, { key: "a" });
      await put({ state, world }, bucket, { key: name, bytes: "x" });
      await createSnapshot(world, { name, nowMs: 0 });
    }
    const before = await diff(world);
    t.deepEqual(inWords(before), [
      "removed object b/a",
      ...["one", "three", "two"].map((key) => `added object b/${key}`),
    ]);
    for (const name of ["one", "two", "three"]) await deleteSnapshot(world, name);
    await state.settle();
    // Four were written, one for each snapshot; the background may have begun before.
    t.is(await world.read(async (view) => (await view.stack(ACCOUNT)).layers.length), 2);
    t.deepEqual(await diff(world), before);
  });
});

test("what differs of a fork of 100,000 objects is found by reading a few records", async (t) => {
  t.timeout(180_000);
  const OBJECTS = 100_000;
  let records = 0;
  const counted = <T>(found: T, count: number): T => {
    records += count;
    return found;
  };
  await withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      const bucket = await newBucket(world, "base");
      for (let from = 0; from < OBJECTS; from += 1_000) {
        await world.transact(async (tx) => {
          for (let at = from; at < from + 1_000; at += 1) await putObject(tx, bucket, emptyObject(`k${at}`));
        });
      }
      const fork = await state.fork({ name: "fork", fromWorld: world });
      const inFork = { ...bucket, epoch: 0 };
      await put({ state, world: fork }, inFork, { key: "k7", bytes: "x" });
      await put({ state, world: fork }, inFork, { key: "new", bytes: "x" });
      await remove(fork, inFork, { key: "k99999" });
      records = 0;
      const places = { from: { world }, to: { world: fork } };
      const expected = ["changed object base/k7 etag sizeBytes", "removed object base/k99999", "added object base/new"];
      t.deepEqual(inWords(await diff(world, places)), expected);
      t.true(records <= 30, `${records} records`);
      t.log(`${records} records`);
      // With nothing in common all of it is read, and one page of it at a time.
      t.is((await diff(world, { from: undefined, to: { world } })).length, OBJECTS + 2);
    },
    {
      wrap: (engine) => ({
        ...engine,
        read: (fn) =>
          engine.read((view) =>
            fn({
              get: async (key) => counted(await view.get(key), 1),
              getBytes: (key) => view.getBytes(key),
              getMany: async (keys) => counted(await view.getMany(keys), keys.length),
              scan: async (range, options) => {
                const found = await view.scan(range, options);
                return counted(found, found.length);
              },
            }),
          ),
      }),
    },
  );
});

const emptyObject = (key: string) => ({
  key,
  versionId: "unused",
  etag: "empty",
  sizeBytes: 0,
  lastModifiedMs: 0,
  storageClass: "STANDARD",
  ownerAccountId: ACCOUNT,
  attributes: {},
  content: { copied: [], multipart: false },
});
