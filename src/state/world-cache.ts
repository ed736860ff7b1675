/**
 * What is kept in memory of a world's heads and buckets. A commit's own write-set drops entries before that commit is
 * acknowledged; a view takes and adds entries only while nothing was dropped since it began.
 */
import type { HeldIdentity } from "./identities/model.ts";
import type { PoliciesInPlay } from "./identities/policies.ts";
import { DueTimes } from "./due-times.ts";
import type { AccessKey, Bucket } from "./model.ts";
import type { Stack } from "./stack.ts";

/** The most buckets kept; all go when it is full. */
const BUCKETS_MAX = 10_000;
const STACKS_MAX = 10_000;
/** The most records and answers kept of each account's identities. */
const IDENTITIES_MAX = 10_000;

/** What is known of an account itself and of its identities, wherever they are kept. It goes as a whole when any of that changes. */
export type KnownIdentities = {
  /** The account's public access block as it is kept; absent where that is not known. */
  accountBlock?: { readonly document: string | undefined };
  /** By their keys; undefined for what is known not to be there. */
  readonly records: Map<string, HeldIdentity | undefined>;
  readonly policies: Map<string, PoliciesInPlay>;
};

export class WorldCache {
  readonly stacks = new Map<string, Stack>();
  readonly buckets = new Map<string, Bucket>();
  /** How many buckets an account has at most, as long as its epoch is this one. */
  readonly bucketCounts = new Map<string, { readonly epoch: number; readonly countMax: number }>();
  /** Registered keys by id, and ids that are known to be none. */
  readonly accessKeys = new Map<string, { readonly key: AccessKey | undefined }>();
  readonly identities = new Map<string, KnownIdentities>();
  /** When the first work falls due. */
  readonly dueTimes = new DueTimes();
  /** Goes up whenever something is dropped. */
  generation = 0;

  keepStack(accountId: string, stack: Stack): void {
    if (this.stacks.size >= STACKS_MAX) this.stacks.clear();
    this.stacks.set(accountId, stack);
  }

  keepBucket(name: string, bucket: Bucket): void {
    if (this.buckets.size >= BUCKETS_MAX) this.buckets.clear();
    this.buckets.set(name, bucket);
  }

  /**
   * Drops what a commit wrote. A changed head takes its account's identities and buckets with it: buckets carry its epoch.
   * `identities`: the accounts of which one was written.
   */
  drop(changed: { heads: ReadonlySet<string>; buckets: ReadonlySet<string>; identities: ReadonlySet<string> }): void {
    if (changed.heads.size === 0 && changed.buckets.size === 0 && changed.identities.size === 0) return;
    this.generation += 1;
    for (const accountId of changed.identities) this.identities.delete(accountId);
    for (const accountId of changed.heads) {
      this.stacks.delete(accountId);
      this.identities.delete(accountId);
    }
    if (changed.heads.size > 0) this.dueTimes.forget(changed.heads);
    for (const name of changed.buckets) this.buckets.delete(name);
    if (changed.heads.size === 0) return;
    for (const [name, bucket] of this.buckets) if (changed.heads.has(bucket.accountId)) this.buckets.delete(name);
  }

  /** Layers got other parents. */
  dropStacks(): void {
    this.generation += 1;
    this.stacks.clear();
  }

  dropAll(): void {
    this.generation += 1;
    for (const kept of [this.stacks, this.buckets, this.bucketCounts, this.accessKeys, this.identities]) kept.clear();
    this.dueTimes.forgetAll();
  }

  keepBucketCount(accountId: string, count: { epoch: number; countMax: number }): void {
    if (this.bucketCounts.size >= STACKS_MAX) this.bucketCounts.clear();
    this.bucketCounts.set(accountId, count);
  }

  /** What is known of the account's identities, to be added to. */
  identitiesOf(accountId: string): KnownIdentities {
    const known = this.identities.get(accountId);
    if (known !== undefined && known.records.size < IDENTITIES_MAX && known.policies.size < IDENTITIES_MAX)
      return known;
    const fresh: KnownIdentities = { records: new Map(), policies: new Map() };
    if (this.identities.size >= STACKS_MAX) this.identities.clear();
    this.identities.set(accountId, fresh);
    return fresh;
  }

  /** All that the control plane registered of who there is went. */
  dropRegisters(): void {
    this.generation += 1;
    this.accessKeys.clear();
    this.identities.clear();
  }

  dropAccessKey(accessKeyId: string): void {
    this.generation += 1;
    this.accessKeys.delete(accessKeyId);
  }
}
