/** The world's own register of identities as a whole: it outlives a reset, snapshots keep it and forks copy it. */
import type { KeyRange } from "../../engine/port.ts";
import { deleteRange } from "../delete-range.ts";
import { TooManyError } from "../errors.ts";
import { catalog } from "../keys.ts";
import type { Tx, View } from "../view.ts";
import { nameOf, type Identity } from "./model.ts";
import { decodeIdentity, identityKey } from "./records.ts";

/** The most registered identities of a world that a fork or a snapshot copies. */
const COPIED_MAX = 100_000;

const readRecords = async ({ reader }: View, range: KeyRange): Promise<[key: string, record: string][]> => {
  const entries = await reader.scan(range, { limit: COPIED_MAX + 1 });
  if (entries.length > COPIED_MAX) {
    throw new TooManyError({ what: "registered identities in one world", countMax: COPIED_MAX });
  }
  return entries.map(([key, record]) => [key.slice(range.start.length), record]);
};

/** Copies registered identities as they are, to the range `to`. Throws `TooManyError`. */
export const copyIdentities = async (tx: Tx, { from, to }: { from: KeyRange; to: KeyRange }): Promise<void> => {
  for (const [key, record] of await readRecords(tx, from)) tx.tx.put(to.start + key, record);
};

/** Deletes all of a world's registered identities. Drop them from the cache after the commit. */
export const clearIdentities = (tx: Tx): Promise<void> => deleteRange(tx, catalog.identities(tx.scope.worldName));

/** Where an identity stands in a register: what `decodeRegistered` reads again. */
export const registeredKey = (identity: Identity): string =>
  `${identity.accountId}\0${identityKey(identity.kind, nameOf(identity))}`;

/** Reads what stands under the rest of a registered identity's key, which begins with its account. */
export const decodeRegistered = (rest: string, text: string): Identity => {
  const end = rest.indexOf("\0");
  return decodeIdentity(rest.slice(end + 1), { text, accountId: rest.slice(0, end) });
};

/** All registered identities of a range, by account, kind and name. Throws `TooManyError`. */
export const readRegistered = async (view: View, range: KeyRange): Promise<Identity[]> =>
  (await readRecords(view, range)).map(([rest, text]) => decodeRegistered(rest, text));
