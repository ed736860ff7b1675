/**
 * Who pays for a request: the bucket's owner, or whoever sends it and says that it knows.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html
 */
import type { Caller } from "../../protocol/caller.ts";
import { description } from "../../protocol/generated/s3.ts";
import { parsedConfiguration } from "../../state/configuration-cache.ts";
import type { Bucket } from "../../state/model.ts";
import type { World } from "../../state/world.ts";
import type { S3OperationName } from "./context.ts";
import { parseRequestPayment } from "./documents/request-payment.ts";
import { S3Error } from "./errors.ts";

/** Whether somebody else than the bucket's owner can be asked to pay for an operation. */
const isPayable = (operation: S3OperationName): boolean =>
  description.structures[description.operations[operation].input]?.members.some(([name]) => name === "RequestPayer") ===
  true;

const REQUESTER = "requester";

/**
 * Whether the caller pays, as it must where it is not of the bucket's account and the bucket demands it; at once for all other
 * buckets. Errors: AccessDenied for a caller that does not say so, or is nobody.
 */
export const callerPays = (
  world: World,
  bucket: Bucket,
  options: { readonly operation: S3OperationName; readonly caller: Caller; readonly payer: string | undefined },
): boolean | Promise<boolean> => {
  const { operation, caller, payer } = options;
  if (!bucket.configurations.includes("requestPayment") || !isPayable(operation)) return false;
  const judge = (demanded: string | undefined): boolean => {
    if (demanded !== "Requester") return false;
    if (caller.principal.kind === "Anonymous") throw new S3Error("AccessDenied");
    if (caller.accountId === bucket.accountId) return false;
    if (payer !== REQUESTER) throw new S3Error("AccessDenied");
    return true;
  };
  const rule = parsedConfiguration(world, bucket, { kind: "requestPayment", parse: parseRequestPayment });
  return rule instanceof Promise ? rule.then((found) => judge(found?.Payer)) : judge(rule?.Payer);
};
