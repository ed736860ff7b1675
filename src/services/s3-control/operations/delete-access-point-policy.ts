import { putAccessPointDocument } from "../../../state/access-points.ts";
import type { S3ControlHandler } from "../context.ts";
import { requireAccessPoint } from "../find.ts";

/** Takes an access point's policy away, if it has one. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_DeleteAccessPointPolicy.html */
export const deleteAccessPointPolicy: S3ControlHandler<"DeleteAccessPointPolicy"> = async (context, { Name }) => {
  await context.world.transact(async (tx) =>
    putAccessPointDocument(tx, await requireAccessPoint(tx, context, Name), { kind: "policy", document: undefined }),
  );
  return {};
};
