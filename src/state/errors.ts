/** What can go wrong between a request and the state it was made against. The planes turn these into their own errors. */

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
  constructor(snapshotName: string) {
    super(`snapshot ${snapshotName} exists already`);
    this.name = "SnapshotExistsError";
    this.snapshotName = snapshotName;
  }
}

export class SnapshotNotFoundError extends Error {
  readonly snapshotName: string;
  constructor(snapshotName: string) {
    super(`there is no snapshot ${snapshotName}`);
    this.name = "SnapshotNotFoundError";
    this.snapshotName = snapshotName;
  }
}

/** Restoring accounts would give one bucket name two owners. Nothing was changed. */
export class NamespaceConflictError extends Error {
  readonly bucketName: string;
  readonly ownerAccountId: string;
  constructor(options: { bucketName: string; ownerAccountId: string }) {
    super(`bucket ${options.bucketName} belongs to account ${options.ownerAccountId}`);
    this.name = "NamespaceConflictError";
    this.bucketName = options.bucketName;
    this.ownerAccountId = options.ownerAccountId;
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
