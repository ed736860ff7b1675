import { callerArn } from "../../../protocol/caller.ts";
import type { StsHandler } from "../context.ts";
import { issueCredentials } from "../credentials.ts";
import { StsError } from "../errors.ts";
import { sessionSecondsLeft } from "../session-seconds.ts";

/**
 * Trades a token in for credentials of the session that it stands for. Nothing here hands out AWS's own trade-in tokens: the session
 * token of any credentials that this server issued is one.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetDelegatedAccessToken.html
 */
export const getDelegatedAccessToken: StsHandler<"GetDelegatedAccessToken"> = async (context, { TradeInToken }) => {
  await context.authorize({ action: "sts:GetDelegatedAccessToken", resource: "*" });
  const grant = context.openToken(TradeInToken);
  if (grant === undefined) throw new StsError("ValidationError", { message: "The trade-in token is invalid." });
  const { partition, accountId, principal, session } = grant;
  const durationSeconds = sessionSecondsLeft(session, context);
  if (durationSeconds <= 0) throw new StsError("ExpiredTradeInTokenException");
  const { issuedAtMs: _issued, expiresAtMs: _expires, ...kept } = session;
  const { Credentials } = issueCredentials(context, {}, { ...kept, partition, accountId, principal, durationSeconds });
  return { Credentials, AssumedPrincipal: callerArn({ partition, accountId, principal }) };
};
