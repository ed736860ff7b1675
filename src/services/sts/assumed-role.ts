/** What the three ways to assume a role have in common. */
import { callerArn } from "../../protocol/caller.ts";
import type { Caller, Session, SessionTag } from "../../protocol/caller.ts";
import { findRoleOfAnyCase } from "../../state/identities/find.ts";
import type { RoleIdentity } from "../../state/identities/model.ts";
import type { RoleArn } from "./arn.ts";
import type { StsContext, StsQuestion } from "./context.ts";
import type { CredentialsInput, CredentialsOutput } from "./credentials.ts";
import { issueCredentials, packedPolicySize, sessionPolicies } from "./credentials.ts";
import { StsError } from "./errors.ts";
import type { SessionTags } from "./session-tags.ts";

/** Seconds that a role's session lasts when the request does not say. */
export const ROLE_DURATION_DEFAULT_SECONDS = 3600;

/** Who asks for which role, as its trust policy is asked. */
export type RoleQuestion = Pick<StsQuestion, "values" | "federatedProvider"> & {
  readonly action: "sts:AssumeRole" | "sts:AssumeRoleWithSAML" | "sts:AssumeRoleWithWebIdentity";
  readonly role: RoleArn;
  readonly roleArn: string;
  /** Those that the request, or the identity provider, gives to the session; not those that it inherits. */
  readonly tags: readonly SessionTag[];
  readonly transitiveTagKeys: readonly string[];
  readonly sourceIdentity: string | undefined;
  readonly sessionName: string;
};

export type RoleSession = Pick<Session, "federatedProvider" | "conditionKeys"> & {
  readonly kind: "AssumeRole" | "AssumeRoleWithSAML" | "AssumeRoleWithWebIdentity";
  readonly role: RoleArn;
  readonly registered: RoleIdentity | undefined;
  readonly sessionName: string;
  readonly durationSeconds: number;
  readonly tags: SessionTags;
  readonly sourceIdentity?: string | undefined;
};

export type RoleSessionOutput = CredentialsOutput & {
  readonly AssumedRoleUser: { readonly AssumedRoleId: string; readonly Arn: string };
  readonly PackedPolicySize?: number;
  readonly SourceIdentity?: string;
};

/**
 * The role as it is registered, once its trust policy lets the caller assume it. One that nobody registered may be assumed by
 * anyone whose own policies do not deny it, and none is answered for it. Errors (in `strict`): AccessDenied.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-user.html
 */
export const requireTrust = async (context: StsContext, question: RoleQuestion): Promise<RoleIdentity | undefined> => {
  const { role, roleArn, action, tags, sourceIdentity, transitiveTagKeys, sessionName, federatedProvider } = question;
  const { accountId, roleName, rolePath = "/" } = role;
  const registered = await findRoleOfAnyCase(context.world, { accountId, name: roleName });
  // A role has one ARN, its path and case included. By another nobody trusts anyone.
  const isNamed = registered?.name === roleName && registered.path === rolePath;
  const trustPolicy = isNamed ? registered.trustPolicy : TRUSTS_NOBODY;
  const asked = {
    resource: roleArn,
    tags,
    federatedProvider,
    ...(registered === undefined ? { onlyDenials: true } : { role: { accountId, roleName, trustPolicy } }),
    values: {
      ...question.values,
      "sts:rolesessionname": [sessionName],
      "sts:sourceidentity": sourceIdentity === undefined ? undefined : [sourceIdentity],
      "sts:transitivetagkeys": transitiveTagKeys.length === 0 ? undefined : transitiveTagKeys,
    },
  };
  await context.authorize({ ...asked, action });
  if (tags.length > 0 || transitiveTagKeys.length > 0) await context.authorize({ ...asked, action: "sts:TagSession" });
  if (sourceIdentity !== undefined) await context.authorize({ ...asked, action: "sts:SetSourceIdentity" });
  return registered;
};

const TRUSTS_NOBODY = '{"Version":"2012-10-17","Statement":[]}';

/** Issues the credentials of a role's session, in the account and partition that its ARN names; the role need not exist. */
export const startRoleSession = (
  context: StsContext,
  input: CredentialsInput,
  { role, registered, sessionName, tags, sourceIdentity, ...session }: RoleSession,
): RoleSessionOutput => {
  const { partition, accountId, roleName, rolePath } = role;
  requireDuration(session.durationSeconds, registered);
  const roleId = registered?.id ?? context.roleId(accountId, roleName);
  const principal = { kind: "AssumedRole", roleName, roleId, sessionName, ...(rolePath && { rolePath }) } as const;
  const options = {
    ...session,
    partition,
    accountId,
    principal,
    ...sessionPolicies(context, input),
    ...(tags.tags.length > 0 && tags),
    ...(sourceIdentity !== undefined && { sourceIdentity }),
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

const requireDuration = (seconds: number, registered: RoleIdentity | undefined): void => {
  if (registered === undefined || seconds <= registered.maxSessionDurationSeconds) return;
  throw new StsError("ValidationError", {
    message: "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
  });
};
