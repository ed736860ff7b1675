/**
 * What each operation of IAM is about, for policies: the entity whose ARN is the resource of the question.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
import type { Partition } from "../protocol/caller.ts";
import type { Operations } from "../protocol/generated/iam.ts";

export type IamOperation = keyof Operations;

/**
 * `user`, `role`: the one that is named, or the caller itself. `policy`, `oidc`, `saml`: by the ARN that is given, or by what is to
 * be made. The plurals: all of them, below a path.
 */
type Target = "user" | "role" | "policy" | "oidc" | "saml" | "users" | "roles" | "policies" | "providers";

/** Total. Attaching a policy is about whom it is attached to. */
const TARGETS: { readonly [N in IamOperation]: Target } = {
  AddClientIDToOpenIDConnectProvider: "oidc",
  AttachRolePolicy: "role",
  AttachUserPolicy: "user",
  CreateAccessKey: "user",
  CreateOpenIDConnectProvider: "oidc",
  CreatePolicy: "policy",
  CreatePolicyVersion: "policy",
  CreateRole: "role",
  CreateSAMLProvider: "saml",
  CreateUser: "user",
  DeleteAccessKey: "user",
  DeleteLoginProfile: "user",
  DeleteOpenIDConnectProvider: "oidc",
  DeletePolicy: "policy",
  DeletePolicyVersion: "policy",
  DeleteRole: "role",
  DeleteRolePermissionsBoundary: "role",
  DeleteRolePolicy: "role",
  DeleteSAMLProvider: "saml",
  DeleteUser: "user",
  DeleteUserPermissionsBoundary: "user",
  DeleteUserPolicy: "user",
  DetachRolePolicy: "role",
  DetachUserPolicy: "user",
  GetAccessKeyLastUsed: "user",
  GetLoginProfile: "user",
  GetOpenIDConnectProvider: "oidc",
  GetPolicy: "policy",
  GetPolicyVersion: "policy",
  GetRole: "role",
  GetRolePolicy: "role",
  GetSAMLProvider: "saml",
  GetUser: "user",
  GetUserPolicy: "user",
  ListAccessKeys: "user",
  ListAccountAliases: "providers",
  ListAttachedRolePolicies: "role",
  ListAttachedUserPolicies: "user",
  ListEntitiesForPolicy: "policy",
  ListGroupsForUser: "user",
  ListInstanceProfilesForRole: "role",
  ListMFADevices: "user",
  ListOpenIDConnectProviderTags: "oidc",
  ListOpenIDConnectProviders: "providers",
  ListPolicies: "policies",
  ListPolicyTags: "policy",
  ListPolicyVersions: "policy",
  ListRolePolicies: "role",
  ListRoleTags: "role",
  ListRoles: "roles",
  ListSAMLProviderTags: "saml",
  ListSAMLProviders: "providers",
  ListSSHPublicKeys: "user",
  ListServiceSpecificCredentials: "user",
  ListSigningCertificates: "user",
  ListUserPolicies: "user",
  ListUserTags: "user",
  ListUsers: "users",
  ListVirtualMFADevices: "providers",
  PutRolePermissionsBoundary: "role",
  PutRolePolicy: "role",
  PutUserPermissionsBoundary: "user",
  PutUserPolicy: "user",
  RemoveClientIDFromOpenIDConnectProvider: "oidc",
  SetDefaultPolicyVersion: "policy",
  TagOpenIDConnectProvider: "oidc",
  TagPolicy: "policy",
  TagRole: "role",
  TagSAMLProvider: "saml",
  TagUser: "user",
  UntagOpenIDConnectProvider: "oidc",
  UntagPolicy: "policy",
  UntagRole: "role",
  UntagSAMLProvider: "saml",
  UntagUser: "user",
  UpdateAccessKey: "user",
  UpdateAssumeRolePolicy: "role",
  UpdateOpenIDConnectProviderThumbprint: "oidc",
  UpdateRole: "role",
  UpdateRoleDescription: "role",
  UpdateSAMLProvider: "saml",
  UpdateUser: "user",
};

/** The members of inputs that name what an operation is about. */
export type IamNames = {
  readonly UserName?: string | undefined;
  readonly RoleName?: string | undefined;
  readonly PolicyName?: string | undefined;
  readonly Name?: string | undefined;
  readonly Path?: string | undefined;
  readonly PathPrefix?: string | undefined;
  readonly Url?: string | undefined;
  readonly PolicyArn?: string | undefined;
  readonly OpenIDConnectProviderArn?: string | undefined;
  readonly SAMLProviderArn?: string | undefined;
};

/** The user or role that an operation is about, if it is about one; its path and tags are to be looked up. */
export const iamHolder = (
  operation: IamOperation,
  names: IamNames,
  { ownUser }: { readonly ownUser: string | undefined },
): { readonly kind: "user" | "role"; readonly name: string } | undefined => {
  const target = TARGETS[operation];
  if (target === "role" && names.RoleName !== undefined) return { kind: "role", name: names.RoleName };
  const user = names.UserName ?? ownUser;
  return target === "user" && user !== undefined ? { kind: "user", name: user } : undefined;
};

/**
 * The ARN that policies are asked about. `holderPath`: the path of the user or role of that name, where there is one; a new one has
 * the path that is asked for.
 */
export const iamResource = (
  operation: IamOperation,
  names: IamNames,
  where: {
    readonly partition: Partition;
    readonly accountId: string;
    readonly ownUser: string | undefined;
    readonly holderPath: string | undefined;
  },
): string => {
  const base = `arn:${where.partition}:iam::${where.accountId}`;
  const target = TARGETS[operation];
  const path = where.holderPath ?? names.Path ?? "/";
  switch (target) {
    case "user":
    case "role": {
      const holder = iamHolder(operation, names, where);
      // The account's root is no user.
      return holder === undefined ? `${base}:root` : `${base}:${holder.kind}${path}${holder.name}`;
    }
    case "policy":
      return names.PolicyArn ?? `${base}:policy${path}${names.PolicyName ?? ""}`;
    case "oidc":
      return names.OpenIDConnectProviderArn ?? `${base}:oidc-provider/${(names.Url ?? "").replace(/^https:\/\//, "")}`;
    case "saml":
      return names.SAMLProviderArn ?? `${base}:saml-provider/${names.Name ?? ""}`;
    case "users":
      return `${base}:user${names.PathPrefix ?? "/"}`;
    case "roles":
      return `${base}:role${names.PathPrefix ?? "/"}`;
    case "policies":
      return `${base}:policy${names.PathPrefix ?? "/"}`;
    case "providers":
  }
  return "*";
};
