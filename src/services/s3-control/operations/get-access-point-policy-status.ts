import type { S3ControlHandler } from "../context.ts";
import { requireAccessPoint } from "../find.ts";
import { isPublicPointPolicy, requirePointPolicy } from "../policy.ts";

/** Whether an access point's policy is public. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicyStatus.html */
export const getAccessPointPolicyStatus: S3ControlHandler<"GetAccessPointPolicyStatus"> = (context, { Name }) =>
  context.world.read(async (view) => {
    const point = await requireAccessPoint(view, context, Name);
    return { PolicyStatus: { IsPublic: isPublicPointPolicy(await requirePointPolicy(view, point), point) } };
  });
