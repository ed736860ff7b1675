/** Reading and writing identities, in both of their homes. */
import type { KeyRange } from "../../engine/port.ts";
import { compareKeys } from "../../engine/keys.ts";
import { catalog, layered, prefixRange } from "../keys.ts";
import { deleteLayered, getLayered, putLayered, scanLayered } from "../stack.ts";
import type { Tx, View } from "../view.ts";
import {
  nameOf,
  type HeldIdentity,
  type Identity,
  type IdentityHome,
  type IdentityKind,
  type IdentityOf,
} from "./model.ts";
import { decodeIdentity, encodeIdentity, identityKey, identityPrefix } from "./records.ts";

export type IdentityName<K extends IdentityKind = IdentityKind> = {
  readonly accountId: string;
  readonly kind: K;
  /** See `nameOf`. */
  readonly name: string;
};

/** The identity of that name, wherever it is: the world's where both homes have one. Names are found in any case. */
export const readIdentity = async <K extends IdentityKind>(
  view: View,
  { accountId, kind, name }: IdentityName<K>,
): Promise<HeldIdentity<K> | undefined> => {
  const key = identityKey(kind, name);
  const registered = await view.reader.get(catalog.identity(view.scope.worldName, accountId, key));
  const text = registered ?? (await getLayered(view.reader, await view.stack(accountId), layered.identity(key)));
  if (text === undefined) return undefined;
  const identity = decodeIdentity(key, { text, accountId });
  return { home: registered === undefined ? "account" : "world", identity } as HeldIdentity<K>;
};

/** The identity of that name that the control plane registered. */
export const readRegisteredIdentity = async <K extends IdentityKind>(
  view: View,
  { accountId, kind, name }: IdentityName<K>,
): Promise<IdentityOf<K> | undefined> => {
  const key = identityKey(kind, name);
  const text = await view.reader.get(catalog.identity(view.scope.worldName, accountId, key));
  return text === undefined ? undefined : (decodeIdentity(key, { text, accountId }) as IdentityOf<K>);
};

/** Writes an identity, over what is there of its name in that home. */
export const putIdentity = async (tx: Tx, identity: Identity, home: IdentityHome): Promise<void> => {
  const { accountId, kind } = identity;
  const key = identityKey(kind, nameOf(identity));
  const record = encodeIdentity(identity);
  if (home === "world") tx.tx.put(catalog.identity(tx.scope.worldName, accountId, key), record);
  else putLayered(tx.tx, await tx.writableStack(accountId), [layered.identity(key), record]);
  tx.aftermath.changedIdentities.add(accountId);
};

/** Deletes an identity from one home. It need not be there. */
export const deleteIdentity = async (
  tx: Tx,
  { accountId, kind, name }: IdentityName,
  home: IdentityHome,
): Promise<void> => {
  const key = identityKey(kind, name);
  if (home === "world") tx.tx.delete(catalog.identity(tx.scope.worldName, accountId, key));
  else deleteLayered(tx.tx, await tx.writableStack(accountId), layered.identity(key));
  tx.aftermath.changedIdentities.add(accountId);
};

/** Records of a home, by key. */
type Records = readonly (readonly [key: string, text: string])[];

const fromKey = (range: KeyRange, after: string | undefined): KeyRange =>
  after === undefined ? range : { start: `${after}\0`, end: range.end };

const registeredRecords = async (
  { reader, scope: { worldName } }: View,
  { accountId, kind, after, limit }: ListOptions,
): Promise<Records> => {
  const at = (key: string): string => catalog.identity(worldName, accountId, key);
  const prefix = identityPrefix(kind);
  const whole = prefixRange(at(prefix));
  const found = await reader.scan(fromKey(whole, after === undefined ? undefined : at(after)), { limit });
  return found.map(([key, text]) => [key.slice(at("").length), text]);
};

const stackRecords = async (view: View, { accountId, kind, after, limit }: ListOptions): Promise<Records> => {
  const whole = layered.identities(identityPrefix(kind));
  const range = fromKey(whole, after === undefined ? undefined : layered.identity(after));
  const found = await scanLayered(view.reader, await view.stack(accountId), { range, limit });
  return found.map(([subkey, text]) => [layered.identityKey(subkey), text]);
};

type ListOptions = {
  readonly accountId: string;
  readonly kind: IdentityKind;
  /** Key of the last one of the page before. */
  readonly after: string | undefined;
  readonly limit: number;
};

/** At most `limit` identities of a kind by name, after the one named `after`, of one home or of both. */
export const listIdentities = async <K extends IdentityKind>(
  view: View,
  options: {
    readonly accountId: string;
    readonly kind: K;
    readonly after?: string | undefined;
    readonly limit: number;
    /** Absent: both; of a name that both have the world's is shown. */
    readonly home?: IdentityHome;
  },
): Promise<HeldIdentity<K>[]> => {
  const { accountId, kind, limit, home } = options;
  const after = options.after === undefined ? undefined : identityKey(kind, options.after);
  const page: ListOptions = { accountId, kind, after, limit };
  const registered = home === "account" ? [] : await registeredRecords(view, page);
  const own = home === "world" ? [] : await stackRecords(view, page);
  const taken = new Set(registered.map(([key]) => key));
  const all = [
    ...registered.map(([key, text]) => ({ key, text, home: "world" as const })),
    ...own.filter(([key]) => !taken.has(key)).map(([key, text]) => ({ key, text, home: "account" as const })),
  ].toSorted((one, other) => compareKeys(one.key, other.key));
  return all.slice(0, limit).map(({ key, text, home: at }) => {
    return { home: at, identity: decodeIdentity(key, { text, accountId }) } as HeldIdentity<K>;
  });
};

/** Whether clients made any in an account. */
export const holdsIdentities = async (view: View, accountId: string): Promise<boolean> => {
  const range = layered.identities("");
  return (await scanLayered(view.reader, await view.stack(accountId), { range, limit: 1 })).length > 0;
};

/** How many identities of a kind an account has, in both homes together; no further than `countMax`. */
export const countIdentities = async (
  view: View,
  { accountId, kind, countMax }: { readonly accountId: string; readonly kind: IdentityKind; readonly countMax: number },
): Promise<number> => {
  const page: ListOptions = { accountId, kind, after: undefined, limit: countMax };
  const keys = [...(await registeredRecords(view, page)), ...(await stackRecords(view, page))].map(([key]) => key);
  return new Set(keys).size;
};

/** Identities that one scan reads. */
const PAGE_IDENTITIES = 1_000;

/** All identities of a kind by name. For kinds of which an account has a bounded number. */
export const readAllIdentities = async <K extends IdentityKind>(
  view: View,
  options: { readonly accountId: string; readonly kind: K; readonly home?: IdentityHome },
): Promise<HeldIdentity<K>[]> => {
  const found: HeldIdentity<K>[] = [];
  for (;;) {
    const last = found.at(-1)?.identity;
    const after = last === undefined ? undefined : nameOf(last);
    const page = await listIdentities(view, { ...options, after, limit: PAGE_IDENTITIES });
    found.push(...page);
    if (page.length < PAGE_IDENTITIES) return found;
  }
};
