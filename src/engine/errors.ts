/** What an engine refuses or fails to do. A key or value that no engine takes is a `TypeError` instead: the caller's mistake. */
import { CLEAR_RANGE_KEYS_MAX, VIEW_MS_MAX } from "./port.ts";

/** The database could not be opened: no permission, no folder, damaged. Nothing in it was changed. */
export class EngineOpenError extends Error {
  override readonly name: string = "EngineOpenError";
}

/** Another process, or another engine of this one, holds the database. */
export class EngineLockedError extends EngineOpenError {
  override readonly name = "EngineLockedError";
  constructor(location: string, options?: ErrorOptions) {
    super(`The database in ${location} is in use by another process or engine`, options);
  }
}

/** The engine is closed, or closing. */
export class EngineClosedError extends Error {
  override readonly name = "EngineClosedError";
  constructor() {
    super("The engine is closed");
  }
}

/**
 * A commit failed (`cause` says why), this transaction's own or one whose unfinished writes it could see. Whether the batch
 * reached the disk is not known; it did wholly or not at all.
 */
export class CommitFailedError extends Error {
  override readonly name = "CommitFailedError";
  constructor(options: { cause: unknown }) {
    super("The commit failed, so this transaction did too", options);
  }
}

/** A commit failed before (`cause` says why) and the disk has not recovered since. Nothing was written. */
export class EngineUnavailableError extends Error {
  override readonly name = "EngineUnavailableError";
  constructor(options: { cause: unknown }) {
    super("The database cannot be used until its disk has recovered", options);
  }
}

/** A transaction did nothing for a long time, so it awaited something other than its own reads. Nothing was written. */
export class TransactionStalledError extends Error {
  override readonly name = "TransactionStalledError";
  constructor(idleMs: number) {
    super(`The transaction did nothing for ${idleMs} ms: it must await nothing but its own reads`);
  }
}

/** A transaction wrote more than one commit takes. Nothing was written. */
export class TransactionTooLargeError extends Error {
  override readonly name = "TransactionTooLargeError";
  constructor(bytesMax: number) {
    super(`A transaction must not write more than ${bytesMax} bytes`);
  }
}

/** A range has more keys than one `clearRange` deletes. It deleted none. */
export class ClearRangeTooLargeError extends Error {
  override readonly name = "ClearRangeTooLargeError";
  constructor() {
    super(`The range has more than ${CLEAR_RANGE_KEYS_MAX} keys`);
  }
}

/** A view was read from later than `VIEW_MS_MAX` after it began. */
export class ViewExpiredError extends Error {
  override readonly name = "ViewExpiredError";
  constructor() {
    super(`The view is older than ${VIEW_MS_MAX} ms`);
  }
}

/** An `add` met a value that is no counter, or the sum left the safe integers. */
export class NotACounterError extends Error {
  override readonly name = "NotACounterError";
  constructor() {
    super("An add met a value that is no counter, or its sum is not a safe integer");
  }
}
