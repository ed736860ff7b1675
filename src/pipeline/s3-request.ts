/** An S3 request through the steps of the pipeline. */
import { identify, type Identified } from "../identity/identify.ts";
import { verify, type Verified } from "../identity/verify.ts";
import { DOCUMENT_BYTES_MAX, S3_HEADER_BYTES_MAX } from "../platform/limits.ts";
import { readBodyFacts } from "../protocol/aws-chunked/body-facts.ts";
import { createPayload, readWholePayload } from "../protocol/aws-chunked/verified-payload.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { s3ErrorDocument } from "../protocol/codec/errors.ts";
import { decodeS3Input, readsDocument } from "../protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../protocol/codec/s3-encoder.ts";
import type { Payload } from "../protocol/payload.ts";
import { routeS3, type S3Route } from "../protocol/router.ts";
import type { WireResponse } from "../protocol/wire.ts";
import type { S3Context, S3Handler, S3OperationName } from "../services/s3/context.ts";
import { headerNotImplemented, S3_ERRORS, S3Error, type S3ErrorCode } from "../services/s3/errors.ts";
import { checkExpectedOwner } from "../services/s3/expected-owner.ts";
import { S3_HANDLERS } from "../services/s3/handlers.ts";
import { assertKey } from "../services/s3/object-key.ts";
import { findAccessKey } from "../state/access-keys.ts";
import { lookUpBucket } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import { authorizeAccount, authorizeBucket } from "./authorize.ts";
import { answerPreflight } from "./preflight.ts";
import { checkRegion, requestRegion } from "./region.ts";
import { signingClock, type RequestScope } from "./scope.ts";

/** Operations that name a bucket which need not exist, or none. */
const WITHOUT_BUCKET: ReadonlySet<S3OperationName> = new Set([
  "CreateBucket",
  "ListBuckets",
  "ListDirectoryBuckets",
  "WriteGetObjectResponse",
]);

/** What every answer of S3 carries. */
const commonHeaders = ({ draw }: RequestScope): Record<string, string> => ({
  "x-amz-id-2": draw.hostId,
  "x-amz-request-id": draw.requestId,
  Server: "AmazonS3",
});

/** Runs an S3 request. Errors: those of its steps. */
export const runS3Request = async (scope: RequestScope, { express }: { express: boolean }): Promise<WireResponse> => {
  const { request, address } = scope;
  assertHeaderSize(request.headers);
  const route = routeS3(request, { virtualBucket: address.bucket, express });
  const { operation } = route;
  if (operation === "Preflight") return answerPreflight(scope, route);
  if (operation === "PostObject")
    throw new S3Error("NotImplemented", {}, { message: "PostObject is not implemented yet" });
  const identified = await identifyCaller(scope);
  const verified = verify({ ...question(scope), identified, clock: signingClock(scope) });
  const bucket = await authorize(scope, { operation, route, identified });
  if (route.key !== undefined) assertKey(route.key);
  const payload = readPayload(scope, { operation, verified });
  const document = readsDocument(operation)
    ? await readWholePayload(payload, { sizeBytesMax: DOCUMENT_BYTES_MAX })
    : undefined;
  const { headers } = request;
  const input = decodeS3Input(operation, {
    bucket: route.bucket,
    key: route.key,
    query: route.query,
    headers,
    document,
  });
  const context = contextOf(scope, { identified, bucket, payload });
  const handler = S3_HANDLERS[operation] as unknown as S3Handler<"PutObject">;
  const output = await handler(context, input as never);
  return encodeS3Output(operation, output as never, commonHeaders(scope));
};

/** Errors: RequestHeaderSectionTooLarge. */
const assertHeaderSize = (headers: Readonly<Record<string, string>>): void => {
  let bytes = 0;
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  if (bytes > S3_HEADER_BYTES_MAX) {
    throw new S3Error("RequestHeaderSectionTooLarge", { MaxSizeAllowed: String(S3_HEADER_BYTES_MAX) });
  }
};

/** What `identify` and `verify` are asked alike. */
const question = ({ world, request, address }: RequestScope) =>
  ({ request, family: "s3", settings: world.settings, virtualBucket: address.bucket }) as const;

const identifyCaller = (scope: RequestScope): Identified | Promise<Identified> => {
  const { world, deps, address } = scope;
  return identify({
    ...question(scope),
    serverKey: deps.serverKey,
    findAccessKey: (accessKeyId) => findAccessKey(world, accessKeyId),
    region: address.region,
  });
};

type Wanted = { readonly operation: S3OperationName; readonly route: S3Route; readonly identified: Identified };

/** The bucket that an operation names, once its caller may use it. Errors: NoSuchBucket, AccessDenied, a wrong region's. */
const authorize = (scope: RequestScope, wanted: Wanted): Bucket | undefined | Promise<Bucket> => {
  const { operation, route, identified } = wanted;
  if (route.bucket === undefined || WITHOUT_BUCKET.has(operation)) {
    authorizeAccount({ identified, settings: scope.world.settings });
    return undefined;
  }
  const found = lookUpBucket(scope.world, { partition: identified.caller.partition, name: route.bucket });
  return found instanceof Promise
    ? found.then((bucket) => permit(scope, bucket, wanted))
    : permit(scope, found, wanted);
};

const permit = (scope: RequestScope, found: Bucket | undefined, { operation, route, identified }: Wanted): Bucket => {
  const bucket = requireFound(found, route.bucket ?? "");
  // Where a bucket is can be asked from anywhere.
  if (operation !== "GetBucketLocation") checkRegion(scope, { bucket, identified });
  authorizeBucket(operation, { identified, bucket, settings: scope.world.settings });
  checkExpectedOwner(bucket, scope.request.headers["x-amz-expected-bucket-owner"]);
  return bucket;
};

const requireFound = (bucket: Bucket | undefined, name: string): Bucket => {
  if (bucket === undefined) throw new S3Error("NoSuchBucket", { BucketName: name });
  return bucket;
};

/** Operations whose body becomes an object's bytes: its length must be known before. */
const UPLOADS: ReadonlySet<S3OperationName> = new Set(["PutObject", "UploadPart"]);

/** Errors: those of the headers about a body, MissingContentLength, NotImplemented for a transfer that hides its length. */
const readPayload = (
  { request }: RequestScope,
  { operation, verified }: { operation: S3OperationName; verified: Verified },
): Payload => {
  const { headers } = request;
  const facts = readBodyFacts(headers, {
    checksumHeader: operation === "CompleteMultipartUpload" ? "object" : "body",
  });
  if (facts.sizeBytes === undefined && UPLOADS.has(operation)) {
    if (headers["transfer-encoding"] === undefined) throw new S3Error("MissingContentLength");
    throw headerNotImplemented("Transfer-Encoding");
  }
  return createPayload({
    request,
    facts,
    signing: verified.chunkSigning,
    contentMd5EchoedAs: operation === "UploadPart" ? "base64" : "hex",
  });
};

const contextOf = (
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
      const found = await lookUpBucket(world, { partition: caller.partition, name });
      const other = requireFound(found, name);
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

/** An error of S3 on the wire. HEAD and 304 have no body; the listener sees to that for HEAD. */
export const answerS3Error = (scope: RequestScope, error: AwsError): WireResponse => {
  const row = Object.hasOwn(S3_ERRORS, error.code) ? S3_ERRORS[error.code as S3ErrorCode] : undefined;
  const status = error.status ?? row?.status ?? 400;
  const headers = { ...commonHeaders(scope), ...error.headers };
  if (status === 304) return { status, headers };
  const body = s3ErrorDocument({
    code: error.code,
    message: error.message === "" && error.status === undefined ? (row?.message ?? "") : error.message,
    fields: error.fields,
    requestId: scope.draw.requestId,
    hostId: scope.draw.hostId,
  });
  return { status, headers: { ...headers, "Content-Type": "application/xml" }, body };
};
