/** A request to S3 Control through the steps of the pipeline. It is signed as one to S3 is, and its account stands in a header. */
import { isAccountId } from "../protocol/caller.ts";
import { verify } from "../identity/verify.ts";
import { DOCUMENT_BYTES_MAX } from "../platform/limits.ts";
import { readBodyFacts } from "../protocol/aws-chunked/body-facts.ts";
import { createPayload, readWholePayload } from "../protocol/aws-chunked/verified-payload.ts";
import { s3ControlErrorDocument } from "../protocol/codec/errors.ts";
import {
  decodeS3ControlInput,
  encodeS3ControlOutput,
  readsControlDocument,
} from "../protocol/codec/s3-control-codec.ts";
import { parseParameters, parseRepeated } from "../protocol/query-string.ts";
import { routeS3Control } from "../protocol/s3-control-router.ts";
import type { WireResponse } from "../protocol/wire.ts";
import type { S3ControlHandler } from "../services/s3-control/context.ts";
import { S3_CONTROL_HANDLERS } from "../services/s3-control/handlers.ts";
import { fromStateError, invalidRequest, S3Error } from "../services/s3/errors.ts";
import { asAwsError } from "./aws-errors.ts";
import { noteUse } from "./key-use.ts";
import { findNamedBucket } from "./named-bucket.ts";
import { requestRegion } from "./region.ts";
import { authorizeControl, type ControlInput } from "./s3-control-access.ts";
import { answerS3Error } from "./s3-request.ts";
import { commonHeaders, identifyCaller, question } from "./s3-steps.ts";
import { signingTimes, type RequestScope } from "./scope.ts";

const ACCOUNT_HEADER = "x-amz-account-id";

/** Runs a request to S3 Control. It answers its errors too: they have a form of their own. */
export const runS3ControlRequest = async (scope: RequestScope): Promise<WireResponse> => {
  try {
    return await run(scope);
  } catch (error) {
    return answerS3Error(scope, asAwsError(scope, fromStateError(error)), { document: s3ControlErrorDocument });
  }
};

const run = async (scope: RequestScope): Promise<WireResponse> => {
  const { world, request, nowMs } = scope;
  const { operation, labels } = routeS3Control(request);
  scope.trail.note({ service: "s3-control", operation });
  const identified = await identifyCaller(scope);
  scope.trail.note({ identified });
  const verified = verify({ ...question(scope), identified, ...signingTimes(scope) });
  noteUse(scope, identified, "s3");
  if (verified.signedHost !== undefined) scope.trail.note({ signedHost: verified.signedHost });
  const { headers } = request;
  const { caller } = identified;
  const accountId = requireAccount(headers[ACCOUNT_HEADER], caller.accountId);
  const facts = readBodyFacts(headers, { checksumHeader: "body" });
  const payload = createPayload({ request, facts, signing: verified.chunkSigning, contentMd5EchoedAs: "hex" });
  const input = decodeS3ControlInput(operation, {
    labels,
    query: parseParameters(request.rawQuery),
    repeated: parseRepeated(request.rawQuery),
    headers,
    document: readsControlDocument(operation)
      ? await readWholePayload(payload, { sizeBytesMax: DOCUMENT_BYTES_MAX })
      : undefined,
  });
  const region = requestRegion(scope, identified);
  const context = {
    world,
    caller,
    accountId,
    region,
    nowMs,
    findBucket: (name: string) => findNamedBucket(scope, name),
  };
  await authorizeControl(scope, { operation, input: input as ControlInput, identified, context });
  const handler = S3_CONTROL_HANDLERS[operation] as unknown as S3ControlHandler<"GetAccessPoint">;
  return encodeS3ControlOutput(operation, await handler(context, input as never), commonHeaders(scope));
};

/** Errors: InvalidRequest where the header names no account, AccessDenied where it names another one than the caller's. */
const requireAccount = (named: string | undefined, callerAccountId: string): string => {
  if (named === undefined) throw invalidRequest(`Missing required header for this request: ${ACCOUNT_HEADER}`);
  if (!isAccountId(named)) throw invalidRequest("Invalid account ID");
  if (named !== callerAccountId) throw new S3Error("AccessDenied");
  return named;
};
