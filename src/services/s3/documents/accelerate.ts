/** Transfer acceleration. https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html */
import type { AccelerateConfiguration } from "../../../protocol/generated/s3.ts";
import type { Bucket } from "../../../state/model.ts";
import { invalidRequest, S3Error } from "../errors.ts";

const DOTTED = "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names";

/** Errors: MalformedXML without a status, InvalidRequest for a bucket whose name has periods. */
export const readAccelerate = (
  { Status }: AccelerateConfiguration,
  { bucket }: { readonly bucket?: Bucket | undefined },
): AccelerateConfiguration => {
  if (Status === undefined) throw new S3Error("MalformedXML");
  if (bucket?.name.includes(".") === true) throw invalidRequest(DOTTED);
  return { Status };
};

/** Reads what was kept. */
export const parseAccelerate = (document: string): AccelerateConfiguration =>
  JSON.parse(document) as AccelerateConfiguration;
