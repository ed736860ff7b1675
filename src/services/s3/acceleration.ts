/** The endpoint of transfer acceleration. https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html */
import { parsedConfiguration } from "../../state/configuration-cache.ts";
import type { Bucket } from "../../state/model.ts";
import type { World } from "../../state/world.ts";
import type { S3OperationName } from "./context.ts";
import { parseAccelerate } from "./documents/accelerate.ts";
import { invalidRequest } from "./errors.ts";

/** What the accelerated endpoint does not do. */
const ELSEWHERE: ReadonlySet<S3OperationName> = new Set(["CreateBucket", "DeleteBucket", "ListBuckets"]);

/** Holds a request that came to the accelerated endpoint against what its bucket says of it. Errors: InvalidRequest. */
export const assertAccelerated = async (
  world: World,
  bucket: Bucket | undefined,
  operation: S3OperationName,
): Promise<void> => {
  if (bucket === undefined || ELSEWHERE.has(operation)) {
    throw invalidRequest("S3 Transfer Acceleration is not supported for this operation");
  }
  const rule = await parsedConfiguration(world, bucket, { kind: "accelerate", parse: parseAccelerate });
  if (rule?.Status === "Enabled") return;
  const why = rule?.Status === undefined ? "is not configured" : "is disabled";
  throw invalidRequest(`S3 Transfer Acceleration ${why} on this bucket`);
};
