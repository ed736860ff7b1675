import { hash } from "node:crypto";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { ObjectVersion } from "../../../state/model.ts";
import { currentObject } from "../../../state/objects.ts";
import { findRename, rememberRename, renameObject as moveObject } from "../../../state/renames.ts";
import { failedReadCondition, preconditionFailed, type ReadConditions } from "../conditions.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { invalidArgument, invalidRequest, S3Error } from "../errors.ts";
import { CLIENT_TOKEN_CHARS_MAX } from "../limits.ts";
import { isWatched, noteObjectChange } from "../object-changes.ts";
import { parseRenameSource } from "../rename-source.ts";

type Input = Operations["RenameObject"]["input"];

/** Gives an object another key; no byte is written. https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html */
export const renameObject: S3Handler<"RenameObject"> = async (context, input) => {
  const { name } = bucketOf(context);
  const source = parseRenameSource(input.RenameSource, { bucketName: name });
  assertNoDirectory(source, input.Key);
  const retry = readRetry(input, source);
  await context.demand({ action: "s3:GetObject", key: source });
  await context.demand({ action: "s3:DeleteObject", key: source });
  await context.world.transact(async (tx) => {
    const bucket = await requireBucket(tx, bucketOf(context));
    if (bucket.versioning !== "Unversioned") throw notForVersions();
    if (retry !== undefined) {
      const done = await findRename(tx, bucket, retry.token);
      if (done === retry.request) return;
      if (done !== undefined) throw new S3Error("IdempotencyParameterMismatch");
    }
    const object = await currentObject(tx, bucket, source);
    if (object === undefined) throw new S3Error("NoSuchKey", { Key: source });
    const replaced = await currentObject(tx, bucket, input.Key);
    checkConditions(context, { input, object, replaced });
    await moveObject(tx, bucket, { object, to: input.Key });
    // AWS has renames in directory buckets alone, which send no events: what else follows does.
    if (isWatched(bucket) && source !== input.Key) {
      const moved = await currentObject(tx, bucket, input.Key);
      await noteObjectChange(tx, context, bucket, { key: source, before: object });
      await noteObjectChange(tx, context, bucket, { key: input.Key, version: moved, before: replaced });
    }
    if (retry !== undefined) await rememberRename(tx, bucket, retry);
  });
  return {};
};

const notForVersions = (): S3Error =>
  new S3Error("NotImplemented", {}, { message: "RenameObject is not implemented for buckets with versions" });

/** Errors: InvalidRequest for a key that ends like a directory's. */
const assertNoDirectory = (...keys: readonly string[]): void => {
  if (keys.some((key) => key.endsWith("/"))) throw invalidRequest("Keys that end with a slash cannot be renamed");
};

/** The client's token, and a digest of what else the request says. Errors: InvalidArgument. */
const readRetry = (input: Input, source: string): { token: string; request: string } | undefined => {
  const { ClientToken: token, Bucket: _bucket, RenameSource: _source, ...asked } = input;
  if (token === undefined) return undefined;
  if (token === "" || token.length > CLIENT_TOKEN_CHARS_MAX || !/^[!-~]+$/.test(token)) {
    throw invalidArgument(`A client token has 1 to ${CLIENT_TOKEN_CHARS_MAX} visible ASCII characters`, {
      name: "x-amz-client-token",
      value: token,
    });
  }
  const members = Object.entries({ ...asked, source }).filter(([, value]) => value !== undefined);
  const inOrder = members.toSorted(([one], [other]) => (one < other ? -1 : 1));
  return { token, request: hash("sha256", JSON.stringify(inOrder), "base64") };
};

/** Holds the conditions of both keys against what is there. Errors: PreconditionFailed. */
const checkConditions = (
  { nowMs }: S3Context,
  { input, object, replaced }: { input: Input; object: ObjectVersion; replaced: ObjectVersion | undefined },
): void => {
  const ofSource: ReadConditions = {
    ifMatch: input.SourceIfMatch,
    ifNoneMatch: input.SourceIfNoneMatch,
    ifModifiedSince: input.SourceIfModifiedSince,
    ifUnmodifiedSince: input.SourceIfUnmodifiedSince,
  };
  const failed = failedReadCondition(object, { conditions: ofSource, nowMs });
  if (failed !== undefined) throw preconditionFailed(`x-amz-rename-source-${failed}`);
  const ofTarget: ReadConditions = {
    ifMatch: input.DestinationIfMatch,
    ifNoneMatch: input.DestinationIfNoneMatch,
    ifModifiedSince: input.DestinationIfModifiedSince,
    ifUnmodifiedSince: input.DestinationIfUnmodifiedSince,
  };
  const refused = failedTargetCondition(replaced, { conditions: ofTarget, nowMs });
  if (refused !== undefined) throw preconditionFailed(refused);
};

/** Of a key that holds nothing, neither an ETag nor a time can be what is wanted. */
const failedTargetCondition = (
  replaced: ObjectVersion | undefined,
  { conditions, nowMs }: { conditions: ReadConditions; nowMs: number },
): string | undefined => {
  if (replaced !== undefined) return failedReadCondition(replaced, { conditions, nowMs });
  if (conditions.ifMatch !== undefined) return "If-Match";
  return conditions.ifModifiedSince === undefined ? undefined : "If-Modified-Since";
};
