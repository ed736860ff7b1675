/** Accounts: they exist as soon as they are named, and are listed once they have held something. */
import { usageOfBuckets } from "./counters.ts";
import { catalog, layered } from "./keys.ts";
import type { AccountUsage } from "./model.ts";
import { decodeBucket } from "./records.ts";
import { scanAllLayered } from "./stack.ts";
import { NAMESPACE, type View } from "./view.ts";

/** Accounts in order of their ids, after `after`. Costs a few records for each of their buckets. */
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
  const records = await scanAllLayered(view.reader, stack, layered.allBuckets);
  const ids = new Set(records.map(([, record]) => decodeBucket(record, { accountId, epoch: stack.epoch }).id));
  return { accountId, buckets: ids.size, ...(await usageOfBuckets(view, stack, ids)) };
};
