import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import test from "ava";
import { putAccessKey, listAccessKeys } from "../../../src/state/access-keys.ts";
import { putAnnotation } from "../../../src/state/annotations.ts";
import { exportState } from "../../../src/state/archive/export.ts";
import { ArchiveError } from "../../../src/state/archive/format.ts";
import { findBucket, putConfiguration, requireBucket } from "../../../src/state/buckets.ts";
import { NamespaceConflictError, SnapshotExistsError } from "../../../src/state/errors.ts";
import type { Bucket } from "../../../src/state/model.ts";
import { currentObject, readManifest } from "../../../src/state/objects.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../../src/state/snapshots.ts";
import { completeUpload, readParts } from "../../../src/state/uploads.ts";
import { withFolder, openStateIn, withState } from "../../support/state.ts";
import { audit } from "../audit.ts";
import {
  ACCOUNT,
  begin,
  copy,
  fileBodies,
  LARGE,
  newBucket,
  open,
  put,
  readAll,
  remove,
  uploadPart,
} from "../fixtures.ts";
import type { Place } from "../fixtures.ts";
import { archiveOf, importInto } from "./archives.ts";

const OTHER = "222222222222";

const placeOf = (state: Place["state"]): Place => ({ state, world: state.world("default")! });

const annotate = ({ state, world }: Place, bucket: Bucket, key: string): Promise<unknown> =>
  state.bodies.storing(Buffer.from("a note"), (body) =>
    world.transact(async (tx) => {
      const object = (await currentObject(tx, bucket, key))!;
      const checksum = { algorithm: "CRC32", value: "crc" };
      const annotation = { name: "note", etag: "e", sizeBytes: 6, lastModifiedMs: 7, checksum, body };
      return putAnnotation(tx, await requireBucket(tx, bucket), { object, annotation });
    }),
  );

/** What nothing leads to is gone, its files too. */
const settled = async (state: Place["state"]): Promise<void> => {
  await state.settle();
  await state.bodies.dead.settle();
};

/** One of each kind of thing. */
const fill = async (place: Place): Promise<void> => {
  const { world } = place;
  const plain = await newBucket(world, "plain");
  await put(place, plain, { key: "small", bytes: "small" });
  await put(place, plain, { key: "large", bytes: LARGE });
  await put(place, plain, { key: "empty", bytes: "" });
  await copy(world, plain, { from: "large", to: "of the large one" });
  await world.transact(async (tx) =>
    putConfiguration(tx, await requireBucket(tx, plain), {
      kind: "tagging",
      document: '{"TagSet":[{"key":"b","value":"1"}]}',
    }),
  );
  const versioned = await newBucket(world, "versioned", { accountId: OTHER, versioning: "Enabled" });
  for (const id of ["1", "2"]) await put(place, versioned, { key: "k", bytes: `v${id}`, versionId: id.repeat(32) });
  await remove(world, versioned, { key: "k", markerId: "3".repeat(32) });
  await put(place, versioned, { key: "m", bytes: "m", versionId: "4".repeat(32) });
  await annotate(place, versioned, "m");
  const upload = await begin(world, versioned, { key: "parts", uploadId: "done" });
  for (const partNumber of [1, 2]) await uploadPart(place, versioned, { upload, partNumber, bytes: LARGE });
  await world.transact(async (tx) => {
    const present = await requireBucket(tx, versioned);
    const chosen = await readParts(tx, present, upload);
    const object = {
      key: "parts",
      versionId: "5".repeat(32),
      etag: "e-2",
      sizeBytes: 2 * LARGE.length,
      lastModifiedMs: 5,
      storageClass: "GLACIER",
      ownerAccountId: OTHER,
      attributes: { metadata: { b: "x".repeat(2_000), a: "y" } },
    };
    return completeUpload(tx, present, { upload, chosen, object });
  });
  const open = await begin(world, versioned, { key: "unfinished", uploadId: "open" });
  await uploadPart(place, versioned, { upload: open, partNumber: 3, bytes: "part three" });
  await putAccessKey(world, { accessKeyId: "AKIAONE", secretAccessKey: "s", accountId: ACCOUNT, createdAtMs: 1 });
  await putAccessKey(world, {
    accessKeyId: "AKIATWO",
    secretAccessKey: "t",
    accountId: OTHER,
    userName: "u",
    createdAtMs: 2,
  });
};

/** The archive of a filled state, which is gone. */
const filledArchive = async (options: Parameters<typeof archiveOf>[1] = {}): Promise<Buffer> => {
  let archive: Buffer = Buffer.alloc(0);
  await withState(async (state) => {
    await fill(placeOf(state));
    archive = await archiveOf(placeOf(state).world, options);
  });
  return archive;
};

for (const compression of ["zstd", "gzip"] as const)
  test(`export, import, export gives identical bytes (${compression})`, async (t) => {
    const archive = await filledArchive({ compression });
    await withState(async (state, dir, engine) => {
      const place = placeOf(state);
      const { accountIds, whole } = await importInto(place.world, archive);
      t.deepEqual({ accountIds, whole }, { accountIds: [ACCOUNT, OTHER], whole: true });
      t.true((await archiveOf(place.world, { compression })).equals(archive));
      const plain = (await place.world.read((view) => findBucket(view, { partition: "aws", name: "plain" })))!;
      t.is(await readAll(await open(place, plain, "of the large one")), LARGE.toString());
      const versioned = (await place.world.read((view) => findBucket(view, { partition: "aws", name: "versioned" })))!;
      const parts = await place.world.read(async (view) =>
        readManifest(view, versioned, (await currentObject(view, versioned, "parts"))!),
      );
      t.deepEqual(
        parts.map(({ partNumber, sizeBytes }) => [partNumber, sizeBytes]),
        [
          [1, LARGE.length],
          [2, LARGE.length],
        ],
      );
      await state.settle();
      t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    });
  });

test("what a state went through leaves no trace in its archive", async (t) => {
  const archive = await filledArchive();
  await withState(async (state) => {
    const place = placeOf(state);
    const bucket = await newBucket(place.world, "gone");
    for (const key of ["x", "y"]) await put(place, bucket, { key, bytes: LARGE });
    await importInto(place.world, await archiveOf(place.world, { accountIds: [OTHER] }));
    await importInto(place.world, archive);
    await createSnapshot(place.world, { name: "s", nowMs: 0 });
    const plain = (await place.world.read((view) => findBucket(view, { partition: "aws", name: "plain" })))!;
    // Written over with what was there, on top of a sealed layer.
    await put(place, plain, { key: "small", bytes: "other" });
    await put(place, plain, { key: "small", bytes: "small" });
    await put(place, plain, { key: "passing", bytes: "passing" });
    await remove(place.world, plain, { key: "passing" });
    t.true((await archiveOf(place.world)).equals(archive));
    t.true((await archiveOf(place.world, { snapshot: "s" })).equals(archive));
  });
});

test("equal bytes are in the archive once, and it is a tar that any tool reads", async (t) => {
  const archive = await filledArchive();
  const tar = zstdDecompressSync(archive);
  const names = [];
  for (let at = 0; tar[at] !== 0;) {
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 135), 8);
    const name = tar.toString("latin1", at, tar.indexOf(0, at));
    names.push(name);
    if (name.startsWith("bodies/"))
      t.is(
        createHash("sha256")
          .update(tar.subarray(at + 512, at + 512 + size))
          .digest("hex"),
        name.slice(7),
      );
    at += 512 + Math.ceil(size / 512) * 512;
  }
  const digest = createHash("sha256").update(LARGE).digest("hex");
  t.is(names.filter((name) => name === `bodies/${digest}`).length, 1);
  t.is(names[0], "manifest.json");
  t.is(names.at(-1), "trailer.json");
  t.deepEqual(
    names.filter((name) => !name.startsWith("bodies/")),
    [
      "manifest.json",
      `records/${ACCOUNT}/00000001.jsonl`,
      `records/${OTHER}/00000001.jsonl`,
      "access-keys/00000001.jsonl",
      "trailer.json",
    ],
  );
});

for (const compression of ["zstd", "gzip"] as const)
  test(`any flipped byte is found, and changes nothing (${compression})`, async (t) => {
    t.timeout(120_000);
    const archive = await filledArchive({ compression });
    await withState(async (state, dir) => {
      const { world } = placeOf(state);
      await importInto(world, archive);
      const before = await archiveOf(world, { compression });
      // All of both ends, where headers and seals are, and every 37th byte between them.
      const ends = 200;
      for (let at = 0; at < archive.length; at += at < ends || at >= archive.length - ends ? 1 : 37) {
        for (const mask of [1, 0x80]) {
          const flipped = Buffer.from(archive);
          flipped[at]! ^= mask;
          await t.throwsAsync(importInto(world, flipped), { instanceOf: ArchiveError }, `byte ${at}`);
        }
      }
      t.true((await archiveOf(world, { compression })).equals(before));
      await settled(state);
      t.is((await fileBodies(dir)).length, 1);
    });
  });

test("a cut or lengthened archive and what is none of ours are refused by name", async (t) => {
  const archive = await filledArchive();
  const foreign = Buffer.concat([archive.subarray(archive.length - 0), zstdCompressSync("no tar at all")]);
  await withState(async (state) => {
    const { world } = placeOf(state);
    const refused = async (bytes: Buffer, expected: { kind: ArchiveError["kind"]; message: RegExp }): Promise<void> => {
      const error = await t.throwsAsync<ArchiveError>(importInto(world, bytes), { instanceOf: ArchiveError });
      t.is(error?.kind, expected.kind, error?.message);
      t.regex(error?.message ?? "", expected.message);
    };
    await refused(archive.subarray(0, archive.length - 1), { kind: "damaged", message: /sealed/ });
    await refused(archive.subarray(0, archive.length / 2), { kind: "foreign", message: /not all of one/ });
    await refused(Buffer.concat([archive, Buffer.from("x")]), { kind: "damaged", message: /sealed/ });
    await refused(Buffer.concat([archive, archive]), { kind: "damaged", message: /sealed/ });
    await refused(foreign, { kind: "foreign", message: /no seal/ });
    await refused(gzipSync("hello"), { kind: "foreign", message: /no seal/ });
    await refused(Buffer.from("PK\u0003\u0004 a zip file"), { kind: "foreign", message: /neither zstd nor gzip/ });
    await refused(Buffer.alloc(0), { kind: "foreign", message: /too short/ });
  });
});

test("named accounts are exported and imported alone, their bytes too where others had them first", async (t) => {
  const archive = await filledArchive();
  await withState(async (state, dir, engine) => {
    const place = placeOf(state);
    await put(place, await newBucket(place.world, "mine", { accountId: ACCOUNT }), { key: "k", bytes: "mine" });
    t.like(await importInto(place.world, archive, { accountIds: [OTHER] }), { accountIds: [OTHER], whole: false });
    const partial = await filledArchive({ accountIds: [OTHER] });
    t.true((await archiveOf(place.world, { accountIds: [OTHER] })).equals(partial));
    const keys = await listAccessKeys(place.world, { limit: 10 });
    t.deepEqual(
      keys.map(({ accessKeyId }) => accessKeyId),
      ["AKIATWO"],
    );
    t.truthy(await place.world.read((view) => findBucket(view, { partition: "aws", name: "mine" })));
    const missing = importInto(place.world, archive, { accountIds: ["333333333333"] });
    await t.throwsAsync(missing, { message: /does not hold account 333333333333/ });
    await state.settle();
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

test("a bucket name that belongs to another account fails the import and changes nothing", async (t) => {
  const partial = await filledArchive({ accountIds: [OTHER] });
  await withState(async (state, dir, engine) => {
    const place = placeOf(state);
    await put(place, await newBucket(place.world, "versioned", { accountId: ACCOUNT }), { key: "k", bytes: LARGE });
    const before = await archiveOf(place.world);
    await t.throwsAsync(importInto(place.world, partial), { instanceOf: NamespaceConflictError });
    t.true((await archiveOf(place.world)).equals(before));
    await state.settle();
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

test("an import as a snapshot leaves the world as it is, until it is restored or forked", async (t) => {
  const archive = await filledArchive();
  await withState(async (state, dir, engine) => {
    const place = placeOf(state);
    await put(place, await newBucket(place.world, "mine"), { key: "k", bytes: "mine" });
    const before = await archiveOf(place.world);
    const snapshot = { name: "seed", replace: false, nowMs: 9 };
    t.like(await importInto(place.world, archive, { snapshot }), {
      snapshot: { name: "seed", createdAtMs: 9, accountIds: [ACCOUNT, OTHER], whole: true },
    });
    t.true((await archiveOf(place.world)).equals(before));
    t.true((await archiveOf(place.world, { snapshot: "seed" })).equals(archive));
    await t.throwsAsync(importInto(place.world, archive, { snapshot }), { instanceOf: SnapshotExistsError });
    await importInto(place.world, archive, { snapshot: { ...snapshot, replace: true } });
    const fork = await state.fork({ name: "fork", fromWorld: place.world, fromSnapshot: "seed" });
    t.true((await archiveOf(fork)).equals(archive));
    await restoreSnapshot(place.world, "seed");
    const versioned = await place.world.read((view) => findBucket(view, { partition: "aws", name: "versioned" }));
    t.is(versioned?.accountId, OTHER);
    t.is(await place.world.read((view) => findBucket(view, { partition: "aws", name: "mine" })), undefined);
    await state.settle();
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

test("an import that a crash cut off leaves nothing behind after the next start", async (t) => {
  const archive = await filledArchive();
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    const world = first.state.world("default")!;
    await put({ state: first.state, world }, await newBucket(world, "mine"), { key: "k", bytes: "mine" });
    const before = await archiveOf(world);
    const stuck = Promise.withResolvers<void>();
    let transactions = 0;
    const real = world.transact.bind(world);
    // Two accounts' layers are there and filled, and the one transaction that puts them in place never comes.
    world.transact = async (fn) => {
      transactions += 1;
      if (transactions > 4) {
        stuck.resolve();
        return new Promise(() => {});
      }
      return real(fn);
    };
    void importInto(world, archive);
    await stuck.promise;
    await first.crash();
    const second = await openStateIn(dir);
    const again = second.state.world("default")!;
    t.true((await archiveOf(again)).equals(before));
    await second.state.settle();
    await second.state.close();
    t.deepEqual(await audit(second.engine, dir), { problems: [], unreferenced: [] });
    t.deepEqual(await fileBodies(dir), []);
    await second.engine.close();
  });
});

test("an archive is of the moment it began, whatever is done while it is read", async (t) => {
  await withState(async (state, dir, engine) => {
    const place = placeOf(state);
    await fill(place);
    const before = await archiveOf(place.world);
    const chunks: Uint8Array[] = [];
    let isFirst = true;
    for await (const chunk of exportState(place.world, { compression: "zstd" })) {
      chunks.push(chunk);
      if (!isFirst) continue;
      isFirst = false;
      await resetAccounts(place.world, {});
      await put(place, await newBucket(place.world, "later"), { key: "k", bytes: "later" });
      await state.settle();
    }
    t.true(Buffer.concat(chunks).equals(before));
    // With the pin gone nothing holds the old layers.
    await settled(state);
    t.deepEqual(await fileBodies(dir), []);
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

test("an export that is given up lets go of what it held", async (t) => {
  await withState(async (state, dir) => {
    const place = placeOf(state);
    await fill(place);
    for await (const chunk of exportState(place.world, { compression: "gzip" })) {
      t.true(chunk.length > 0);
      break;
    }
    await resetAccounts(place.world, {});
    await settled(state);
    t.deepEqual(await fileBodies(dir), []);
  });
});

test("where each account has its own bucket names, two may bring the same", async (t) => {
  await withState(async (state) => {
    const { world } = placeOf(state);
    await world.updateSettings({ bucketNamespace: "account" });
    for (const accountId of [ACCOUNT, OTHER]) await newBucket(world, "same", { accountId });
    const archive = await archiveOf(world);
    await resetAccounts(world, {});
    await importInto(world, archive);
    t.true((await archiveOf(world)).equals(archive));
    await importInto(world, archive, { snapshot: { name: "s", replace: false, nowMs: 0 } });
    await restoreSnapshot(world, "s");
    t.true((await archiveOf(world)).equals(archive));
    await withState(async (shared) => {
      const other = placeOf(shared).world;
      await t.throwsAsync(importInto(other, archive), { instanceOf: NamespaceConflictError });
      const snapshot = { name: "s", replace: false, nowMs: 0 };
      await t.throwsAsync(importInto(other, archive, { snapshot }), { instanceOf: NamespaceConflictError });
    });
  });
});

test("the ids of uploads that came with an archive are not given out again", async (t) => {
  let archive: Buffer = Buffer.alloc(0);
  let uploadId = "";
  await withState(async (state) => {
    const { world } = placeOf(state);
    for (let drawn = 0; drawn < 5; drawn += 1) uploadId = (await world.draw()).uploadId();
    await begin(world, await newBucket(world, "bucket"), { key: "k", uploadId });
    archive = await archiveOf(world);
  });
  // The same seed.
  await withState(async (state) => {
    const { world } = placeOf(state);
    await importInto(world, archive);
    t.true((await world.draw()).uploadId() > uploadId);
  });
});
