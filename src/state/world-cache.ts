/**
 * What is kept in memory of a world's heads and buckets. A commit's own write-set drops entries before that commit is
 * acknowledged; a view takes and adds entries only while nothing was dropped since it began.
 */
import type { AccessKey, Bucket } from "./model.ts";
import type { Stack } from "./stack.ts";

/** The most buckets kept; all go when it is full. */
const BUCKETS_MAX = 10_000;
const STACKS_MAX = 10_000;

export class WorldCache {
  readonly stacks = new Map<string, Stack>();
  readonly buckets = new Map<string, Bucket>();
  /** How many buckets an account has at most, as long as its epoch is this one. */
  readonly bucketCounts = new Map<string, { readonly epoch: number; readonly countMax: number }>();
  /** Registered keys by id, and ids that are known to be none. */
  readonly accessKeys = new Map<string, { readonly key: AccessKey | undefined }>();
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

  /** Drops what a commit wrote. A changed head takes its account's buckets with it, since they carry its epoch. */
  drop(changed: { heads: ReadonlySet<string>; buckets: ReadonlySet<string> }): void {
    if (changed.heads.size === 0 && changed.buckets.size === 0) return;
    this.generation += 1;
    for (const accountId of changed.heads) this.stacks.delete(accountId);
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
    for (const kept of [this.stacks, this.buckets, this.bucketCounts, this.accessKeys]) kept.clear();
  }

  keepBucketCount(accountId: string, count: { epoch: number; countMax: number }): void {
    if (this.bucketCounts.size >= STACKS_MAX) this.bucketCounts.clear();
    this.bucketCounts.set(accountId, count);
  }

  dropAccessKeys(): void {
    this.generation += 1;
    this.accessKeys.clear();
  }

  dropAccessKey(accessKeyId: string): void {
    this.generation += 1;
    this.accessKeys.delete(accessKeyId);
  }
}
