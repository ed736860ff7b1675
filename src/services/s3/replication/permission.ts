/** Whether a rule's role may do what replication needs. https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html */
import { callerSideOf } from "../../../access/caller-side.ts";
import { globalValues } from "../../../access/condition-keys.ts";
import { decide } from "../../../access/decide.ts";
import { parsedPolicy } from "../../../access/parsed-policies.ts";
import { matchStatement } from "../../../access/policy/match-statement.ts";
import type { Caller } from "../../../protocol/caller.ts";
import { getConfiguration } from "../../../state/buckets.ts";
import { findRole } from "../../../state/identities/find.ts";
import type { Bucket } from "../../../state/model.ts";
import type { World } from "../../../state/world.ts";
import type { FailureReason } from "./failure-reason.ts";

/** What the role does, and what it means that it may not. */
const REASONS = {
  "s3:GetObjectVersionForReplication": "SrcGetObjectNotPermitted",
  "s3:ReplicateObject": "DstPutObjectNotPermitted",
  "s3:ReplicateDelete": "DstDelObjNotPermitted",
  "s3:ReplicateTags": "DstPutTagsNotPermitted",
  "s3:ObjectOwnerOverrideToBucketOwner": "DstPutAclNotPermitted",
} as const satisfies Record<string, FailureReason>;

export type ReplicationAction = keyof typeof REASONS;

/** An action on a key of a bucket. */
export type ReplicationNeed = { readonly action: ReplicationAction; readonly bucket: Bucket };

type Asked = {
  /** The ARN in the configuration. */
  readonly role: string;
  readonly key: string;
  readonly needs: readonly ReplicationNeed[];
  /** World time. */
  readonly nowMs: number;
};

const ROLE = /^arn:(aws|aws-cn|aws-us-gov):iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/;
/** As S3 calls its sessions. */
const SESSION_NAME = "s3-replication";
const SERVICE = "s3.amazonaws.com";

/**
 * Why replication may not be; undefined where it may. Only `strict` asks; a role that nobody registered may be assumed and has every
 * permission of its account.
 */
export const replicationDenial = async (world: World, asked: Asked): Promise<FailureReason | undefined> => {
  const caller = await roleOf(world, asked.role);
  if (caller === undefined) return "AssumeRoleNotPermitted";
  const side = await callerSideOf(world, caller);
  for (const { action, bucket } of asked.needs) {
    const question = questionOf(caller, { action, bucket, key: asked.key, nowMs: asked.nowMs });
    const resource = { accountId: bucket.accountId, policies: await policiesOf(world, bucket) };
    if (!decide(question, { caller: side, resource }).allowed) return REASONS[action];
  }
  return undefined;
};

const questionOf = (
  caller: Caller,
  { action, bucket, key, nowMs }: { action: string; bucket: Bucket; key: string; nowMs: number },
) => ({
  caller,
  action,
  resource: `arn:${bucket.partition}:s3:::${bucket.name}/${key}`,
  values: globalValues({
    caller,
    nowMs,
    remoteAddress: "",
    secure: true,
    headers: {},
    region: bucket.region,
    resourceAccountId: bucket.accountId,
  }),
});

const policiesOf = async (world: World, bucket: Bucket) => {
  const document = await world.read((view) => getConfiguration(view, bucket, "policy"));
  if (document === undefined) return [];
  return [{ name: `bucket policy of ${bucket.name}`, policy: parsedPolicy(document, "resource") }];
};

/** The session of the role that S3 has; undefined where the role does not trust it. */
const roleOf = async (world: World, arn: string): Promise<Caller | undefined> => {
  const [, partition, accountId, roleName] = ROLE.exec(arn) ?? [];
  if (partition === undefined || accountId === undefined || roleName === undefined) return undefined;
  const registered = await findRole(world, { accountId, name: roleName });
  if (registered !== undefined && !trustsS3(registered.trustPolicy, arn)) return undefined;
  return {
    partition: partition as Caller["partition"],
    accountId,
    principal: { kind: "AssumedRole", roleName, roleId: registered?.id ?? roleName, sessionName: SESSION_NAME },
  };
};

const trustsS3 = (trustPolicy: string, arn: string): boolean => {
  const caller: Caller = { partition: "aws", accountId: "", principal: { kind: "Anonymous" } };
  const values = (key: string): readonly string[] | undefined =>
    key === "aws:principalservicename" ? [SERVICE] : undefined;
  const question = { caller, action: "sts:AssumeRole", resource: arn, values };
  const effects = new Set(
    parsedPolicy(trustPolicy, "trust")
      .statements.filter((statement) => matchStatement(statement, question).matched)
      .map(({ effect }) => effect),
  );
  return effects.has("Allow") && !effects.has("Deny");
};
