/** What a check of a store finds. */
import type { Transaction } from "../../engine/port.ts";

/** What it is about. */
export type FindingKind =
  | "record"
  | "world"
  | "head"
  | "snapshot"
  | "layer"
  | "bucket"
  | "version"
  | "upload"
  | "counter"
  | "name"
  | "reference"
  | "body"
  | "file";

export type Finding = {
  readonly kind: FindingKind;
  /** `fault`: it contradicts something. `leftover`: what a stop in the middle leaves; a start of the server takes it away. */
  readonly severity: "fault" | "leftover";
  /** One line. */
  readonly text: string;
  /** What repairing does; absent where it would be guessing. */
  readonly repair?: string;
};

/** A finding with what repairs it. */
export type Found = Finding & {
  /** Runs as a transaction of its own; `newId` draws an id for a layer. */
  readonly mend?: (tx: Transaction, newId: () => string) => Promise<void>;
  /** A file that goes, after the transaction. */
  readonly removes?: { readonly bodyId: string };
};

export const fault = (kind: FindingKind, text: string, repair?: Pick<Found, "repair" | "mend" | "removes">): Found => ({
  kind,
  severity: "fault",
  text,
  ...repair,
});

export const leftover = (kind: FindingKind, text: string): Found => ({ kind, severity: "leftover", text });

/** Keys and names as they are shown: NULs and whatever else would spoil a line are escaped. */
export const quoted = (text: string): string => JSON.stringify(text);
