/** Who does the work of a kind when it falls due. */
import type { Platform } from "../platform/platform.ts";
import type { Bodies } from "../state/bodies/bodies.ts";
import type { Due, DueKind } from "../state/due.ts";
import type { Draw } from "../state/id-stream.ts";
import type { World } from "../state/world.ts";
import type { DoneWork } from "./due-work.ts";

export type DueContext = {
  readonly world: World;
  readonly bodies: Bodies;
  /** World time at which the work fell due, in milliseconds since 1970: what is done is done as if it were this time. */
  readonly nowMs: number;
  /** The slice's own ids: with a seed the same for the same work, and those of requests stay as they are. */
  readonly draw: Draw;
  readonly platform: Platform;
};

/**
 * Does a slice of an account's work, all of one kind and of one instant, and answers what it did. Each effect and the `takeDue` of
 * its record stand in one transaction; `takeDue` that answers false means that the effect must not happen. A record that is left
 * where it is comes again at once; one that has to wait is put again with a later time. What is thrown is logged, and the kind's
 * work of that account waits for a while.
 */
export type DueHandler = (context: DueContext, accountId: string, dues: readonly Due[]) => Promise<readonly DoneWork[]>;

/** A handler for each kind. */
export type DueHandlers = Readonly<Record<DueKind, DueHandler>>;
