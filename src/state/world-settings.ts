/** Changes of a world that concern more than its own record. */
import type { WorldLife } from "./model.ts";
import { rebuildNames, sharesNames } from "./namespace.ts";
import type { WorldRecord } from "./records.ts";
import { readHeads } from "./snapshots.ts";
import type { Tx } from "./view.ts";
import { mergeSettings, type SettingsChange, type World } from "./world.ts";

export type WorldChange = {
  /** A member that is named with `undefined` is taken away. */
  readonly settings?: SettingsChange;
  readonly life?: { readonly [Name in keyof WorldLife]?: WorldLife[Name] | undefined };
};

/**
 * Changes settings and life in one transaction. Another kind of bucket namespace costs a record for each bucket; throws
 * `NamespaceConflictError`, with nothing changed, where names are to be shared and two accounts have the same one.
 */
export const updateWorld = (world: World, { settings = {}, life = {} }: WorldChange): Promise<void> =>
  world.transact(async (tx) => {
    const before = await tx.worldRecord();
    const changed = Object.entries({ ...before, ...life }).filter(([, value]) => value !== undefined);
    const record = {
      ...(Object.fromEntries(changed) as WorldRecord),
      settings: mergeSettings(before.settings, settings),
    };
    if (sharesNames(before.settings) !== sharesNames(record.settings)) await changeNamespace(tx, record);
    tx.putWorldRecord(record);
  });

const changeNamespace = async (tx: Tx, { settings }: WorldRecord): Promise<void> => {
  const heads = await readHeads(tx);
  const layers = new Map([...heads].map(([accountId, { layerId }]) => [accountId, layerId]));
  await rebuildNames(tx, { layers, settings });
  // Buckets are known in memory by the names that they had.
  for (const accountId of heads.keys()) tx.aftermath.changedHeads.add(accountId);
};
