import test from "ava";
import {
  endInWorld,
  requestTimeInWorld,
  signingTimeInWorld,
  type SigningClocks,
} from "../../src/harness/signing-time.ts";
import { readingOf } from "../../src/harness/world-clock.ts";
import type { ClientClock, ClockRun } from "../../src/state/model.ts";

const REAL = Date.parse("2026-11-24T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The clocks at `REAL`, the world's moved as `runs` say. */
const clocksOf = (runs: readonly ClockRun[], clientClock: ClientClock = "either"): SigningClocks => ({
  ...readingOf(runs, REAL),
  clientClock,
});

/** Ten minutes ago the world's clock was set to `worldMs`, and has run on since, or stands still. */
const movedTo = (worldMs: number, frozen?: true): readonly ClockRun[] => [
  { realMs: REAL - 10 * MINUTE, worldMs, ...(frozen && { frozen }) },
];

test("while a clock was never moved, every signing time is what it says", (t) => {
  for (const clientClock of ["either", "real", "world"] as const) {
    const clocks = clocksOf([], clientClock);
    for (const timeMs of [REAL, REAL - DAY, REAL + DAY]) {
      t.is(requestTimeInWorld(timeMs, clocks), timeMs);
      t.is(signingTimeInWorld(timeMs, clocks), timeMs);
      t.is(endInWorld({ endsAtMs: timeMs }, clocks), timeMs);
    }
  }
});

for (const [name, worldMs] of [
  ["eight days ahead", REAL + 8 * DAY],
  ["in 2020", Date.parse("2020-02-29T12:00:00Z")],
  ["in 2040", Date.parse("2040-01-01T00:00:00Z")],
] as const) {
  test(`in a world ${name} a request is signed now, by the real clock and by the world's`, (t) => {
    const clocks = clocksOf(movedTo(worldMs));
    t.is(requestTimeInWorld(REAL, clocks), clocks.nowMs);
    t.is(requestTimeInWorld(clocks.nowMs, clocks), clocks.nowMs);
    t.is(requestTimeInWorld(REAL - 5 * MINUTE, clocks), clocks.nowMs - 5 * MINUTE + 2_000);
    t.is(requestTimeInWorld(clocks.nowMs - 14 * MINUTE, clocks), clocks.nowMs - 14 * MINUTE);
  });

  test(`in a world ${name} a URL is as old as the world was when it was signed, by either clock`, (t) => {
    const clocks = clocksOf(movedTo(worldMs));
    t.is(signingTimeInWorld(REAL - 5 * MINUTE, clocks), worldMs + 5 * MINUTE);
    t.is(signingTimeInWorld(worldMs + 5 * MINUTE, clocks), worldMs + 5 * MINUTE);
    t.is(signingTimeInWorld(REAL - 11 * MINUTE, clocks), REAL - 11 * MINUTE, "signed before the clock was moved");
    t.is(signingTimeInWorld(REAL + MINUTE, clocks), clocks.nowMs + MINUTE);
  });
}

test("a request more than fifteen minutes off by both clocks is off by as much", (t) => {
  const clocks = clocksOf(movedTo(REAL + 8 * DAY));
  t.is(requestTimeInWorld(REAL - 16 * MINUTE, clocks), REAL - 16 * MINUTE);
  t.is(requestTimeInWorld(clocks.nowMs + 16 * MINUTE, clocks), clocks.nowMs + 16 * MINUTE);
});

test("a request that was signed before the clock jumped is as old as the jump made it, but for the two seconds that it may be late", (t) => {
  const runs = [{ realMs: REAL - 10_000, worldMs: REAL + DAY }];
  t.is(requestTimeInWorld(REAL - 13_000, clocksOf(runs)), REAL - 11_000);
  t.is(requestTimeInWorld(REAL - 12_000, clocksOf(runs)), REAL + DAY);
});

test("a URL that was signed right after a small advance is fresh, and one from before it is not", (t) => {
  const runs = [{ realMs: REAL - 2_000, worldMs: REAL - 2_000 + 10 * MINUTE }];
  const clocks = clocksOf(runs);
  t.is(signingTimeInWorld(REAL - 1_000, clocks), clocks.nowMs - 1_000);
  t.is(signingTimeInWorld(REAL - 3_000, clocks), REAL - 3_000);
});

test("while time stands still, what is signed grows no older", (t) => {
  const worldMs = REAL - 3 * DAY;
  const clocks = clocksOf(movedTo(worldMs, true));
  t.is(signingTimeInWorld(REAL - 9 * MINUTE, clocks), worldMs);
  t.is(signingTimeInWorld(worldMs - HOUR, clocks), worldMs - HOUR);
  t.is(requestTimeInWorld(REAL, clocks), worldMs);
});

test("a time ahead of both clocks stays ahead", (t) => {
  const clocks = clocksOf(movedTo(REAL + 8 * DAY));
  t.is(signingTimeInWorld(REAL + 30 * DAY, clocks), REAL + 30 * DAY);
  t.is(signingTimeInWorld(REAL + 30 * DAY, { ...clocks, clientClock: "real" }), clocks.nowMs + 30 * DAY);
});

test("a world may say which clock its clients sign by", (t) => {
  const runs = movedTo(REAL + 8 * DAY);
  const [real, world] = [clocksOf(runs, "real"), clocksOf(runs, "world")];
  t.is(requestTimeInWorld(real.nowMs, real), real.nowMs + real.nowMs - REAL);
  t.is(requestTimeInWorld(REAL, real), real.nowMs);
  t.is(requestTimeInWorld(REAL, world), REAL);
  t.is(signingTimeInWorld(REAL, world), REAL);
  t.is(signingTimeInWorld(REAL - 5 * MINUTE, real), real.nowMs - 5 * MINUTE);
  t.is(endInWorld({ endsAtMs: REAL + HOUR }, world), REAL + HOUR);
  t.is(endInWorld({ endsAtMs: REAL + 30 * DAY }, real), real.nowMs + 30 * DAY);
});

test("an end without a signing time is read by the real clock, unless it lies more than a week ahead there", (t) => {
  const clocks = clocksOf(movedTo(Date.parse("2040-01-01T00:00:00Z")));
  t.is(endInWorld({ endsAtMs: REAL + 7 * DAY }, clocks), clocks.nowMs + 7 * DAY);
  t.is(endInWorld({ endsAtMs: REAL - 5 * MINUTE }, clocks), clocks.nowMs - 5 * MINUTE);
  t.is(endInWorld({ endsAtMs: REAL - DAY }, clocks), REAL - DAY);
  t.is(endInWorld({ endsAtMs: clocks.nowMs + HOUR }, clocks), clocks.nowMs + HOUR);
});

test("an end with a signing time lies as long after it in the world", (t) => {
  const clocks = clocksOf(movedTo(Date.parse("2040-01-01T00:00:00Z")));
  const before = { signedAtMs: REAL - 11 * MINUTE, endsAtMs: REAL + 30 * DAY };
  t.is(endInWorld(before, clocks), REAL + 30 * DAY);
  t.is(endInWorld({ signedAtMs: REAL, endsAtMs: REAL + 30 * DAY }, clocks), clocks.nowMs + 30 * DAY);
});

test("an end without a signing time lies as long after the first use in the world", (t) => {
  const atMs = Date.parse("2040-01-01T00:00:00Z");
  const clocks = clocksOf(movedTo(atMs));
  const endsAtMs = REAL + HOUR;
  t.is(endInWorld({ endsAtMs, usedAtMs: REAL - 11 * MINUTE }, clocks), endsAtMs);
  t.is(endInWorld({ endsAtMs, usedAtMs: REAL - 9 * MINUTE }, clocks), atMs + 10 * MINUTE + HOUR);
  const ended = { endsAtMs: REAL - 12 * MINUTE, usedAtMs: REAL - 5 * MINUTE };
  t.is(endInWorld(ended, clocks), REAL - 12 * MINUTE, "it had ended when it was first used");
});

test("a clock that was moved several times shows what it showed then", (t) => {
  const runs: ClockRun[] = [
    { realMs: REAL - 3 * HOUR, worldMs: 0, frozen: true },
    { realMs: REAL - 2 * HOUR, worldMs: DAY },
    { realMs: REAL - HOUR, worldMs: REAL - HOUR },
  ];
  const clocks = clocksOf(runs, "real");
  t.false(readingOf(runs, REAL).moved);
  t.is(signingTimeInWorld(REAL - 4 * HOUR, clocks), REAL - 4 * HOUR);
  t.is(signingTimeInWorld(REAL - 2.5 * HOUR, clocks), 0);
  t.is(signingTimeInWorld(REAL - 1.5 * HOUR, clocks), DAY + HOUR / 2);
  t.is(signingTimeInWorld(REAL - HOUR / 2, clocks), REAL - HOUR / 2);
});
