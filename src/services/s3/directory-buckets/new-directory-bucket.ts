/** What CreateBucket must say of a directory bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
import type { Operations } from "../../../protocol/generated/s3.ts";
import { headerNotImplemented, invalidRequest, S3Error } from "../errors.ts";
import { isDirectoryBucketName, zoneOfName, zoneTypeOf } from "./directory-name.ts";

type Input = Operations["CreateBucket"]["input"];

/** The one redundancy that each type of zone has. */
const REDUNDANCY = { AvailabilityZone: "SingleAvailabilityZone", LocalZone: "SingleLocalZone" } as const;

/** Whether a request is for a directory bucket, by its document or its name. */
export const asksForDirectoryBucket = ({ Bucket: name, CreateBucketConfiguration: configuration }: Input): boolean =>
  isDirectoryBucketName(name) || configuration?.Location !== undefined || configuration?.Bucket !== undefined;

/**
 * Errors: InvalidBucketName for a name that does not end in its zone, InvalidRequest and MalformedXML for a document that does not
 * fit it, NotImplemented for what directory buckets do not have.
 */
export const assertNewDirectoryBucket = (input: Input): void => {
  const zone = zoneOfName(input.Bucket);
  const { Location: location, Bucket: kind, LocationConstraint: constraint } = input.CreateBucketConfiguration ?? {};
  if (location === undefined || kind === undefined) {
    throw invalidRequest("A directory bucket needs the Location and the Bucket of its CreateBucketConfiguration");
  }
  if (constraint !== undefined) throw invalidRequest("A directory bucket has a Location, and no LocationConstraint");
  if (kind.Type !== "Directory") throw new S3Error("MalformedXML");
  const type = zoneTypeOf(zone);
  if (location.Name !== zone || (location.Type ?? type) !== type) {
    throw new S3Error(
      "InvalidBucketName",
      { BucketName: input.Bucket },
      { message: "The specified bucket is not valid: its name must end in the zone that its Location names" },
    );
  }
  if ((kind.DataRedundancy ?? REDUNDANCY[type]) !== REDUNDANCY[type]) {
    throw invalidRequest(`The only DataRedundancy of a ${type} is ${REDUNDANCY[type]}`);
  }
  assertPlain(input);
};

const assertPlain = (input: Input): void => {
  const { ACL, GrantFullControl, GrantRead, GrantReadACP, GrantWrite, GrantWriteACP, ObjectOwnership } = input;
  if (ACL !== undefined) throw headerNotImplemented("x-amz-acl");
  const grants = [GrantFullControl, GrantRead, GrantReadACP, GrantWrite, GrantWriteACP];
  if (grants.some((grant) => grant !== undefined)) throw headerNotImplemented("x-amz-grant-*");
  if (ObjectOwnership !== undefined && ObjectOwnership !== "BucketOwnerEnforced") {
    throw headerNotImplemented("x-amz-object-ownership");
  }
  if (input.ObjectLockEnabledForBucket === true) throw headerNotImplemented("x-amz-bucket-object-lock-enabled");
};
