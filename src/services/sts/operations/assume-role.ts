import { callerArn } from "../../../protocol/caller.ts";
import type { Caller } from "../../../protocol/caller.ts";
import { parseRoleArn } from "../arn.ts";
import { requireTrust, ROLE_DURATION_DEFAULT_SECONDS, startRoleSession } from "../assumed-role.ts";
import type { StsHandler } from "../context.ts";
import { mfaOf } from "../credentials.ts";
import { StsError } from "../errors.ts";
import { ownTags, sessionTags } from "../session-tags.ts";

/** Seconds that a session may last whose caller is a role's session itself. */
const CHAINED_DURATION_SECONDS_MAX = 3600;

/**
 * Assumes a role in the account that its ARN names. One that nobody registered may be assumed by anyone.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumeRole: StsHandler<"AssumeRole"> = async (context, input) => {
  const { caller } = context;
  const role = parseRoleArn(input.RoleArn);
  // Assertions are made by AWS's IAM Identity Center alone.
  if (input.ProvidedContexts !== undefined) throw new StsError("InvalidContextAssertion");
  const durationSeconds = input.DurationSeconds ?? ROLE_DURATION_DEFAULT_SECONDS;
  if (caller.principal.kind === "AssumedRole" && durationSeconds > CHAINED_DURATION_SECONDS_MAX) {
    throw new StsError("ValidationError", {
      message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    });
  }
  const requested = { tags: input.Tags, transitiveTagKeys: input.TransitiveTagKeys };
  const tags = sessionTags(requested, caller.session);
  const sourceIdentity = sourceIdentityOf(caller, input);
  // The trust policy alone sees it: a role's session tells nobody that there was a second factor.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
  const { mfa } = mfaOf(input);
  const registered = await requireTrust(context, {
    action: "sts:AssumeRole",
    role,
    roleArn: input.RoleArn,
    sessionName: input.RoleSessionName,
    tags: ownTags(requested),
    transitiveTagKeys: input.TransitiveTagKeys ?? [],
    sourceIdentity,
    values: {
      ...(input.ExternalId !== undefined && { "sts:externalid": [input.ExternalId] }),
      ...(mfa && { "aws:multifactorauthpresent": ["true"], "aws:multifactorauthage": ["0"] }),
    },
  });
  return startRoleSession(context, input, {
    kind: "AssumeRole",
    role,
    registered,
    sessionName: input.RoleSessionName,
    durationSeconds,
    tags,
    sourceIdentity,
  });
};

/** A source identity, once set, goes along the whole chain and can't be changed. */
const sourceIdentityOf = (
  caller: Caller,
  input: { readonly RoleArn: string; readonly SourceIdentity?: string | undefined },
): string | undefined => {
  const inherited = caller.session?.sourceIdentity;
  const asked = input.SourceIdentity;
  if (asked !== undefined && inherited !== undefined && asked !== inherited) {
    throw new StsError("AccessDenied", {
      message: `User: ${callerArn(caller)} is not authorized to perform: sts:SetSourceIdentity on resource: ${input.RoleArn}`,
    });
  }
  if (asked?.toLowerCase().startsWith("aws:")) {
    throw new StsError("ValidationError", {
      message: "SourceIdentity can't begin with aws:, which is reserved for AWS.",
    });
  }
  return asked ?? inherited;
};
