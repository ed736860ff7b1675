/** Buckets that a document of another bucket names. */
import { bucketNameFor, findBucket } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import { S3Error } from "../errors.ts";
import { argumentError } from "./checks.ts";
import type { DocumentPlace } from "./document.ts";

const ACCOUNT_ID = /^\d{12}$/;
const BUCKET_ARN = /^arn:(aws|aws-cn|aws-us-gov):s3:::([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])$/;

/** The name in a bucket's ARN of that partition; undefined for anything else. */
export const bucketNameOfArn = (arn: string, { partition }: Pick<Bucket, "partition">): string | undefined => {
  const [, found, name] = BUCKET_ARN.exec(arn) ?? [];
  return found === partition ? name : undefined;
};

/** A bucket by its name, in the partition of the one whose document names it; whose it is, `accountId` says where names are each account's own. */
export const findNamedBucket = (
  { context, tx, bucket }: DocumentPlace,
  { name, accountId = bucket.accountId }: { readonly name: string; readonly accountId?: string | undefined },
): Promise<Bucket | undefined> =>
  findBucket(tx, bucketNameFor(context.world, { partition: bucket.partition, name, callerAccountId: accountId }));

/**
 * Holds a place of reports to the ARN of a bucket and, where it names one, an account. Whether the bucket is there shows once a
 * report is due. Errors: InvalidS3DestinationBucket, InvalidArgument.
 */
export const assertExportTarget = (
  { arn, accountId }: { readonly arn: string; readonly accountId: string | undefined },
  bucket: Pick<Bucket, "partition">,
): void => {
  if (bucketNameOfArn(arn, bucket) === undefined) throw new S3Error("InvalidS3DestinationBucket");
  if (accountId === undefined || ACCOUNT_ID.test(accountId)) return;
  throw argumentError("AccountId", accountId, "The account id is not valid.");
};
