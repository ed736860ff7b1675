import type { S3ControlHandler } from "../context.ts";
import { requireAccessPoint } from "../find.ts";
import { requirePointPolicy } from "../policy.ts";

/** The policy of an access point. https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetAccessPointPolicy.html */
export const getAccessPointPolicy: S3ControlHandler<"GetAccessPointPolicy"> = (context, { Name }) =>
  context.world.read(async (view) => ({
    Policy: await requirePointPolicy(view, await requireAccessPoint(view, context, Name)),
  }));
