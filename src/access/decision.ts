/** A decision and how it came about: what ExplainRequest shows. It holds what was asked and found as it is; nothing is made text. */
import type { AclFinding } from "./acl-grants.ts";
import type { Sides } from "./decide.ts";
import type { StatementMatch } from "./policy/match-statement.ts";
import type { Policy, Statement } from "./policy/policy.ts";
import type { Question } from "./question.ts";

/**
 * The layers of policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export type PolicyLayer = "identity" | "boundary" | "session" | "resource";

/**
 * What a decision followed from. `root`: an account's root, or an identity that nobody registered, has every permission of its
 * account. `acl`: a grant of an ACL. `publicAccessBlock`: RestrictPublicBuckets. `mode`: the world's auth mode asks no further.
 */
export type DecidedBy = PolicyLayer | "root" | "acl" | "publicAccessBlock" | "mode";

/** A policy with its name: `user/alice inline policy reader`, `session policy`, `bucket policy of logs`. */
export type PolicyInPlay = { readonly name: string; readonly policy: Policy };

/** A policy that was asked, with what each of its statements answered, in their order. */
export type ConsideredPolicy = PolicyInPlay & {
  readonly layer: PolicyLayer;
  readonly matches: readonly StatementMatch[];
};

/** A statement that the decision rests on. */
export type DecidingStatement = PolicyInPlay & { readonly layer: PolicyLayer; readonly statement: Statement };

export type Decision = {
  /** Its values are those that policies looked at. */
  readonly question: Question;
  /** What it was decided by, so that it can be asked what else would have come of other policies. */
  readonly sides: Sides;
  readonly allowed: boolean;
  /** For a denial by default: the layer that should have allowed it and did not. */
  readonly decidedBy: DecidedBy;
  /** `explicit`: a statement says Deny. `implicit`: nothing says Allow. Absent where it is allowed. */
  readonly denial?: "explicit" | "implicit";
  readonly considered: readonly ConsideredPolicy[];
  /** The statements that it follows from; none for a denial by default and for what no policy decides. */
  readonly deciding: readonly DecidingStatement[];
  readonly acl?: AclFinding;
  /** The account whose resource it is about; absent for what is on no resource. */
  readonly resourceAccountId?: string;
  /** The values of the condition keys that policies looked at; undefined where the request has no such key. */
  readonly values: ReadonlyMap<string, readonly string[] | undefined>;
};
