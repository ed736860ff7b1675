/** Access points that operations name. */
import { readAccessPoint, type AccessPoint } from "../../state/access-points.ts";
import type { View } from "../../state/view.ts";
import { S3Error } from "../s3/errors.ts";
import type { S3ControlContext } from "./context.ts";
import { accessPointId, parseAccessPointArn } from "./names.ts";

/**
 * The access point of a name (or of an ARN of the caller's account) in the request's region. Errors: InvalidURI, NoSuchAccessPoint.
 */
export const requireAccessPoint = async (
  view: View,
  { accountId, region }: Pick<S3ControlContext, "accountId" | "region">,
  name: string,
): Promise<AccessPoint> => {
  const named = parseAccessPointArn(name);
  const id = accessPointId({ accountId, region: named?.region ?? region, name: named?.name ?? name });
  const found = await readAccessPoint(view, id);
  if (found === undefined || (named !== undefined && named.accountId !== accountId)) throw noSuchAccessPoint(id.name);
  return found;
};

export const noSuchAccessPoint = (name: string): S3Error => new S3Error("NoSuchAccessPoint", { AccessPointName: name });
