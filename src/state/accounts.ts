/** Accounts: they exist as soon as they are named, and are listed once they have held something. */
import { bucketUsage } from "./counters.ts";
import { catalog, layered } from "./keys.ts";
import type { AccountUsage } from "./model.ts";
import { decodeBucket } from "./records.ts";
import { scanAllLayered } from "./stack.ts";
import { NAMESPACE, type View } from "./view.ts";

/** Accounts in order of their ids, after `after`. Costs one record for each of their buckets. */
export const listAccounts = async (view: View, options: { after?: string; limit: number }): Promise<AccountUsage[]> => {
  const { worldName } = view.scope;
  const whole = catalog.heads(worldName);
  const start = options.after === undefined ? whole.start : `${catalog.head(worldName, options.after)}\0`;
  const entries = await view.reader.scan({ start, end: whole.end }, { limit: options.limit + 1 });
  const accountIds = entries.map(([key]) => catalog.headAccount(key)).filter((accountId) => accountId !== NAMESPACE);
  const accounts: AccountUsage[] = [];
  for (const accountId of accountIds.slice(0, options.limit)) accounts.push(await usageOf(view, accountId));
  return accounts;
};

/** What an account holds; undefined when it never held anything. */
export const accountUsage = async (view: View, accountId: string): Promise<AccountUsage | undefined> =>
  (await view.head(accountId)) === undefined ? undefined : usageOf(view, accountId);

const usageOf = async (view: View, accountId: string): Promise<AccountUsage> => {
  const stack = await view.stack(accountId);
  const buckets = await scanAllLayered(view.reader, stack, layered.allBuckets);
  const usage = { accountId, buckets: buckets.length, objects: 0, versions: 0, uploads: 0, bytes: 0 };
  for (const [, record] of buckets) {
    const bucket = await bucketUsage(view, decodeBucket(record, { accountId, epoch: stack.epoch }));
    usage.objects += bucket.objects;
    usage.versions += bucket.versions;
    usage.uploads += bucket.uploads;
    usage.bytes += bucket.bytes;
  }
  return usage;
};
