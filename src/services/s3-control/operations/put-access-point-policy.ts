import { putAccessPointDocument } from "../../../state/access-points.ts";
import { assertPointPolicyNotBlocked } from "../../s3/public-access-block.ts";
import type { S3ControlHandler } from "../context.ts";
import { requireAccessPoint } from "../find.ts";
import { accessPointArn } from "../names.ts";
import { isPublicPointPolicy } from "../policy.ts";

/** Puts a policy on an access point, its text as it is. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutAccessPointPolicy.html */
export const putAccessPointPolicy: S3ControlHandler<"PutAccessPointPolicy"> = async (context, { Name, Policy }) => {
  await context.world.transact(async (tx) => {
    const point = await requireAccessPoint(tx, context, Name);
    if (isPublicPointPolicy(Policy, point)) {
      await assertPointPolicyNotBlocked(tx, { point, arn: accessPointArn(point), caller: context.caller });
    }
    await putAccessPointDocument(tx, point, { kind: "policy", document: Policy });
  });
  return {};
};
