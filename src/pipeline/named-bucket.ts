/** The bucket that a request names, found for what concerns the bucket whoever may use it: CORS, access logs, websites. */
import { S3Error } from "../services/s3/errors.ts";
import { hasSpread } from "../services/s3/bucket-delay.ts";
import { bucketNameFor, lookUpBucket } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import { partitionOfRegion } from "../protocol/caller.ts";
import { bucketBehind, findPassage } from "./access-point.ts";
import type { RequestScope } from "./scope.ts";

/**
 * The bucket of that name, or behind the access point of that name, in the partition of the host's region. Where names are each account's own, it is the caller's, and the
 * default account's for a request that is nobody's.
 */
export const findNamedBucket = async (scope: RequestScope, name: string): Promise<Bucket | undefined> => {
  const { world, address, nowMs } = scope;
  const { accountOverride, fallbackAccount } = world.settings;
  const caller = scope.trail.facts.identified?.caller;
  const callerAccountId = caller?.accountId ?? accountOverride ?? fallbackAccount;
  const partition = caller?.partition ?? partitionOfRegion(address.region ?? "");
  const bucket = await lookUpBucket(world, bucketNameFor(world, { partition, name, callerAccountId }));
  if (bucket === undefined) return throughPoint(scope, name);
  return hasSpread(world, bucket, nowMs) ? bucket : undefined;
};

const throughPoint = async (scope: RequestScope, name: string): Promise<Bucket | undefined> => {
  try {
    const passage = await findPassage(scope, { name, identified: scope.trail.facts.identified });
    return passage && (await bucketBehind(scope, passage));
  } catch (error) {
    // What is wrong with the name is told by the request itself.
    if (error instanceof S3Error) return undefined;
    throw error;
  }
};
