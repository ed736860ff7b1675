import { putAccountBlock } from "../../../state/account-block.ts";
import { invalidRequest } from "../../s3/errors.ts";
import { completeBlock } from "../block.ts";
import type { S3ControlHandler } from "../context.ts";

/** Says what an account blocks of public access. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html */
export const putPublicAccessBlock: S3ControlHandler<"PutPublicAccessBlock"> = async ({ world, accountId }, input) => {
  const wanted = input.PublicAccessBlockConfiguration;
  if (Object.keys(wanted).length === 0) throw invalidRequest("Must specify at least one configuration.");
  const document = JSON.stringify(completeBlock(wanted));
  await world.transact((tx) => putAccountBlock(tx, accountId, document));
  return {};
};
