import { findAccessKey } from "../../../state/access-keys.ts";
import type { StsHandler } from "../context.ts";
import { StsError } from "../errors.ts";

/**
 * The account of an access key: of a registered one as it was registered, of any other well-formed one as its id says.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html
 */
export const getAccessKeyInfo: StsHandler<"GetAccessKeyInfo"> = async (context, { AccessKeyId }) => {
  await context.authorize({ action: "sts:GetAccessKeyInfo", resource: "*" });
  const registered = await findAccessKey(context.world, AccessKeyId);
  const accountId = registered?.accountId ?? context.decodeAccessKeyId(AccessKeyId);
  if (accountId === undefined) {
    throw new StsError("ValidationError", { message: `Invalid Access Key: ${AccessKeyId}` });
  }
  return { Account: accountId };
};
