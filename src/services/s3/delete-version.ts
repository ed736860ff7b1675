/** Deleting one key or one version: what DeleteObject and DeleteObjects share. */
import type { Bucket, Version } from "../../state/model.ts";
import { currentObject, deleteObject, findVersion, latestVersion, type DeleteOutcome } from "../../state/objects.ts";
import type { Tx } from "../../state/view.ts";
import { checkIfMatch } from "./conditions.ts";
import type { S3Context } from "./context.ts";
import { checkDeleteConditions, type PlainDeleteConditions } from "./directory-buckets/plain-objects.ts";
import { isWatched, latestBefore, noteObjectChange, type ChangeContext } from "./object-changes.ts";
import { writerAccountId } from "./owners.ts";
import { assertUnlocked } from "./object-lock.ts";

/** One delete that a client asks for. */
type Deletion = {
  readonly key: string;
  /** The version to delete for good. It must be an id that S3 could have made. */
  readonly versionId?: string | undefined;
  readonly ifMatch?: string | undefined;
  /** What only deletes in directory buckets may ask. */
  readonly plain?: PlainDeleteConditions | undefined;
  readonly bypassGovernance?: boolean | undefined;
  /** The id of the delete marker that a versioned bucket gets. */
  readonly markerVersionId: (bucket: Bucket) => string;
};

type DeleteContext = ChangeContext & Pick<S3Context, "caller">;

/** Errors: PreconditionFailed, NoSuchKey, AccessDenied for a locked version; nothing has been written then. */
export const deleteVersion = async (
  tx: Tx,
  { bucket, context }: { readonly bucket: Bucket; readonly context: DeleteContext },
  deletion: Deletion,
): Promise<DeleteOutcome> => {
  const { key, versionId, ifMatch, plain, bypassGovernance, markerVersionId } = deletion;
  const { nowMs } = context;
  if (ifMatch !== undefined) checkIfMatch(ifMatch, { key, current: await currentObject(tx, bucket, key) });
  if (plain !== undefined) checkDeleteConditions(plain, await currentObject(tx, bucket, key));
  if (versionId !== undefined && bucket.objectLockEnabled) {
    assertUnlocked(await findVersion(tx, bucket, { key, versionId }), { bypass: bypassGovernance, nowMs });
  }
  const marker = {
    versionId: markerVersionId(bucket),
    lastModifiedMs: nowMs,
    ownerAccountId: writerAccountId(context),
  };
  const before = await versionBefore(tx, bucket, { key, versionId });
  const outcome = await deleteObject(
    tx,
    bucket,
    versionId === undefined ? { key, marker } : { key, versionId, marker },
  );
  if (isWatched(bucket)) await noteDeletion(tx, { bucket, context, before }, { key, versionId, outcome });
  return outcome;
};

/** What a deletion takes away or hides, where it matters to anybody. */
const versionBefore = (
  tx: Tx,
  bucket: Bucket,
  { key, versionId }: Pick<Deletion, "key" | "versionId">,
): Promise<Version | undefined> | undefined => {
  if (versionId === undefined) return latestBefore(tx, bucket, key);
  return isWatched(bucket) ? findVersion(tx, bucket, { key, versionId }) : undefined;
};

/** Nothing follows from a deletion that found nothing; a marker is something new even then. */
const noteDeletion = async (
  tx: Tx,
  { bucket, context, before }: { bucket: Bucket; context: DeleteContext; before: Version | undefined },
  { key, versionId, outcome }: { key: string; versionId: string | undefined; outcome: DeleteOutcome },
): Promise<void> => {
  if (versionId === undefined && outcome.deleteMarker) {
    const version = await latestVersion(tx, bucket, key);
    await noteObjectChange(tx, context, bucket, { event: "ObjectRemoved:DeleteMarkerCreated", key, version, before });
  } else if (outcome.found) {
    await noteObjectChange(tx, context, bucket, { event: "ObjectRemoved:Delete", key, before });
  }
};
