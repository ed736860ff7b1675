import { deleteAccessPoint as removeAccessPoint } from "../../../state/access-points.ts";
import type { S3ControlHandler } from "../context.ts";
import { requireAccessPoint } from "../find.ts";

/** Deletes an access point; its bucket stays. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPoint.html */
export const deleteAccessPoint: S3ControlHandler<"DeleteAccessPoint"> = async (context, { Name }) => {
  await context.world.transact(async (tx) => removeAccessPoint(tx, await requireAccessPoint(tx, context, Name)));
  return {};
};
