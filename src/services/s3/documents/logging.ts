/** Server access logging. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html */
import type { BucketLoggingStatus, LoggingEnabled, TargetObjectKeyFormat } from "../../../protocol/generated/s3.ts";
import { getConfiguration } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import { S3Error } from "../errors.ts";
import { assertGrantee, isPermission } from "../grants.ts";
import { DEFAULT_REGION } from "../regions.ts";
import { assertPrefix, assertSchema, countGiven } from "./checks.ts";
import { findNamedBucket } from "./destination.ts";
import type { DocumentPlace } from "./document.ts";
import { parseRequestPayment } from "./request-payment.ts";

/** Where a bucket logs to; undefined: nowhere. Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const readLogging = ({ LoggingEnabled: enabled }: BucketLoggingStatus): LoggingEnabled | undefined => {
  if (enabled === undefined) return undefined;
  assertPrefix(enabled.TargetPrefix);
  assertKeyFormat(enabled.TargetObjectKeyFormat);
  for (const { Grantee: grantee, Permission: permission } of enabled.TargetGrants ?? []) {
    // The documentation has three of the five; S3 takes them all.
    assertSchema(isPermission(permission));
    if (grantee === undefined) throw new S3Error("MalformedXML");
    assertGrantee(grantee);
  }
  return enabled;
};

const assertKeyFormat = (format: TargetObjectKeyFormat | undefined): void => {
  if (format === undefined) return;
  assertSchema(countGiven(format.SimplePrefix, format.PartitionedPrefix) === 1);
};

/**
 * Holds the target to what a bucket may log to: one of the same account and region, without ACLs where grants are asked for.
 * Errors: InvalidTargetBucketForLogging, CrossLocationLoggingProhibitted, AccessControlListNotSupported.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshooting-server-access-logging.html
 */
export const assertLoggingTarget = async (
  { TargetBucket: name, TargetGrants: grants = [] }: LoggingEnabled,
  place: DocumentPlace,
): Promise<void> => {
  const { bucket } = place;
  const target = await findNamedBucket(place, { name });
  if (target === undefined) throw badTarget(name, "The target bucket for logging does not exist");
  if (target.accountId !== bucket.accountId) {
    throw badTarget(name, "The owner for the bucket to be logged and the target bucket must be the same.");
  }
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
  if (await isRequesterPays(place, target)) throw badTarget(name);
  if (target.region !== bucket.region) {
    throw new S3Error("CrossLocationLoggingProhibitted", {
      ...(bucket.region === DEFAULT_REGION ? {} : { SourceBucketLocation: bucket.region }),
      TargetBucketLocation: target.region,
    });
  }
  if (grants.length > 0 && target.objectOwnership === "BucketOwnerEnforced") {
    throw new S3Error(
      "AccessControlListNotSupported",
      {},
      { message: "Target grants not allowed for bucket owner enforced buckets" },
    );
  }
};

const badTarget = (name: string, message?: string): S3Error =>
  new S3Error("InvalidTargetBucketForLogging", { TargetBucket: name }, message === undefined ? {} : { message });

const isRequesterPays = async ({ tx }: DocumentPlace, target: Bucket): Promise<boolean> => {
  const document = await getConfiguration(tx, target, "requestPayment");
  return document !== undefined && parseRequestPayment(document).Payer === "Requester";
};

/** Reads what was kept. */
export const parseLogging = (document: string): LoggingEnabled => JSON.parse(document) as LoggingEnabled;
