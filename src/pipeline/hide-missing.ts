/**
 * Whoever may not list a bucket is not told that a key is missing either.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
import { AwsError } from "../protocol/aws-error.ts";
import { SourceMissingError } from "../services/s3/copy-source-read.ts";
import { S3Error } from "../services/s3/errors.ts";
import type { Bucket } from "../state/model.ts";
import { mayDo } from "./authorize.ts";
import type { RequestScope } from "./scope.ts";

/** What a caller must be allowed to learn that something is not there. */
const TELLING: ReadonlyMap<string, string> = new Map([
  ["NoSuchKey", "s3:ListBucket"],
  ["NoSuchVersion", "s3:ListBucketVersions"],
]);

/** The work of an operation; where it failed because something is missing, AccessDenied for a caller who may not know. */
export const hideMissing = <T>({
  scope,
  work,
}: {
  readonly scope: RequestScope;
  readonly work: Promise<T>;
}): Promise<T> =>
  scope.trail.facts.access?.judging === "everything" ? work.catch((error: unknown) => hide(scope, error)) : work;

const hide = async (scope: RequestScope, error: unknown): Promise<never> => {
  const action = error instanceof AwsError ? TELLING.get(error.code) : undefined;
  const { bucket, sourceBucket } = scope.trail.facts;
  const asked = error instanceof SourceMissingError ? sourceBucket : bucket;
  if (action !== undefined) await assertMayKnow(scope, { action, asked });
  throw error;
};

const assertMayKnow = async (
  scope: RequestScope,
  { action, asked }: { readonly action: string; readonly asked: Bucket | undefined },
): Promise<void> => {
  const { access } = scope.trail.facts;
  if (access === undefined || asked === undefined) return;
  const may = await mayDo(scope, access, { action, bucket: asked });
  if (may instanceof S3Error) throw may;
};
