import test from "ava";
import * as fc from "fast-check";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { accountUsage, listAccounts } from "../../src/state/accounts.ts";
import {
  createBucket,
  deleteBucket,
  findBucket,
  listBuckets,
  requireBucket,
  updateBucket,
} from "../../src/state/buckets.ts";
import { NamespaceConflictError } from "../../src/state/errors.ts";
import { listObjects, listUploads, listVersions } from "../../src/state/listing.ts";
import type { Bucket, ObjectVersion } from "../../src/state/model.ts";
import {
  currentObject,
  deleteObject,
  findVersion,
  latestVersion,
  putObject,
  readManifest,
} from "../../src/state/objects.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import { abortUpload, completeUpload, createUpload, findUpload, putPart, readParts } from "../../src/state/uploads.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import {
  plainDelete,
  plainDeleteVersion,
  plainPut,
  PlainWorld,
  type PlainBucket,
  type PlainVersion,
} from "./plain-model.ts";

const ACCOUNTS = ["111111111111", "222222222222", "333333333333"];
const BUCKETS = ["alpha", "beta", "gamma"];
// U+1F600 sorts after U+FF21 by UTF-8 bytes and before it by UTF-16 units; NUL is escaped in some keys and not in others.
const KEYS = ["a", "a/b", "a/b/c", "a/", "a\0", "a\0\u0001", "ab", "\u{1F600}", "\uFF21", "z//y", "/", "\u{10FFFF}x"];
const PREFIXES = ["", "a", "a/", "\u{1F600}", "nothing"];
const DELIMITERS = [undefined, "/", "b"];
const LIMITS = [1, 2, 3, 100];

type Step = { readonly kind: string; readonly picks: readonly number[] };

const step = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant("createBucket") },
    { weight: 10, arbitrary: fc.constant("put") },
    { weight: 5, arbitrary: fc.constant("delete") },
    { weight: 4, arbitrary: fc.constant("deleteVersion") },
    { weight: 3, arbitrary: fc.constant("copy") },
    { weight: 2, arbitrary: fc.constantFrom("deleteBucket", "setVersioning", "createUpload", "abortUpload") },
    { weight: 4, arbitrary: fc.constantFrom("putPart", "completeUpload") },
    { weight: 2, arbitrary: fc.constantFrom("snapshot", "snapshotSome", "restore", "reset", "resetSome", "fork") },
  ),
  picks: fc.array(fc.nat(1_000_000), { minLength: 6, maxLength: 6 }),
});

/** The same steps on the real state and on the plain model. */
class Twin {
  readonly state: State;
  readonly worlds: { real: World; plain: PlainWorld }[] = [];
  #drawn = 0;

  constructor(state: State) {
    this.state = state;
    this.worlds.push({ real: state.world(DEFAULT_WORLD)!, plain: new PlainWorld() });
  }

  async take({ kind, picks }: Step): Promise<void> {
    const pick = <T>(from: readonly T[], at: number): T | undefined => from[(picks[at] ?? 0) % from.length];
    const { real, plain } = pick(this.worlds, 0)!;
    const name = pick(BUCKETS, 1)!;
    const key = pick(KEYS, 2)!;
    const owner = plain.find(name);
    const drawnId = `id${String((this.#drawn += 1)).padStart(30, "0")}`;
    switch (kind) {
      case "createBucket":
        return this.#createBucket({ real, plain }, { name, accountId: pick(ACCOUNTS, 3)! });
      case "snapshot":
      case "snapshotSome": {
        const accountIds = kind === "snapshot" ? undefined : ACCOUNTS.slice(0, 1 + ((picks[3] ?? 0) % 2));
        const snapshot = pick(["one", "two"], 4)!;
        await createSnapshot(real, { name: snapshot, replace: true, nowMs: 0, ...(accountIds && { accountIds }) });
        return plain.snapshot(snapshot, accountIds);
      }
      case "restore": {
        const snapshot = pick([...plain.snapshots.keys()], 4);
        if (snapshot === undefined) return;
        const expected = plain.restore(snapshot);
        const restored = await restoreSnapshot(real, snapshot).then(
          () => true,
          (error: unknown) => {
            if (error instanceof NamespaceConflictError) return false;
            throw error;
          },
        );
        if (restored !== expected) throw new Error(`restore answered ${restored}, the model ${expected}`);
        return;
      }
      case "reset":
        await resetAccounts(real, {});
        return plain.reset();
      case "resetSome": {
        const accountIds = ACCOUNTS.slice((picks[3] ?? 0) % 3);
        await resetAccounts(real, { accountIds });
        return plain.reset(accountIds);
      }
      case "fork": {
        if (this.worlds.length === 4) return;
        const fork = await this.state.fork({ name: `fork-${this.worlds.length}`, fromWorld: real });
        this.worlds.push({ real: fork, plain: plain.fork() });
        return;
      }
    }
    if (owner === undefined) return;
    const bucket = (await real.read((view) => findBucket(view, { partition: "aws", name })))!;
    const model = owner.bucket;
    switch (kind) {
      case "deleteBucket":
        if (model.keys.size > 0) return;
        await real.transact(async (tx) => deleteBucket(tx, await requireBucket(tx, bucket)));
        plain.account(owner.accountId).buckets.delete(name);
        return;
      case "setVersioning": {
        const versioning = pick(["Enabled", "Suspended"] as const, 3)!;
        await real.transact((tx) => updateBucket(tx, bucket, { versioning }));
        model.versioning = versioning;
        return;
      }
      case "put": {
        // One in four is a file, one in five has attributes that stand in a record of their own.
        const size = (picks[3] ?? 0) % 4 === 0 ? 40_000 : (picks[3] ?? 0) % 50;
        const bytes = `${drawnId}:`.padEnd(size, "x");
        const note = (picks[4] ?? 0) % 5 === 0 ? "n".repeat(1_500) : "short";
        await this.state.bodies.storing(Buffer.from(bytes), (body) =>
          real.transact(async (tx) => {
            const present = await requireBucket(tx, bucket);
            return putObject(tx, present, { ...objectOf(key, drawnId, { bytes, note }), content: { body } });
          }),
        );
        return plainPut(model, key, { versionId: drawnId, bytes, note });
      }
      case "copy": {
        const source = [...model.keys].flatMap(([from, [latest]]) =>
          latest?.marker === false ? [{ from, latest }] : [],
        );
        const chosen = pick(source, 3);
        if (chosen === undefined) return;
        await real.transact(async (tx) => {
          const present = await requireBucket(tx, bucket);
          const object = (await currentObject(tx, present, chosen.from))!;
          const copied = await readManifest(tx, present, object);
          const { bytes, note } = chosen.latest;
          return putObject(tx, present, {
            ...objectOf(key, drawnId, { bytes, note }),
            content: { copied, multipart: false },
          });
        });
        const { bytes, note } = chosen.latest;
        return plainPut(model, key, { versionId: drawnId, bytes, note });
      }
      case "delete":
        await real.transact(async (tx) =>
          deleteObject(tx, await requireBucket(tx, bucket), { key, marker: markerOf(drawnId) }),
        );
        return plainDelete(model, key, drawnId);
      case "deleteVersion": {
        const versions = [...model.keys].flatMap(([of, all]) => all.map(({ versionId }) => ({ of, versionId })));
        const chosen = pick(versions, 3);
        if (chosen === undefined) return;
        await real.transact(async (tx) =>
          deleteObject(tx, await requireBucket(tx, bucket), {
            key: chosen.of,
            versionId: chosen.versionId,
            marker: markerOf(drawnId),
          }),
        );
        return plainDeleteVersion(model, chosen.of, chosen.versionId);
      }
      case "createUpload":
        await real.transact(async (tx) =>
          createUpload(tx, await requireBucket(tx, bucket), {
            uploadId: drawnId,
            key,
            initiatedAtMs: 0,
            initiator: { arn: "arn", displayName: "name" },
            ownerAccountId: owner.accountId,
            storageClass: "STANDARD",
            attributes: { metadata: { note: "upload" } },
          }),
        );
        model.uploads.set(drawnId, { key, uploadId: drawnId, parts: new Map(), keyChanged: false });
        return;
    }
    const upload = pick([...model.uploads.values()], 3);
    if (upload === undefined) return;
    const stored = (await real.read((view) => findUpload(view, bucket, upload)))!;
    switch (kind) {
      case "putPart": {
        const partNumber = 1 + ((picks[4] ?? 0) % 3);
        const bytes = `${drawnId}-part`.padEnd((picks[5] ?? 0) % 3 === 0 ? 40_000 : 20, "p");
        await this.state.bodies.storing(Buffer.from(bytes), (body) =>
          real.transact(async (tx) =>
            putPart(tx, await requireBucket(tx, bucket), {
              upload: stored,
              part: {
                partNumber,
                etag: "e",
                sizeBytes: bytes.length,
                lastModifiedMs: 0,
                checksum: { algorithm: "CRC32", value: "v" },
                checksumGiven: true,
                content: { body },
              },
            }),
          ),
        );
        upload.parts.set(partNumber, bytes);
        return;
      }
      case "abortUpload":
        await real.transact(async (tx) => abortUpload(tx, await requireBucket(tx, bucket), stored));
        model.uploads.delete(upload.uploadId);
        return;
      case "completeUpload": {
        const numbers = [...upload.parts.keys()]
          .sort((a, b) => a - b)
          .filter((number) => (picks[4] ?? 0) % 4 !== number);
        if (numbers.length === 0) return;
        const bytes = numbers.map((number) => upload.parts.get(number)).join("");
        await real.transact(async (tx) => {
          const present = await requireBucket(tx, bucket);
          const chosen = (await readParts(tx, present, stored)).filter((part) => numbers.includes(part.partNumber));
          const object = objectOf(upload.key, drawnId, { bytes, note: "upload" });
          return completeUpload(tx, present, { upload: stored, chosen, object });
        });
        model.uploads.delete(upload.uploadId);
        return plainPut(model, upload.key, { versionId: drawnId, bytes, note: "upload" });
      }
    }
  }

  async #createBucket(
    { real, plain }: { real: World; plain: PlainWorld },
    { name, accountId }: { name: string; accountId: string },
  ): Promise<void> {
    const { created, bucket } = await real.transact((tx) =>
      createBucket(tx, {
        name,
        accountId,
        partition: "aws",
        region: "us-east-1",
        createdAtMs: 0,
        versioning: "Unversioned",
        objectOwnership: "BucketOwnerEnforced",
        objectLockEnabled: false,
      }),
    );
    const owner = plain.find(name);
    if (created !== (owner === undefined)) throw new Error(`${name}: created ${created}`);
    if (owner !== undefined) {
      if (owner.accountId !== bucket.accountId) throw new Error(`${name} has another owner`);
      return;
    }
    plain
      .account(accountId)
      .buckets.set(name, { name, versioning: "Unversioned", keys: new Map(), uploads: new Map() });
  }
}

const objectOf = (key: string, versionId: string, { bytes, note }: { bytes: string; note: string }) => ({
  key,
  versionId,
  etag: "etag",
  sizeBytes: bytes.length,
  lastModifiedMs: 0,
  storageClass: "STANDARD",
  ownerAccountId: "111111111111",
  attributes: { metadata: { note } },
});

const markerOf = (versionId: string) => ({ versionId, lastModifiedMs: 0, ownerAccountId: "111111111111" });

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const rolledUp = (key: string, prefix: string, delimiter: string | undefined): string | undefined => {
  const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter!.length);
};

/** What a list must show: names in order, common prefixes once. */
const expectedList = (
  names: { key: string; name: string }[],
  prefix: string,
  delimiter: string | undefined,
): string[] => {
  const shown: string[] = [];
  for (const { key, name } of names) {
    if (!key.startsWith(prefix)) continue;
    const common = rolledUp(key, prefix, delimiter);
    const text = common === undefined ? name : `prefix ${common}`;
    if (shown.at(-1) !== text || common === undefined) shown.push(text);
  }
  return shown;
};

const readAll = async (content: Uint8Array | Readable): Promise<string> =>
  (content instanceof Uint8Array ? Buffer.from(content) : await buffer(content)).toString();

const contentOf = async (state: State, world: World, bucket: Bucket, object: ObjectVersion): Promise<string> => {
  const range = { offsetBytes: 0, lengthBytes: object.sizeBytes };
  return readAll(await world.read((view) => state.bodies.openContent(view, { bucket, object, range })));
};

const checkBucket = async (
  t: { deepEqual: (actual: unknown, expected: unknown, message?: string) => unknown },
  {
    state,
    world,
    bucket,
    model,
    seed,
  }: { state: State; world: World; bucket: Bucket; model: PlainBucket; seed: number },
): Promise<void> => {
  const keys = [...model.keys.keys()].sort(byBytes);
  const prefix = PREFIXES[seed % PREFIXES.length]!;
  const delimiter = DELIMITERS[seed % DELIMITERS.length];
  const limit = LIMITS[seed % LIMITS.length]!;

  const objects: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await world.read((view) =>
      listObjects(view, bucket, {
        prefix,
        limit,
        ...(delimiter && { delimiter }),
        ...(after !== undefined && { after }),
      }),
    );
    for (const entry of page.entries)
      objects.push("object" in entry ? entry.object.key : `prefix ${entry.commonPrefix}`);
    if (!page.truncated) break;
    after = page.next;
  }
  const current = keys.filter((key) => !model.keys.get(key)![0]!.marker);
  t.deepEqual(
    objects,
    expectedList(
      current.map((key) => ({ key, name: key })),
      prefix,
      delimiter,
    ),
    "objects",
  );

  const describe = (key: string, version: { versionId: string }, isLatest: boolean) =>
    `${key} ${version.versionId} ${isLatest}`;
  const versions: string[] = [];
  for (let marker: { keyMarker?: string; versionIdMarker?: string } = {}; ;) {
    const page = await world.read((view) =>
      listVersions(view, bucket, { prefix, limit, ...(delimiter && { delimiter }), ...marker }),
    );
    for (const entry of page.entries) {
      if ("commonPrefix" in entry) versions.push(`prefix ${entry.commonPrefix}`);
      else versions.push(describe(entry.version.key, entry.version, entry.version.isLatest));
    }
    if (!page.truncated) break;
    const last = page.entries.at(-1)!;
    marker =
      "commonPrefix" in last
        ? { keyMarker: last.commonPrefix }
        : { keyMarker: last.version.key, versionIdMarker: last.version.versionId };
  }
  const allVersions = keys.flatMap((key) =>
    model.keys.get(key)!.map((version, at) => ({ key, name: describe(key, version, at === 0) })),
  );
  t.deepEqual(versions, expectedList(allVersions, prefix, delimiter), "versions");

  const uploads: string[] = [];
  for (let marker: { keyMarker?: string; uploadIdMarker?: string } = {}; ;) {
    const page = await world.read((view) =>
      listUploads(view, bucket, { prefix, limit, ...(delimiter && { delimiter }), ...marker }),
    );
    for (const entry of page.entries) {
      if ("commonPrefix" in entry) uploads.push(`prefix ${entry.commonPrefix}`);
      else uploads.push(`${entry.upload.key} ${entry.upload.uploadId} ${entry.upload.keyChanged}`);
    }
    if (!page.truncated) break;
    const last = page.entries.at(-1)!;
    marker =
      "commonPrefix" in last
        ? { keyMarker: last.commonPrefix }
        : { keyMarker: last.upload.key, uploadIdMarker: last.upload.uploadId };
  }
  const expectedUploads = [...model.uploads.values()]
    .sort((a, b) => byBytes(a.key, b.key) || byBytes(a.uploadId, b.uploadId))
    .map(({ key, uploadId, keyChanged }) => ({ key, name: `${key} ${uploadId} ${keyChanged}` }));
  t.deepEqual(uploads, expectedList(expectedUploads, prefix, delimiter), "uploads");

  const key = KEYS[seed % KEYS.length]!;
  const all = model.keys.get(key) ?? [];
  const latest = await world.read((view) => latestVersion(view, bucket, key));
  t.deepEqual(latest?.versionId, all[0]?.versionId, "latest");
  for (const expected of all) {
    const version = await world.read((view) => findVersion(view, bucket, { key, versionId: expected.versionId }));
    t.deepEqual(version?.kind, expected.marker ? "deleteMarker" : "object");
    if (version?.kind !== "object") continue;
    t.deepEqual(version.attributes.metadata, { note: expected.note });
    t.deepEqual(await contentOf(state, world, bucket, version), expected.bytes);
  }
};

const plainBytes = (bucket: PlainBucket): number => {
  const versions = [...bucket.keys.values()].flat().reduce((sum, { bytes }: PlainVersion) => sum + bytes.length, 0);
  const parts = [...bucket.uploads.values()].flatMap((upload) => [...upload.parts.values()]);
  return versions + parts.reduce((sum, bytes) => sum + bytes.length, 0);
};

const checkWorld = async (
  t: { deepEqual: (actual: unknown, expected: unknown, message?: string) => unknown },
  { state, world, plain, seed }: { state: State; world: World; plain: PlainWorld; seed: number },
): Promise<void> => {
  for (const accountId of ACCOUNTS) {
    const buckets = await world.read((view) => listBuckets(view, { accountId, partition: "aws", limit: 100 }));
    const models = plain.accounts.get(accountId)?.buckets ?? new Map<string, PlainBucket>();
    t.deepEqual(
      buckets.map(({ name, versioning }) => ({ name, versioning })),
      [...models.values()]
        .map(({ name, versioning }) => ({ name, versioning }))
        .sort((a, b) => byBytes(a.name, b.name)),
    );
    for (const bucket of buckets) {
      const found = await world.read((view) => findBucket(view, { partition: "aws", name: bucket.name }));
      t.deepEqual(found, bucket, "found by its name");
      await checkBucket(t, { state, world, bucket, model: models.get(bucket.name)!, seed });
    }
    const usage = await world.read((view) => accountUsage(view, accountId));
    const all = [...models.values()];
    const versions = all.flatMap((bucket) => [...bucket.keys.values()]);
    t.deepEqual(
      usage ?? { accountId, buckets: 0, objects: 0, versions: 0, uploads: 0, bytes: 0 },
      {
        accountId,
        buckets: all.length,
        objects: versions.filter(([latest]) => !latest!.marker).length,
        versions: versions.flat().length,
        uploads: all.reduce((sum, { uploads }) => sum + uploads.size, 0),
        bytes: all.reduce((sum, bucket) => sum + plainBytes(bucket), 0),
      },
      "usage",
    );
  }
  for (const name of BUCKETS) {
    const found = await world.read((view) => findBucket(view, { partition: "aws", name }));
    t.deepEqual(found?.accountId, plain.find(name)?.accountId, `the owner of ${name}`);
  }
  const listed = await world.read((view) => listAccounts(view, { limit: 100 }));
  t.deepEqual(
    listed.filter(({ buckets }) => buckets > 0).map(({ accountId }) => accountId),
    [...plain.accounts]
      .filter(([, { buckets }]) => buckets.size > 0)
      .map(([accountId]) => accountId)
      .sort(),
  );
};

test("random operations, snapshots, restores, resets and forks leave what a plain model holds, after every step", async (t) => {
  t.timeout(300_000);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), async (steps) => {
      await withState(async (state) => {
        const twin = new Twin(state);
        for (const [at, next] of steps.entries()) {
          await twin.take(next);
          for (const { real, plain } of twin.worlds) await checkWorld(t, { state, world: real, plain, seed: at });
        }
      });
    }),
    { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 25) },
  );
});
