/** The table's buckets as they stand in a world: one for each combination of policy, ACL, ownership and block. */
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  type BucketCannedACL,
  type S3Client,
} from "@aws-sdk/client-s3";
import { canonicalOwnerId } from "../../../src/protocol/caller.ts";
import { ALICE, BOB } from "../../support/accounts.ts";
import { policyText, type StatementText } from "../fixtures.ts";
import { accountIdOf, SESSION_NAME } from "./callers.ts";
import {
  CALLER_NAMES,
  CALLERS,
  POLICIES,
  type CallerName,
  type Named,
  type TableAcl,
  type TableBlock,
  type TableBucket,
  type TableCaller,
  type TableObject,
  type TablePolicy,
} from "./dimensions.ts";

/** The clients of both accounts' roots. */
export type Roots = { readonly owner: S3Client; readonly other: S3Client };

/** The keys of objects. */
export const OBJECT_KEYS: Readonly<Record<TableObject, string>> = {
  "owner's": "owners",
  "other's": "others",
  "other's, bucket-owner-full-control": "shared",
};

const arnOf = (name: CallerName, caller: TableCaller, named: "principal" | "session"): string | undefined => {
  const accountId = accountIdOf(caller);
  switch (caller.principal) {
    case "user":
      return named === "principal" ? `arn:aws:iam::${accountId}:user/${name}` : undefined;
    case "role":
      return named === "principal"
        ? `arn:aws:iam::${accountId}:role/${name}`
        : `arn:aws:sts::${accountId}:assumed-role/${name}/${SESSION_NAME}`;
    case "federated":
      return named === "session" ? `arn:aws:sts::${accountId}:federated-user/${name}` : undefined;
    case "root":
    case "anonymous":
  }
  return undefined;
};

const arnsOf = (wanted: (caller: TableCaller) => boolean, named: "principal" | "session"): readonly string[] =>
  CALLER_NAMES.flatMap((name) => (wanted(CALLERS[name]) ? (arnOf(name, CALLERS[name], named) ?? []) : []));

const PRINCIPALS: Readonly<Record<Named, unknown>> = {
  account: { AWS: [ALICE, BOB] },
  canonical: { CanonicalUser: [canonicalOwnerId(ALICE), canonicalOwnerId(BOB)] },
  user: { AWS: arnsOf(({ principal }) => principal === "user", "principal") },
  role: { AWS: arnsOf(({ principal }) => principal === "role", "principal") },
  session: { AWS: arnsOf(() => true, "session") },
  everyone: "*",
};

const isOwners = ({ account }: TableCaller): boolean => account === "owner";

const OWNERS = { AWS: [ALICE, ...arnsOf(isOwners, "principal"), ...arnsOf(isOwners, "session")] };

const CONDITIONS = {
  other: { StringEquals: { "aws:PrincipalAccount": BOB } },
  elsewhere: { IpAddress: { "aws:SourceIp": "192.0.2.0/24" } },
} as const;

const statementsOf = (Bucket: string, { allow, deny }: TablePolicy): readonly StatementText[] => {
  const Resource = [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`];
  const statements: StatementText[] = [];
  if (allow !== undefined) {
    statements.push({
      Effect: "Allow",
      Principal: PRINCIPALS[allow.to],
      Action: allow.grant === "reads" ? "s3:GetObject" : "s3:*",
      Resource,
      ...(allow.onlyFor === undefined ? {} : { Condition: CONDITIONS[allow.onlyFor] }),
    });
  }
  const denies = { Effect: "Deny", Action: "s3:*", Resource };
  if (deny === "everyone") statements.push({ ...denies, Principal: "*" });
  if (deny === "allButOwners") statements.push({ ...denies, NotPrincipal: OWNERS });
  return statements;
};

const BLOCKS: Readonly<Record<Exclude<TableBlock, "off">, object>> = {
  IgnorePublicAcls: { IgnorePublicAcls: true },
  RestrictPublicBuckets: { RestrictPublicBuckets: true },
  "all on": { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
};

const ACLS: Readonly<Record<TableAcl, { ACL?: BucketCannedACL; GrantRead?: string; GrantFullControl?: string }>> = {
  private: { ACL: "private" },
  "public-read": { ACL: "public-read" },
  "public-read-write": { ACL: "public-read-write" },
  "authenticated-read": { ACL: "authenticated-read" },
  "READ to other": { GrantRead: `id=${canonicalOwnerId(BOB)}` },
  "FULL_CONTROL to other": { GrantFullControl: `id=${canonicalOwnerId(BOB)}` },
};

/** Makes a bucket with an object of its owner's and, `withOthers`, two of the other account's. */
export const makeTableBucket = async (
  { owner, other }: Roots,
  Bucket: string,
  { bucket, withOthers }: { readonly bucket: TableBucket; readonly withOthers: boolean },
): Promise<void> => {
  const { policy, acl, ownership, block } = bucket;
  const enforced = ownership === "BucketOwnerEnforced";
  const ObjectOwnership = enforced ? "ObjectWriter" : ownership;
  await owner.send(new CreateBucketCommand({ Bucket, ObjectOwnership }));
  await owner.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await owner.send(new PutObjectCommand({ Bucket, Key: OBJECT_KEYS["owner's"], Body: "body", ...ACLS[acl] }));
  if (withOthers) await putOthers({ owner, other }, Bucket);
  if (enforced) {
    const OwnershipControls = { Rules: [{ ObjectOwnership: ownership }] };
    await owner.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  } else await owner.send(new PutBucketAclCommand({ Bucket, ...ACLS[acl] }));
  const statements = statementsOf(Bucket, POLICIES[policy]);
  if (statements.length > 0) {
    await owner.send(new PutBucketPolicyCommand({ Bucket, Policy: policyText(...statements) }));
  }
  if (block === "off") return;
  await owner.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: BLOCKS[block] }));
};

/** Let in for the moment: what it grants is taken back by the policy that comes after. */
const putOthers = async ({ owner, other }: Roots, Bucket: string): Promise<void> => {
  const Principal = { AWS: BOB };
  const Action = ["s3:PutObject", "s3:PutObjectAcl"];
  const Policy = policyText({ Effect: "Allow", Principal, Action, Resource: `arn:aws:s3:::${Bucket}/*` });
  await owner.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  await other.send(new PutObjectCommand({ Bucket, Key: OBJECT_KEYS["other's"], Body: "body" }));
  const Key = OBJECT_KEYS["other's, bucket-owner-full-control"];
  await other.send(new PutObjectCommand({ Bucket, Key, Body: "body", ACL: "bucket-owner-full-control" }));
  await owner.send(new DeleteBucketPolicyCommand({ Bucket }));
};
