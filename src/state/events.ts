/**
 * The journal of an account's events: what was delivered, in the order in which it was. It stands in the account's stack, so it
 * survives a restart, and a reset empties it.
 */
import { EVENTS_KEPT_MAX } from "../platform/limits.ts";
import {
  decodeEvent,
  decodeEventJournal,
  decodeEventSequence,
  encodeEvent,
  encodeEventJournal,
  encodeEventSequence,
  type EventJournal,
  type JournalEvent,
} from "./event-records.ts";
import { layered } from "./keys.ts";
import { deleteLayered, getLayered, putLayered, scanLayered, type Stack } from "./stack.ts";
import { NAMESPACE, type Tx, type View } from "./view.ts";
import { readHeads } from "./snapshots.ts";
import type { World } from "./world.ts";

export type { JournalEvent, WebhookState } from "./event-records.ts";

/** An event in the journal; positions go up by one with each delivery. */
export type ListedEvent = JournalEvent & { readonly position: number };

const EMPTY: EventJournal = { first: 1, next: 1 };

const SEQUENCER_DIGITS = 18;
const SECOND_BITS = 32n;

/**
 * The sequencer of what happens next in the account, which `events` events tell of, and how manieth the first of these is. What
 * happens later has a greater one, whatever the world's clock did meanwhile. Like AWS's it begins with the second of the time.
 */
export const nextEventSequence = async (
  tx: Tx,
  accountId: string,
  { nowMs, events }: { readonly nowMs: number; readonly events: number },
): Promise<{ readonly sequencer: string; readonly count: number }> => {
  const stack = await tx.writableStack(accountId);
  const record = await getLayered(tx.reader, stack, layered.eventSequence);
  const before = record === undefined ? { last: "0", count: 0 } : decodeEventSequence(record);
  const ofTime = (BigInt(nowMs) << SECOND_BITS) / 1_000n;
  const next = BigInt(`0x${before.last}`) + 1n;
  const sequencer = (ofTime > next ? ofTime : next).toString(16).padStart(SEQUENCER_DIGITS, "0");
  const after = { last: sequencer, count: before.count + events };
  putLayered(tx.tx, stack, [layered.eventSequence, encodeEventSequence(after)]);
  return { sequencer, count: before.count + 1 };
};

const readJournal = async (view: View, stack: Stack): Promise<EventJournal> => {
  const record = await getLayered(view.reader, stack, layered.eventJournal);
  return record === undefined ? EMPTY : decodeEventJournal(record);
};

/** Writes an event at the end of the journal; one that is full loses its oldest. Answers the event's position. */
export const appendEvent = async (tx: Tx, accountId: string, event: JournalEvent): Promise<number> => {
  const stack = await tx.writableStack(accountId);
  const { first, next } = await readJournal(tx, stack);
  const isFull = next - first >= EVENTS_KEPT_MAX;
  if (isFull) deleteLayered(tx.tx, stack, layered.event(first));
  putLayered(tx.tx, stack, [layered.event(next), encodeEvent(event)]);
  const journal = { first: isFull ? first + 1 : first, next: next + 1 };
  putLayered(tx.tx, stack, [layered.eventJournal, encodeEventJournal(journal)]);
  return next;
};

/** Writes what became of an event at the webhook, if the journal still has it. */
export const updateEvent = async (
  tx: Tx,
  accountId: string,
  { position, id, webhook }: { readonly position: number } & Required<Pick<JournalEvent, "id" | "webhook">>,
): Promise<void> => {
  const stack = await tx.writableStack(accountId);
  const record = await getLayered(tx.reader, stack, layered.event(position));
  const event = record === undefined ? undefined : decodeEvent(record);
  if (event?.id !== id) return;
  putLayered(tx.tx, stack, [layered.event(position), encodeEvent({ ...event, webhook })]);
};

/** Events of the journal behind the position `after`, in order; at most `limit`. */
export const listEvents = async (
  view: View,
  accountId: string,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<ListedEvent[]> => {
  const stack = await view.stack(accountId);
  const entries = await scanLayered(view.reader, stack, { range: layered.eventsAfter(after), limit });
  return entries.map(([subkey, record]) => ({ ...decodeEvent(record), position: layered.eventPosition(subkey) }));
};

/** How far an account's journal goes. A reset or restore gives the account another epoch, and positions begin anew. */
export type JournalEnd = { readonly accountId: string; readonly epoch: number; readonly position: number };

/** Where the journals of all accounts end that ever had an event, in order of the accounts' ids. */
export const journalEnds = async (view: View): Promise<JournalEnd[]> => {
  const ends: JournalEnd[] = [];
  for (const accountId of (await readHeads(view)).keys()) {
    if (accountId === NAMESPACE) continue;
    const end = await journalEnd(view, accountId);
    if (end.position > 0) ends.push(end);
  }
  return ends.toSorted((one, other) => (one.accountId < other.accountId ? -1 : 1));
};

/** Where an account's journal ends: at 0 where it never had an event. */
export const journalEnd = async (view: View, accountId: string): Promise<JournalEnd> => {
  const stack = await view.stack(accountId);
  const { next } = await readJournal(view, stack);
  return { accountId, epoch: stack.epoch, position: next - 1 };
};

/** Events that one transaction of a clearing takes. */
const CLEAR_EVENTS = 1_000;

/** Empties an account's journal of what is in it now; answers how many events that were. Positions go on from where they are. */
export const clearEvents = async (world: World, accountId: string): Promise<number> => {
  const end = await world.read(async (view) => (await readJournal(view, await view.stack(accountId))).next);
  let cleared = 0;
  for (;;) {
    const count = await world.transact((tx) => clearSome(tx, accountId, end));
    cleared += count;
    if (count < CLEAR_EVENTS) return cleared;
  }
};

const clearSome = async (tx: Tx, accountId: string, end: number): Promise<number> => {
  const { first, next } = await readJournal(tx, await tx.stack(accountId));
  const until = Math.min(first + CLEAR_EVENTS, end, next);
  if (until <= first) return 0;
  const stack = await tx.writableStack(accountId);
  for (let position = first; position < until; position += 1) deleteLayered(tx.tx, stack, layered.event(position));
  putLayered(tx.tx, stack, [layered.eventJournal, encodeEventJournal({ first: until, next })]);
  return until - first;
};
