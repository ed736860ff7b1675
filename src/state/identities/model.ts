/**
 * Users, roles, policies, providers and access keys of an account, as plain data. They have two homes with the same shapes: the
 * world's register, set on the control plane, and the account's own stack, written by clients through IAM.
 */
import type { Partition } from "../model.ts";

/** A policy that belongs to one user or role. `document` is the text as it was given. */
export type InlinePolicy = { readonly name: string; readonly document: string };

export type IdentityTag = { readonly key: string; readonly value: string };

type Named = {
  readonly accountId: string;
  /** As it was given; names differ by more than the case of their letters. */
  readonly name: string;
  /** With both slashes: `/`, `/team/`. */
  readonly path: string;
  /** `AIDA...`, `AROA...` or `ANPA...`: 21 characters. */
  readonly id: string;
  readonly createdAtMs: number;
  readonly tags: readonly IdentityTag[];
};

/** What users and roles have in common: policies that say what they may do. */
type Holder = Named & {
  readonly inlinePolicies: readonly InlinePolicy[];
  /** ARNs of managed policies, in the order in which they were attached. */
  readonly attachedPolicyArns: readonly string[];
  /** ARN of a managed policy. */
  readonly permissionsBoundary?: string;
};

export type UserIdentity = Holder & { readonly kind: "user" };

export type RoleIdentity = Holder & {
  readonly kind: "role";
  /** Who may assume it: the text as it was given. */
  readonly trustPolicy: string;
  readonly maxSessionDurationSeconds: number;
  readonly description?: string;
};

export type PolicyVersion = {
  /** `v1`, `v2` ... */
  readonly versionId: string;
  readonly document: string;
  readonly createdAtMs: number;
};

export type ManagedPolicy = Named & {
  readonly kind: "policy";
  readonly description?: string;
  readonly updatedAtMs: number;
  readonly defaultVersionId: string;
  /** Oldest first. */
  readonly versions: readonly PolicyVersion[];
  /** The highest number that a version ever had. */
  readonly lastVersion: number;
};

export type OidcProvider = {
  readonly kind: "oidcProvider";
  readonly accountId: string;
  /** Without `https://`: host and path. */
  readonly url: string;
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  /** A JSON Web Key Set, as JSON text: what tokens are verified with. Absent: tokens are read and not verified. */
  readonly keySet?: string;
  readonly createdAtMs: number;
  readonly tags: readonly IdentityTag[];
};

export type SamlProvider = {
  readonly kind: "samlProvider";
  readonly accountId: string;
  readonly name: string;
  /** The identity provider's metadata, XML. */
  readonly metadata: string;
  readonly createdAtMs: number;
  readonly validUntilMs: number;
  readonly tags: readonly IdentityTag[];
};

/** An access key that a client made through IAM; those of the control plane are `AccessKey`. */
export type IamAccessKey = {
  readonly kind: "accessKey";
  readonly accountId: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent for a key of the account's root. */
  readonly userName?: string;
  readonly status: "Active" | "Inactive";
  readonly createdAtMs: number;
};

export type Identity = UserIdentity | RoleIdentity | ManagedPolicy | OidcProvider | SamlProvider | IamAccessKey;
export type IdentityKind = Identity["kind"];
export type IdentityOf<K extends IdentityKind> = Extract<Identity, { readonly kind: K }>;

/** `world`: set on the control plane, kept by a reset. `account`: made through IAM, in the account's stack. */
export type IdentityHome = "world" | "account";

/** An identity with where it is kept. */
export type HeldIdentity<K extends IdentityKind = IdentityKind> = {
  readonly home: IdentityHome;
  readonly identity: IdentityOf<K>;
};

/** What an identity is found by within its account: a name, a provider's URL without `https://`, or a key's id. */
export const nameOf = (identity: Identity): string => {
  switch (identity.kind) {
    case "oidcProvider":
      return identity.url;
    case "accessKey":
      return identity.accessKeyId;
    default:
      return identity.name;
  }
};

const ARN_TYPES: Readonly<Record<"user" | "role" | "policy", string>> = {
  user: "user",
  role: "role",
  policy: "policy",
};

/** The ARN of anything but an access key. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns */
export const identityArn = (identity: Exclude<Identity, IamAccessKey>, partition: Partition): string => {
  const account = `arn:${partition}:iam::${identity.accountId}`;
  switch (identity.kind) {
    case "oidcProvider":
      return `${account}:oidc-provider/${identity.url}`;
    case "samlProvider":
      return `${account}:saml-provider/${identity.name}`;
    default:
      return `${account}:${ARN_TYPES[identity.kind]}${identity.path}${identity.name}`;
  }
};

/**
 * Whether a unique id is one that was drawn when a client made a user or role; others follow from the name alone and are those of
 * identities that nobody made. So the keys and sessions of one that is gone by now are told from those of one that never was.
 */
export const wasMade = (id: string): boolean => /[Q-Z2-7]$/.test(id);
