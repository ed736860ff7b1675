/** The regions that buckets lie in, and how CreateBucket's location constraint chooses one. */
import type { Partition } from "../../state/model.ts";
import { partitionOfRegion } from "../../protocol/caller.ts";
import { S3Error } from "./errors.ts";

/** Where a bucket lies when nobody says so; its endpoint is also the global one. */
export const DEFAULT_REGION = "us-east-1";

/** An old name of eu-west-1 that GetBucketLocation still gives back. */
const EU = "EU";
const EU_REGION = "eu-west-1";

/** https://docs.aws.amazon.com/general/latest/gr/s3.html */
const REGIONS: ReadonlySet<string> = new Set([
  "af-south-1",
  "ap-east-1",
  "ap-east-2",
  "ap-northeast-1",
  "ap-northeast-2",
  "ap-northeast-3",
  "ap-south-1",
  "ap-south-2",
  "ap-southeast-1",
  "ap-southeast-2",
  "ap-southeast-3",
  "ap-southeast-4",
  "ap-southeast-5",
  "ap-southeast-6",
  "ap-southeast-7",
  "ca-central-1",
  "ca-west-1",
  "cn-north-1",
  "cn-northwest-1",
  "eu-central-1",
  "eu-central-2",
  "eu-north-1",
  "eu-south-1",
  "eu-south-2",
  "eu-west-1",
  "eu-west-2",
  "eu-west-3",
  "il-central-1",
  "me-central-1",
  "me-south-1",
  "mx-central-1",
  "sa-east-1",
  DEFAULT_REGION,
  "us-east-2",
  "us-gov-east-1",
  "us-gov-west-1",
  "us-west-1",
  "us-west-2",
]);

/** True for a region that this server knows, in any partition. */
export const isRegion = (name: string): boolean => REGIONS.has(name);

/** Where a bucket lies. */
export type Location = {
  readonly region: string;
  /** The constraint's text where it is not the region's name. */ readonly literal?: string;
};

/**
 * Where CreateBucket puts a bucket. The endpoint in us-east-1 creates in any region of its partition that the constraint
 * names; every other endpoint only in its own, and the constraint must say so. A signature for what is no region at all came to
 * the global endpoint: s3cmd makes its first bucket so, and signs again when it is told the right one.
 * Errors: InvalidLocationConstraint, IllegalLocationConstraintException, AuthorizationHeaderMalformed.
 */
export const resolveLocation = (options: {
  readonly endpointRegion: string;
  readonly constraint: string | undefined;
  readonly partition: Partition;
}): Location => {
  const { endpointRegion, constraint, partition } = options;
  if (endpointRegion === DEFAULT_REGION) {
    if (constraint === undefined) return { region: DEFAULT_REGION };
    const elsewhere = isRegion(constraint) && constraint !== DEFAULT_REGION;
    if (elsewhere && partitionOfRegion(constraint) === partition) return { region: constraint };
    throw new S3Error("InvalidLocationConstraint", { LocationConstraint: constraint });
  }
  if (constraint === endpointRegion) return { region: endpointRegion };
  if (constraint === EU && endpointRegion === EU_REGION) return { region: EU_REGION, literal: EU };
  if (!isRegion(endpointRegion)) {
    throw new S3Error(
      "AuthorizationHeaderMalformed",
      { Region: DEFAULT_REGION },
      {
        message: `The authorization header is malformed; the region '${endpointRegion}' is wrong; expecting '${DEFAULT_REGION}'`,
      },
    );
  }
  throw new S3Error(
    "IllegalLocationConstraintException",
    {},
    {
      message: `The ${constraint ?? "unspecified"} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    },
  );
};
