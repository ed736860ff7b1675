/**
 * What a directory bucket is called: a name of the client's, the zone that it lies in, and a suffix that tells its kind.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html
 */
import { S3Error } from "../errors.ts";

const SUFFIX = "--x-s3";
/** An Availability Zone's id (`usw2-az1`) or a Local Zone's (`usw2-lax1-az1`). */
const FORM = /^(?=.{3,63}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?--([a-z0-9]+(?:-[a-z0-9]+)?-az\d+)--x-s3$/;
const RESERVED_PREFIXES = ["xn--", "sthree-", "amzn-s3-demo-"];

/** Whether a name is a directory bucket's, or would be. */
export const isDirectoryBucketName = (name: string): boolean => name.endsWith(SUFFIX);

/** The id of the zone in a directory bucket's name. Errors: InvalidBucketName. */
export const zoneOfName = (name: string): string => {
  const zone = FORM.exec(name)?.[1];
  if (zone === undefined || RESERVED_PREFIXES.some((prefix) => name.startsWith(prefix))) {
    throw new S3Error("InvalidBucketName", { BucketName: name });
  }
  return zone;
};

/** Local Zones' ids name the place between region and number. */
export const zoneTypeOf = (zone: string): "AvailabilityZone" | "LocalZone" =>
  zone.split("-").length === 2 ? "AvailabilityZone" : "LocalZone";
