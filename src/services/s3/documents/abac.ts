/** Access by tags. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAbac.html */
import type { AbacStatus } from "../../../protocol/generated/s3.ts";
import { assertSchema } from "./checks.ts";

/** Whether tags of the bucket decide on access. Errors: MalformedXML without a status. */
export const readAbac = (status: AbacStatus): AbacStatus => {
  assertSchema(status.Status !== undefined);
  return status;
};

/** Reads what was kept. */
export const parseAbac = (document: string): AbacStatus => JSON.parse(document) as AbacStatus;
