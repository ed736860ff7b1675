/**
 * What access points are called and what their ARNs say.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
 */
import { partitionOfRegion } from "../../protocol/caller.ts";
import type { AccessPoint, AccessPointId } from "../../state/access-points.ts";
import { S3Error } from "../s3/errors.ts";

const NAME = /^(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,48}[a-z0-9]$/;
const RESERVED_SUFFIXES = ["-s3alias", "--ol-s3", "--xa-s3", ".mrap"];
/** Characters that keys in the store can hold; which regions there are is nobody's concern here. */
const REGION = /^[a-z0-9-]{1,40}$/;
const ARN = /^arn:(aws|aws-cn|aws-us-gov):s3:([a-z0-9-]{1,40}):(\d{12}):accesspoint[/:]([a-z0-9-]{3,50})$/;

/** True for a name that CreateAccessPoint takes. */
const isAccessPointName = (name: string): boolean =>
  NAME.test(name) && !RESERVED_SUFFIXES.some((suffix) => name.endsWith(suffix));

/** Throws InvalidURI, as AWS does: the name is a part of the path. */
export const assertAccessPointName = (name: string): void => {
  if (!isAccessPointName(name)) throw new S3Error("InvalidURI", { URI: `accesspoint/${name}` });
};

/** The access point of a name in an account and a region. Throws InvalidURI for what can be no name or no region. */
export const accessPointId = ({ accountId, region, name }: AccessPointId): AccessPointId => {
  assertAccessPointName(name);
  if (!REGION.test(region)) throw new S3Error("InvalidURI", { URI: `accesspoint/${name}` });
  return { accountId, region, name };
};

/** `arn:aws:s3:region:account:accesspoint/name` */
export const accessPointArn = ({ accountId, region, name }: AccessPointId): string =>
  `arn:${partitionOfRegion(region)}:s3:${region}:${accountId}:accesspoint/${name}`;

/** What the ARN of an access point says, with a slash or a colon before its name; undefined for any other text. */
export const parseAccessPointArn = (arn: string): AccessPointId | undefined => {
  const [, , region, accountId, name] = ARN.exec(arn) ?? [];
  return region === undefined || accountId === undefined || name === undefined
    ? undefined
    : { accountId, region, name };
};

/** From where an access point is reached. */
export const networkOrigin = ({ vpcId }: AccessPoint): "Internet" | "VPC" => (vpcId === undefined ? "Internet" : "VPC");
