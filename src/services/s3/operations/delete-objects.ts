import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import type { DeleteOutcome } from "../../../state/objects.ts";
import { isVersionId } from "../../../state/version-ids.ts";
import type { Tx } from "../../../state/view.ts";
import { bypassesGovernance } from "../bypass-governance.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { deleteVersion } from "../delete-version.ts";
import { assertDeleteConditions } from "../directory-buckets/plain-objects.ts";
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
    const permitted = await Promise.all(slice.map((target) => permit(context, target, input)));
    const results = await deleteSlice(context, permitted);
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

/** A key with what its caller may do to it. */
type Permitted = { readonly target: Target; readonly refused: S3Error | undefined; readonly bypassGovernance: boolean };

const permit = async (context: S3Context, target: Target, input: Input): Promise<Permitted> => {
  const { Key: key, VersionId: versionId, ETag: ifMatch } = target;
  const action = versionId === undefined ? "s3:DeleteObject" : "s3:DeleteObjectVersion";
  const bypassGovernance = await bypassesGovernance(context, { asked: input.BypassGovernanceRetention, key });
  try {
    await context.demand({ action, key, versionId, ifMatch });
    if (ifMatch !== undefined && ifMatch !== "*") await context.demand({ action: "s3:GetObject", key });
    return { target, refused: undefined, bypassGovernance };
  } catch (error) {
    if (error instanceof S3Error) return { target, refused: error, bypassGovernance };
    throw error;
  }
};

const deleteSlice = (
  context: S3Context,
  slice: readonly Permitted[],
): Promise<{ target: Target; result: Result }[]> => {
  const deletions = slice.map((permitted) => ({ ...permitted, markerVersionId: newVersionId(context.draw) }));
  return context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    const results: { target: Target; result: Result }[] = [];
    for (const { target, refused, ...deletion } of deletions) {
      const result =
        refused === undefined ? await deleteTarget(tx, { bucket, context, target, ...deletion }) : { error: refused };
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
    bypassGovernance: boolean;
  },
): Promise<Result> => {
  const { bucket, context, target, markerVersionId, bypassGovernance } = options;
  const { Key: key, VersionId: versionId, ETag: ifMatch, Size: sizeBytes, LastModifiedTime: lastModified } = target;
  const plain = sizeBytes === undefined && lastModified === undefined ? undefined : { sizeBytes, lastModified };
  try {
    assertTarget(target);
    if (plain !== undefined) assertDeleteConditions(bucket.name, plain);
    const deletion = { key, versionId, ifMatch, plain, bypassGovernance, markerVersionId };
    return { outcome: await deleteVersion(tx, { bucket, context }, deletion) };
  } catch (error) {
    if (error instanceof S3Error) return { error };
    throw error;
  }
};

/** Errors: NoSuchVersion for an id that S3 never makes. */
const assertTarget = ({ Key: key, VersionId: versionId }: Target): void => {
  assertKey(key);
  if (versionId !== undefined && !isVersionId(versionId)) throw new S3Error("NoSuchVersion");
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
