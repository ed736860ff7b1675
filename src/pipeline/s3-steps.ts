/** Steps that requests to S3 take alike, whatever form they come in: who, whether, on what. */
import { identify, type Identified } from "../identity/identify.ts";
import type { FormFields } from "../identity/post-form.ts";
import type { Caller } from "../protocol/caller.ts";
import type { Payload } from "../protocol/payload.ts";
import type { S3Route } from "../protocol/router.ts";
import type { WireRequest } from "../protocol/wire.ts";
import type { S3Context, S3OperationName } from "../services/s3/context.ts";
import { S3Error } from "../services/s3/errors.ts";
import { hasSpread } from "../services/s3/bucket-delay.ts";
import { checkExpectedOwner } from "../services/s3/expected-owner.ts";
import { findAccessKey } from "../state/access-keys.ts";
import { bucketNameFor, lookUpBucket } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import { authorizeAccount, authorizeBucket } from "./authorize.ts";
import { checkRegion, requestRegion } from "./region.ts";
import type { RequestScope } from "./scope.ts";

/** Operations that name a bucket which need not exist, or none. */
const WITHOUT_BUCKET: ReadonlySet<S3OperationName> = new Set([
  "CreateBucket",
  "ListBuckets",
  "ListDirectoryBuckets",
  "WriteGetObjectResponse",
]);

/** What every answer of S3 carries. */
export const commonHeaders = ({ draw }: RequestScope): Record<string, string> => ({
  "x-amz-id-2": draw.hostId,
  "x-amz-request-id": draw.requestId,
  Server: "AmazonS3",
});

/** What `identify` and `verify` are asked alike. */
export const question = ({ world, request, address }: RequestScope) =>
  ({ request, family: "s3", settings: world.settings, virtualBucket: address.bucket }) as const;

/** Who is calling; a form's fields say it where they hold credentials. Errors: those of `identify`. */
export const identifyCaller = (
  scope: RequestScope,
  { form }: { readonly form?: FormFields } = {},
): Identified | Promise<Identified> => {
  const { world, deps, address } = scope;
  return identify({
    ...question(scope),
    form,
    serverKey: deps.serverKey,
    findAccessKey: (accessKeyId) => findAccessKey(world, accessKeyId),
    region: address.region,
  });
};

type Wanted = {
  /** What the caller would do: a form's upload is a PutObject. */
  readonly operation: S3OperationName;
  readonly route: S3Route;
  readonly identified: Identified;
  /** Those of the request, and those that a presigned URL carries. */
  readonly headers: WireRequest["headers"];
};

/** The bucket that an operation names, once its caller may use it. Errors: NoSuchBucket, AccessDenied, a wrong region's. */
export const authorize = (scope: RequestScope, wanted: Wanted): Bucket | undefined | Promise<Bucket> => {
  const { operation, route, identified } = wanted;
  if (route.bucket === undefined || WITHOUT_BUCKET.has(operation)) {
    authorizeAccount({ identified, settings: scope.world.settings });
    return undefined;
  }
  const found = lookUpBucket(scope.world, bucketName(scope.world, { caller: identified.caller, name: route.bucket }));
  return found instanceof Promise
    ? found.then((bucket) => permit(scope, bucket, wanted))
    : permit(scope, found, wanted);
};

/** Which bucket a caller means by a name. */
const bucketName = (world: World, { caller, name }: { caller: Caller; name: string }) =>
  bucketNameFor(world, { partition: caller.partition, name, callerAccountId: caller.accountId });

const permit = (
  scope: RequestScope,
  found: Bucket | undefined,
  { operation, route, identified, headers }: Wanted,
): Bucket => {
  const bucket = requireFound(scope, found, route.bucket ?? "");
  // Where a bucket is can be asked from anywhere.
  if (operation !== "GetBucketLocation") checkRegion(scope, { bucket, identified });
  authorizeBucket(operation, { identified, bucket, settings: scope.world.settings });
  checkExpectedOwner(bucket, headers["x-amz-expected-bucket-owner"]);
  return bucket;
};

const requireFound = ({ world, nowMs }: RequestScope, bucket: Bucket | undefined, name: string): Bucket => {
  if (bucket === undefined || !hasSpread(world, bucket, nowMs)) throw new S3Error("NoSuchBucket", { BucketName: name });
  return bucket;
};

/** The surroundings of an operation. */
export const contextOf = (
  scope: RequestScope,
  { identified, bucket, payload }: { identified: Identified; bucket: Bucket | undefined; payload: Payload },
): S3Context => {
  const { world, deps, nowMs, draw, request, address } = scope;
  const { caller } = identified;
  return {
    world,
    bodies: deps.state.bodies,
    caller,
    nowMs,
    draw,
    bucket,
    findBucket: async (name) => {
      const found = await lookUpBucket(world, bucketName(world, { caller, name }));
      const other = requireFound(scope, found, name);
      // A copy is a write: an unsigned one is the default account's, as others are.
      authorizeBucket("CopyObject", { identified, bucket: other, settings: world.settings });
      return other;
    },
    payload,
    endpoint: {
      region: requestRegion(scope, identified),
      secure: request.secure,
      host: request.host,
      style: address.bucket === undefined ? "path" : "virtual",
    },
  };
};
