/** Whether a service of AWS may write what it delivers into a bucket. */
import { askServicePolicy } from "../../../access/service-policy.ts";
import type { Bucket } from "../../../state/model.ts";
import type { World } from "../../../state/world.ts";
import { bucketAcl } from "../acl-stored.ts";
import { GROUP_URIS } from "../grants.ts";

/** S3's log delivery: what ACLs call a group, and policies a service. */
export const LOG_DELIVERY = "logging.s3.amazonaws.com";
/** Inventories and analyses. */
export const REPORT_DELIVERY = "s3.amazonaws.com";

export type DeliveryQuestion = {
  readonly service: typeof LOG_DELIVERY | typeof REPORT_DELIVERY;
  /** The bucket that it is delivered to. */
  readonly bucket: Bucket;
  readonly key: string;
  /** On whose behalf, and of which bucket: `aws:SourceAccount` and `aws:SourceArn`. */
  readonly source: { readonly accountId: string; readonly bucket: string };
  /** World time, in milliseconds since 1970. */
  readonly nowMs: number;
};

/**
 * Decides it by the world's auth mode. `off` asks nothing, `lenient` heeds what the policy denies, and `strict` demands that the
 * policy allows it or, of log delivery, the bucket's ACL.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html#grant-log-delivery-permissions-general
 */
export const mayDeliver = async (world: World, question: DeliveryQuestion): Promise<boolean> => {
  const { authMode } = world.settings;
  if (authMode === "off") return true;
  const answer = await askServicePolicy(world, { ...question, action: "s3:PutObject" });
  if (answer !== "silent") return answer === "allow";
  if (authMode === "lenient") return true;
  return question.service === LOG_DELIVERY && (await grantsLogDelivery(world, question.bucket));
};

const grantsLogDelivery = async (world: World, bucket: Bucket): Promise<boolean> => {
  if (bucket.objectOwnership === "BucketOwnerEnforced") return false;
  const { grants } = await world.read((view) => bucketAcl(view, bucket));
  return grants.some(
    ({ grantee, permission }) =>
      grantee.uri === GROUP_URIS.logDelivery && (permission === "WRITE" || permission === "FULL_CONTROL"),
  );
};
