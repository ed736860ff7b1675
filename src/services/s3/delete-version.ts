/** Deleting one key or one version: what DeleteObject and DeleteObjects share. */
import type { Bucket } from "../../state/model.ts";
import { currentObject, deleteObject, findVersion, type DeleteOutcome } from "../../state/objects.ts";
import type { Tx } from "../../state/view.ts";
import { checkIfMatch } from "./conditions.ts";
import type { S3Context } from "./context.ts";
import { assertUnlocked } from "./object-lock.ts";

/** One delete that a client asks for. */
type Deletion = {
  readonly key: string;
  /** The version to delete for good. It must be an id that S3 could have made. */
  readonly versionId?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly bypassGovernance?: boolean | undefined;
  /** The id of the delete marker that a versioned bucket gets. */
  readonly markerVersionId: (bucket: Bucket) => string;
};

/** Errors: PreconditionFailed, NoSuchKey, AccessDenied for a locked version; nothing has been written then. */
export const deleteVersion = async (
  tx: Tx,
  { bucket, context }: { readonly bucket: Bucket; readonly context: Pick<S3Context, "caller" | "nowMs"> },
  deletion: Deletion,
): Promise<DeleteOutcome> => {
  const { key, versionId, ifMatch, bypassGovernance, markerVersionId } = deletion;
  const { caller, nowMs } = context;
  if (ifMatch !== undefined) checkIfMatch(ifMatch, { key, current: await currentObject(tx, bucket, key) });
  if (versionId !== undefined && bucket.objectLockEnabled) {
    assertUnlocked(await findVersion(tx, bucket, { key, versionId }), { bypass: bypassGovernance, nowMs });
  }
  const marker = { versionId: markerVersionId(bucket), lastModifiedMs: nowMs, ownerAccountId: caller.accountId };
  return deleteObject(tx, bucket, versionId === undefined ? { key, marker } : { key, versionId, marker });
};
