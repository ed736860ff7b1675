/** Records of an account's events, and what they hold. */
import { RECORD_FORMAT } from "./records.ts";

/** What became of an event at the world's webhook. */
export type WebhookState = {
  readonly state: "pending" | "delivered" | "failed";
  /** How often it was tried. */
  readonly attempts: number;
  /** Why the last attempt failed. */
  readonly error?: string;
};

/** An event as it was sent to one destination. Names are those that clients know. */
export type JournalEvent = {
  /** The same each time that the event is delivered. */
  readonly id: string;
  /** World times, in milliseconds since 1970: when it happened, and when it was delivered. */
  readonly timeMs: number;
  readonly deliveredAtMs: number;
  readonly bucketName: string;
  /** Empty for a test event. */
  readonly key: string;
  /** As a notification configuration names it: `s3:ObjectCreated:Put`. */
  readonly eventName: string;
  /** The ARN of a queue, a topic, a function or an event bus. */
  readonly destination: string;
  /** The id of the configuration that it matched; empty for an event bus. */
  readonly configurationId: string;
  /** 18 hex digits or more, of which later events of the account have greater ones. */
  readonly sequencer: string;
  /** The JSON text that the destination gets. */
  readonly message: string;
  /** Absent in a world that had no webhook. */
  readonly webhook?: WebhookState;
};

/** The last event's sequencer, and how many events there were. */
export type EventSequence = { readonly last: string; readonly count: number };

/** Positions of the journal's first event, and of the one that comes next. */
export type EventJournal = { readonly first: number; readonly next: number };

const write = (value: object): string => JSON.stringify([RECORD_FORMAT, value]);
const parse = <T>(text: string): T => (JSON.parse(text) as [format: number, value: T])[1];

export const encodeEventSequence = (sequence: EventSequence): string => write(sequence);
export const decodeEventSequence = (text: string): EventSequence => parse(text);
export const encodeEventJournal = (journal: EventJournal): string => write(journal);
export const decodeEventJournal = (text: string): EventJournal => parse(text);
export const encodeEvent = (event: JournalEvent): string => write(event);
export const decodeEvent = (text: string): JournalEvent => parse(text);
