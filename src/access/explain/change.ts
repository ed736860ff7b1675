/** What would have to be otherwise. */
import type { Sides } from "../decide.ts";
import type { DecidedBy } from "../decision.ts";

/** A change as a reader is told it. */
export type Remedy = {
  readonly description: string;
  readonly layer: DecidedBy;
  /** The policy that changes; absent for a new one, and where it is none. */
  readonly policy?: string;
  /** The place of a statement that goes or is narrowed. */
  readonly statementIndex?: number;
  /** A statement to add, as JSON. */
  readonly statement?: string;
};

/** A change that can be tried. */
export type Change = { readonly remedy: Remedy; readonly apply: (sides: Sides) => Sides };
