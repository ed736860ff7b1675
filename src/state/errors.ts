/** What can go wrong between a request and the state it was made against. The planes turn these into their own errors. */
import { TransactionStalledError, ViewExpiredError } from "../engine/errors.ts";
import { storageFaultOf } from "../engine/storage-faults.ts";

export { EngineClosedError } from "../engine/errors.ts";
export { storageFaultOf } from "../engine/storage-faults.ts";

/**
 * Whether an error is one of the moment: the disk is full, too many files are open, or the machine is so busy that a view or a
 * transaction ran out of time. Nothing was acknowledged; the same request may be served later.
 */
export const isPassing = (error: unknown): boolean => {
  const fault = storageFaultOf(error);
  if (fault === "full" || fault === "tooManyFiles") return true;
  return error instanceof ViewExpiredError || error instanceof TransactionStalledError;
};

/** The bucket was deleted (and perhaps made again) since it was looked up. */
export class BucketGoneError extends Error {
  readonly bucketName: string;
  constructor(bucketName: string) {
    super(`bucket ${bucketName} is gone`);
    this.name = "BucketGoneError";
    this.bucketName = bucketName;
  }
}

/** The account was reset or restored since the request began. */
export class AccountChangedError extends Error {
  readonly accountId: string;
  constructor(accountId: string) {
    super(`account ${accountId} was reset or restored meanwhile`);
    this.name = "AccountChangedError";
    this.accountId = accountId;
  }
}

export class SnapshotExistsError extends Error {
  readonly snapshotName: string;
  readonly worldName: string;
  constructor(snapshotName: string, worldName: string) {
    super(`snapshot ${snapshotName} exists already`);
    this.name = "SnapshotExistsError";
    this.snapshotName = snapshotName;
    this.worldName = worldName;
  }
}

export class SnapshotNotFoundError extends Error {
  readonly snapshotName: string;
  /** Absent where only one world can be meant. */
  readonly worldName: string | undefined;
  constructor(snapshotName: string, worldName?: string) {
    super(`there is no snapshot ${snapshotName}`);
    this.name = "SnapshotNotFoundError";
    this.snapshotName = snapshotName;
    this.worldName = worldName;
  }
}

/** One bucket name would have two owners in a world where it can have one. Nothing was changed. */
export class NamespaceConflictError extends Error {
  readonly bucketName: string;
  /** Who has the name. */
  readonly ownerAccountId: string;
  /** Who would have it too. */
  readonly accountId: string;
  constructor(options: { bucketName: string; ownerAccountId: string; accountId: string }) {
    super(`bucket ${options.bucketName} belongs to account ${options.ownerAccountId}`);
    this.name = "NamespaceConflictError";
    this.bucketName = options.bucketName;
    this.ownerAccountId = options.ownerAccountId;
    this.accountId = options.accountId;
  }
}

/** The world was deleted since the request for it began. */
export class WorldGoneError extends Error {
  readonly worldName: string;
  constructor(worldName: string) {
    super(`world ${worldName} is gone`);
    this.name = "WorldGoneError";
    this.worldName = worldName;
  }
}

/** The account has as many buckets as its world allows. */
export class TooManyBucketsError extends Error {
  readonly countMax: number;
  constructor(countMax: number) {
    super(`the account has ${countMax} buckets already`);
    this.name = "TooManyBucketsError";
    this.countMax = countMax;
  }
}

export class WorldExistsError extends Error {
  readonly worldName: string;
  constructor(worldName: string) {
    super(`world ${worldName} exists already`);
    this.name = "WorldExistsError";
    this.worldName = worldName;
  }
}

/** There is more of something than an operation covers at once. Nothing was changed. */
export class TooManyError extends Error {
  constructor({ what, countMax }: { what: string; countMax: number }) {
    super(`there are more than ${countMax} ${what}`);
    this.name = "TooManyError";
  }
}

/** The store was written by a newer program, or is none of ours. */
export class StoreFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "StoreFormatError";
  }
}
