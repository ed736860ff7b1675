import type { StsHandler } from "../context.ts";
import { StsError } from "../errors.ts";

/**
 * Says why a request was denied: reads what this server sealed, which stands in the header `x-standin-authorization-message` of
 * denials. https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
export const decodeAuthorizationMessage: StsHandler<"DecodeAuthorizationMessage"> = async (
  context,
  { EncodedMessage },
) => {
  await context.authorize({ action: "sts:DecodeAuthorizationMessage", resource: "*" });
  const message = context.openMessage(EncodedMessage);
  if (message === undefined) throw new StsError("InvalidAuthorizationMessageException");
  return { DecodedMessage: message };
};
