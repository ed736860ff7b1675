/** Lines of access logs that wait for their delivery, as due work in the account of the bucket that was asked. */
import { ACCESS_LOG_DELAY_MS } from "../../../platform/limits.ts";
import type { LoggingEnabled } from "../../../protocol/generated/s3.ts";
import { putDue, type Due } from "../../../state/due.ts";
import type { Partition, WorldSettings } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";

/** A line and where it goes: as the bucket said when it was asked. */
export type WaitingLine = {
  readonly partition: Partition;
  /** The bucket that was asked. */
  readonly bucket: string;
  readonly region: string;
  readonly target: LoggingEnabled;
  /** World time of the request, in milliseconds since 1970. */
  readonly receivedAtMs: number;
  readonly line: string;
};

/** Reads what waits. */
export const parseWaitingLine = ({ document }: Due): WaitingLine => JSON.parse(document) as WaitingLine;

/** When what is logged now is delivered: at the end of a stretch of time, so that many lines go into one object. */
const deliveredAtMs = (nowMs: number, { accessLogDelayMs = ACCESS_LOG_DELAY_MS }: WorldSettings): number =>
  accessLogDelayMs === 0 ? nowMs : (Math.floor(nowMs / accessLogDelayMs) + 1) * accessLogDelayMs;

const TIME_DIGITS = 16;
const POSITION_DIGITS = 16;
const PART_DIGITS = 4;

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");

/**
 * Where a line of a request stands among those of its instant: by the request's place in its world's id stream, and by which of
 * its lines it is.
 */
export const placeOfLine = ({ position, part }: { readonly position: number; readonly part: number }): string =>
  `${padded(position, POSITION_DIGITS)}/${padded(part, PART_DIGITS)}`;

export type Logged = {
  readonly line: WaitingLine;
  /** The account of the bucket that was asked. */
  readonly accountId: string;
  /** What tells it from other lines of its instant: they go in this order. See {@link placeOfLine}. */
  readonly place: string;
  readonly nowMs: number;
};

/** Has a line delivered when its time comes. */
export const putWaitingLine = (
  tx: Tx,
  settings: WorldSettings,
  { line, accountId, place, nowMs }: Logged,
): Promise<void> =>
  putDue(tx, accountId, {
    kind: "accessLog",
    dueAtMs: deliveredAtMs(nowMs, settings),
    id: `${padded(line.receivedAtMs, TIME_DIGITS)}/${place}`,
    document: JSON.stringify(line),
  });
