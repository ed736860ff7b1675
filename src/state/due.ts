/**
 * Work that falls due at a time of the world: records in the account's stack, so that a reset empties them, a snapshot captures
 * them, and a restore or a fork sets them. They are written in the transaction that makes them necessary and taken in the one that
 * does the work: that is what makes an effect happen exactly once. Names within ids and documents are those that clients know
 * (partition and bucket name, never a bucket's id): an import gives buckets other ids.
 */
import { compareKeys } from "../engine/keys.ts";
import { KEY_TIME_MS_MAX, layered } from "./keys.ts";
import type { Bucket } from "./model.ts";
import { decodeDue, encodeDue } from "./records.ts";
import { deleteLayered, getLayered, putLayered, scanLayered, type LayeredEntry, type Stack } from "./stack.ts";
import type { Tx, View } from "./view.ts";

export { KEY_TIME_MS_MAX } from "./keys.ts";

/** Of what falls due at one instant, in the order in which it is done. */
export const DUE_KINDS = ["lifecycle", "replication", "event", "accessLog", "inventory", "analytics"] as const;

export type DueKind = (typeof DUE_KINDS)[number];

export type Due = {
  readonly kind: DueKind;
  /** World time in milliseconds since 1970: a whole number from 0 to `KEY_TIME_MS_MAX`. */
  readonly dueAtMs: number;
  /** Unique within kind and time; what is put twice is there once. A text of any characters, up to about 1,200 bytes. */
  readonly id: string;
  /** What is to be done, in whichever form the kind has. */
  readonly document: string;
};

const KIND_CODES: Record<DueKind, string> = {
  lifecycle: "l",
  replication: "r",
  event: "e",
  accessLog: "g",
  inventory: "i",
  analytics: "y",
};
const kindOfCode = new Map(DUE_KINDS.map((kind) => [KIND_CODES[kind], kind]));

const subkeyOf = ({ kind, dueAtMs, id }: Pick<Due, "kind" | "dueAtMs" | "id">): string =>
  layered.due(KIND_CODES[kind], { dueAtMs, id });

/** The layered record of work. Throws `RangeError` for a time out of range. */
export const dueRecord = (due: Due): LayeredEntry => {
  const { dueAtMs } = due;
  if (!Number.isSafeInteger(dueAtMs) || dueAtMs < 0 || dueAtMs > KEY_TIME_MS_MAX) {
    throw new RangeError(`work cannot fall due at ${dueAtMs} ms since 1970`);
  }
  return [subkeyOf(due), encodeDue(due.document)];
};

/**
 * Has lifecycle look at all that a bucket holds, because its rules are new or it was imported: an archive leaves lifecycle's work
 * out, since it follows from the rest.
 */
export const lifecycleStart = ({ partition, name }: Pick<Bucket, "partition" | "name">, dueAtMs: number): Due => ({
  kind: "lifecycle",
  dueAtMs,
  id: `walk/${partition}/${name}/`,
  document: JSON.stringify({ partition, bucket: name, task: { do: "walk" } }),
});

const decode = (subkey: string, record: string): Due => {
  const { kind: code, dueAtMs, id } = layered.duePlace(subkey);
  const kind = kindOfCode.get(code);
  if (kind === undefined) throw new Error(`due work of an unknown kind ${code}`);
  return { kind, dueAtMs, id, document: decodeDue(record) };
};

/** Has `due` done when its time comes, or soon if that is over. Throws `RangeError` for a time out of range. */
export const putDue = async (tx: Tx, accountId: string, due: Due): Promise<void> => {
  const record = dueRecord(due);
  putLayered(tx.tx, await tx.writableStack(accountId), record);
  tx.noteDue(accountId, due);
};

/** Forgets it; nothing happens where it is not there. */
export const deleteDue = async (tx: Tx, accountId: string, due: Omit<Due, "document">): Promise<void> => {
  deleteLayered(tx.tx, await tx.writableStack(accountId), subkeyOf(due));
};

/**
 * Takes what is about to be done in this very transaction. False where it is not there any more, or says something else by now:
 * it was done, or the account was reset or restored since it was read. Nothing may be done then.
 */
export const takeDue = async (tx: Tx, accountId: string, due: Due): Promise<boolean> => {
  const stack = await tx.writableStack(accountId);
  const record = await getLayered(tx.reader, stack, subkeyOf(due));
  if (record === undefined || decodeDue(record) !== due.document) return false;
  deleteLayered(tx.tx, stack, subkeyOf(due));
  return true;
};

const listOfKind = async (
  view: View,
  stack: Stack,
  options: { kind: DueKind; untilMs: number; limit: number; after: Due | undefined },
): Promise<Due[]> => {
  const { kind, untilMs, limit, after } = options;
  const range = layered.duesUntil(KIND_CODES[kind], Math.min(untilMs, KEY_TIME_MS_MAX));
  const start = after === undefined ? range.start : startAfter(kind, after);
  const entries = await scanLayered(view.reader, stack, { range: { start, end: range.end }, limit });
  return entries.map(([subkey, record]) => decode(subkey, record));
};

/** Where the records of a kind begin that come after `after`, which may be of another kind. */
const startAfter = (kind: DueKind, after: Due): string => {
  const order = DUE_KINDS.indexOf(kind) - DUE_KINDS.indexOf(after.kind);
  if (order === 0) return `${subkeyOf(after)}\0`;
  // Those of its instant came before, or are still to come.
  return layered.due(KIND_CODES[kind], { dueAtMs: order < 0 ? after.dueAtMs + 1 : after.dueAtMs, id: "" });
};

/** What falls due up to `untilMs`, by time, kind and id; at most `limit`, after `after`. Without `kind`: of all kinds. */
export const listDue = async (
  view: View,
  accountId: string,
  options: { readonly untilMs: number; readonly limit: number; readonly kind?: DueKind; readonly after?: Due },
): Promise<Due[]> => {
  const { untilMs, limit, kind, after } = options;
  const stack = await view.stack(accountId);
  const kinds = kind === undefined ? DUE_KINDS : [kind];
  const found: Due[] = [];
  for (const each of kinds) found.push(...(await listOfKind(view, stack, { kind: each, untilMs, limit, after })));
  return found.toSorted(compareDues).slice(0, limit);
};

const compareDues = (a: Due, b: Due): number =>
  a.dueAtMs - b.dueAtMs || DUE_KINDS.indexOf(a.kind) - DUE_KINDS.indexOf(b.kind) || compareKeys(a.id, b.id);

/** When the first of each kind falls due, of those kinds of which the account has any. */
export const firstDues = async (view: View, accountId: string): Promise<Map<DueKind, number>> => {
  const stack = await view.stack(accountId);
  const first = new Map<DueKind, number>();
  // Most accounts have none at all.
  const any = await scanLayered(view.reader, stack, { range: layered.allDues, limit: 1 });
  if (any.length === 0) return first;
  for (const kind of DUE_KINDS) {
    const [due] = await listOfKind(view, stack, { kind, untilMs: KEY_TIME_MS_MAX, limit: 1, after: undefined });
    if (due !== undefined) first.set(kind, due.dueAtMs);
  }
  return first;
};
