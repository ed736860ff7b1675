import type { StsHandler } from "../context.ts";
import { StsError } from "../errors.ts";

/**
 * Refuses every message: neither S3 nor STS ever answers an encoded one, so that none can be valid here.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
 */
export const decodeAuthorizationMessage: StsHandler<"DecodeAuthorizationMessage"> = async () => {
  throw new StsError("InvalidAuthorizationMessageException");
};
