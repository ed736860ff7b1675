/** Steps that requests to S3 take alike, whatever form they come in: who, whether, on what. */
import { identify, type Identified } from "../identity/identify.ts";
import { findRegisteredKey } from "../identity/registered-key.ts";
import type { FormFields } from "../identity/post-form.ts";
import type { Caller } from "../protocol/caller.ts";
import type { Payload } from "../protocol/payload.ts";
import type { S3Context, S3OperationName, WantedAccess } from "../services/s3/context.ts";
import { S3Error } from "../services/s3/errors.ts";
import { assertInSession, assertOffered } from "../services/s3/directory-buckets/offered-operations.ts";
import { hasSpread } from "../services/s3/bucket-delay.ts";
import { callerPays } from "../services/s3/request-payment.ts";
import { checkExpectedOwner } from "../services/s3/expected-owner.ts";
import { bucketNameFor, lookUpBucket } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import type { Access } from "./access.ts";
import { assertOfferedByPoint, bucketBehind, findPassage } from "./access-point.ts";
import type { AccessRequest } from "./access-facts.ts";
import { asCallerOf, authorizeOther, authorizeRequest, mayDo } from "./authorize.ts";
import { checkRegion, requestRegion } from "./region.ts";
import { issueBucketSession } from "./bucket-session.ts";
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
  const { settings } = world;
  const found = identify({
    ...question(scope),
    form,
    serverKey: deps.serverKey,
    findAccessKey: (accessKeyId) => findRegisteredKey(world, accessKeyId),
    region: address.region,
  });
  const { operation } = scope.trail.facts;
  return found instanceof Promise
    ? found.then((identified) => asCallerOf(operation, { identified, settings }))
    : asCallerOf(operation, { identified: found, settings });
};

/** The bucket that an operation names, once its caller may use it. Errors: NoSuchBucket, AccessDenied, a wrong region's. */
export const authorize = (
  scope: RequestScope,
  wanted: AccessRequest,
): Bucket | undefined | Promise<Bucket | undefined> => {
  const { operation, route, identified } = wanted;
  assertOffered(operation, {
    bucketName: route.bucket,
    caller: identified.caller,
    method: scope.request.method,
  });
  const name = route.bucket;
  if (scope.address.service === "s3-accesspoint" && name !== undefined) return throughPoint(scope, wanted, { name });
  if (name === undefined || WITHOUT_BUCKET.has(operation)) return withoutBucket(scope, wanted);
  const found = lookUpBucket(scope.world, bucketName(scope.world, { caller: identified.caller, name }));
  if (!(found instanceof Promise)) return permit(scope, found, wanted);
  return found.then((bucket) =>
    bucket === undefined ? throughPoint(scope, wanted, { name }) : permit(scope, bucket, wanted),
  );
};

/** The bucket behind the access point of a name that no bucket has. */
const throughPoint = async (
  scope: RequestScope,
  wanted: AccessRequest,
  { name }: { readonly name: string },
): Promise<Bucket | undefined> => {
  const passage = await findPassage(scope, { name, identified: wanted.identified });
  if (passage === undefined) return permit(scope, undefined, wanted);
  assertOfferedByPoint(scope, wanted.operation);
  const bucket = await bucketBehind(scope, passage);
  scope.trail.note({ passage, bucketName: passage.point.bucketName });
  return permit(scope, bucket, wanted);
};

const withoutBucket = (scope: RequestScope, wanted: AccessRequest): undefined | Promise<undefined> => {
  const access = authorizeRequest(scope, wanted, undefined);
  return access instanceof Promise ? access.then((judged) => noted(scope, judged)) : noted(scope, access);
};

/** Takes down what the handler asks by. */
const noted = <Named extends Bucket | undefined>(scope: RequestScope, access: Access, bucket?: Named): Named => {
  scope.trail.note(bucket === undefined ? { access } : { access, bucket });
  return bucket as Named;
};

/** Which bucket a caller means by a name. */
const bucketName = (world: World, { caller, name }: { caller: Caller; name: string }) =>
  bucketNameFor(world, { partition: caller.partition, name, callerAccountId: caller.accountId });

const permit = (
  scope: RequestScope,
  found: Bucket | undefined,
  wanted: AccessRequest,
): Bucket | undefined | Promise<Bucket | undefined> => {
  const { operation, route, identified, headers } = wanted;
  // The SDKs begin a session with a directory bucket before they create it.
  if (found === undefined && operation === "CreateSession") return withoutBucket(scope, wanted);
  const bucket = requireFound(scope, found, scope.trail.facts.bucketName ?? route.bucket ?? "");
  assertInSession(identified.caller, bucket);
  // Where a bucket is can be asked from anywhere.
  const region = scope.trail.facts.passage?.point.region ?? bucket.region;
  if (operation !== "GetBucketLocation") checkRegion(scope, { bucket, region, identified });
  const access = authorizeRequest(scope, wanted, bucket);
  const admit = (judged: Access): Bucket | undefined => {
    checkExpectedOwner(bucket, headers["x-amz-expected-bucket-owner"]);
    return noted(scope, judged, bucket);
  };
  return access instanceof Promise ? access.then(admit) : admit(access);
};

const requireFound = ({ world, nowMs }: RequestScope, bucket: Bucket | undefined, name: string): Bucket => {
  if (bucket === undefined || !hasSpread(world, bucket, nowMs)) throw new S3Error("NoSuchBucket", { BucketName: name });
  return bucket;
};

const signedV2 = ({ world, request }: RequestScope, { authorization }: Identified): string | undefined => {
  if (authorization === undefined || "scope" in authorization || world.settings.authMode === "off") return undefined;
  return request.headers["authorization"] ?? "null";
};

/** The surroundings of an operation. */
export const contextOf = (
  scope: RequestScope,
  { identified, bucket, payload }: { identified: Identified; bucket: Bucket | undefined; payload: Payload },
): S3Context => {
  const { world, deps, nowMs, draw, request, address } = scope;
  const { caller } = identified;
  const { access, passage } = scope.trail.facts;
  const asked = (wanted: WantedAccess): true | Promise<true | S3Error> => {
    const target = wanted.bucket ?? bucket;
    return access === undefined || target === undefined ? true : mayDo(scope, access, { ...wanted, bucket: target });
  };
  return {
    world,
    bodies: deps.state.bodies,
    caller,
    nowMs,
    draw,
    bucket,
    accessPoint: passage?.point,
    namedByAlias: passage?.byAlias,
    findBucket: async (name) => {
      const found = await lookUpBucket(world, bucketName(world, { caller, name }));
      const sourcePassage = found === undefined ? await findPassage(scope, { name, identified }) : undefined;
      const behind = sourcePassage === undefined ? found : await bucketBehind(scope, sourcePassage);
      const present = requireFound(scope, behind, sourcePassage?.point.bucketName ?? name);
      // What is asked of it is asked on its own way, even where it is the bucket that is copied to.
      const other = passage === sourcePassage ? present : { ...present };
      if (access !== undefined) authorizeOther(scope, access, other);
      await callerPays(world, other, {
        operation: "CopyObject",
        caller,
        payer: request.headers["x-amz-request-payer"],
      });
      scope.trail.note({ sourceBucket: other, sourcePassage });
      return other;
    },
    may: async (wanted) => (await asked(wanted)) === true,
    demand: async (wanted) => {
      const may = await asked(wanted);
      if (may !== true) throw may;
    },
    payload,
    signedV2: signedV2(scope, identified),
    endpoint: {
      region: requestRegion(scope, identified),
      secure: request.secure,
      host: request.host,
      style: address.bucket === undefined ? "path" : "virtual",
    },
    sourceIp: request.remoteAddress,
    issueSession: (options) => issueBucketSession(scope, { caller, ...options }),
  };
};
