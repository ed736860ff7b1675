/** The public access block of a whole account: one document in its stack. */
import { layered } from "./keys.ts";
import { deleteLayered, getLayered, putLayered } from "./stack.ts";
import type { Tx, View } from "./view.ts";
import type { World } from "./world.ts";

/** An account's block as it was put; undefined where it has none. */
export const readAccountBlock = async (view: View, accountId: string): Promise<string | undefined> =>
  getLayered(view.reader, await view.stack(accountId), layered.accountBlock);

/** Keeps an account's block, or (undefined) that it has none. */
export const putAccountBlock = async (tx: Tx, accountId: string, document: string | undefined): Promise<void> => {
  const stack = await tx.writableStack(accountId);
  if (document === undefined) deleteLayered(tx.tx, stack, layered.accountBlock);
  else putLayered(tx.tx, stack, [layered.accountBlock, document]);
  tx.aftermath.changedIdentities.add(accountId);
};

/** As {@link readAccountBlock}, at once where it is in memory. */
export const keptAccountBlock = (world: World, accountId: string): string | undefined | Promise<string | undefined> => {
  const known = world.cache.identities.get(accountId)?.accountBlock;
  if (known !== undefined) return known.document;
  return world.read(async (view) => {
    const document = await readAccountBlock(view, accountId);
    const identities = view.cache?.identitiesOf(accountId);
    if (identities !== undefined) identities.accountBlock = { document };
    return document;
  });
};
