/** What a case finds out: figures of servers, and what became of the targets. */
import type { CaseName } from "./case-names.ts";
import type { PeerName } from "./peers/peer.ts";

/** One server's median of one quantity, beside the same quantity of the server that it is compared with. */
export type Figure = {
  readonly case: CaseName;
  readonly peer: PeerName;
  /** What was measured, unit last: "CPU ms". */
  readonly quantity: string;
  readonly median: number;
  /** The distance of the middle half, as a share of the median. */
  readonly spread: number;
  readonly rounds: readonly number[];
  /** Whom `ratio` compares with; undefined for that server itself. */
  readonly reference: PeerName | undefined;
  /** This server's cost over the reference's: 2 is twice as dear. Undefined without a reference. */
  readonly ratio: number | undefined;
  /** What else is worth a look: throughput, how many requests. */
  readonly note: string;
};

export type Target = {
  /** What is compared, in words. */
  readonly what: string;
  readonly sense: "at least" | "at most";
  readonly bound: number;
  readonly unit: string;
};

/** A target and what was found. */
export type Verdict = Target & { readonly case: CaseName; readonly value: number; readonly holds: boolean };

export type CaseResult = {
  readonly figures: readonly Figure[];
  readonly verdicts: readonly Verdict[];
  /** Servers that could not do the case, and why. */
  readonly remarks: readonly string[];
};

/** Judges a value. One that is not a number holds nothing. */
export const judge = (name: CaseName, target: Target, value: number): Verdict => ({
  ...target,
  case: name,
  value,
  holds: target.sense === "at least" ? value >= target.bound : value <= target.bound,
});
