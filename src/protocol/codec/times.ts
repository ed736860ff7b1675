/** Timestamps as AWS writes and reads them. */

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;
const HTTP_DATE = /^(?:[A-Za-z]+, )?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2}( GMT| UTC| [+-]\d{4})?$/;
const ASCTIME = /^[A-Za-z]{3} [A-Za-z]{3} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}$/;

const daysOfMonth = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();

const readIso = (text: string, [, year, month, day, zone]: RegExpExecArray): number => {
  // JavaScript takes 30 February for 1 March.
  if (Number(day) > daysOfMonth(Number(year), Number(month))) return Number.NaN;
  return Date.parse(zone === undefined && text.includes("T") ? `${text}Z` : text);
};

const readMs = (text: string): number => {
  const iso = ISO.exec(text);
  if (iso !== null) return readIso(text, iso);
  const http = HTTP_DATE.exec(text);
  if (http !== null) return Date.parse(http[1] === undefined ? `${text} GMT` : text);
  return ASCTIME.test(text) ? Date.parse(`${text} GMT`) : Number.NaN;
};

/** Reads the formats of ISO 8601, HTTP and C; undefined for other texts. A time without a zone is UTC. */
export const parseTime = (text: string): Date | undefined => {
  const timeMs = readMs(text);
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs);
};

const DAY_MS = 86_400_000;
const CLOCK_LENGTH = "17:50:30.000Z".length;
const padded = (digits: number): readonly string[] =>
  Array.from({ length: 10 ** digits }, (_, number) => String(number).padStart(digits, "0"));
const TWO_DIGITS = padded(2);
const THREE_DIGITS = padded(3);

/** The day that was written last: a listing has a thousand times of few days. */
const last = { day: Number.NaN, text: "" };

/** `2009-10-12T17:50:30.000Z`, in a third of `toISOString`'s time. */
export const isoTime = (time: Date): string => {
  const timeMs = time.getTime();
  const day = Math.floor(timeMs / DAY_MS);
  if (day !== last.day) {
    last.text = time.toISOString().slice(0, -CLOCK_LENGTH);
    last.day = day;
  }
  const ofDayMs = timeMs - day * DAY_MS;
  const seconds = Math.floor(ofDayMs / 1_000);
  const minutes = Math.floor(seconds / 60);
  const [hour, minute] = [TWO_DIGITS[Math.floor(minutes / 60)], TWO_DIGITS[minutes % 60]];
  return `${last.text}${hour}:${minute}:${TWO_DIGITS[seconds % 60]}.${THREE_DIGITS[ofDayMs % 1_000]}Z`;
};

/** `Mon, 12 Oct 2009 17:50:30 GMT` */
export const httpTime = (time: Date): string => time.toUTCString();

/** `2009-10-12T17:50:30Z`, as the query services write it. */
export const isoSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
