/** What the rows of the truth table are made of, as AWS's pages speak of it: no policy is written here, and nothing is evaluated. */

/** The actions that something allows: all of the table's, reading objects alone, or none. */
export type Grant = "all" | "reads" | "nothing";

export type TableCaller = {
  readonly id: string;
  /** The account of the bucket, or another. */
  readonly account: "owner" | "other" | "nobody";
  readonly principal: "root" | "user" | "role" | "federated" | "anonymous";
  /** What its identity policies allow; of a federated user those of the user who made the session. `everything`: its account's all. */
  readonly identity: Grant | "everything";
  /** An identity policy that denies everything stands beside. */
  readonly denied?: boolean;
  readonly boundary?: Grant;
  /** What its session policy allows; absent: it has none. */
  readonly session?: Grant;
  /** A user's session by GetSessionToken. */
  readonly sessionToken?: boolean;
};

const caller = (id: string, rest: Omit<TableCaller, "id">): TableCaller => ({ id, ...rest });

const user = (account: "owner" | "other", identity: Grant) => ({ account, principal: "user", identity }) as const;
const role = (account: "owner" | "other", identity: Grant | "everything") =>
  ({ account, principal: "role", identity }) as const;
const federated = (account: "owner" | "other") => ({ account, principal: "federated", identity: "all" }) as const;

export const CALLERS = {
  root: caller("owner's root", { account: "owner", principal: "root", identity: "everything" }),
  userNone: caller("owner's user, no policy", user("owner", "nothing")),
  userReads: caller("owner's user, may read", user("owner", "reads")),
  userAll: caller("owner's user, may all", user("owner", "all")),
  userDenied: caller("owner's user, may all, but denied", { ...user("owner", "all"), denied: true }),
  userBound: caller("owner's user, may all, boundary reads", { ...user("owner", "all"), boundary: "reads" }),
  userToken: caller("owner's user, may read, by GetSessionToken", { ...user("owner", "reads"), sessionToken: true }),
  roleNone: caller("owner's role, no policy", role("owner", "nothing")),
  roleAll: caller("owner's role, may all", role("owner", "all")),
  roleNarrowed: caller("owner's role, may all, session policy reads", { ...role("owner", "all"), session: "reads" }),
  roleNoneNarrowed: caller("owner's role, no policy, session policy reads", {
    ...role("owner", "nothing"),
    session: "reads",
  }),
  roleBound: caller("owner's role, may all, boundary reads", { ...role("owner", "all"), boundary: "reads" }),
  roleNobodys: caller("owner's role that nobody registered", role("owner", "everything")),
  roleNobodysNarrowed: caller("owner's role that nobody registered, session policy reads", {
    ...role("owner", "everything"),
    session: "reads",
  }),
  federatedBare: caller("owner's federated user, no session policy", federated("owner")),
  federatedReads: caller("owner's federated user, session policy reads", { ...federated("owner"), session: "reads" }),
  otherRoot: caller("other's root", { account: "other", principal: "root", identity: "everything" }),
  otherUserNone: caller("other's user, no policy", user("other", "nothing")),
  otherUserReads: caller("other's user, may read", user("other", "reads")),
  otherUserAll: caller("other's user, may all", user("other", "all")),
  otherRoleNone: caller("other's role, no policy", role("other", "nothing")),
  otherRoleAll: caller("other's role, may all", role("other", "all")),
  otherRoleNarrowed: caller("other's role, may all, session policy reads", {
    ...role("other", "all"),
    session: "reads",
  }),
  otherRoleNobodys: caller("other's role that nobody registered", role("other", "everything")),
  otherFederatedBare: caller("other's federated user, no session policy", federated("other")),
  otherFederatedAll: caller("other's federated user, session policy all", { ...federated("other"), session: "all" }),
  anonymous: caller("anonymous", { account: "nobody", principal: "anonymous", identity: "nothing" }),
} as const satisfies Readonly<Record<string, TableCaller>>;

export type CallerName = keyof typeof CALLERS;
export const CALLER_NAMES = Object.keys(CALLERS) as readonly CallerName[];

/** Whom a statement of the bucket's policy names; both accounts' identities are named alike. */
export type Named = "account" | "canonical" | "user" | "role" | "session" | "everyone";

export type TablePolicy = {
  readonly id: string;
  readonly allow?: {
    readonly to: Named;
    readonly grant: Grant;
    /** Under a condition that holds for the other account's callers alone, or for nobody. */
    readonly onlyFor?: "other" | "elsewhere";
  };
  /** A statement that denies all of it: everyone, or everyone whom NotPrincipal does not name (the owner's account, and all in it). */
  readonly deny?: "everyone" | "allButOwners";
  /** As GetBucketPolicyStatus says. */
  readonly isPublic?: boolean;
};

export const POLICIES = {
  none: { id: "no policy" },
  account: { id: "Allow the accounts", allow: { to: "account", grant: "all" } },
  canonical: { id: "Allow the accounts by canonical id", allow: { to: "canonical", grant: "all" } },
  user: { id: "Allow the users by ARN", allow: { to: "user", grant: "all" } },
  role: { id: "Allow the roles by ARN", allow: { to: "role", grant: "all" } },
  session: { id: "Allow the sessions by ARN", allow: { to: "session", grant: "all" } },
  everyone: { id: "Allow *", allow: { to: "everyone", grant: "all" }, isPublic: true },
  everyoneReads: { id: "Allow * to read", allow: { to: "everyone", grant: "reads" }, isPublic: true },
  denied: { id: "Allow *, Deny *", allow: { to: "everyone", grant: "all" }, deny: "everyone", isPublic: true },
  notPrincipal: {
    id: "Allow *, Deny NotPrincipal owner",
    allow: { to: "everyone", grant: "all" },
    deny: "allButOwners",
    isPublic: true,
  },
  otherOnly: {
    id: "Allow * where aws:PrincipalAccount is the other",
    allow: { to: "everyone", grant: "all", onlyFor: "other" },
  },
  elsewhere: {
    id: "Allow * where aws:SourceIp is elsewhere",
    allow: { to: "everyone", grant: "all", onlyFor: "elsewhere" },
  },
} as const satisfies Readonly<Record<string, TablePolicy>>;

export type PolicyName = keyof typeof POLICIES;

/** The ACL of bucket and object alike. */
export type TableAcl =
  | "private"
  | "public-read"
  | "public-read-write"
  | "authenticated-read"
  | "READ to other"
  | "FULL_CONTROL to other";

export type TableOwnership = "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter";

/** The bucket's public access block. */
export type TableBlock = "off" | "IgnorePublicAcls" | "RestrictPublicBuckets" | "all on";

/** Whose the object is: the bucket owner's; the other account's, as it wrote it; or with `bucket-owner-full-control`. */
export type TableObject = "owner's" | "other's" | "other's, bucket-owner-full-control";

export type TableBucket = {
  readonly policy: PolicyName;
  readonly acl: TableAcl;
  readonly ownership: TableOwnership;
  readonly block: TableBlock;
};

/** By the names of AWS's operations. */
export const OPERATIONS = [
  "GetObject",
  "PutObject",
  "DeleteObject",
  "ListObjectsV2",
  "GetObjectAcl",
  "GetBucketAcl",
  "GetBucketPolicy",
] as const;

export type TableOperation = (typeof OPERATIONS)[number];

/** One question: may this caller do this to this bucket. */
export type Asked = {
  readonly caller: CallerName;
  readonly bucket: TableBucket;
  readonly object: TableObject;
  readonly operation: TableOperation;
};
