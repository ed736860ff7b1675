import test from "ava";
import {
  DUE_RUNS_MAX,
  registerDueWork,
  runDueWork,
  TooMuchDueError,
  type DueWork,
} from "../../src/harness/due-work.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";

/** Work of one kind that falls due at the given times, and whatever running it adds to them. */
const workOf = (kind: string, times: number[], onRun: (dueAtMs: number) => void = () => {}): DueWork => ({
  next: async () => times.toSorted((a, b) => a - b)[0],
  run: async (dueAtMs) => {
    times.splice(times.indexOf(dueAtMs), 1);
    onRun(dueAtMs);
    return [{ kind, dueAtMs, what: `${kind} of ${dueAtMs}` }];
  },
});

const withWorld = (use: (world: World) => Promise<void>): Promise<void> =>
  withState(async (state) => {
    const world = state.world("default");
    if (world === undefined) throw new Error("no default world");
    await use(world);
  });

test("what falls due is run in the order in which it does, whoever registered it", async (t) => {
  await withWorld(async (world) => {
    registerDueWork(world, workOf("slow", [30, 10]));
    registerDueWork(world, workOf("quick", [20, 10, 40]));
    const done = await runDueWork(world, { untilMs: 30 });
    t.deepEqual(
      done.map(({ what }) => what),
      ["slow of 10", "quick of 10", "quick of 20", "slow of 30"],
    );
    t.deepEqual(
      (await runDueWork(world, { untilMs: 40 })).map(({ what, kind, dueAtMs }) => [what, kind, dueAtMs]),
      [["quick of 40", "quick", 40]],
    );
    t.deepEqual(await runDueWork(world, { untilMs: 1_000 }), []);
  });
});

test("work that a run makes due is run in its turn, and what lies behind the end waits", async (t) => {
  await withWorld(async (world) => {
    const follow: number[] = [];
    registerDueWork(
      world,
      workOf("transition", [10, 50], (dueAtMs) => follow.push(dueAtMs + 5, dueAtMs + 95)),
    );
    registerDueWork(world, workOf("expiry", follow));
    const done = await runDueWork(world, { untilMs: 100 });
    t.deepEqual(
      done.map(({ what }) => what),
      ["transition of 10", "expiry of 15", "transition of 50", "expiry of 55"],
    );
    t.deepEqual(follow, [105, 145]);
  });
});

test("what falls due is run once, however many ask at once, and a failure keeps nobody from the rest", async (t) => {
  await withWorld(async (world) => {
    let fails = true;
    registerDueWork(world, workOf("one", [1, 2, 3]));
    const failing = workOf("two", [4], () => {
      if (!fails) return;
      fails = false;
      throw new Error("the disk is on fire");
    });
    registerDueWork(world, failing);
    const runs = await Promise.allSettled([1, 2, 3].map(() => runDueWork(world, { untilMs: 10 })));
    t.deepEqual(
      runs.map((run) => (run.status === "fulfilled" ? run.value.length : String(run.reason))),
      ["Error: the disk is on fire", 0, 0],
    );
    t.deepEqual(await runDueWork(world, { untilMs: 10 }), []);
  });
});

test("work of one world is not run in another, nor once it is taken back", async (t) => {
  await withState(async (state) => {
    const world = state.world("default");
    if (world === undefined) return t.fail();
    const other = await state.fork({ name: "other", fromWorld: world });
    const takeBack = registerDueWork(world, workOf("one", [1, 2]));
    t.deepEqual(await runDueWork(other, { untilMs: 10 }), []);
    t.is((await runDueWork(world, { untilMs: 1 })).length, 1);
    takeBack();
    t.deepEqual(await runDueWork(world, { untilMs: 10 }), []);
    return undefined;
  });
});

test("work that never ends is stopped, after ten thousand runs", async (t) => {
  await withWorld(async (world) => {
    let runs = 0;
    registerDueWork(world, {
      next: async () => 1,
      run: async () => {
        runs += 1;
        return [];
      },
    });
    await t.throwsAsync(runDueWork(world, { untilMs: 1 }), { instanceOf: TooMuchDueError });
    t.is(runs, DUE_RUNS_MAX);
  });
});
