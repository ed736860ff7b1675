/** An S3 request through the steps of the pipeline. */
import { verify, type Verified } from "../identity/verify.ts";
import { DOCUMENT_BYTES_MAX, LATE_ANSWER, S3_HEADER_BYTES_MAX } from "../platform/limits.ts";
import { readBodyFacts } from "../protocol/aws-chunked/body-facts.ts";
import { createPayload, readWholePayload } from "../protocol/aws-chunked/verified-payload.ts";
import { AwsError } from "../protocol/aws-error.ts";
import { s3ErrorDocument, type RestError } from "../protocol/codec/errors.ts";
import { decodeS3Input, readsDocument } from "../protocol/codec/s3-decoder.ts";
import { encodeS3Output } from "../protocol/codec/s3-encoder.ts";
import type { Payload } from "../protocol/payload.ts";
import { routeS3 } from "../protocol/router.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import type { S3Handler, S3OperationName } from "../services/s3/context.ts";
import { headerNotImplemented, S3_ERRORS, S3Error, type S3ErrorCode } from "../services/s3/errors.ts";
import { S3_HANDLERS } from "../services/s3/handlers.ts";
import { assertKey } from "../services/s3/object-key.ts";
import { asAwsError } from "./aws-errors.ts";
import { assertEncryptionHeader } from "./encryption-header.ts";
import { acceptTerms } from "./bucket-terms.ts";
import { noteUse } from "./key-use.ts";
import { answerInTime, mayAnswerLate } from "./late-answer.ts";
import { noteError } from "./note-error.ts";
import { runPostObject } from "./post-object.ts";
import { answerPreflight } from "./preflight.ts";
import { presignedHeaders } from "./presigned-headers.ts";
import { assertDigest } from "./required-digest.ts";
import { authorizeInput } from "./authorize.ts";
import { hideMissing } from "./hide-missing.ts";
import { authorize, commonHeaders, contextOf, identifyCaller, question } from "./s3-steps.ts";
import { signingTimes, type RequestScope } from "./scope.ts";

/** Runs an S3 request. Errors: those of its steps. */
export const runS3Request = async (scope: RequestScope, { express }: { express: boolean }): Promise<WireResponse> => {
  const { request, address } = scope;
  assertHeaderSize(request.headers);
  const headers = presignedHeaders(request);
  const { method, rawPath, rawQuery } = request;
  const route = routeS3({ method, rawPath, rawQuery, headers }, { virtualBucket: address.bucket, express });
  const { operation } = route;
  scope.trail.note({ service: "s3", operation, bucketName: route.bucket, key: route.key });
  if (operation === "Preflight") return answerPreflight(scope, route);
  if (operation === "PostObject") return runPostObject(scope, route);
  const identified = await identifyCaller(scope);
  scope.trail.note({ identified });
  const verified = verify({ ...question(scope), identified, ...signingTimes(scope) });
  noteUse(scope, identified, "s3");
  if (verified.signedHost !== undefined) scope.trail.note({ signedHost: verified.signedHost });
  const bucket = await authorize(scope, { operation, route, identified, headers });
  const accepted = acceptTerms(scope, { operation, bucket, identified, headers });
  const terms = accepted instanceof Promise ? await accepted : accepted;
  if (route.key !== undefined) assertKey(route.key);
  assertEncryptionHeader(operation, headers);
  const payload = readPayload(scope, { operation, verified, headers });
  const document = readsDocument(operation)
    ? await readWholePayload(payload, { sizeBytesMax: DOCUMENT_BYTES_MAX })
    : undefined;
  const input = decodeS3Input(operation, {
    // AWS shows the bucket behind an access point, not the name that was given.
    bucket: scope.trail.facts.passage === undefined ? route.bucket : bucket?.name,
    key: route.key,
    query: route.query,
    headers,
    document,
  });
  assertDigest(operation, payload);
  const waited = authorizeInput(scope, input);
  if (waited instanceof Promise) await waited;
  const context = contextOf(scope, { identified, bucket, payload });
  const handler = S3_HANDLERS[operation] as unknown as S3Handler<"PutObject">;
  const work = hideMissing({ scope, work: handler(context, input as never) }).then((output) => {
    if (operation === "DeleteObjects") scope.trail.note({ deleted: output });
    const common = commonHeaders(scope);
    return encodeS3Output(operation, output as never, terms === undefined ? common : { ...common, ...terms });
  });
  return mayAnswerLate(operation) ? answerSlowly(scope, work) : work;
};

/** Once the answer has begun, an error stands in it. */
const answerSlowly = (scope: RequestScope, work: Promise<WireResponse>): Promise<WireResponse> =>
  answerInTime(
    work.catch((error: unknown) => answerS3Error(scope, asAwsError(scope, error))),
    { headers: commonHeaders(scope), times: scope.deps.lateAnswer ?? LATE_ANSWER },
  );

/** Errors: RequestHeaderSectionTooLarge. */
const assertHeaderSize = (headers: Readonly<Record<string, string>>): void => {
  let bytes = 0;
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  if (bytes > S3_HEADER_BYTES_MAX) {
    throw new S3Error("RequestHeaderSectionTooLarge", { MaxSizeAllowed: String(S3_HEADER_BYTES_MAX) });
  }
};

/** Operations whose body becomes an object's bytes: its length must be known before. */
const UPLOADS: ReadonlySet<S3OperationName> = new Set(["PutObject", "UploadPart"]);

/** Errors: those of the headers about a body, MissingContentLength, NotImplemented for a transfer that hides its length. */
const readPayload = (
  { request }: RequestScope,
  options: { operation: S3OperationName; verified: Verified; headers: WireRequest["headers"] },
): Payload => {
  const { operation, verified, headers } = options;
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

/** An error of S3, or of S3 Control, on the wire. HEAD and 304 have no body; the listener sees to that for HEAD. */
export const answerS3Error = (
  scope: RequestScope,
  error: AwsError,
  { document = s3ErrorDocument }: { readonly document?: (error: RestError) => string } = {},
): WireResponse => {
  const row = Object.hasOwn(S3_ERRORS, error.code) ? S3_ERRORS[error.code as S3ErrorCode] : undefined;
  const status = error.status ?? row?.status ?? 400;
  const message = error.message === "" && error.status === undefined ? (row?.message ?? "") : error.message;
  noteError(scope, { status, code: error.code, message });
  const headers = { ...commonHeaders(scope), ...error.headers };
  if (status === 304) return { status, headers };
  const body = document({
    code: error.code,
    message,
    fields: error.fields,
    requestId: scope.draw.requestId,
    hostId: scope.draw.hostId,
  });
  return { status, headers: { ...headers, "Content-Type": "application/xml" }, body };
};
