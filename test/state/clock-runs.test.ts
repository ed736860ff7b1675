import test from "ava";
import { CLOCK_RUNS_MAX, withClockRun, withFirstClock, worldTimeAt } from "../../src/state/clock-runs.ts";
import type { WorldRecord } from "../../src/state/records.ts";
import { INITIAL_SETTINGS } from "../../src/state/state.ts";
import { openStateIn, withFolder } from "../support/state.ts";

const RECORD: WorldRecord = { settings: INITIAL_SETTINGS, initialSettings: INITIAL_SETTINGS, seed: "" };

/** `record` with so many more changes of its clock, one each millisecond after `fromMs`. */
const moved = (record: WorldRecord, { fromMs, times }: { fromMs: number; times: number }): WorldRecord => {
  let last = record;
  for (let at = 1; at <= times; at += 1) last = withClockRun(last, { realMs: fromMs + at, worldMs: at * 1_000 });
  return last;
};

test("a clock shows what its last change before says, and the real time before the first", (t) => {
  const runs = [
    { realMs: 100, worldMs: 5_000 },
    { realMs: 200, worldMs: 70, frozen: true },
    { realMs: 200, worldMs: 80, frozen: true },
  ] as const;
  t.deepEqual(
    [99, 100, 150, 199, 200, 300].map((realMs) => worldTimeAt(runs, realMs)),
    [99, 5_000, 5_050, 5_099, 80, 80],
  );
});

test("a hundred changes are kept, the last ones", (t) => {
  const { clock = [] } = moved(RECORD, { fromMs: 0, times: CLOCK_RUNS_MAX + 1 });
  t.is(clock.length, CLOCK_RUNS_MAX);
  t.deepEqual([clock[0]?.realMs, clock.at(-1)?.realMs], [2, CLOCK_RUNS_MAX + 1]);
});

test("of two changes at once the one that commits last holds, whichever read the real clock first", (t) => {
  const { clock = [] } = withClockRun(withClockRun(RECORD, { realMs: 9, worldMs: 1 }), { realMs: 8, worldMs: 2 });
  t.deepEqual(clock.at(-1), { realMs: 9, worldMs: 2 });
});

test("the clock that a fork was made with stays known, however often it is moved", (t) => {
  const inherited = moved(RECORD, { fromMs: 0, times: 3 });
  const fork = moved({ ...inherited, createdAtMs: 10 }, { fromMs: 10, times: 3 * CLOCK_RUNS_MAX });
  t.is(fork.clock?.length, CLOCK_RUNS_MAX);
  t.deepEqual(withFirstClock(fork).clock, [{ realMs: 3, worldMs: 3_000 }]);
  t.deepEqual(withFirstClock({ ...inherited, createdAtMs: 10 }).clock, inherited.clock);
});

test("a world that was made with the real clock goes back to it", (t) => {
  t.false("clock" in withFirstClock(moved(RECORD, { fromMs: 10, times: 2 })));
  t.false("clock" in withFirstClock(moved({ ...RECORD, createdAtMs: 10 }, { fromMs: 10, times: 2 })));
});

test("a new seed and the beginning of its stream are one commit", async (t) => {
  await withFolder(async (dir) => {
    let commits = 0;
    const opened = await openStateIn(dir, {
      wrap: (engine) => ({
        transact: (fn) => {
          commits += 1;
          return engine.transact(fn);
        },
        read: (fn) => engine.read(fn),
        drop: (range) => engine.drop(range),
        close: () => engine.close(),
      }),
    });
    const world = opened.state.world("default");
    if (world === undefined) return t.fail();
    const { requestId } = await world.draw();
    const seed = "ab".repeat(32);
    commits = 0;
    await world.reseed(seed);
    t.is(commits, 1);
    const first = (await world.draw()).requestId;
    t.not(first, requestId);
    await world.reseed(seed);
    t.is((await world.draw()).requestId, first);
    await opened.close();
    return undefined;
  });
});
