/** The step `verify`: whether to believe who is calling, by the world's auth mode. */
import type { ChunkSigning } from "../protocol/aws-chunked/chunk-signatures.ts";
import { endInWorld, requestTimeInWorld, signingTimeInWorld, SKEW_MS_MAX } from "../harness/signing-time.ts";
import type { SigningClocks } from "../harness/signing-time.ts";
import { parseBasicTime, parseHeaderTime } from "./amz-time.ts";
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
import { parsePostPolicy } from "./post-policy.ts";
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
  readonly clocks: SigningClocks;
  /** When a signature was first used that does not say when it was made, by the real clock. */
  readonly firstUseMs: (signature: string) => number;
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

/** Expiry of presigned URLs: needs no key, so it holds for unknown ones too. */
const requireUnexpired = (input: VerifyInput, authorization: Authorization): void => {
  const { family, clocks, firstUseMs } = input;
  const { nowMs } = clocks;
  if (authorization.kind === "v4-query" && authorization.expiresSeconds !== undefined) {
    const { expiresSeconds, amzDate } = authorization;
    const signedAtMs = signingTimeInWorld(parseBasicTime(amzDate) ?? nowMs, clocks);
    if (signedAtMs > nowMs + SKEW_MS_MAX) throw notYetValid();
    const expiresAtMs = signedAtMs + expiresSeconds * 1000;
    if (nowMs > expiresAtMs) throw expiredRequest(family, { expiresAtMs, nowMs, expiresSeconds });
  } else if (authorization.kind === "v2-query") {
    const expiresAtMs = endInWorld(
      { endsAtMs: Number(authorization.expires) * 1000, usedAtMs: firstUseMs(authorization.signature) },
      clocks,
    );
    if (nowMs > expiresAtMs) throw expiredRequest(family, { expiresAtMs, nowMs });
  }
};

/** The same of a POST form's policy. S3 reads it once it knows who signed it: one that was cut short is a wrong signature. */
const requirePolicyUnexpired = ({ clocks, firstUseMs }: VerifyInput, authorization: Authorization): void => {
  if (!("policy" in authorization)) return;
  const endsAtMs = parsePostPolicy(authorization.policy).expiresAtMs;
  const end =
    authorization.kind === "v4-form"
      ? { endsAtMs, signedAtMs: parseBasicTime(authorization.amzDate) }
      : { endsAtMs, usedAtMs: firstUseMs(authorization.signature) };
  if (clocks.nowMs > endInWorld(end, clocks)) throw policyExpired();
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
  const { nowMs } = input.clocks;
  const signedAtMs = requestTimeInWorld(timeMs, input.clocks);
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

type KnownSecret = Extract<KnownKey, { readonly secretAccessKey: string }>;

const isSecretKnown = (key: KnownKey): key is KnownSecret => "secretAccessKey" in key;

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
  const { identified, settings, family } = input;
  const { authorization, key } = identified;
  if (authorization === undefined) return UNSIGNED;
  requireRealRegion(authorization, family);
  if (settings.authMode === "off") return UNCHECKED;
  if (settings.authMode === "strict") requireCompleteKey(key, authorization, family);
  requireUnexpired(input, authorization);
  const verified = isSecretKnown(key) ? verifySecret(input, { authorization, key }) : UNCHECKED;
  requirePolicyUnexpired(input, authorization);
  return verified;
};

const verifySecret = (
  input: VerifyInput,
  { authorization, key }: { readonly authorization: Authorization; readonly key: KnownSecret },
): Verified => {
  const { family, clocks } = input;
  if (key.kind === "issued" && clocks.nowMs >= key.grant.session.expiresAtMs) {
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
