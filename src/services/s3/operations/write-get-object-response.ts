import type { S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";

/**
 * Only Object Lambda hands out routes, and there is none here: no route is ever valid.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_WriteGetObjectResponse.html
 */
export const writeGetObjectResponse: S3Handler<"WriteGetObjectResponse"> = async () => {
  throw new S3Error("ValidationError");
};
