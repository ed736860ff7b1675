/** What the three ways to assume a role have in common. */
import { callerArn } from "../../protocol/caller.ts";
import type { Caller } from "../../protocol/caller.ts";
import type { RoleArn } from "./arn.ts";
import type { StsContext } from "./context.ts";
import type { CredentialsInput, CredentialsOutput } from "./credentials.ts";
import { issueCredentials, packedPolicySize, sessionPolicies } from "./credentials.ts";
import type { SessionTags } from "./session-tags.ts";

/** Seconds that a role's session lasts when the request does not say. */
export const ROLE_DURATION_DEFAULT_SECONDS = 3600;

export type RoleSession = {
  readonly role: RoleArn;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags: SessionTags;
  readonly sourceIdentity?: string | undefined;
  readonly mfa?: boolean;
};

export type RoleSessionOutput = CredentialsOutput & {
  readonly AssumedRoleUser: { readonly AssumedRoleId: string; readonly Arn: string };
  readonly PackedPolicySize?: number;
  readonly SourceIdentity?: string;
};

/** Issues the credentials of a role's session, in the account and partition that its ARN names; the role need not exist. */
export const startRoleSession = (
  context: StsContext,
  input: CredentialsInput,
  { role, sessionName, durationSeconds, tags, sourceIdentity, mfa }: RoleSession,
): RoleSessionOutput => {
  const { partition, accountId, roleName, rolePath } = role;
  const roleId = context.roleId(accountId, roleName);
  const principal = { kind: "AssumedRole", roleName, roleId, sessionName, ...(rolePath && { rolePath }) } as const;
  const options = {
    partition,
    accountId,
    principal,
    durationSeconds,
    ...sessionPolicies(input),
    ...(tags.tags.length > 0 && tags),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    ...(mfa && { mfa }),
  };
  const output = issueCredentials(context, input, options);
  const assumed: Caller = { partition, accountId, principal };
  return {
    ...output,
    AssumedRoleUser: { AssumedRoleId: `${roleId}:${sessionName}`, Arn: callerArn(assumed) },
    ...packedPolicySize(output, options),
    ...(sourceIdentity !== undefined && { SourceIdentity: sourceIdentity }),
  };
};
