import type { AccessPoint as ShownAccessPoint, Operations } from "../../../protocol/generated/s3-control.ts";
import { accessPointAlias, listAccessPoints as list, type AccessPoint } from "../../../state/access-points.ts";
import { readContinuationToken, writeContinuationToken } from "../../s3/continuation-token.ts";
import { invalidArgument } from "../../s3/errors.ts";
import type { S3ControlContext, S3ControlHandler } from "../context.ts";
import { ACCESS_POINTS_PAGE_MAX } from "../limits.ts";
import { accessPointArn, networkOrigin } from "../names.ts";

type Input = Operations["ListAccessPoints"]["input"];

const TOKEN_SCOPE = "access-points";

/** The access points of an account in a region by name, or those of one bucket. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html */
export const listAccessPoints: S3ControlHandler<"ListAccessPoints"> = async (context, input) => {
  const { MaxResults = ACCESS_POINTS_PAGE_MAX } = input;
  if (MaxResults < 0) {
    const message = "Argument maxResults must be an integer between 0 and 1000";
    throw invalidArgument(message, { name: "maxResults", value: String(MaxResults) });
  }
  const limit = Math.min(MaxResults, ACCESS_POINTS_PAGE_MAX);
  if (limit === 0) return { AccessPointList: [] };
  const found = await pageOf(context, { input, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  return {
    AccessPointList: shown.map(shownPoint),
    ...(found.length > limit && last !== undefined
      ? { NextToken: writeContinuationToken(last.name, { scope: TOKEN_SCOPE }) }
      : {}),
  };
};

/** At most `limit` of those that are asked for. */
const pageOf = (
  { world, accountId, region }: S3ControlContext,
  { input, limit }: { readonly input: Input; readonly limit: number },
): Promise<AccessPoint[]> =>
  world.read(async (view) => {
    const found: AccessPoint[] = [];
    let after = afterOf(input);
    for (;;) {
      const page = await list(view, { accountId, region, after, limit: ACCESS_POINTS_PAGE_MAX });
      found.push(...page.filter(({ bucketName }) => input.Bucket === undefined || bucketName === input.Bucket));
      after = page.at(-1)?.name;
      if (found.length >= limit || page.length < ACCESS_POINTS_PAGE_MAX) return found.slice(0, limit);
    }
  });

const afterOf = ({ NextToken }: Input): string | undefined => {
  if (NextToken === undefined) return undefined;
  const name = readContinuationToken(NextToken, { scope: TOKEN_SCOPE });
  if (name !== undefined) return name;
  throw invalidArgument("The continuation token provided is incorrect", { name: "nextToken", value: NextToken });
};

const shownPoint = (point: AccessPoint): ShownAccessPoint => ({
  Name: point.name,
  NetworkOrigin: networkOrigin(point),
  ...(point.vpcId === undefined ? {} : { VpcConfiguration: { VpcId: point.vpcId } }),
  Bucket: point.bucketName,
  AccessPointArn: accessPointArn(point),
  Alias: accessPointAlias(point),
  BucketAccountId: point.bucketAccountId,
});
