import { parseTargetPrincipal } from "../arn.ts";
import type { StsHandler } from "../context.ts";
import { issueCredentials } from "../credentials.ts";
import { StsError } from "../errors.ts";

/** Seconds of a root session, at most and by default. */
const ROOT_DURATION_DEFAULT_SECONDS = 900;

/** The managed policies that may scope a root session; they all stand under the path `root-task`. */
const TASK_POLICIES = new Set([
  "IAMAuditRootUserCredentials",
  "IAMCreateRootUserPassword",
  "IAMDeleteRootUserCredentials",
  "S3UnlockBucketPolicy",
  "SQSUnlockQueuePolicy",
]);
const TASK_POLICY_ARN = /^arn:(?:aws|aws-cn|aws-us-gov):iam::aws:policy\/root-task\/(\w+)$/;

/**
 * A short session of another account's root, scoped to one task. Every account counts as a member of the caller's
 * organization. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoot.html
 */
export const assumeRoot: StsHandler<"AssumeRoot"> = async (context, input) => {
  const { caller } = context;
  const { accountId, partition = caller.partition } = parseTargetPrincipal(input.TargetPrincipal);
  const policyArn = taskPolicyArn(input.TaskPolicyArn.arn);
  await context.authorize({
    action: "sts:AssumeRoot",
    resource: `arn:${partition}:iam::${accountId}:root`,
    values: { "sts:taskpolicyarn": [policyArn] },
  });
  const sourceIdentity = caller.session?.sourceIdentity;
  const output = issueCredentials(context, input, {
    kind: "AssumeRoot",
    partition,
    accountId,
    principal: { kind: "Root" },
    durationSeconds: input.DurationSeconds ?? ROOT_DURATION_DEFAULT_SECONDS,
    policyArns: [policyArn],
    ...(sourceIdentity !== undefined && { sourceIdentity }),
  });
  return { ...output, ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }) };
};

const taskPolicyArn = (arn: string | undefined): string => {
  const name = TASK_POLICY_ARN.exec(arn ?? "")?.[1];
  if (arn === undefined || name === undefined || !TASK_POLICIES.has(name)) {
    throw new StsError("ValidationError", { message: `${arn ?? "null"} is invalid` });
  }
  return arn;
};
