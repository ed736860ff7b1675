import { accessPointAlias, type AccessPoint } from "../../../state/access-points.ts";
import type { S3ControlHandler } from "../context.ts";
import { requireAccessPoint } from "../find.ts";
import { accessPointArn, networkOrigin } from "../names.ts";

/** What an access point is. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPoint.html */
export const getAccessPoint: S3ControlHandler<"GetAccessPoint"> = async (context, { Name }) => {
  const point = await context.world.read((view) => requireAccessPoint(view, context, Name));
  return {
    Name: point.name,
    Bucket: point.bucketName,
    NetworkOrigin: networkOrigin(point),
    ...(point.vpcId === undefined ? {} : { VpcConfiguration: { VpcId: point.vpcId } }),
    PublicAccessBlockConfiguration: point.publicAccessBlock,
    CreationDate: new Date(point.createdAtMs),
    Alias: accessPointAlias(point),
    AccessPointArn: accessPointArn(point),
    Endpoints: endpointsOf(point),
    BucketAccountId: point.bucketAccountId,
  };
};

/** AWS's own hosts: what stands before them is the access point's name and its account's number. */
const endpointsOf = ({ region }: AccessPoint): Record<string, string> => {
  const domain = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  const host = (service: string): string => `${service}.${region}.${domain}`;
  return {
    dualstack: host("s3-accesspoint.dualstack"),
    fips: host("s3-accesspoint-fips"),
    fips_dualstack: host("s3-accesspoint-fips.dualstack"),
    ipv4: host("s3-accesspoint"),
  };
};
