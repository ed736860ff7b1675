/** Who sends a request, as every later step sees it, and the names that AWS derives from that. */
import { hash } from "node:crypto";

export type Partition = "aws" | "aws-cn" | "aws-us-gov";

/** Whose key signed a request. Ids (`AIDA...`, `AROA...`) have 21 characters. */
export type Principal =
  | { readonly kind: "Root" }
  | { readonly kind: "User"; readonly userName: string; readonly userId: string; readonly path?: string }
  | {
      readonly kind: "AssumedRole";
      readonly roleName: string;
      readonly roleId: string;
      readonly sessionName: string;
      /** With both slashes, `/team/`; absent for `/`. An assumed role's ARN does not show it. */
      readonly rolePath?: string;
    }
  | { readonly kind: "FederatedUser"; readonly name: string }
  | { readonly kind: "Anonymous" };

export type SessionTag = { readonly key: string; readonly value: string };

/** The operation of STS that made a session. */
export type SessionKind =
  | "AssumeRole"
  | "AssumeRoleWithSAML"
  | "AssumeRoleWithWebIdentity"
  | "AssumeRoot"
  | "GetFederationToken"
  | "GetSessionToken";

/**
 * What temporary credentials carry beside the principal. It is sealed in the session token: members are only ever added, and
 * tokens of older servers lack the newer ones.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access.html
 */
export type Session = {
  /** `aws:TokenIssueTime`, and what `aws:MultiFactorAuthAge` counts from. */
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /**
   * What made it; `GetScopedCredentials` and `GetDelegatedAccessToken` keep that of the session that they narrow or hand on. Absent
   * in tokens of older servers. `GetSessionToken` keeps all permissions of its principal; `GetFederationToken` has those of `madeBy`
   * that its session policies allow too, and none without a session policy; the others have those of the role (or of the account's
   * root, for `AssumeRoot`) that their session policies allow too.
   */
  readonly kind?: SessionKind;
  /**
   * Of a federated user's session: whose key called GetFederationToken, in the same account. That principal's identity policies and
   * boundary, as they are when the session is used, bound the session.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getfederationtoken.html
   */
  readonly madeBy?: Extract<Principal, { readonly kind: "Root" | "User" }>;
  /** The inline session policy, as JSON text. */
  readonly sessionPolicy?: string;
  /** Managed policies that narrow the session; what they and `sessionPolicy` allow counts together. */
  readonly policyArns?: readonly string[];
  /**
   * Policies of GetScopedCredentials, as JSON texts, oldest first. Each narrows the session further, beside its session policies: an
   * action has to be allowed by every one of them.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getscopedcredentials.html
   */
  readonly scopeDownPolicies?: readonly string[];
  /** `aws:PrincipalTag/...`: they take precedence over the tags of the role or user itself. */
  readonly tags?: readonly SessionTag[];
  /** Keys among `tags` that go on to sessions made from this one. */
  readonly transitiveTagKeys?: readonly string[];
  /** `aws:SourceIdentity` */
  readonly sourceIdentity?: string;
  /**
   * True when GetSessionToken got an MFA code: `aws:MultiFactorAuthPresent`, which all temporary credentials have. A code of
   * AssumeRole counts for the trust policy alone.
   */
  readonly mfa?: boolean;
  /** Of a session with one directory bucket, by CreateSession: it is good for that bucket's objects alone. */
  readonly directoryBucket?: {
    readonly name: string;
    /** Whose the bucket is: somebody else's of that name, later on, is another. */
    readonly ownerAccountId: string;
    readonly mode: "ReadOnly" | "ReadWrite";
  };
  /** `aws:FederatedProvider`: the ARN of the provider, or its domain, by whose word a role was assumed. */
  readonly federatedProvider?: string;
  /**
   * Values of condition keys that the identity provider's word left in the session, by the keys' names in lower case
   * (`saml:sub`, `idp.example/path:aud`): policies and their variables may ask for them in every request of the session.
   * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
   */
  readonly conditionKeys?: Readonly<Record<string, readonly string[]>>;
};

export type Caller = {
  readonly partition: Partition;
  /** Twelve digits. For `Anonymous` the account that the request would belong to if it were signed. */
  readonly accountId: string;
  readonly principal: Principal;
  /** As the request named it; absent when it was not signed. */
  readonly accessKeyId?: string;
  /** Present for temporary credentials that this server issued. */
  readonly session?: Session;
};

const ACCOUNT_ID = /^[0-9]{12}$/;

/** True for twelve digits. */
export const isAccountId = (text: string): boolean => ACCOUNT_ID.test(text);

/** The partition that a region lies in: `cn-north-1` is in `aws-cn`. */
export const partitionOfRegion = (region: string): Partition => {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
};

/**
 * The ARN that GetCallerIdentity answers. An anonymous caller has none on AWS; it gets `anonymous` in the resource's place.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export const callerArn = ({ partition, accountId, principal }: Caller): string => {
  switch (principal.kind) {
    case "Root":
      return `arn:${partition}:iam::${accountId}:root`;
    case "User":
      return `arn:${partition}:iam::${accountId}:user${principal.path ?? "/"}${principal.userName}`;
    case "AssumedRole":
      return `arn:${partition}:sts::${accountId}:assumed-role/${principal.roleName}/${principal.sessionName}`;
    case "FederatedUser":
      return `arn:${partition}:sts::${accountId}:federated-user/${principal.name}`;
    case "Anonymous":
  }
  principal satisfies { readonly kind: "Anonymous" };
  return `arn:${partition}:iam::${accountId}:anonymous`;
};

/** The UserId that GetCallerIdentity answers (`aws:userid` in policies). */
export const callerUserId = ({ accountId, principal }: Caller): string => {
  switch (principal.kind) {
    case "Root":
      return accountId;
    case "User":
      return principal.userId;
    case "AssumedRole":
      return `${principal.roleId}:${principal.sessionName}`;
    case "FederatedUser":
      return `${accountId}:${principal.name}`;
    case "Anonymous":
  }
  principal satisfies { readonly kind: "Anonymous" };
  return "anonymous";
};

/** Stands for the account of objects that nobody signed for. */
export const ANONYMOUS_OWNER = "anonymous";
/** AWS's own. https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
const ANONYMOUS_CANONICAL_ID = "65a011a29cdf8ec533ec3d1ccaae921c";

/** Accounts whose canonical ids are remembered; a suite has a handful. */
const CANONICAL_IDS_MAX = 10_000;
const canonicalIds = new Map<string, string>();

/**
 * The canonical user id of an account: 64 hex digits, the same on every server and at every time.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
 */
export const canonicalOwnerId = (accountId: string): string => {
  if (accountId === ANONYMOUS_OWNER) return ANONYMOUS_CANONICAL_ID;
  const known = canonicalIds.get(accountId);
  if (known !== undefined) return known;
  const id = hash("sha256", `standin/canonical-user-id/${accountId}`, "hex");
  if (canonicalIds.size >= CANONICAL_IDS_MAX) canonicalIds.clear();
  canonicalIds.set(accountId, id);
  return id;
};
