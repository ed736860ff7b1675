/** What a web identity token says of its bearer. Whether to believe it is `web-identity-provider.ts`'s question. */
import type { StsContext } from "./context.ts";
import { StsError } from "./errors.ts";
import type { RequestedTags } from "./session-tags.ts";

export type Claims = Readonly<Record<string, unknown>>;

export type WebIdentity = RequestedTags & {
  readonly subject?: string;
  /** Those of `aud`, in their order. */
  readonly audiences: readonly string[];
  /** Who asked for the token, where that is not the audience: it counts as the audience then. */
  readonly authorizedParty?: string;
  /** `iss`, or the `ProviderId` of an access token that says nothing itself. */
  readonly provider?: string;
  readonly methods?: readonly string[];
  readonly sourceIdentity?: string;
};

/** The payload of a JWT; undefined for any other text. */
export const parseClaims = (token: string): Claims | undefined => {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, "base64url").toString("utf8"));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
};

/** Throws `InvalidIdentityToken` for claims that AWS demands and that are not there. */
export const requireClaims = (claims: Claims): void => {
  const missing = ["iss", "sub", "aud", "exp", "iat"].find((name) => claims[name] === undefined);
  if (missing === undefined) return;
  throw new StsError("InvalidIdentityToken", { message: `Missing a required claim: ${missing}` });
};

/** Throws `ExpiredTokenException`. */
export const refuseExpired = (
  { exp, iat }: Claims,
  { nowMs, endInWorld }: Pick<StsContext, "nowMs" | "endInWorld">,
): void => {
  if (typeof exp !== "number") return;
  const signedAtMs = typeof iat === "number" ? iat * 1000 : undefined;
  const expiresAtSeconds = Math.floor(endInWorld({ endsAtMs: exp * 1000, signedAtMs }) / 1000);
  const nowSeconds = Math.floor(nowMs / 1000);
  if (nowSeconds < expiresAtSeconds) return;
  throw new StsError("ExpiredTokenException", {
    message: `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${expiresAtSeconds}`,
  });
};

/** Who a token is about, and who made it. */
export const readIdentity = (claims: Claims): WebIdentity => {
  const subject = text(claims["sub"]);
  const provider = text(claims["iss"]);
  const authorizedParty = text(claims["azp"]);
  const sourceIdentity = text(claims["https://aws.amazon.com/source_identity"]);
  const methods = texts(claims["amr"]);
  return {
    audiences: texts(claims["aud"]),
    ...(subject !== undefined && { subject }),
    ...(provider !== undefined && { provider }),
    ...(authorizedParty !== undefined && { authorizedParty }),
    ...(methods.length > 0 && { methods }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...readTags(claims),
  };
};

const TAGS_CLAIM = "https://aws.amazon.com/tags";
const FLAT_TAG_CLAIM = `${TAGS_CLAIM}/principal_tags/`;

/** Session tags, nested or flattened: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp */
const readTags = (claims: Claims): RequestedTags => {
  const nested = isRecord(claims[TAGS_CLAIM]) ? claims[TAGS_CLAIM] : {};
  const nestedTags = isRecord(nested["principal_tags"]) ? nested["principal_tags"] : {};
  const flatTags = Object.entries(claims)
    .filter(([name]) => name.startsWith(FLAT_TAG_CLAIM))
    .map(([name, value]) => [name.slice(FLAT_TAG_CLAIM.length), value] as const);
  const transitive = nested["transitive_tag_keys"] ?? claims[`${TAGS_CLAIM}/transitive_tag_keys`] ?? [];
  return {
    tags: [...Object.entries(nestedTags), ...flatTags].map(([Key, value]) => ({
      Key,
      Value: text([value].flat()[0]) ?? "",
    })),
    transitiveTagKeys: texts(transitive),
  };
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const texts = (value: unknown): readonly string[] => [value].flat().filter((each) => typeof each === "string");

const isRecord = (value: unknown): value is Claims =>
  typeof value === "object" && value !== null && !Array.isArray(value);
