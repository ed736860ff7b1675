/** A browser's preflight. https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html */
import type { S3Route } from "../protocol/router.ts";
import type { WireResponse } from "../protocol/wire.ts";
import { S3Error } from "../services/s3/errors.ts";
import { bucketNameFor, lookUpBucket } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import type { RequestScope } from "./scope.ts";

/** Refuses as a bucket without a CORS configuration does: no bucket can have one yet. */
export const answerPreflight = async ({ world, request }: RequestScope, route: S3Route): Promise<WireResponse> => {
  if (request.headers["origin"] === undefined) {
    throw new S3Error("BadRequest", {}, { message: "Insufficient information. Origin request header needed." });
  }
  const fields = { Method: request.headers["access-control-request-method"] ?? "OPTIONS", ResourceType: "BUCKET" };
  const bucket = route.bucket === undefined ? undefined : await find(world, route.bucket);
  const message =
    bucket === undefined ? "CORSResponse: Bucket not found" : "CORSResponse: CORS is not enabled for this bucket.";
  throw new S3Error("AccessForbidden", fields, { message });
};

/** A preflight is nobody's: where names are each account's own, it is the default account's. */
const find = (world: World, name: string): Bucket | undefined | Promise<Bucket | undefined> => {
  const { accountOverride, fallbackAccount } = world.settings;
  const callerAccountId = accountOverride ?? fallbackAccount;
  return lookUpBucket(world, bucketNameFor(world, { partition: "aws", name, callerAccountId }));
};
