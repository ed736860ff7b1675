/** A plain in-memory model of what the state holds: maps and arrays, deep copies for snapshots. Written for the tests alone. */

export type PlainVersion = {
  readonly versionId: string;
  readonly marker: boolean;
  readonly bytes: string;
  readonly note: string;
  /** Texts by name. */
  readonly annotations: Map<string, string>;
};

export type PlainUpload = {
  readonly key: string;
  readonly uploadId: string;
  parts: Map<number, string>;
  keyChanged: boolean;
};

export type PlainBucket = {
  readonly name: string;
  versioning: "Unversioned" | "Enabled" | "Suspended";
  /** Versions of each key, newest first. */
  readonly keys: Map<string, PlainVersion[]>;
  readonly uploads: Map<string, PlainUpload>;
};

export type PlainAccount = { readonly buckets: Map<string, PlainBucket> };
export type PlainAccounts = Map<string, PlainAccount>;
export type PlainSnapshot = { readonly whole: boolean; readonly accounts: PlainAccounts };

export class PlainWorld {
  accounts: PlainAccounts = new Map();
  readonly snapshots = new Map<string, PlainSnapshot>();

  account(accountId: string): PlainAccount {
    let account = this.accounts.get(accountId);
    if (account === undefined) this.accounts.set(accountId, (account = { buckets: new Map() }));
    return account;
  }

  find(name: string): { accountId: string; bucket: PlainBucket } | undefined {
    for (const [accountId, account] of this.accounts) {
      const bucket = account.buckets.get(name);
      if (bucket !== undefined) return { accountId, bucket };
    }
    return undefined;
  }

  snapshot(name: string, accountIds?: readonly string[]): void {
    const kept = [...this.accounts].filter(([accountId]) => accountIds?.includes(accountId) ?? true);
    const accounts: PlainAccounts = new Map(kept);
    for (const accountId of accountIds ?? [])
      if (!accounts.has(accountId)) accounts.set(accountId, { buckets: new Map() });
    this.snapshots.set(name, structuredClone({ whole: accountIds === undefined, accounts }));
  }

  /** Answers false, changing nothing, when a bucket name would have two owners. */
  restore(name: string): boolean {
    const { whole, accounts } = structuredClone(this.snapshots.get(name)!);
    if (whole) {
      for (const accountId of this.accounts.keys())
        if (!accounts.has(accountId)) accounts.set(accountId, { buckets: new Map() });
      this.accounts = accounts;
      return true;
    }
    for (const [, account] of accounts) {
      for (const bucket of account.buckets.keys()) {
        const owner = this.find(bucket);
        if (owner !== undefined && !accounts.has(owner.accountId)) return false;
      }
    }
    for (const [accountId, account] of accounts) this.accounts.set(accountId, account);
    return true;
  }

  reset(accountIds?: readonly string[]): void {
    for (const accountId of this.accounts.keys()) {
      if (accountIds?.includes(accountId) ?? true) this.accounts.set(accountId, { buckets: new Map() });
    }
  }

  fork(): PlainWorld {
    const world = new PlainWorld();
    world.accounts = structuredClone(this.accounts);
    return world;
  }
}

const changed = (bucket: PlainBucket, key: string): void => {
  for (const upload of bucket.uploads.values()) if (upload.key === key) upload.keyChanged = true;
};

const write = (bucket: PlainBucket, key: string, version: PlainVersion): void => {
  const before = bucket.keys.get(key) ?? [];
  const kept = bucket.versioning === "Enabled" ? before : before.filter((old) => old.versionId !== "null");
  bucket.keys.set(key, [version, ...kept]);
  changed(bucket, key);
};

const idFor = (bucket: PlainBucket, versionId: string): string =>
  bucket.versioning === "Enabled" ? versionId : "null";

type NewVersion = Omit<PlainVersion, "marker" | "annotations"> & Partial<Pick<PlainVersion, "annotations">>;

export const plainPut = (bucket: PlainBucket, key: string, version: NewVersion): void =>
  write(bucket, key, {
    ...version,
    versionId: idFor(bucket, version.versionId),
    marker: false,
    annotations: new Map(version.annotations),
  });

export const plainDelete = (bucket: PlainBucket, key: string, markerId: string): void => {
  if (bucket.versioning === "Unversioned") {
    if (bucket.keys.delete(key)) changed(bucket, key);
    return;
  }
  write(bucket, key, { versionId: idFor(bucket, markerId), marker: true, bytes: "", note: "", annotations: new Map() });
};

export const plainDeleteVersion = (bucket: PlainBucket, key: string, versionId: string): void => {
  const before = bucket.keys.get(key) ?? [];
  const kept = before.filter((version) => version.versionId !== versionId);
  if (kept.length === before.length) return;
  if (kept.length === 0) bucket.keys.delete(key);
  else bucket.keys.set(key, kept);
  changed(bucket, key);
};
