/** A page of a list of buckets, as both lists of them show it. */
import type { Bucket } from "../../state/model.ts";
import { bucketArn } from "./bucket-arn.ts";
import { hasSpread } from "./bucket-delay.ts";
import { writeContinuationToken } from "./continuation-token.ts";
import type { S3Context } from "./context.ts";
import { shownTime } from "./shown-time.ts";

/** `found` has one more than `limit` where there is another page; `scope` names the list that its token is of. */
export const bucketPage = (
  { world, nowMs }: S3Context,
  { found, limit, scope }: { readonly found: readonly Bucket[]; readonly limit: number; readonly scope: string },
) => {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    Buckets: page
      .filter((bucket) => hasSpread(world, bucket, nowMs))
      .map((bucket) => ({
        Name: bucket.name,
        CreationDate: shownTime(bucket.createdAtMs),
        BucketRegion: bucket.region,
        BucketArn: bucketArn(bucket),
      })),
    ...(found.length > limit && last !== undefined
      ? { ContinuationToken: writeContinuationToken(last.name, { scope }) }
      : undefined),
  };
};
