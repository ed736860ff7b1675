/** Public access blocks as requests give them. */
import type { PublicAccessBlockConfiguration } from "../../protocol/generated/s3-control.ts";
import type { PublicAccessBlock } from "../s3/public-access-block.ts";

/** A block with what is not given left open. */
export const completeBlock = ({
  BlockPublicAcls = false,
  IgnorePublicAcls = false,
  BlockPublicPolicy = false,
  RestrictPublicBuckets = false,
}: PublicAccessBlockConfiguration): PublicAccessBlock => ({
  BlockPublicAcls,
  IgnorePublicAcls,
  BlockPublicPolicy,
  RestrictPublicBuckets,
});
