/** Times as signatures write them. */

const BASIC = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** Reads `20130524T000000Z`; undefined for anything else, also for a day that no calendar has. */
export const parseBasicTime = (text: string): number | undefined => {
  const match = BASIC.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second] = match;
  const timeMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(timeMs) ? undefined : timeMs;
};

/** Reads either form that a header may have: basic ISO 8601 or an HTTP date. */
export const parseHeaderTime = (text: string): number | undefined => {
  const basic = parseBasicTime(text);
  if (basic !== undefined) return basic;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
};
