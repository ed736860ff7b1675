/**
 * What AWS's pages say of each row, in the order in which they are to be asked: the first rule that says something decides. Written
 * from the pages alone; nothing of `src/access` is known here.
 */
import {
  CALLERS,
  POLICIES,
  type Asked,
  type Grant,
  type TableAcl,
  type TableCaller,
  type TableOperation,
  type TablePolicy,
} from "./dimensions.ts";

const IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide";
const S3 = "https://docs.aws.amazon.com/AmazonS3/latest";

export type Rule = {
  /** In a sentence. */
  readonly says: string;
  readonly page: string;
  /** Whether it is allowed; undefined where the rule says nothing of it. */
  readonly decide: (row: Case) => boolean | undefined;
};

/** A row with its dimensions looked up. */
type Case = Omit<Asked, "caller"> & { readonly caller: TableCaller; readonly policy: TablePolicy };

const grants = (grant: Grant | "everything" | undefined, operation: TableOperation): boolean => {
  if (grant === "reads") return operation === "GetObject";
  return grant === "all" || grant === "everything";
};

const isSession = ({ principal }: TableCaller): boolean => principal === "role" || principal === "federated";

/** Whether the policy's Allow names the caller, for what it wants to do. */
const policyAllows = ({ caller, policy, operation }: Case, ...named: readonly string[]): boolean => {
  const { allow } = policy;
  if (allow === undefined || !named.includes(allow.to) || !grants(allow.grant, operation)) return false;
  if (allow.onlyFor !== undefined) return allow.onlyFor === caller.account;
  switch (allow.to) {
    case "everyone":
      return true;
    case "user":
      return caller.principal === "user";
    case "role":
      return caller.principal === "role";
    case "session":
      return isSession(caller);
    default:
      return caller.account !== "nobody";
  }
};

const NAMED_DIRECTLY = ["user", "session", "everyone"] as const;
const NAMED_AT_ALL = [...NAMED_DIRECTLY, "role", "account", "canonical"] as const;

/** What the caller's own account lets it do: identity policies, within its boundary and its session policy. */
const ownAccountAllows = ({ caller, operation }: Case): boolean => {
  const { identity, boundary, session, principal } = caller;
  if (!grants(identity, operation)) return false;
  if (boundary !== undefined && !grants(boundary, operation)) return false;
  return session === undefined ? principal !== "federated" : grants(session, operation);
};

/** What an ACL must grant for an operation: on which of the two, and what. */
const ACL_NEEDS: Readonly<Record<TableOperation, "READ" | "WRITE" | "READ_ACP" | undefined>> = {
  GetObject: "READ",
  ListObjectsV2: "READ",
  PutObject: "WRITE",
  DeleteObject: "WRITE",
  GetObjectAcl: "READ_ACP",
  GetBucketAcl: "READ_ACP",
  GetBucketPolicy: undefined,
};

const groupMay = (acl: TableAcl, { signed }: { signed: boolean }): readonly string[] => {
  if (acl === "public-read-write") return ["READ", "WRITE"];
  if (acl === "public-read") return ["READ"];
  return acl === "authenticated-read" && signed ? ["READ"] : [];
};

const otherMay = (acl: TableAcl): readonly string[] => {
  if (acl === "FULL_CONTROL to other") return ["READ", "WRITE", "READ_ACP"];
  return acl === "READ to other" ? ["READ"] : [];
};

/** Whether ACLs count and an ACL grants it to a group that the caller is of. */
const aclGrantsGroup = ({ caller, bucket, operation }: Case): boolean => {
  const need = ACL_NEEDS[operation];
  const { acl, ownership, block } = bucket;
  if (need === undefined || ownership === "BucketOwnerEnforced") return false;
  if (block === "IgnorePublicAcls" || block === "all on") return false;
  return groupMay(acl, { signed: caller.account !== "nobody" }).includes(need);
};

const aclGrantsOther = ({ caller, bucket, operation }: Case): boolean => {
  const need = ACL_NEEDS[operation];
  if (need === undefined || caller.account !== "other" || bucket.ownership === "BucketOwnerEnforced") return false;
  return otherMay(bucket.acl).includes(need);
};

const OF_OBJECT: ReadonlySet<TableOperation> = new Set(["GetObject", "GetObjectAcl"]);

/** Whether what is asked for is an object that is not the bucket owner's. */
const isOthersObject = ({ object, bucket: { ownership }, operation }: Case): boolean => {
  if (object === "owner's" || ownership === "BucketOwnerEnforced" || !OF_OBJECT.has(operation)) return false;
  return ownership === "ObjectWriter" || object === "other's";
};

const restricts = ({ bucket: { block } }: Case): boolean => block === "RestrictPublicBuckets" || block === "all on";

export const RULES = {
  ownPolicy: {
    says: "An account's root always gets at its bucket's policy, so that it cannot lock itself out.",
    page: `${S3}/API/API_GetBucketPolicy.html`,
    decide: ({ caller, operation }) =>
      operation === "GetBucketPolicy" && caller.account === "owner" && caller.principal === "root" ? true : undefined,
  },
  explicitDeny: {
    says: "An explicit Deny in any policy overrides every Allow.",
    page: `${IAM}/reference_policies_evaluation-logic_policy-eval-denyallow.html`,
    decide: ({ caller, policy }) => (caller.denied === true || policy.deny === "everyone" ? false : undefined),
  },
  notPrincipal: {
    says: "Deny with NotPrincipal denies everyone whom it does not name, and whoever has a permissions boundary.",
    page: `${IAM}/reference_policies_elements_notprincipal.html`,
    decide: ({ caller, policy }) =>
      policy.deny === "allButOwners" && (caller.account !== "owner" || caller.boundary !== undefined)
        ? false
        : undefined,
  },
  restricted: {
    says: "RestrictPublicBuckets keeps everyone outside of the owner's account out of a bucket with a public policy.",
    page: `${S3}/userguide/access-control-block-public-access.html`,
    decide: (row) =>
      restricts(row) && row.policy.isPublic === true && row.caller.account !== "owner" ? false : undefined,
  },
  othersObject: {
    says: "An object that another account owns is given by its owner alone: the bucket's policy can only deny it.",
    page: `${S3}/userguide/about-object-ownership.html`,
    decide: (row) => {
      if (!isOthersObject(row)) return undefined;
      const { caller, object } = row;
      if (caller.account === "other") return ownAccountAllows(row);
      return object !== "other's" && caller.account === "owner" && ownAccountAllows(row);
    },
  },
  anonymous: {
    says: "An anonymous request is allowed where the bucket's policy or an ACL allows everyone.",
    page: `${S3}/userguide/how-s3-evaluates-access-control.html`,
    decide: (row) =>
      row.caller.principal === "anonymous" ? policyAllows(row, "everyone") || aclGrantsGroup(row) : undefined,
  },
  bothAccounts: {
    says: "Across accounts both must allow it: the caller's account by its policies, the bucket's by policy or ACL.",
    page: `${IAM}/reference_policies_evaluation-logic-cross-account.html`,
    decide: (row) => {
      if (row.caller.account !== "other") return undefined;
      const there = policyAllows(row, ...NAMED_AT_ALL) || aclGrantsGroup(row) || aclGrantsOther(row);
      return there && ownAccountAllows(row);
    },
  },
  root: {
    says: "Within its account a root may do all that nothing denies.",
    page: `${IAM}/id_root-user.html`,
    decide: ({ caller }) => (caller.principal === "root" ? true : undefined),
  },
  namedDirectly: {
    says: "What a bucket's policy of the same account gives to a user, a session or everyone is limited by no boundary and no session policy.",
    page: `${IAM}/reference_policies_evaluation-logic_policy-eval-denyallow.html`,
    decide: (row) => (policyAllows(row, ...NAMED_DIRECTLY) ? true : undefined),
  },
  group: {
    says: "So is what an ACL of the same account gives to a group that the caller is of.",
    page: `${S3}/userguide/access-control-auth-workflow-object-operation.html`,
    decide: (row) => (aclGrantsGroup(row) ? true : undefined),
  },
  namedRole: {
    says: "What it gives to a role's ARN is limited by the role's boundary and the session policy.",
    page: `${IAM}/access_policies.html#policies_session`,
    decide: (row) => {
      if (!policyAllows(row, "role")) return undefined;
      const { boundary = "all", session = "all" } = row.caller;
      return grants(boundary, row.operation) && grants(session, row.operation) ? true : undefined;
    },
  },
  federated: {
    says: "A session of GetFederationToken without a session policy has no permissions of its own.",
    page: `${IAM}/id_credentials_temp_control-access_getfederationtoken.html`,
    decide: ({ caller }) => (caller.principal === "federated" && caller.session === undefined ? false : undefined),
  },
  ownPolicies: {
    says: "Else the caller's own policies decide, within its boundary and its session policy; naming the account leaves it to them.",
    page: `${IAM}/reference_policies_evaluation-logic_policy-eval-basics-single-account.html`,
    decide: ownAccountAllows,
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleName = keyof typeof RULES;

/** What is expected of a row, and by which rule. */
export const expectationOf = (asked: Asked): { readonly allowed: boolean; readonly rule: RuleName } => {
  const row: Case = { ...asked, caller: CALLERS[asked.caller], policy: POLICIES[asked.bucket.policy] };
  for (const [rule, { decide }] of Object.entries(RULES) as [RuleName, Rule][]) {
    const allowed = decide(row);
    if (allowed !== undefined) return { allowed, rule };
  }
  throw new Error("no rule says anything");
};
