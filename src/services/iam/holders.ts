/** What holds for users and roles alike. */
import type { RoleIdentity, UserIdentity } from "../../state/identities/model.ts";
import { IamError } from "./errors.ts";

/** Throws DeleteConflict while policies belong to it. */
export const requireBare = ({ attachedPolicyArns, inlinePolicies }: UserIdentity | RoleIdentity): void => {
  if (attachedPolicyArns.length > 0) {
    throw new IamError("DeleteConflict", "Cannot delete entity, must detach all policies first.");
  }
  if (inlinePolicies.length > 0) {
    throw new IamError("DeleteConflict", "Cannot delete entity, must delete policies first.");
  }
};
