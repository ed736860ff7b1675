/** Transactions that reach the disk in one batch. */
import type { Writes } from "./cells.ts";

/** The most transactions that one batch takes. */
export const GROUP_TRANSACTIONS_MAX = 256;
/** A batch that holds so many bytes takes no further transaction. */
export const GROUP_BYTES_MAX = 4 * 1024 * 1024;

/** Somebody who is told once the group is durable, or has failed. */
export type Waiter = { landed(): void; failed(error: Error): void };

export type Group = {
  writes: Writes;
  bytes: number;
  transactions: number;
  readonly waiters: Waiter[];
};

export const newGroup = (): Group => ({ writes: new Map(), bytes: 0, transactions: 0, waiters: [] });

export const isFull = (group: Group): boolean =>
  group.transactions >= GROUP_TRANSACTIONS_MAX || group.bytes >= GROUP_BYTES_MAX;

/** Lays the writes of one more transaction over those of the group. The map is the group's from then on. */
export const addWrites = (group: Group, { writes, bytes }: { writes: Writes; bytes: number }): void => {
  group.transactions++;
  group.bytes += bytes;
  if (group.writes.size === 0) {
    group.writes = writes;
    return;
  }
  for (const [key, cell] of writes) group.writes.set(key, cell);
};
