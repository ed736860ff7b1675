/**
 * A bucket's ownership controls. Which rule holds is a member of the bucket; a document tells only that there is no rule.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
import { deleteConfiguration, putConfiguration, updateBucket } from "../../state/buckets.ts";
import type { Bucket, ObjectOwnership } from "../../state/model.ts";
import type { Tx } from "../../state/view.ts";

const OWNERSHIPS: ReadonlySet<string> = new Set(["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"]);

export const isOwnership = (text: string): text is ObjectOwnership => OWNERSHIPS.has(text);

/** What holds in a bucket without a rule. */
export const OWNERSHIP_WITHOUT_RULE: ObjectOwnership = "ObjectWriter";

/** The rule of a bucket; undefined where it was deleted, or the bucket made as they were before there were rules. */
export const ownershipRule = ({ configurations, objectOwnership }: Bucket): ObjectOwnership | undefined =>
  configurations.includes("ownershipControls") ? undefined : objectOwnership;

/** Keeps a bucket's rule, or (undefined) that it has none. `bucket` is as `requireBucket` gave it. */
export const storeOwnershipRule = async (
  tx: Tx,
  bucket: Bucket,
  rule: ObjectOwnership | undefined,
): Promise<Bucket> => {
  const updated = await updateBucket(tx, bucket, { objectOwnership: rule ?? OWNERSHIP_WITHOUT_RULE });
  if (rule !== undefined) return deleteConfiguration(tx, updated, "ownershipControls");
  return putConfiguration(tx, updated, { kind: "ownershipControls", document: JSON.stringify({ Rules: [] }) });
};
