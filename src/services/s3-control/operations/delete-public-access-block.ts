import { putAccountBlock } from "../../../state/account-block.ts";
import type { S3ControlHandler } from "../context.ts";

/** Takes an account's block away, if it has one. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeletePublicAccessBlock.html */
export const deletePublicAccessBlock: S3ControlHandler<"DeletePublicAccessBlock"> = async ({ world, accountId }) => {
  await world.transact((tx) => putAccountBlock(tx, accountId, undefined));
  return {};
};
