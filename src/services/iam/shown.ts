/** Identities as IAM answers them. */
import type { Partition } from "../../protocol/caller.ts";
import type { Policy, PolicyVersion, Role, User } from "../../protocol/generated/iam.ts";
import {
  identityArn,
  type ManagedPolicy,
  type PolicyVersion as KeptVersion,
  type RoleIdentity,
  type UserIdentity,
} from "../../state/identities/model.ts";
import { showTags } from "./entities.ts";
import { isBoundedBy, usesPolicy, type PolicyUsers } from "./managed-policies.ts";

/** Documents are answered percent-encoded, as RFC 3986 has it. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

const boundaryOf = ({ permissionsBoundary }: UserIdentity | RoleIdentity): Pick<User, "PermissionsBoundary"> =>
  permissionsBoundary === undefined
    ? {}
    : { PermissionsBoundary: { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: permissionsBoundary } };

const tagsOf = ({ tags }: UserIdentity | RoleIdentity): Pick<User, "Tags"> =>
  tags.length === 0 ? {} : { Tags: showTags(tags) };

/** A user as lists show it; one that is asked for by name shows its boundary and tags too. */
export const showListedUser = (user: UserIdentity, partition: Partition): User => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.id,
  Arn: identityArn(user, partition),
  CreateDate: new Date(user.createdAtMs),
});

export const showUser = (user: UserIdentity, partition: Partition): User => ({
  ...showListedUser(user, partition),
  ...boundaryOf(user),
  ...tagsOf(user),
});

const showRoleItself = (role: RoleIdentity, partition: Partition): Role => ({
  Path: role.path,
  RoleName: role.name,
  RoleId: role.id,
  Arn: identityArn(role, partition),
  CreateDate: new Date(role.createdAtMs),
  AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
});

const descriptionOf = ({ description }: RoleIdentity): Pick<Role, "Description"> =>
  description === undefined ? {} : { Description: description };

/** As CreateRole answers it: without its description and how long its sessions may last. */
export const showNewRole = (role: RoleIdentity, partition: Partition): Role => ({
  ...showRoleItself(role, partition),
  ...boundaryOf(role),
  ...tagsOf(role),
});

/** As UpdateRoleDescription answers it. */
export const showDescribedRole = (role: RoleIdentity, partition: Partition): Role => ({
  ...showRoleItself(role, partition),
  ...descriptionOf(role),
});

export const showListedRole = (role: RoleIdentity, partition: Partition): Role => ({
  ...showDescribedRole(role, partition),
  MaxSessionDuration: role.maxSessionDurationSeconds,
});

export const showRole = (role: RoleIdentity, partition: Partition): Role => ({
  ...showListedRole(role, partition),
  ...boundaryOf(role),
  ...tagsOf(role),
  RoleLastUsed: {},
});

const countOf = <T>(all: readonly T[], is: (one: T) => boolean): number => all.filter(is).length;

/** As lists and CreatePolicy show it: without its description. */
export const showListedPolicy = (
  policy: ManagedPolicy,
  { arn, users }: { readonly arn: string; readonly users: PolicyUsers },
): Policy => {
  const holders = [...users.users, ...users.roles];
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: countOf(holders, (holder) => usesPolicy(holder, arn)),
    PermissionsBoundaryUsageCount: countOf(holders, (holder) => isBoundedBy(holder, arn)),
    IsAttachable: true,
    CreateDate: new Date(policy.createdAtMs),
    UpdateDate: new Date(policy.updatedAtMs),
  };
};

export const showPolicy = (
  policy: ManagedPolicy,
  use: { readonly arn: string; readonly users: PolicyUsers },
): Policy => ({
  ...showListedPolicy(policy, use),
  ...(policy.description === undefined ? {} : { Description: policy.description }),
  Tags: showTags(policy.tags),
});

/** A version without its document. */
export const showVersion = (
  { versionId, createdAtMs }: KeptVersion,
  { defaultVersionId }: ManagedPolicy,
): PolicyVersion => ({
  VersionId: versionId,
  IsDefaultVersion: versionId === defaultVersionId,
  CreateDate: new Date(createdAtMs),
});
