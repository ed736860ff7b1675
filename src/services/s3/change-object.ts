/** What the operations share that change what is kept beside an object's bytes. */
import { requireBucket } from "../../state/buckets.ts";
import type { Bucket, ObjectAttributes, ObjectVersion } from "../../state/model.ts";
import { updateObject } from "../../state/objects.ts";
import type { Tx } from "../../state/view.ts";
import { bucketOf, type S3Context } from "./context.ts";
import type { S3EventName } from "./events/event-names.ts";
import { noteObjectChange } from "./object-changes.ts";
import { readStoredVersion } from "./stored-version.ts";
import { shownVersionId } from "./version-id.ts";

/** The version that a request names, and the request's method. */
type Named = {
  readonly input: { readonly Key: string; readonly VersionId?: string | undefined };
  readonly method: "PUT" | "DELETE";
  /** What notifications call the change; absent: AWS sends none. */
  readonly event?: S3EventName;
};

/** The version that was changed; absent in a bucket that never had versions. */
export type Changed = { readonly VersionId?: string };

type Change = (
  found: { readonly object: ObjectVersion; readonly bucket: Bucket },
  tx: Tx,
) => ObjectAttributes | Promise<ObjectAttributes>;

/**
 * Replaces the attributes of the version that is named, or of the current one, by what `change` makes of them in one
 * transaction; it may run more than once. Answers with the version's id, where the bucket has versions.
 * Errors: NoSuchKey, NoSuchVersion, MethodNotAllowed for a delete marker, those of `change`.
 */
export const changeObject = (context: S3Context, { input, method, event }: Named, change: Change): Promise<Changed> =>
  context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const object = await readStoredVersion(tx, bucket, { key: input.Key, versionId: input.VersionId, method });
    const attributes = await change({ object, bucket }, tx);
    const version = await updateObject(tx, bucket, { object, change: { attributes } });
    const noted = { key: input.Key, version, before: object };
    await noteObjectChange(tx, context, bucket, event === undefined ? noted : { ...noted, event });
    const versionId = shownVersionId(bucket, object.versionId);
    return versionId === undefined ? {} : { VersionId: versionId };
  });
