import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import type { DeleteOutcome } from "../../../state/objects.ts";
import { isVersionId } from "../../../state/version-ids.ts";
import type { Tx } from "../../../state/view.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { deleteVersion } from "../delete-version.ts";
import { S3Error } from "../errors.ts";
import { DELETE_KEYS_MAX, DELETE_SLICE_KEYS } from "../limits.ts";
import { assertKey } from "../object-key.ts";
import { assertBypassFits } from "../object-lock.ts";
import { newVersionId } from "../version-id.ts";

type Input = Operations["DeleteObjects"]["input"];
type Output = Operations["DeleteObjects"]["output"];
type Target = NonNullable<Input["Delete"]["Objects"]>[number] & { readonly Key: string };
type Deleted = NonNullable<Output["Deleted"]>[number];
type Failed = NonNullable<Output["Errors"]>[number];

/** What became of one key: an outcome, or an error that is the key's own. */
type Result = { readonly outcome: DeleteOutcome } | { readonly error: S3Error };

/** Deletes up to 1,000 keys. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
export const deleteObjects: S3Handler<"DeleteObjects"> = async (context, input) => {
  const targets = readTargets(input);
  assertBypassFits(bucketOf(context), input.BypassGovernanceRetention);
  const quiet = input.Delete.Quiet === true;
  const Deleted: Deleted[] = [];
  const Errors: Failed[] = [];
  for (let from = 0; from < targets.length; from += DELETE_SLICE_KEYS) {
    const slice = targets.slice(from, from + DELETE_SLICE_KEYS);
    const results = await deleteSlice(context, { slice, bypassGovernance: input.BypassGovernanceRetention });
    for (const { target, result } of results) {
      if ("error" in result) Errors.push(failed(target, result.error));
      else if (!quiet) Deleted.push(deleted(target, result.outcome));
    }
  }
  return {
    ...(Deleted.length === 0 ? undefined : { Deleted }),
    ...(Errors.length === 0 ? undefined : { Errors }),
  };
};

/** Errors: MalformedXML for none or too many, or one without a key. */
const readTargets = ({ Delete: { Objects: objects } }: Input): readonly Target[] => {
  if (objects.length === 0 || objects.length > DELETE_KEYS_MAX || !objects.every(isTarget)) {
    throw new S3Error("MalformedXML");
  }
  return objects;
};

const isTarget = (object: { readonly Key?: string | undefined }): object is Target =>
  object.Key !== undefined && object.Key !== "";

type Slice = { readonly slice: readonly Target[]; readonly bypassGovernance: boolean | undefined };

const deleteSlice = (
  context: S3Context,
  { slice, bypassGovernance }: Slice,
): Promise<{ target: Target; result: Result }[]> => {
  const deletions = slice.map((target) => ({ target, markerVersionId: newVersionId(context.draw) }));
  return context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const results: { target: Target; result: Result }[] = [];
    for (const { target, markerVersionId } of deletions) {
      const result = await deleteTarget(tx, { bucket, context, target, markerVersionId, bypassGovernance });
      results.push({ target, result });
    }
    return results;
  });
};

const deleteTarget = async (
  tx: Tx,
  options: {
    bucket: Bucket;
    context: S3Context;
    target: Target;
    markerVersionId: (bucket: Bucket) => string;
    bypassGovernance: boolean | undefined;
  },
): Promise<Result> => {
  const { bucket, context, target, markerVersionId, bypassGovernance } = options;
  const { Key: key, VersionId: versionId, ETag: ifMatch } = target;
  try {
    assertTarget(target);
    const deletion = { key, versionId, ifMatch, bypassGovernance, markerVersionId };
    return { outcome: await deleteVersion(tx, { bucket, context }, deletion) };
  } catch (error) {
    if (error instanceof S3Error) return { error };
    throw error;
  }
};

/** Errors: NoSuchVersion for an id that S3 never makes; NotImplemented for conditions of directory buckets. */
const assertTarget = ({ Key: key, VersionId: versionId, LastModifiedTime: time, Size: size }: Target): void => {
  assertKey(key);
  if (versionId !== undefined && !isVersionId(versionId)) throw new S3Error("NoSuchVersion");
  if (time !== undefined || size !== undefined) throw new S3Error("NotImplemented");
};

const deleted = ({ Key, VersionId }: Target, { deleteMarker, versionId }: DeleteOutcome): Deleted => ({
  Key,
  ...(VersionId === undefined ? undefined : { VersionId }),
  ...(deleteMarker && versionId !== undefined ? { DeleteMarker: true, DeleteMarkerVersionId: versionId } : undefined),
});

const failed = ({ Key, VersionId }: Target, { code, message }: S3Error): Failed => ({
  Key,
  ...(VersionId === undefined ? undefined : { VersionId }),
  Code: code,
  Message: message,
});
