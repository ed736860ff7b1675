/**
 * What ACLs grant, in the words of policies.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#permissions
 */
import { canonicalOwnerId, type Caller } from "../protocol/caller.ts";
import type { Acl, AclGrant, AclPermission } from "../state/model.ts";

/** The ACL that decides an action, and what it must grant. */
type AclNeed = { readonly of: "bucket" | "object"; readonly permission: Exclude<AclPermission, "FULL_CONTROL"> };

const NEEDS: ReadonlyMap<string, AclNeed> = new Map<string, AclNeed>([
  ["s3:ListBucket", { of: "bucket", permission: "READ" }],
  ["s3:ListBucketMultipartUploads", { of: "bucket", permission: "READ" }],
  ["s3:ListBucketVersions", { of: "bucket", permission: "READ" }],
  ["s3:GetBucketAcl", { of: "bucket", permission: "READ_ACP" }],
  ["s3:PutBucketAcl", { of: "bucket", permission: "WRITE_ACP" }],
  ["s3:PutObject", { of: "bucket", permission: "WRITE" }],
  ["s3:DeleteObject", { of: "bucket", permission: "WRITE" }],
  ["s3:GetObject", { of: "object", permission: "READ" }],
  ["s3:GetObjectTorrent", { of: "object", permission: "READ" }],
  ["s3:GetObjectVersion", { of: "object", permission: "READ" }],
  ["s3:GetObjectAcl", { of: "object", permission: "READ_ACP" }],
  ["s3:GetObjectVersionTorrent", { of: "object", permission: "READ" }],
  ["s3:GetObjectVersionAcl", { of: "object", permission: "READ_ACP" }],
  ["s3:PutObjectAcl", { of: "object", permission: "WRITE_ACP" }],
  ["s3:PutObjectVersionAcl", { of: "object", permission: "WRITE_ACP" }],
]);

/** What an ACL must grant for an action; undefined for what only policies grant. */
export const aclNeedOf = (action: string): AclNeed | undefined => NEEDS.get(action);

/** S3's groups by what they are called. */
export type GroupUris = { readonly allUsers: string; readonly authenticatedUsers: string };

/** A grant that an action follows from. `everyone`: to a group; `account`: to the caller's account, which hands it on by its own policies. */
export type AclFinding = { readonly to: "everyone" | "account"; readonly grant: AclGrant };

/**
 * Finds the grant that gives a caller a permission; of several the one that reaches furthest: what everyone has, the account's users
 * have without policies of their own. `publicIgnored`: grants to groups do not count (IgnorePublicAcls).
 */
export const findGrant = (
  acl: Acl,
  {
    caller,
    permission,
    groups,
    publicIgnored,
  }: {
    readonly caller: Caller;
    readonly permission: AclPermission;
    readonly groups: GroupUris;
    readonly publicIgnored: boolean;
  },
): AclFinding | undefined => {
  const anonymous = caller.principal.kind === "Anonymous";
  const ownId = anonymous ? undefined : canonicalOwnerId(caller.accountId);
  let found: AclFinding | undefined;
  for (const grant of acl.grants) {
    if (grant.permission !== permission && grant.permission !== "FULL_CONTROL") continue;
    const { id, uri } = grant.grantee;
    if (id !== undefined && id === ownId) found ??= { to: "account", grant };
    const isGroup = uri === groups.allUsers || (uri === groups.authenticatedUsers && !anonymous);
    if (isGroup && !publicIgnored) return { to: "everyone", grant };
  }
  return found;
};
