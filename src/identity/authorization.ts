/**
 * Reads who a request says it is from, without judging it: the Authorization header or the query of a presigned URL.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
import { parseBasicTime } from "./amz-time.ts";
import {
  badQueryParameters,
  malformedAuthorization,
  missingV2Parameters,
  severalMechanisms,
  sigV4ANotBuilt,
  unsupportedAuthorization,
} from "./identity-errors.ts";
import type { CredentialPlace, ServiceFamily } from "./identity-errors.ts";
import { readQuery, withoutBlanksAround } from "./raw-query.ts";
import type { RequestFacts } from "./request-facts.ts";

export type CredentialScope = {
  /** `20130524` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
};

export type V4Credential = { readonly accessKeyId: string; readonly scope: CredentialScope };

type V4Facts = V4Credential & {
  /** Hex, as sent. Empty where a header left it out, which only matters once it is verified. */
  readonly signature: string;
  readonly sessionToken?: string;
};

export type V4Header = V4Facts & {
  readonly kind: "v4-header";
  /** `host;x-amz-date`, as sent. Empty where the header left it out. */
  readonly signedHeaders: string;
};
export type V4Query = V4Facts & {
  readonly kind: "v4-query";
  readonly signedHeaders: string;
  /** `20130524T000000Z`: checked. */
  readonly amzDate: string;
  /** 0 to 604,800. STS may leave it out. */
  readonly expiresSeconds?: number;
};
export type V2Header = {
  readonly kind: "v2-header";
  readonly accessKeyId: string;
  readonly signature: string;
  readonly sessionToken?: string;
};
export type V2Query = Omit<V2Header, "kind"> & {
  readonly kind: "v2-query";
  /** As sent: the string to sign holds it. */
  readonly expires: string;
};
export type HeaderOrQueryAuthorization = V4Header | V4Query | V2Header | V2Query;

const V4_ALGORITHM = "AWS4-HMAC-SHA256";
const V4A_ALGORITHM = "AWS4-ECDSA-P256-SHA256";
const EXPIRES_SECONDS_MAX = 604_800;
const SCOPE_DATE = /^[0-9]{8}$/;

type Problem = (problem: string) => Error;

/** Reads `AKID/20130524/us-east-1/s3/aws4_request`. An access key id may hold slashes, so it is read from the end. */
export const parseCredential = (credential: string, problem: Problem): V4Credential => {
  const ofTerminal = credential.lastIndexOf("/");
  const ofService = credential.lastIndexOf("/", ofTerminal - 1);
  const ofRegion = credential.lastIndexOf("/", ofService - 1);
  const ofDate = credential.lastIndexOf("/", ofRegion - 1);
  // From the end backwards each must stand before the last; nothing but the id may stand before the first.
  if (!(0 < ofDate && ofDate < ofRegion && ofRegion < ofService && ofService < ofTerminal)) {
    throw problem('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  const accessKeyId = credential.slice(0, ofDate);
  const date = credential.slice(ofDate + 1, ofRegion);
  const region = credential.slice(ofRegion + 1, ofService);
  const service = credential.slice(ofService + 1, ofTerminal);
  const terminal = credential.slice(ofTerminal + 1);
  if (terminal !== "aws4_request") {
    throw problem(`incorrect terminal "${terminal}". This endpoint uses "aws4_request".`);
  }
  if (!SCOPE_DATE.test(date)) {
    throw problem(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`);
  }
  return { accessKeyId, scope: { date, region, service } };
};

const problemAt = (family: ServiceFamily, place: CredentialPlace): Problem => {
  return (problem) => malformedAuthorization(family, { place, problem });
};

type ComponentName = "Credential" | "SignedHeaders" | "Signature";

/** The components of a header's list by name. Of one that comes twice nobody could say which was meant. */
const readComponents = (header: string, problem: Problem): { readonly [Name in ComponentName]?: string } => {
  const components: { [Name in ComponentName]?: string } = {};
  for (let from = V4_ALGORITHM.length, end = from; end < header.length; from = end + 1) {
    const comma = header.indexOf(",", from);
    end = comma < 0 ? header.length : comma;
    const equals = header.indexOf("=", from);
    if (equals < 0 || equals > end) continue;
    const name = withoutBlanksAround(header.slice(from, equals));
    if (name !== "Credential" && name !== "SignedHeaders" && name !== "Signature") continue;
    if (components[name] !== undefined) {
      throw problem("the authorization header requires three components: Credential, SignedHeaders, and Signature.");
    }
    components[name] = withoutBlanksAround(header.slice(equals + 1, end));
  }
  return components;
};

const withToken = (sessionToken: string | null | undefined): { readonly sessionToken?: string } =>
  sessionToken === undefined || sessionToken === null || sessionToken === "" ? {} : { sessionToken };

/** Sessions of directory buckets have a header of their own. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html */
const tokenOf = (headers: RequestFacts["headers"]): string | undefined =>
  headers["x-amz-security-token"] ?? headers["x-amz-s3session-token"];

const parseV4Header = (header: string, request: RequestFacts, family: ServiceFamily): V4Header => {
  const problem = problemAt(family, "header");
  const {
    Credential: credential,
    SignedHeaders: signedHeaders = "",
    Signature: signature = "",
  } = readComponents(header, problem);
  if (credential === undefined) {
    throw problem(family === "s3" ? "missing Credential." : "Authorization header requires 'Credential' parameter.");
  }
  const { accessKeyId, scope } = parseCredential(credential, problem);
  const parsed: V4Header = { kind: "v4-header", accessKeyId, scope, signedHeaders, signature };
  return { ...parsed, ...withToken(tokenOf(request.headers)) };
};

/** What may stand after the algorithm, or nothing. */
const ENDS_ALGORITHM: ReadonlySet<string> = new Set(["", " ", "\t", ","]);

const startsWithAlgorithm = (header: string, algorithm: string): boolean =>
  header.startsWith(algorithm) && ENDS_ALGORITHM.has(header.charAt(algorithm.length));

const parseHeader = (header: string, request: RequestFacts, family: ServiceFamily): V4Header | V2Header => {
  if (startsWithAlgorithm(header, V4_ALGORITHM)) return parseV4Header(header, request, family);
  if (startsWithAlgorithm(header, V4A_ALGORITHM)) throw sigV4ANotBuilt();
  const colon = header.lastIndexOf(":");
  if (!header.startsWith("AWS ") || colon <= 4) throw unsupportedAuthorization(family, header);
  return {
    kind: "v2-header",
    accessKeyId: header.slice(4, colon).trim(),
    signature: header.slice(colon + 1).trim(),
    ...withToken(request.headers["x-amz-security-token"]),
  };
};

const parseExpires = (text: string, family: ServiceFamily): number => {
  if (/^-[0-9]+$/.test(text)) throw badQueryParameters(family, "X-Amz-Expires must be non-negative");
  if (!/^[0-9]+$/.test(text)) throw badQueryParameters(family, "X-Amz-Expires should be a number");
  const seconds = Number(text);
  if (seconds > EXPIRES_SECONDS_MAX) {
    throw badQueryParameters(
      family,
      "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
    );
  }
  return seconds;
};

const requireV4Algorithm = (algorithm: string, family: ServiceFamily): void => {
  if (algorithm === V4_ALGORITHM) return;
  if (algorithm === V4A_ALGORITHM) throw sigV4ANotBuilt();
  throw badQueryParameters(family, 'X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"');
};

const parseV4Query = (query: ReadonlyMap<string, string>, family: ServiceFamily): V4Query => {
  const algorithm = query.get("X-Amz-Algorithm");
  const credential = query.get("X-Amz-Credential");
  const signature = query.get("X-Amz-Signature");
  const amzDate = query.get("X-Amz-Date");
  const signedHeaders = query.get("X-Amz-SignedHeaders");
  const expires = query.get("X-Amz-Expires") ?? (family === "query" ? "" : undefined);
  if (
    algorithm === undefined ||
    credential === undefined ||
    signature === undefined ||
    amzDate === undefined ||
    signedHeaders === undefined ||
    expires === undefined
  ) {
    throw badQueryParameters(
      family,
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  }
  requireV4Algorithm(algorithm, family);
  const { accessKeyId, scope } = parseCredential(credential, problemAt(family, "query"));
  if (parseBasicTime(amzDate) === undefined) {
    throw badQueryParameters(family, `X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
  }
  if (!amzDate.startsWith(scope.date)) {
    throw badQueryParameters(
      family,
      `Invalid credential date "${scope.date}". This date is not the same as X-Amz-Date: "${amzDate.slice(0, 8)}".`,
    );
  }
  return {
    kind: "v4-query",
    accessKeyId,
    scope,
    signature,
    signedHeaders,
    amzDate,
    ...(expires === "" ? {} : { expiresSeconds: parseExpires(expires, family) }),
    ...withToken(query.get("X-Amz-Security-Token") ?? query.get("X-Amz-S3session-Token")),
  };
};

const parseV2Query = (query: ReadonlyMap<string, string>): V2Query => {
  const accessKeyId = query.get("AWSAccessKeyId");
  const signature = query.get("Signature");
  const expires = query.get("Expires");
  if (accessKeyId === undefined || signature === undefined || expires === undefined) throw missingV2Parameters();
  if (!/^[0-9]{1,12}$/.test(expires)) throw missingV2Parameters();
  return {
    kind: "v2-query",
    accessKeyId,
    signature,
    expires,
    ...withToken(query.get("x-amz-security-token")),
  };
};

const parseQuery = (rawQuery: string, family: ServiceFamily): V4Query | V2Query | undefined => {
  const mayBeV4 = rawQuery.includes("X-Amz-");
  const mayBeV2 = rawQuery.includes("AWSAccessKeyId") || rawQuery.includes("Signature");
  if (!mayBeV4 && !mayBeV2) return undefined;
  const query = readQuery(rawQuery);
  if (query.has("X-Amz-Algorithm") || query.has("X-Amz-Credential") || query.has("X-Amz-Signature")) {
    return parseV4Query(query, family);
  }
  return query.has("AWSAccessKeyId") || query.has("Signature") ? parseV2Query(query) : undefined;
};

/**
 * What the request's header or query says; undefined when it is not signed. Reads, and judges nothing but the form.
 * Errors: AuthorizationHeaderMalformed, AuthorizationQueryParametersError, InvalidArgument, AccessDenied; NotImplemented for SigV4A.
 */
export const parseAuthorization = (
  request: RequestFacts,
  family: ServiceFamily,
): HeaderOrQueryAuthorization | undefined => {
  const header = request.headers["authorization"];
  const fromQuery = request.rawQuery === "" ? undefined : parseQuery(request.rawQuery, family);
  if (header === undefined || header === "") return fromQuery;
  if (fromQuery !== undefined) throw severalMechanisms(header);
  return parseHeader(header, request, family);
};
