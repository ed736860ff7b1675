/** When reports are made. */
import test from "ava";
import * as fc from "fast-check";
import { isReportTime, nextReportMs } from "../../../../src/services/s3/delivery/schedule.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const at = (text: string): number => Date.parse(text);

test("a daily report comes at one o'clock, after the time and not at it", (t) => {
  t.is(nextReportMs(at("2026-01-02T00:59:59.999Z"), "Daily"), at("2026-01-02T01:00:00Z"));
  t.is(nextReportMs(at("2026-01-02T01:00:00Z"), "Daily"), at("2026-01-03T01:00:00Z"));
});

test("a weekly report comes on Sundays", (t) => {
  t.is(nextReportMs(at("2026-01-02T12:00:00Z"), "Weekly"), at("2026-01-04T01:00:00Z"));
  t.is(nextReportMs(at("2026-01-04T01:00:00Z"), "Weekly"), at("2026-01-11T01:00:00Z"));
});

const RUNS = Number(process.env["RUNS"] ?? 200);

test("the next time is one of the schedule's, and there is none before it", (t) => {
  const times = fc.integer({ min: 0, max: at("2100-01-01T00:00:00Z") });
  const property = fc.property(times, fc.constantFrom("Daily", "Weekly"), (afterMs, frequency) => {
    const nextMs = nextReportMs(afterMs, frequency);
    const periodMs = frequency === "Daily" ? DAY_MS : 7 * DAY_MS;
    t.true(isReportTime(nextMs, frequency));
    t.true(nextMs > afterMs && nextMs <= afterMs + periodMs);
  });
  fc.assert(property, { numRuns: RUNS });
});
