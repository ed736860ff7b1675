/** What a diff finds, as plain data. */
import type { Partition } from "../model.ts";

/** In the order in which the differences of an account come. */
export const DIFFERENCE_KINDS = [
  "account",
  "identity",
  "bucket",
  "configuration",
  "object",
  "version",
  "upload",
  "part",
  "annotation",
] as const;

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export type Change = "added" | "removed" | "changed";

/** Something that two states show differently. Members that its kind does not need are absent. */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly change: Change;
  readonly accountId: string;
  readonly partition?: Partition;
  readonly bucket?: string;
  readonly key?: string;
  /** Of a version or of what is annotated; of an object the current version's, as it came to be or was last. */
  readonly versionId?: string;
  readonly uploadId?: string;
  readonly partNumber?: number;
  /** Of a configuration its kind (`accessPoint/us-east-1/name` is one of no bucket), of an annotation its name, of an identity its kind and name: `user/alice`. */
  readonly name?: string;
  readonly deleteMarker?: boolean;
  /** For a version: whether it is, or was, its key's current object. */
  readonly current?: boolean;
  /** What was changed; empty unless `change` is `changed`. */
  readonly fields: readonly string[];
};

/** The same thing of both states. */
export type Sides<T> = { readonly from: T; readonly to: T };
export type Side = keyof Sides<unknown>;
export const SIDES: readonly Side[] = ["from", "to"];

/**
 * The change from one state's record to the other's; undefined where there is none. `compare` names the fields that differ.
 */
export const changeOf = <T>(
  { from, to }: Sides<T | undefined>,
  compare: (sides: Sides<T>) => readonly string[],
): Pick<Difference, "change" | "fields"> | undefined => {
  if (from === undefined) return to === undefined ? undefined : { change: "added", fields: [] };
  if (to === undefined) return { change: "removed", fields: [] };
  const fields = compare({ from, to });
  return fields.length === 0 ? undefined : { change: "changed", fields };
};
