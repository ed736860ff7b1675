import { callerArn } from "../../../protocol/caller.ts";
import type { Caller } from "../../../protocol/caller.ts";
import { parseRoleArn } from "../arn.ts";
import { ROLE_DURATION_DEFAULT_SECONDS, startRoleSession } from "../assumed-role.ts";
import type { StsHandler } from "../context.ts";
import { mfaOf } from "../credentials.ts";
import { StsError } from "../errors.ts";
import { sessionTags } from "../session-tags.ts";

/** Seconds that a session may last whose caller is a role's session itself. */
const CHAINED_DURATION_SECONDS_MAX = 3600;

/**
 * Assumes a role, which need not exist, in the account that its ARN names.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
 */
export const assumeRole: StsHandler<"AssumeRole"> = async (context, input) => {
  const { caller } = context;
  const role = parseRoleArn(input.RoleArn);
  const durationSeconds = input.DurationSeconds ?? ROLE_DURATION_DEFAULT_SECONDS;
  if (caller.principal.kind === "AssumedRole" && durationSeconds > CHAINED_DURATION_SECONDS_MAX) {
    throw new StsError("ValidationError", {
      message: "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
    });
  }
  return startRoleSession(context, input, {
    role,
    sessionName: input.RoleSessionName,
    durationSeconds,
    tags: sessionTags({ tags: input.Tags, transitiveTagKeys: input.TransitiveTagKeys }, caller.session),
    sourceIdentity: sourceIdentityOf(caller, input),
    ...mfaOf(input),
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
