/** What a web identity token says of its bearer. Nothing here verifies a signature. */
import type { AuthMode } from "../../state/model.ts";
import type { StsContext } from "./context.ts";
import { StsError } from "./errors.ts";
import type { RequestedTags } from "./session-tags.ts";

export type WebIdentity = RequestedTags & {
  readonly subject?: string;
  readonly audience?: string;
  readonly provider?: string;
  readonly sourceIdentity?: string;
};

export type WebIdentityOptions = {
  readonly authMode: AuthMode;
  readonly nowMs: number;
  readonly endInWorld: StsContext["endInWorld"];
  /** `ProviderId` of the request: the issuer of an OAuth 2.0 access token, which says nothing itself. */
  readonly providerId: string | undefined;
};

type Claims = Readonly<Record<string, unknown>>;

/**
 * Reads the claims of `token`.
 * Throws `InvalidIdentityToken` for one that is no JWT (in `strict`; other modes and OAuth 2.0 providers take any text, as
 * unknown keys are taken) or lacks a required claim (in `strict`), `ExpiredTokenException` for an expired one (not in `off`).
 */
export const readWebIdentityToken = (token: string, options: WebIdentityOptions): WebIdentity => {
  const { authMode, providerId } = options;
  const provided = providerId === undefined ? {} : { provider: providerId };
  const claims = parseClaims(token);
  if (claims === undefined) {
    if (authMode === "strict" && providerId === undefined) throw new StsError("InvalidIdentityToken");
    return { tags: undefined, ...provided };
  }
  if (authMode === "strict") requireClaims(claims, ["iss", "sub", "aud", "exp", "iat"]);
  if (authMode !== "off") refuseExpired(claims, options);
  return { ...provided, ...readIdentity(claims), ...readTags(claims) };
};

/** The payload of a JWT; undefined for any other text. */
const parseClaims = (token: string): Claims | undefined => {
  const parts = token.split(".");
  if (parts.length !== 3) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1]!, "base64url").toString("utf8"));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
};

const requireClaims = (claims: Claims, names: readonly string[]): void => {
  const missing = names.find((name) => claims[name] === undefined);
  if (missing === undefined) return;
  throw new StsError("InvalidIdentityToken", { message: `Missing a required claim: ${missing}` });
};

const refuseExpired = (claims: Claims, { nowMs, endInWorld }: WebIdentityOptions): void => {
  const { exp, iat } = claims;
  if (typeof exp !== "number") return;
  const signedAtMs = typeof iat === "number" ? iat * 1000 : undefined;
  const expiresAtSeconds = Math.floor(endInWorld({ endsAtMs: exp * 1000, signedAtMs }) / 1000);
  const nowSeconds = Math.floor(nowMs / 1000);
  if (nowSeconds < expiresAtSeconds) return;
  throw new StsError("ExpiredTokenException", {
    message: `Token expired: current date/time ${nowSeconds} must be before the expiration date/time ${expiresAtSeconds}`,
  });
};

const readIdentity = (claims: Claims): Omit<WebIdentity, keyof RequestedTags> => {
  const subject = text(claims["sub"]);
  // Several audiences: AWS answers the one that is registered. None is, so the first stands for them.
  const audience = text([claims["aud"]].flat()[0]);
  const provider = text(claims["iss"]);
  const sourceIdentity = text(claims["https://aws.amazon.com/source_identity"]);
  return {
    ...(subject !== undefined && { subject }),
    ...(audience !== undefined && { audience }),
    ...(provider !== undefined && { provider }),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
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
    transitiveTagKeys: [transitive].flat().filter((key) => typeof key === "string"),
  };
};

const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

const isRecord = (value: unknown): value is Claims =>
  typeof value === "object" && value !== null && !Array.isArray(value);
