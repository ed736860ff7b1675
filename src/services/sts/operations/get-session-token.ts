import type { StsHandler } from "../context.ts";
import { issueCredentials, mfaOf } from "../credentials.ts";
import { ownerSessionSeconds, longTermPrincipal } from "../owner-session.ts";

/**
 * Temporary credentials of the caller itself; no policy says who may ask for them. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_getsessiontoken.html
 */
export const getSessionToken: StsHandler<"GetSessionToken"> = async (context, input) => {
  const { caller } = context;
  const principal = longTermPrincipal(caller, "GetSessionToken");
  const { partition, accountId } = caller;
  const durationSeconds = ownerSessionSeconds(caller, input.DurationSeconds);
  const mfa = mfaOf(input);
  return issueCredentials(context, input, {
    kind: "GetSessionToken",
    partition,
    accountId,
    principal,
    durationSeconds,
    ...mfa,
  });
};
