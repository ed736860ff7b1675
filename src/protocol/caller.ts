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

/** What temporary credentials carry beside the principal. */
export type Session = {
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  /** The inline session policy, as JSON text. */
  readonly sessionPolicy?: string;
  /** Managed policies that narrow the session. */
  readonly policyArns?: readonly string[];
  readonly tags?: readonly SessionTag[];
  /** Keys among `tags` that go on to sessions made from this one. */
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  /** True when the session was made with an MFA code. */
  readonly mfa?: boolean;
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

/** Accounts whose canonical ids are remembered; a suite has a handful. */
const CANONICAL_IDS_MAX = 10_000;
const canonicalIds = new Map<string, string>();

/**
 * The canonical user id of an account: 64 hex digits, the same on every server and at every time.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/finding-canonical-user-id.html
 */
export const canonicalOwnerId = (accountId: string): string => {
  const known = canonicalIds.get(accountId);
  if (known !== undefined) return known;
  const id = hash("sha256", `standin/canonical-user-id/${accountId}`, "hex");
  if (canonicalIds.size >= CANONICAL_IDS_MAX) canonicalIds.clear();
  canonicalIds.set(accountId, id);
  return id;
};
