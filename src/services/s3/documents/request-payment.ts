/** Who pays for requests. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketRequestPayment.html */
import type { RequestPaymentConfiguration } from "../../../protocol/generated/s3.ts";

/** Reads what was kept: a payer, which the schema of the request has checked. */
export const parseRequestPayment = (document: string): RequestPaymentConfiguration =>
  JSON.parse(document) as RequestPaymentConfiguration;
