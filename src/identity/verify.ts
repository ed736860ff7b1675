/** The step `verify`: whether to believe who is calling, by the world's auth mode. */
import type { ChunkSigning } from "../protocol/aws-chunked/chunk-signatures.ts";
import { SKEW_MS_MAX, parseBasicTime, parseHeaderTime } from "./amz-time.ts";
import type { SigningClock } from "./amz-time.ts";
import type { Authorization, Identified, IdentifyInput } from "./identify.ts";
import {
  expiredRequest,
  expiredToken,
  headersNotSigned,
  invalidToken,
  notYetValid,
  policyExpired,
  timeTooSkewed,
  unknownAccessKey,
  wrongRegion,
} from "./identity-errors.ts";
import type { ServiceFamily } from "./identity-errors.ts";
import type { KnownKey } from "./known-key.ts";
import { policyExpiresAtMs } from "./post-form.ts";
import type { RequestFacts } from "./request-facts.ts";
import { checkSignature } from "./signature.ts";

export type Verified = {
  /** `unchecked`: the key is not known, or the mode believes everything. */
  readonly signature: "unsigned" | "unchecked" | "verified";
  /** Verifies the chunks of an aws-chunked body; present when the key is known. */
  readonly chunkSigning?: ChunkSigning;
};

export type VerifyInput = Omit<IdentifyInput, "serverKey" | "findAccessKey" | "form" | "region"> & {
  readonly identified: Identified;
  readonly clock: SigningClock;
};

/** Signed or not, these never change what a request does. */
const NEEDS_NO_SIGNATURE: ReadonlySet<string> = new Set(["x-amz-content-sha256"]);
const UNCHECKED: Verified = { signature: "unchecked" };
const UNSIGNED: Verified = { signature: "unsigned" };

/** `aws-global` is no region that S3 is in, in any mode. */
const requireRealRegion = (authorization: Authorization, family: ServiceFamily): void => {
  if (family === "s3" && "scope" in authorization && authorization.scope.region === "aws-global") {
    throw wrongRegion({ region: "aws-global", expected: "us-east-1" });
  }
};

/** Expiry of presigned URLs and POST policies: needs no key, so it holds for unknown ones too. */
const requireUnexpired = (authorization: Authorization, family: ServiceFamily, clock: SigningClock): void => {
  const { nowMs } = clock;
  if (authorization.kind === "v4-query" && authorization.expiresSeconds !== undefined) {
    const { expiresSeconds, amzDate } = authorization;
    const signedAtMs = clock.toWorldMs(parseBasicTime(amzDate) ?? nowMs);
    if (signedAtMs > nowMs + SKEW_MS_MAX) throw notYetValid();
    const expiresAtMs = signedAtMs + expiresSeconds * 1000;
    if (nowMs > expiresAtMs) throw expiredRequest(family, { expiresAtMs, nowMs, expiresSeconds });
  } else if (authorization.kind === "v2-query") {
    const expiresAtMs = Number(authorization.expires) * 1000;
    if (nowMs > expiresAtMs) throw expiredRequest(family, { expiresAtMs, nowMs });
  } else if (authorization.kind === "v4-form" || authorization.kind === "v2-form") {
    if (nowMs > policyExpiresAtMs(authorization.policy)) throw policyExpired();
  }
};

/** The time of a signature that has no expiry of its own. */
const requestTimeOf = (request: RequestFacts, authorization: Authorization): string | undefined => {
  if (authorization.kind === "v4-header" || authorization.kind === "v2-header") {
    return request.headers["x-amz-date"] ?? request.headers["date"];
  }
  const endless = authorization.kind === "v4-query" && authorization.expiresSeconds === undefined;
  return endless ? authorization.amzDate : undefined;
};

const requireCurrent = (input: VerifyInput, authorization: Authorization): void => {
  const requestTime = requestTimeOf(input.request, authorization);
  const timeMs = requestTime === undefined ? undefined : parseHeaderTime(requestTime);
  if (requestTime === undefined || timeMs === undefined) return;
  const { nowMs } = input.clock;
  const signedAtMs = input.clock.toWorldMs(timeMs);
  if (Math.abs(signedAtMs - nowMs) > SKEW_MS_MAX) {
    throw timeTooSkewed(input.family, { requestTime, signedAtMs, nowMs, skewMsMax: SKEW_MS_MAX });
  }
};

const requireSignedHeaders = (input: VerifyInput, authorization: Authorization): void => {
  if (input.family !== "s3" || !("signedHeaders" in authorization)) return;
  const signed = new Set(authorization.signedHeaders.toLowerCase().split(";"));
  const unsigned = Object.keys(input.request.headers).filter(
    (name) => name.startsWith("x-amz-") && !signed.has(name) && !NEEDS_NO_SIGNATURE.has(name),
  );
  if (unsigned.length > 0) throw headersNotSigned(unsigned);
};

const isSecretKnown = (key: KnownKey): key is Extract<KnownKey, { readonly secretAccessKey: string }> =>
  "secretAccessKey" in key;

/** What `strict` refuses before it looks at a signature. */
const requireCompleteKey = (key: KnownKey, authorization: Authorization, family: ServiceFamily): void => {
  const { accessKeyId, sessionToken } = authorization;
  // A token that belongs to an issued key has been opened; any other is somebody else's.
  if (key.kind !== "issued" && sessionToken !== undefined) throw invalidToken(family, sessionToken);
  if (key.kind === "unknown" || key.kind === "account" || key.kind === "tokenless") {
    throw unknownAccessKey(family, accessKeyId);
  }
};

/**
 * Judges the credentials. In `off` nothing is; in `lenient` what can be: keys that this server knows, and expiry always; in
 * `strict` everything.
 * Errors: SignatureDoesNotMatch, ExpiredToken, InvalidToken, InvalidAccessKeyId, InvalidClientTokenId, RequestTimeTooSkewed,
 * AccessDenied and those of malformed requests.
 */
export const verify = (input: VerifyInput): Verified => {
  const { identified, settings, family, clock } = input;
  const { authorization, key } = identified;
  if (authorization === undefined) return UNSIGNED;
  requireRealRegion(authorization, family);
  if (settings.authMode === "off") return UNCHECKED;
  if (settings.authMode === "strict") requireCompleteKey(key, authorization, family);
  requireUnexpired(authorization, family, clock);
  if (!isSecretKnown(key)) return UNCHECKED;
  if (key.kind === "issued" && clock.nowMs >= key.grant.session.expiresAtMs) {
    throw expiredToken(family, authorization.sessionToken ?? "");
  }
  const check = checkSignature({ ...input, authorization, secretAccessKey: key.secretAccessKey });
  if (!check.matches) throw check.error();
  requireCurrent(input, authorization);
  requireSignedHeaders(input, authorization);
  return check.chunkSigning === undefined
    ? { signature: "verified" }
    : { signature: "verified", chunkSigning: check.chunkSigning };
};
