/** Versions that are put in one bucket because they are in another. */
import { layered } from "./keys.ts";
import { count } from "./counters.ts";
import type { Bucket, DeleteMarker, ManifestPart, ObjectVersion, Version } from "./model.ts";
import { placeParts, storedContent, writableScope } from "./objects.ts";
import { stampVersionId } from "./version-ids.ts";
import {
  readLive,
  readNewestNoncurrent,
  readNoncurrent,
  retireLive,
  searchNoncurrent,
  writeVersion,
  type KeyScope,
  type Stored,
} from "./versions.ts";
import type { Tx } from "./view.ts";

/** A version as it shall be in the other bucket; `seq` and id are those of its source. */
export type NewReplica =
  | {
      readonly version: Omit<ObjectVersion, "extents" | "hasManifest" | "partCount" | "annotationCount">;
      /** Where its bytes are; nothing is written again. */
      readonly content: { readonly copied: readonly ManifestPart[]; readonly multipart: boolean };
    }
  | { readonly version: DeleteMarker };

/**
 * Puts a replica where its source stands among the versions of its key, so that it has the same id, whichever order replicas come
 * in: one that is older than what is there does not become current. Only where the bucket has a version of its own in that place it
 * comes last, with another id. Answers the version, and whether it was put now or is there already. `bucket` has versioning on.
 * What is older than the latest version there is looked for among those that are newer than it.
 */
export const putReplica = async (
  tx: Tx,
  bucket: Bucket,
  wanted: NewReplica,
): Promise<{ readonly version: Version; readonly isNew: boolean }> => {
  const scope = await writableScope(tx, bucket, wanted.version.key);
  const { live, lastSeq, there, replica } = await lookAt(tx, scope, wanted.version);
  if (replica !== undefined) return { version: replica, isNew: false };
  const seq = there === undefined ? wanted.version.seq : lastSeq + 1;
  const versionId = there === undefined ? wanted.version.versionId : stampVersionId(wanted.version.versionId, seq);
  const isLatest = seq > lastSeq;
  if (isLatest && live !== undefined) retireLive(tx, scope, live);
  const version = await write(tx, scope, { wanted, place: { seq, versionId, isLatest } });
  return { version, isNew: true };
};

/** The replica of a version, if it is there. */
export const findReplica = async (tx: Tx, bucket: Bucket, source: Source): Promise<Version | undefined> =>
  (await lookAt(tx, await writableScope(tx, bucket, source.key), source)).replica;

/** A version that is replicated, as far as it says where its replica stands. */
type Source = Pick<Version, "key" | "seq" | "versionId">;

/** What stands in a version's place, the last of its key's versions, and the replica wherever it is. */
const lookAt = async (tx: Tx, scope: KeyScope, source: Source) => {
  const live = await readLive(tx, scope);
  const there = await versionAt(tx, scope, { live, seq: source.seq });
  const newest = live ?? (await readNewestNoncurrent(tx, scope));
  const lastSeq = newest?.version.seq ?? 0;
  const inPlace = there?.versionId === source.versionId ? there : undefined;
  const moved = lastSeq > source.seq ? await findMoved(tx, scope, { live, source }) : undefined;
  return { live, lastSeq, there, replica: inPlace ?? moved };
};

const versionAt = async (
  tx: Tx,
  scope: KeyScope,
  { live, seq }: { live: Stored<ObjectVersion> | undefined; seq: number },
): Promise<Version | undefined> =>
  live?.version.seq === seq ? live.version : (await readNoncurrent(tx, scope, seq))?.version;

/** The replica that came last, with another id, because its place was taken then. */
const findMoved = async (
  tx: Tx,
  scope: KeyScope,
  { live, source }: { live: Stored<ObjectVersion> | undefined; source: Source },
): Promise<Version | undefined> => {
  const { seq, versionId } = source;
  const isMoved = (version: Version): boolean =>
    version.seq > seq && version.versionId === stampVersionId(versionId, version.seq);
  if (live !== undefined && isMoved(live.version)) return live.version;
  const found = await searchNoncurrent(tx, scope, (version) => version.seq <= seq || isMoved(version));
  return found !== undefined && isMoved(found.version) ? found.version : undefined;
};

type Place = { readonly seq: number; readonly versionId: string; readonly isLatest: boolean };

const write = async (
  tx: Tx,
  scope: KeyScope,
  { wanted, place }: { wanted: NewReplica; place: Place },
): Promise<Version> => {
  const { bucket, stack, key } = scope;
  const { seq, versionId, isLatest } = place;
  if (!("content" in wanted)) {
    const marker: DeleteMarker = { ...wanted.version, seq, versionId };
    writeVersion(tx, scope, { subkey: layered.version(bucket.id, key, seq), version: marker });
    count(tx, stack, { bucketId: bucket.id, deltas: { noncurrent: 1 } });
    return marker;
  }
  const parts = await placeParts(tx, stack, wanted.content);
  const stored = storedContent(tx, { scope, seq, parts });
  const version: ObjectVersion = { ...wanted.version, seq, versionId, ...stored, annotationCount: 0 };
  const subkey = isLatest ? layered.live(bucket.id, key) : layered.version(bucket.id, key, seq);
  writeVersion(tx, scope, { subkey, version });
  const deltas = isLatest ? { current: 1, bytes: version.sizeBytes } : { noncurrent: 1, bytes: version.sizeBytes };
  count(tx, stack, { bucketId: bucket.id, deltas });
  return version;
};
