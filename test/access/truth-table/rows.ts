/** The rows of the truth table, section by section. */
import {
  CALLER_NAMES,
  type Asked,
  type CallerName,
  type PolicyName,
  type TableAcl,
  type TableBlock,
  type TableBucket,
  type TableObject,
  type TableOperation,
} from "./dimensions.ts";
import { POLICIES } from "./dimensions.ts";
import { expectationOf, type RuleName } from "./rules.ts";

export type Row = Asked & { readonly allowed: boolean; readonly rule: RuleName };

/** A column of a section's matrix: everything but the caller. */
export type Column = Omit<Asked, "caller"> & { readonly title: string };

export type Section = {
  readonly title: string;
  readonly about: string;
  readonly callers: readonly CallerName[];
  readonly columns: readonly Column[];
};

const PLAIN: TableBucket = { policy: "none", acl: "private", ownership: "BucketOwnerEnforced", block: "off" };

const column = (
  title: string,
  operation: TableOperation,
  { object = "owner's", ...bucket }: Partial<TableBucket> & { readonly object?: TableObject },
): Column => ({ title, operation, object, bucket: { ...PLAIN, ...bucket } });

const POLICY_NAMES = Object.keys(POLICIES) as readonly PolicyName[];

const policySection = (operation: TableOperation): Section => ({
  title: `Bucket policies: ${operation}`,
  about: "ACLs are off (BucketOwnerEnforced), and nothing is blocked.",
  callers: CALLER_NAMES,
  columns: POLICY_NAMES.map((policy) => column(POLICIES[policy].id, operation, { policy })),
});

const FEW: readonly CallerName[] = [
  "root",
  "userNone",
  "userAll",
  "roleNone",
  "otherRoot",
  "otherUserNone",
  "otherUserAll",
  "otherRoleAll",
  "anonymous",
];

const ACLS: readonly TableAcl[] = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "READ to other",
  "FULL_CONTROL to other",
];

const aclSection = (operation: TableOperation): Section => ({
  title: `ACLs: ${operation}`,
  about: "The bucket has no policy; bucket and object have the same ACL; ObjectWriter. IPA: IgnorePublicAcls is on.",
  callers: FEW,
  columns: ACLS.flatMap((acl) => [
    column(acl, operation, { acl, ownership: "ObjectWriter" }),
    column(`${acl}, IPA`, operation, { acl, ownership: "ObjectWriter", block: "IgnorePublicAcls" }),
  ]),
});

const ENFORCED: Section = {
  title: "ACLs that are off: GetObject",
  about: "Objects keep the ACL that they had before the bucket became BucketOwnerEnforced; it does not count.",
  callers: FEW,
  columns: (["public-read", "READ to other"] as const).map((acl) =>
    column(acl, "GetObject", { acl, ownership: "BucketOwnerEnforced" }),
  ),
};

const BLOCKS: readonly TableBlock[] = ["off", "RestrictPublicBuckets", "all on"];

const blockSection = (operation: TableOperation): Section => ({
  title: `Public access block: ${operation}`,
  about: "The block was put after the policy, as BlockPublicPolicy refuses public ones.",
  callers: [...FEW, "roleNobodys", "otherFederatedAll"],
  columns: (["everyone", "account", "otherOnly"] as const).flatMap((policy) =>
    BLOCKS.map((block) => column(`${POLICIES[policy].id}; ${block}`, operation, { policy, block })),
  ),
});

const OBJECTS: readonly TableObject[] = ["other's", "other's, bucket-owner-full-control"];

const ownerSection = (operation: TableOperation): Section => ({
  title: `Objects that the other account wrote: ${operation}`,
  about: "By the bucket's ownership setting and policy.",
  callers: FEW,
  columns: (["ObjectWriter", "BucketOwnerPreferred", "BucketOwnerEnforced"] as const).flatMap((ownership) =>
    (["none", "everyone"] as const).flatMap((policy) =>
      OBJECTS.map((object) =>
        column(`${object}; ${ownership}; ${POLICIES[policy].id}`, operation, { ownership, policy, object }),
      ),
    ),
  ),
});

const OWN_POLICY: Section = {
  title: "The bucket's policy itself: GetBucketPolicy",
  about: "Whatever the policy says, nobody locks an account out of it.",
  callers: ["root", "userNone", "userAll", "userDenied", "roleNone", "roleAll"],
  columns: (["account", "everyone", "denied"] as const).map((policy) =>
    column(POLICIES[policy].id, "GetBucketPolicy", { policy }),
  ),
};

export const SECTIONS: readonly Section[] = [
  policySection("GetObject"),
  policySection("PutObject"),
  policySection("ListObjectsV2"),
  policySection("DeleteObject"),
  aclSection("GetObject"),
  aclSection("ListObjectsV2"),
  aclSection("PutObject"),
  aclSection("GetObjectAcl"),
  aclSection("GetBucketAcl"),
  ENFORCED,
  blockSection("GetObject"),
  blockSection("ListObjectsV2"),
  ownerSection("GetObject"),
  ownerSection("GetObjectAcl"),
  OWN_POLICY,
];

/** The rows of a section, caller by caller. */
export const rowsOf = ({ callers, columns }: Section): readonly Row[] =>
  callers.flatMap((caller) =>
    columns.map(({ bucket, object, operation }) => {
      const asked: Asked = { caller, bucket, object, operation };
      return { ...asked, ...expectationOf(asked) };
    }),
  );
