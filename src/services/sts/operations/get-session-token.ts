import type { StsHandler } from "../context.ts";
import { issueCredentials, mfaOf } from "../credentials.ts";
import { ownerSessionSeconds, longTermPrincipal } from "../owner-session.ts";

/** Temporary credentials of the caller itself. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export const getSessionToken: StsHandler<"GetSessionToken"> = async (context, input) => {
  const { caller } = context;
  const principal = longTermPrincipal(caller, "GetSessionToken");
  const { partition, accountId } = caller;
  const durationSeconds = ownerSessionSeconds(caller, input.DurationSeconds);
  return issueCredentials(context, input, { partition, accountId, principal, durationSeconds, ...mfaOf(input) });
};
