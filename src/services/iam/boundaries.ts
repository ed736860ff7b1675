/** Permissions boundaries: a managed policy that a user's or role's own policies cannot go beyond. */
import type { View } from "../../state/view.ts";
import { IamError } from "./errors.ts";
import { findPolicy, requirePolicyArn } from "./managed-policies.ts";

/** Throws InvalidInput for a text that is no ARN of a policy, NoSuchEntity for a policy that is not there. */
export const requireBoundary = async (
  view: View,
  wanted: { readonly accountId: string; readonly arn: string },
): Promise<void> => {
  requirePolicyArn(wanted.arn, "InvalidInput");
  if ((await findPolicy(view, wanted)) === undefined) {
    throw new IamError("NoSuchEntity", `Scope ARN: ${wanted.arn} does not exist or is not attachable.`);
  }
};
