/** A policy as it was understood: what `parsePolicy` makes and `matchStatement` asks. */
import type { Condition } from "./conditions.ts";
import type { Patterns } from "./patterns.ts";
import type { Principals } from "./principals.ts";

/**
 * Where a policy stands, which says what it must have: on a resource (it names principals), on an identity, on a session, or on a
 * role as what trusts those who assume it.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#access_policy-types
 */
export type PolicyKind = "resource" | "identity" | "session" | "trust";

export type PolicyVersion = "2008-10-17" | "2012-10-17";

export type Statement = {
  /** Its place in the policy, from 0. */
  readonly index: number;
  readonly sid?: string;
  readonly effect: "Allow" | "Deny";
  /** Absent where a policy names none: it is about whoever it is attached to. */
  readonly principals?: Principals;
  readonly actions: Patterns;
  /** Absent in trust policies: they are about the role that they stand on. */
  readonly resources?: Patterns;
  /** All of them must hold. */
  readonly conditions: readonly Condition[];
};

export type Policy = {
  readonly version: PolicyVersion;
  readonly id?: string;
  readonly statements: readonly Statement[];
  /**
   * The keys whose values the policy may ask for, in conditions and in variables, in lower case. A key with a name of the user's
   * in it (`s3:existingobjecttag/team`) is there as it is and as what it begins with, to the slash (`s3:existingobjecttag/`).
   */
  readonly conditionKeys: ReadonlySet<string>;
};
