/** What a pinned snapshot holds, as an archive: in public terms, so that the same state gives the same bytes whatever its past. */
import type { Readable } from "node:stream";
import { accountUsage } from "../accounts.ts";
import { readAllAnnotations } from "../annotations.ts";
import { getConfiguration, listBuckets } from "../buckets.ts";
import { isKeptAsText, isNamedKind } from "../configuration-kinds.ts";
import { DUE_KINDS, KEY_TIME_MS_MAX, listDue, type Due } from "../due.ts";
import { holdsControlRecords } from "../access-points.ts";
import { controlLines } from "./control-lines.ts";
import { IDENTITY_KINDS } from "../identities/records.ts";
import { holdsIdentities, readAllIdentities } from "../identities/store.ts";
import { layered } from "../keys.ts";
import { listUploads, listVersions } from "../listing.ts";
import {
  PARTITIONS,
  type AccountUsage,
  type Bucket,
  type ConfigurationKind,
  type Extent,
  type NamedConfigurationKind,
  type ObjectVersion,
  type Version,
} from "../model.ts";
import { listNamedConfigurations } from "../named-configurations.ts";
import { readManifest } from "../objects.ts";
import { pinSnapshot, type PinnedSnapshot } from "../pinned-snapshot.ts";
import { decodeAttributesRecord } from "../records.ts";
import { getLayered } from "../stack.ts";
import { readParts } from "../uploads.ts";
import { seqOfVersionId } from "../version-ids.ts";
import type { View } from "../view.ts";
import type { World } from "../world.ts";
import { ACCESS_KEYS_FOLDER, accountFolder, IDENTITIES_FOLDER, type Compression } from "./format.ts";
import { identityLine } from "./identity-lines.ts";
import { writeArchive, type ArchiveBytes, type ArchiveItem } from "./write.ts";

/** Entries that one view reads. */
const PAGE_ENTRIES = 200;

type ExportOptions = {
  /** A snapshot of the world; absent: what it holds now. */
  readonly snapshot?: string;
  /** The accounts to export; absent: all. */
  readonly accountIds?: readonly string[];
  readonly compression: Compression;
};

/**
 * The archive of a world, of a snapshot of it, or of some of their accounts, as they stand when its first chunk is asked for.
 * Memory does not grow with their size, but for 64 bytes for each body. Throws `SnapshotNotFoundError`, `TooManyError`.
 */
export async function* exportState(
  world: World,
  { compression, ...which }: ExportOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pinned = await pinSnapshot(world, which);
  try {
    const accounts = await readAccounts(pinned);
    yield* writeArchive({
      manifest: { whole: pinned.whole, accounts },
      items: itemsOf({ world, pinned }, accounts),
      compression,
    });
  } finally {
    await pinned.release();
  }
}

type Source = { readonly world: World; readonly pinned: PinnedSnapshot };

const EMPTY = { buckets: 0, objects: 0, versions: 0, uploads: 0, bytes: 0 };

/** The accounts to write. Of a whole world those that hold nothing are as those that never did. */
const readAccounts = async (pinned: PinnedSnapshot): Promise<AccountUsage[]> => {
  const accounts: AccountUsage[] = [];
  for (const accountId of pinned.accountIds) {
    const usage = await pinned.read((view) => accountUsage(view, accountId));
    const holdsMore = await pinned.read(
      async (view) => (await holdsIdentities(view, accountId)) || (await holdsControlRecords(view, accountId)),
    );
    if (usage !== undefined && (usage.buckets > 0 || holdsMore)) accounts.push(usage);
    else if (!pinned.whole) accounts.push({ accountId, ...EMPTY });
  }
  return accounts;
};

async function* itemsOf(source: Source, accounts: readonly AccountUsage[]): AsyncGenerator<ArchiveItem> {
  for (const { accountId } of accounts) {
    yield* identityItems(source, accountId);
    yield* controlItems(source, accountId);
    yield* dueItems(source, accountId);
    for (const partition of PARTITIONS) {
      let after: string | undefined;
      for (;;) {
        const wanted = { accountId, partition, ...(after === undefined ? {} : { after }), limit: PAGE_ENTRIES };
        const buckets = await source.pinned.read((view) => listBuckets(view, wanted));
        for (const bucket of buckets) yield* bucketItems(source, bucket);
        if (buckets.length < PAGE_ENTRIES) break;
        after = buckets.at(-1)?.name;
      }
    }
  }
  const isWritten = new Set(accounts.map(({ accountId }) => accountId));
  for (const key of source.pinned.accessKeys) {
    if (!source.pinned.whole && !isWritten.has(key.accountId)) continue;
    yield { folder: ACCESS_KEYS_FOLDER, line: { type: "accessKey", ...key } };
  }
  for (const identity of source.pinned.identities) {
    if (!source.pinned.whole && !isWritten.has(identity.accountId)) continue;
    yield { folder: IDENTITIES_FOLDER, line: identityLine(identity) };
  }
}

/** What clients made through IAM, by kind and name. */
async function* identityItems({ pinned }: Source, accountId: string): AsyncGenerator<ArchiveItem> {
  for (const kind of IDENTITY_KINDS) {
    const held = await pinned.read((view) => readAllIdentities(view, { accountId, kind, home: "account" }));
    for (const { identity } of held) yield { folder: accountFolder(accountId), line: identityLine(identity) };
  }
}

/** What S3 Control keeps. */
async function* controlItems({ pinned }: Source, accountId: string): AsyncGenerator<ArchiveItem> {
  const lines = await pinned.read((view) => controlLines(view, accountId));
  for (const line of lines) yield { folder: accountFolder(accountId), line };
}

/** Work that waits for its time, by that. */
async function* dueItems({ pinned }: Source, accountId: string): AsyncGenerator<ArchiveItem> {
  const folder = accountFolder(accountId);
  for (const kind of DUE_KINDS) {
    let after: Due | undefined;
    // It follows from rules and objects; an import finds it anew.
    if (kind === "lifecycle") continue;
    do {
      const wanted = { kind, untilMs: KEY_TIME_MS_MAX, limit: PAGE_ENTRIES, ...(after === undefined ? {} : { after }) };
      const dues = await pinned.read((view) => listDue(view, accountId, wanted));
      for (const due of dues) yield { folder, line: { type: "due", ...due } };
      after = dues.length < PAGE_ENTRIES ? undefined : dues.at(-1);
    } while (after !== undefined);
  }
}

async function* bucketItems(source: Source, bucket: Bucket): AsyncGenerator<ArchiveItem> {
  const folder = accountFolder(bucket.accountId);
  const { id: _id, epoch: _epoch, accountId: _accountId, hadUploads: _hadUploads, configurations, ...shown } = bucket;
  const documents = await source.pinned.read(async (view) => {
    const found: [string, unknown][] = [];
    for (const kind of configurations) {
      found.push([kind, isNamedKind(kind) ? await readNamed(view, bucket, kind) : await readOne(view, bucket, kind)]);
    }
    return found;
  });
  yield { folder, line: { type: "bucket", ...shown, configurations: Object.fromEntries(documents) } };
  yield* versionItems(source, bucket);
  yield* uploadItems(source, bucket);
}

const readOne = async (view: View, bucket: Bucket, kind: ConfigurationKind): Promise<unknown> => {
  const document = await getConfiguration(view, bucket, kind);
  return isKeptAsText(kind) ? document : JSON.parse(document ?? "null");
};

/** Those of a kind by their ids. */
const readNamed = async (view: View, bucket: Bucket, kind: NamedConfigurationKind): Promise<unknown> => {
  const found = await listNamedConfigurations(view, bucket, { kind });
  return Object.fromEntries(found.map(({ id, document }) => [id, JSON.parse(document) as unknown]));
};

/** A version, and what orders it where its id does not. */
type Placed = { readonly version: Version; readonly order: number | undefined };

async function* versionItems(source: Source, bucket: Bucket): AsyncGenerator<ArchiveItem> {
  const folder = accountFolder(bucket.accountId);
  for await (const { version, order } of placed(versionsOf(source, bucket))) {
    const place = order === undefined ? {} : { order };
    if (version.kind === "object") yield* objectItems(source, bucket, { version, place });
    else {
      const { kind, seq: _seq, ...shown } = version;
      yield { folder, line: { type: kind, ...place, ...shown } };
    }
  }
}

/** All versions by key, newest first. */
async function* versionsOf({ pinned }: Source, bucket: Bucket): AsyncGenerator<Version> {
  let marker: { keyMarker?: string; versionIdMarker?: string } = {};
  for (;;) {
    const page = await pinned.read(async (view) => {
      const { entries } = await listVersions(view, bucket, { prefix: "", ...marker, limit: PAGE_ENTRIES });
      const versions: Version[] = [];
      for (const entry of entries) if ("version" in entry) versions.push(await complete(view, bucket, entry.version));
      return versions;
    });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ENTRIES) return;
    marker = { keyMarker: last.key, versionIdMarker: last.versionId };
  }
}

/** Lists leave out attributes that stand in a record of their own. */
const complete = async (
  view: View,
  bucket: Bucket,
  { isLatest: _isLatest, ...version }: Version & { isLatest: boolean },
): Promise<Version> => {
  if (version.kind === "deleteMarker" || Object.keys(version.attributes).length > 0) return version;
  const at = layered.attributes(bucket.id, version.key, version.seq);
  const record = await getLayered(view.reader, await view.stackOf(bucket), at);
  return record === undefined ? version : { ...version, attributes: decodeAttributesRecord(record) };
};

/**
 * Versions whose ids do not tell their place get the lowest number above the next older one's: what they have in the store
 * depends on versions that are gone. Of those there is seldom more than one in a row.
 */
async function* placed(versions: AsyncIterable<Version>): AsyncGenerator<Placed> {
  let waiting: Version[] = [];
  function* number(above: number): Generator<Placed> {
    const all = waiting;
    waiting = [];
    for (const [at, version] of all.entries()) yield { version, order: above + all.length - at };
  }
  for await (const version of versions) {
    if (waiting[0] !== undefined && waiting[0].key !== version.key) yield* number(0);
    const seq = seqOfVersionId(version.versionId);
    if (seq === undefined) {
      waiting.push(version);
      continue;
    }
    yield* number(seq);
    yield { version, order: undefined };
  }
  yield* number(0);
}

async function* objectItems(
  source: Source,
  bucket: Bucket,
  { version, place }: { version: ObjectVersion; place: { order?: number } },
): AsyncGenerator<ArchiveItem> {
  const { pinned } = source;
  const folder = accountFolder(bucket.accountId);
  const { kind, seq: _seq, extents, hasManifest, partCount, annotationCount, ...shown } = version;
  const manifest = hasManifest ? await pinned.read((view) => readManifest(view, bucket, version)) : undefined;
  const parts = partCount > 0 ? (manifest ?? []) : [];
  const line = {
    type: kind,
    ...place,
    ...shown,
    ...(parts.length > 0 && { parts: parts.length }),
    ...(annotationCount > 0 && { annotations: annotationCount }),
  } as const;
  if (parts.length > 0) yield { folder, line };
  else yield { folder, line, bytes: await bytesOf(source, manifest?.flatMap((run) => run.extents) ?? extents) };
  for (const part of parts) {
    const { extents: runs, ...described } = part;
    yield { folder, line: { type: "part", ...described }, bytes: await bytesOf(source, runs) };
  }
  if (annotationCount === 0) return;
  for (const annotation of await pinned.read((view) => readAllAnnotations(view, bucket, version))) {
    const { extents: runs, ...described } = annotation;
    yield { folder, line: { type: "annotation", ...described }, bytes: await bytesOf(source, runs) };
  }
}

async function* uploadItems(source: Source, bucket: Bucket): AsyncGenerator<ArchiveItem> {
  const { pinned } = source;
  const folder = accountFolder(bucket.accountId);
  let marker: { keyMarker?: string; uploadIdMarker?: string } = {};
  for (;;) {
    const { entries } = await pinned.read((view) =>
      listUploads(view, bucket, { prefix: "", ...marker, limit: PAGE_ENTRIES }),
    );
    const uploads = entries.flatMap((entry) => ("upload" in entry ? [entry.upload] : []));
    for (const upload of uploads) {
      yield { folder, line: { type: "upload", ...upload } };
      for (const part of await pinned.read((view) => readParts(view, bucket, upload))) {
        const { extents, ...described } = part;
        yield { folder, line: { type: "uploadPart", ...described }, bytes: await bytesOf(source, extents) };
      }
    }
    const last = uploads.at(-1);
    if (last === undefined || uploads.length < PAGE_ENTRIES) return;
    marker = { keyMarker: last.key, uploadIdMarker: last.uploadId };
  }
}

/** The bytes of `extents`: few are read at once. */
const bytesOf = async ({ world, pinned }: Source, extents: readonly Extent[]): Promise<ArchiveBytes> => {
  const open = (): Promise<Uint8Array | Readable> =>
    pinned.read((view) => world.host.bodies.openExtents(view, extents));
  const sizeBytes = extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  const [only, ...more] = extents;
  if (only === undefined) return new Uint8Array(0);
  if (more.length === 0 && only.bodyId.startsWith("i")) return toBytes(await open());
  return { sizeBytes, open: async () => toChunks(await open()) };
};

const toBytes = async (content: Uint8Array | Readable): Promise<Uint8Array> =>
  content instanceof Uint8Array ? content : Buffer.concat(await content.toArray());

const toChunks = (content: Uint8Array | Readable): AsyncIterable<Uint8Array> =>
  content instanceof Uint8Array ? once(content) : content;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
