/** Timestamps as AWS writes and reads them. */

const ISO = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const HTTP_DATE = /^(?:[A-Za-z]+, )?\d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2}(?: GMT| UTC| [+-]\d{4})?$/;
const ASCTIME = /^[A-Za-z]{3} [A-Za-z]{3} +\d{1,2} \d{2}:\d{2}:\d{2} \d{4}$/;
const EPOCH = /^\d+(?:\.\d+)?$/;

/** Reads any of the formats; undefined for other texts. A time without a zone is UTC. */
export const parseTime = (text: string): Date | undefined => {
  let timeMs = Number.NaN;
  if (ISO.test(text)) timeMs = Date.parse(/T.*(?:Z|[+-]\d{2}:?\d{2})$/.test(text) || !text.includes("T") ? text : `${text}Z`);
  else if (HTTP_DATE.test(text)) timeMs = Date.parse(text);
  else if (ASCTIME.test(text)) timeMs = Date.parse(`${text} GMT`);
  else if (EPOCH.test(text)) timeMs = Number(text) * 1_000;
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs);
};

/** `2009-10-12T17:50:30.000Z` */
export const isoTime = (time: Date): string => time.toISOString();

/** `Mon, 12 Oct 2009 17:50:30 GMT` */
export const httpTime = (time: Date): string => time.toUTCString();

/** `2009-10-12T17:50:30Z`, as the query services write it. */
export const isoSeconds = (time: Date): string => `${time.toISOString().slice(0, 19)}Z`;
