/** When what S3 delivers day by day is made. */

/** The hour, UTC, at which the day's reports are made. */
const REPORT_HOUR = 1;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SUNDAY = 0;

export type Frequency = "Daily" | "Weekly";

/** Whether reports of that frequency are made at that time: weekly ones on Sundays. */
export const isReportTime = (timeMs: number, frequency: Frequency): boolean =>
  timeMs % DAY_MS === REPORT_HOUR * HOUR_MS && (frequency === "Daily" || new Date(timeMs).getUTCDay() === SUNDAY);

/**
 * The first time after `afterMs` at which a report of that frequency is made.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
 */
export const nextReportMs = (afterMs: number, frequency: Frequency): number => {
  const offsetMs = REPORT_HOUR * HOUR_MS;
  let timeMs = (Math.floor((afterMs - offsetMs) / DAY_MS) + 1) * DAY_MS + offsetMs;
  while (!isReportTime(timeMs, frequency)) timeMs += DAY_MS;
  return timeMs;
};
