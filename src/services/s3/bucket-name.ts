/**
 * What a general purpose bucket may be called.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
import { S3Error } from "./errors.ts";

const FORM = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const IP_ADDRESS = /^\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}$/;
const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
/** First path segments of this server's own endpoints on the data port. */
const OWN_PATHS = new Set(["moto-api"]);

/** True for what reads as a bucket's name, even one that nobody may take. */
export const hasBucketNameForm = (name: string): boolean =>
  FORM.test(name) && !name.includes("..") && !IP_ADDRESS.test(name);

/** True for a name that CreateBucket takes. */
export const isBucketName = (name: string): boolean =>
  hasBucketNameForm(name) &&
  !RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix)) &&
  !RESERVED_SUFFIXES.some((suffix) => name.endsWith(suffix)) &&
  !OWN_PATHS.has(name);

/** Throws InvalidBucketName. */
export const assertBucketName = (name: string): void => {
  if (!isBucketName(name)) throw new S3Error("InvalidBucketName", { BucketName: name });
};
