/** Random steps, taken on the real state and on the plain model alike. */
import { hash } from "node:crypto";
import * as fc from "fast-check";
import { deleteAnnotation, putAnnotation } from "../../src/state/annotations.ts";
import { sliceExtents } from "../../src/state/bodies/open.ts";
import { createBucket, deleteBucket, findBucket, requireBucket, updateBucket } from "../../src/state/buckets.ts";
import { NamespaceConflictError } from "../../src/state/errors.ts";
import { currentObject, deleteObject, findVersion, putObject, readManifest } from "../../src/state/objects.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import {
  abortUpload,
  completeUpload,
  createUpload,
  findUpload,
  putPart,
  readParts,
  type NewPart,
} from "../../src/state/uploads.ts";
import type { World } from "../../src/state/world.ts";
import { plainDelete, plainDeleteVersion, plainPut, PlainWorld } from "./plain-model.ts";

export const ACCOUNTS = ["111111111111", "222222222222", "333333333333"];
export const BUCKETS = ["alpha", "beta", "gamma"];
// U+1F600 sorts after U+FF21 by UTF-8 bytes and before it by UTF-16 units; NUL is escaped in some keys and not in others.
export const KEYS = [
  "a",
  "a/b",
  "a/b/c",
  "a/",
  "a\0",
  "a\0\u0001",
  "ab",
  "\u{1F600}",
  "\uFF21",
  "z//y",
  "/",
  "\u{10FFFF}x",
];

/** What to do, and numbers that choose on what. */
type Step = { readonly kind: string; readonly picks: readonly number[] };

export const step = fc.record({
  kind: fc.oneof(
    { weight: 3, arbitrary: fc.constant("createBucket") },
    { weight: 10, arbitrary: fc.constant("put") },
    { weight: 5, arbitrary: fc.constant("delete") },
    { weight: 4, arbitrary: fc.constant("deleteVersion") },
    { weight: 3, arbitrary: fc.constant("copy") },
    { weight: 5, arbitrary: fc.constantFrom("annotate", "annotate", "annotate", "unannotate") },
    { weight: 1, arbitrary: fc.constantFrom("deleteBucket", "abortUpload") },
    { weight: 2, arbitrary: fc.constant("setVersioning") },
    { weight: 2, arbitrary: fc.constant("createUpload") },
    { weight: 6, arbitrary: fc.constantFrom("putPart", "putPart", "copyPart", "completeUpload") },
    { weight: 2, arbitrary: fc.constantFrom("snapshot", "snapshotSome", "restore", "reset", "resetSome", "fork") },
    { weight: 1, arbitrary: fc.constant("settle") },
  ),
  picks: fc.array(fc.nat(1_000_000), { minLength: 6, maxLength: 6 }),
});

/** The same steps on the real state and on the plain model. */
export class Twin {
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
    // Ids of S3's form are stamped with the version's place, others are kept as they are.
    const drawnId = `id${String((this.#drawn += 1)).padStart(this.#drawn % 2 === 0 ? 30 : 10, "0")}`;
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
      case "settle":
        await this.state.settle();
        return;
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
        const { versionId } = await this.state.bodies.storing(Buffer.from(bytes), (body) =>
          real.transact(async (tx) => {
            const present = await requireBucket(tx, bucket);
            return putObject(tx, present, { ...objectOf(key, drawnId, { bytes, note }), content: { body } });
          }),
        );
        return plainPut(model, key, { versionId, bytes, note });
      }
      case "copy": {
        const source = await this.#source({ real, plain }, picks[3] ?? 0);
        if (source === undefined) return;
        const { bytes, note } = source.latest;
        const annotations = (picks[4] ?? 0) % 3 === 0 ? new Map<string, string>() : source.latest.annotations;
        const { versionId } = await real.transact(async (tx) => {
          const present = await requireBucket(tx, bucket);
          const object = (await currentObject(tx, source.bucket, source.key))!;
          const copied = await readManifest(tx, source.bucket, object);
          return putObject(tx, present, {
            ...objectOf(key, drawnId, { bytes, note }),
            content: { copied, multipart: false },
            ...((picks[4] ?? 0) % 3 !== 0 && { annotationsOf: { bucket: source.bucket, object } }),
          });
        });
        return plainPut(model, key, { versionId, bytes, note, annotations });
      }
      case "delete": {
        const { versionId } = await real.transact(async (tx) =>
          deleteObject(tx, await requireBucket(tx, bucket), { key, marker: markerOf(drawnId) }),
        );
        return plainDelete(model, key, versionId ?? drawnId);
      }
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
      case "annotate":
      case "unannotate": {
        const versions = [...model.keys].flatMap(([of, all]) => all.map((version) => ({ of, version })));
        const chosen = pick(
          versions.filter(({ version }) => !version.marker),
          3,
        );
        if (chosen === undefined) return;
        const annotationName = pick(["note", "n", "note.2", "\u{1F600}", "\uFF21"], 4)!;
        const text = `${drawnId}!`.padEnd((picks[5] ?? 0) % 3 === 0 ? 40_000 : 33, "a");
        await this.state.bodies.storing(Buffer.from(text), (body) =>
          real.transact(async (tx) => {
            const present = await requireBucket(tx, bucket);
            const { versionId } = chosen.version;
            const object = await findVersion(tx, present, { key: chosen.of, versionId });
            if (object?.kind !== "object") throw new Error(`${chosen.of} ${versionId} is not there`);
            if (kind === "unannotate") return deleteAnnotation(tx, present, { object, name: annotationName });
            const checksum = { algorithm: "CRC32", value: "v" };
            const sizeBytes = text.length;
            const etag = hash("md5", text);
            const annotation = { name: annotationName, etag, sizeBytes, lastModifiedMs: 0, checksum, body };
            return putAnnotation(tx, present, { object, annotation });
          }),
        );
        if (kind === "annotate") chosen.version.annotations.set(annotationName, text);
        else chosen.version.annotations.delete(annotationName);
        return;
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
          real.transact(async (tx) => {
            const part = partOf(partNumber, { bytes, content: { body } });
            return putPart(tx, await requireBucket(tx, bucket), { upload: stored, part });
          }),
        );
        upload.parts.set(partNumber, bytes);
        return;
      }
      case "copyPart": {
        const source = await this.#source({ real, plain }, picks[4] ?? 0);
        if (source === undefined) return;
        const offsetBytes = (picks[5] ?? 0) % source.latest.bytes.length;
        const bytes = source.latest.bytes.slice(offsetBytes, offsetBytes + 1 + ((picks[3] ?? 0) % 30_000));
        const partNumber = 1 + ((picks[5] ?? 0) % 3);
        await real.transact(async (tx) => {
          const object = (await currentObject(tx, source.bucket, source.key))!;
          const runs = (await readManifest(tx, source.bucket, object)).flatMap((run) => run.extents);
          const extents = sliceExtents(runs, { offsetBytes, lengthBytes: bytes.length });
          const copied = [{ partNumber: 0, sizeBytes: bytes.length, extents }];
          const part = partOf(partNumber, { bytes, content: { copied } });
          return putPart(tx, await requireBucket(tx, bucket), { upload: stored, part });
        });
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
        const { versionId } = await real.transact(async (tx) => {
          const present = await requireBucket(tx, bucket);
          const chosen = (await readParts(tx, present, stored)).filter((part) => numbers.includes(part.partNumber));
          const object = objectOf(upload.key, drawnId, { bytes, note: "upload" });
          return completeUpload(tx, present, { upload: stored, chosen, object });
        });
        model.uploads.delete(upload.uploadId);
        return plainPut(model, upload.key, { versionId, bytes, note: "upload" });
      }
    }
  }

  /** A current object of any bucket of any account of the world. */
  async #source({ real, plain }: { real: World; plain: PlainWorld }, pick: number) {
    const sources = [...plain.accounts.values()]
      .flatMap((account) => [...account.buckets.values()])
      .flatMap(({ name, keys }) => [...keys].map(([key, [latest]]) => ({ name, key, latest: latest! })))
      .filter(({ latest }) => !latest.marker && latest.bytes.length > 0);
    const chosen = sources[pick % (sources.length || 1)];
    if (chosen === undefined) return undefined;
    const bucket = (await real.read((view) => findBucket(view, { partition: "aws", name: chosen.name })))!;
    return { ...chosen, bucket };
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
  etag: hash("md5", bytes),
  sizeBytes: bytes.length,
  lastModifiedMs: 0,
  storageClass: "STANDARD",
  ownerAccountId: "111111111111",
  attributes: { metadata: { note } },
});

const partOf = (partNumber: number, { bytes, content }: { bytes: string; content: NewPart["content"] }): NewPart => ({
  partNumber,
  etag: hash("md5", bytes),
  sizeBytes: bytes.length,
  lastModifiedMs: 0,
  checksum: { algorithm: "CRC32", value: "v" },
  checksumGiven: true,
  content,
});

const markerOf = (versionId: string) => ({ versionId, lastModifiedMs: 0, ownerAccountId: "111111111111" });
