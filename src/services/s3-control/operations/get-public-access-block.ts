import { readAccountBlock } from "../../../state/account-block.ts";
import { S3Error } from "../../s3/errors.ts";
import { parseAccountBlock } from "../../s3/public-access-block.ts";
import type { S3ControlHandler } from "../context.ts";

/** What an account blocks of public access. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetPublicAccessBlock.html */
export const getPublicAccessBlock: S3ControlHandler<"GetPublicAccessBlock"> = async ({ world, accountId }) => {
  const block = parseAccountBlock(await world.read((view) => readAccountBlock(view, accountId)));
  if (block === undefined) throw new S3Error("NoSuchPublicAccessBlockConfiguration", { AccountId: accountId });
  return { PublicAccessBlockConfiguration: block };
};
