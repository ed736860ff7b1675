import {
  accessPointAlias,
  listAccessPoints,
  putAccessPoint,
  readAccessPoint,
  type AccessPoint,
} from "../../../state/access-points.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Bucket } from "../../../state/model.ts";
import type { Operations } from "../../../protocol/generated/s3-control.ts";
import { isDirectoryBucketName } from "../../s3/directory-buckets/directory-name.ts";
import { invalidRequest, S3Error } from "../../s3/errors.ts";
import { completeBlock } from "../block.ts";
import type { S3ControlContext, S3ControlHandler } from "../context.ts";
import { ACCESS_POINTS_MAX } from "../limits.ts";
import { accessPointArn, accessPointId } from "../names.ts";
import { storePointTags, tagsOfRequest } from "../resource-tags.ts";

type Input = Operations["CreateAccessPoint"]["input"];

const VPC_ID = /^vpc-(?:[0-9a-f]{8}|[0-9a-f]{17})$/;
/** What an access point blocks that says nothing else; it cannot be changed later. */
const ALL_BLOCKED = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
};

/**
 * Makes an access point for a bucket, which may be another account's: what it lets through is for that one's policy to say.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateAccessPoint.html
 */
export const createAccessPoint: S3ControlHandler<"CreateAccessPoint"> = async (context, input) => {
  const { world, accountId, region } = context;
  const id = accessPointId({ accountId, region, name: input.Name });
  const tags = tagsOfRequest(input.Tags ?? []);
  const bucket = await requireNamedBucket(context, input);
  const point: AccessPoint = {
    ...id,
    partition: bucket.partition,
    bucketName: bucket.name,
    bucketAccountId: bucket.accountId,
    ...vpcOf(input),
    publicAccessBlock:
      input.PublicAccessBlockConfiguration === undefined
        ? ALL_BLOCKED
        : completeBlock(input.PublicAccessBlockConfiguration),
    createdAtMs: context.nowMs,
  };
  await world.transact(async (tx) => {
    await requireBucket(tx, bucket);
    if ((await readAccessPoint(tx, id)) !== undefined) throw new S3Error("AccessPointAlreadyOwnedByYou");
    const others = await listAccessPoints(tx, { accountId, region, limit: ACCESS_POINTS_MAX });
    if (others.length >= ACCESS_POINTS_MAX) throw new S3Error("TooManyAccessPoints");
    await putAccessPoint(tx, point);
    if (tags.length > 0) await storePointTags(tx, point, tags);
  });
  return { AccessPointArn: accessPointArn(point), Alias: accessPointAlias(point) };
};

const requireNamedBucket = async (
  { accountId, findBucket }: S3ControlContext,
  { Bucket: name, BucketAccountId }: Input,
): Promise<Bucket> => {
  const bucket = await findBucket(name);
  if (bucket === undefined) throw invalidRequest("Amazon S3 AccessPoint can only be created for existing bucket");
  if (isDirectoryBucketName(name))
    throw new S3Error("NotImplemented", {}, { message: "Access points for directory buckets are not implemented." });
  if (bucket.accountId === (BucketAccountId ?? accountId)) return bucket;
  if (BucketAccountId === undefined) throw new S3Error("AccessDenied");
  throw invalidRequest("BucketAccountId parameter should be same as the AWS Account Id of bucket owner");
};

const vpcOf = ({ VpcConfiguration }: Input): Pick<AccessPoint, "vpcId"> => {
  if (VpcConfiguration === undefined) return {};
  const { VpcId } = VpcConfiguration;
  if (!VPC_ID.test(VpcId)) throw invalidRequest("VPC ID is not valid");
  return { vpcId: VpcId };
};
