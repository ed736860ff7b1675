/** What S3 only promises eventually: that a new bucket is found. https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel */
import type { Bucket } from "../../state/model.ts";
import type { World } from "../../state/world.ts";

/** Whether word of a bucket's creation has spread, in a world where that takes time. */
export const hasSpread = ({ settings }: Pick<World, "settings">, bucket: Bucket, nowMs: number): boolean =>
  settings.bucketCreationDelayMs === undefined || nowMs >= bucket.createdAtMs + settings.bucketCreationDelayMs;
