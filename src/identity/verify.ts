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
  queryMismatch,
  timeTooSkewed,
  unknownAccessKey,
  wrongRegion,
  wrongService,
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
  /** Another host than the request's, which it was signed for: one of the setting `equivalentHosts`. */
  readonly signedHost?: string;
};

export type VerifyInput = Omit<IdentifyInput, "serverKey" | "findAccessKey" | "form" | "region"> & {
  readonly identified: Identified;
  readonly clocks: SigningClocks;
  /** When a signature was first used that does not say when it was made, by the real clock. */
  readonly firstUseMs: (signature: string) => number;
};

/** Signed or not, these never change what a request does. */
const NEEDS_NO_SIGNATURE: ReadonlySet<string> = new Set(["x-amz-content-sha256"]);
const SHA256_HEX = /^[0-9a-f]{64}$/;
const UNCHECKED: Verified = { signature: "unchecked" };
const UNSIGNED: Verified = { signature: "unsigned" };

/** `aws-global` is no region that S3 is in, in any mode. */
const requireRealRegion = (authorization: Authorization, family: ServiceFamily): void => {
  if (family === "s3" && "scope" in authorization && authorization.scope.region === "aws-global") {
    throw wrongRegion({ region: "aws-global", expected: "us-east-1" });
  }
};

/** Under which names each family's services are signed for. */
const SIGNING_NAMES: Readonly<Record<ServiceFamily, ReadonlySet<string>>> = {
  s3: new Set(["s3", "s3express", "s3-object-lambda", "s3-outposts"]),
  query: new Set(["sts", "iam"]),
};

const requireService = (family: ServiceFamily, authorization: Authorization): void => {
  if (!("scope" in authorization) || SIGNING_NAMES[family].has(authorization.scope.service)) return;
  const place = authorization.kind === "v4-query" ? "query" : "header";
  throw wrongService(family, { service: authorization.scope.service, place });
};

/** What a header says of a form's bytes, whoever signed it; S3 judges its bodies as they are read. */
const requirePayloadHash = ({ request, bodySha256 }: VerifyInput): void => {
  const said = request.headers["x-amz-content-sha256"]?.toLowerCase();
  if (bodySha256 === undefined || said === undefined || !SHA256_HEX.test(said)) return;
  if (said !== bodySha256) throw queryMismatch();
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
  requirePayloadHash(input);
  if (settings.authMode === "strict") requireCompleteKey(key, authorization, family);
  if (key.kind === "registered" && key.isInactive) throw unknownAccessKey(family, authorization.accessKeyId);
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
  requireService(family, authorization);
  const check = checkSignature({ ...input, authorization, secretAccessKey: key.secretAccessKey });
  if (!check.matches) throw check.error();
  requireCurrent(input, authorization);
  requireSignedHeaders(input, authorization);
  const { chunkSigning, signedHost } = check;
  return {
    signature: "verified",
    ...(chunkSigning !== undefined && { chunkSigning }),
    ...(signedHost !== undefined && { signedHost }),
  };
};
