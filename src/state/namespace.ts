/** The world's namespace when whole accounts change under it: reset and restore of named accounts, forks, another kind of it. */
import { NamespaceConflictError } from "./errors.ts";
import { layered } from "./keys.ts";
import type { WorldSettings } from "./model.ts";
import { decodeBucket, decodeName, encodeName } from "./records.ts";
import { deleteLayered, getLayered, putLayered, scanAllLayered, type Stack } from "./stack.ts";
import { NAMESPACE, NO_LAYER, type Tx } from "./view.ts";

/** Whether bucket names are the whole world's. Where they are each account's own, its list of buckets says all and the namespace is empty. */
export const sharesNames = ({ bucketNamespace }: Pick<WorldSettings, "bucketNamespace">): boolean =>
  bucketNamespace !== "account";

/** What an account holds according to `stack`: its buckets' names. Costs one record a bucket. */
const bucketsOf = async (tx: Tx, stack: Stack, accountId: string) => {
  const entries = await scanAllLayered(tx.reader, stack, layered.allBuckets);
  return entries.map(([, record]) => decodeBucket(record, { accountId, epoch: stack.epoch }));
};

/** Takes the names of an account's present buckets out of the namespace. Call it before the account's head changes. */
export const withdrawNames = async (tx: Tx, accountId: string): Promise<void> => {
  const buckets = await bucketsOf(tx, await tx.stack(accountId), accountId);
  if (buckets.length === 0) return;
  const names = await tx.writableStack(NAMESPACE);
  for (const { partition, name } of buckets) deleteLayered(tx.tx, names, layered.name(partition, name));
};

/** Puts the names that accounts have in their layers into the namespace. Throws `NamespaceConflictError`. */
export const enterAllNames = async (tx: Tx, layers: ReadonlyMap<string, string>): Promise<void> => {
  for (const [accountId, layerId] of layers) {
    if (layerId !== NO_LAYER && accountId !== NAMESPACE) await enterNames(tx, accountId, layerId);
  }
};

/** The names of the buckets that `accountId` has in the stack of `layerId`. */
export const enterNames = async (tx: Tx, accountId: string, layerId: string): Promise<void> => {
  const buckets = await bucketsOf(tx, { layers: await tx.layersFrom(layerId), epoch: 0 }, accountId);
  if (buckets.length === 0) return;
  const names = await tx.writableStack(NAMESPACE);
  for (const { partition, name, id } of buckets) {
    const subkey = layered.name(partition, name);
    const taken = await getLayered(tx.reader, names, subkey);
    if (taken !== undefined) {
      const owner = decodeName(taken).accountId;
      if (owner !== accountId) throw new NamespaceConflictError({ bucketName: name, ownerAccountId: owner, accountId });
    }
    putLayered(tx.tx, names, [subkey, encodeName({ accountId, bucketId: id })]);
  }
};

/**
 * Writes the namespace anew from what accounts hold in their layers, or leaves it empty where names are each account's own.
 * Throws `NamespaceConflictError` where two accounts have one name.
 */
export const rebuildNames = async (
  tx: Tx,
  { layers, settings }: { layers: ReadonlyMap<string, string>; settings: WorldSettings },
): Promise<void> => {
  await tx.startEmpty(NAMESPACE);
  if (sharesNames(settings)) await enterAllNames(tx, layers);
};
