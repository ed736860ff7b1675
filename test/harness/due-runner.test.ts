import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import type { DueHandler, DueHandlers } from "../../src/harness/due-handler.ts";
import { createDueRunner, type DueRunner } from "../../src/harness/due-runner.ts";
import { runDueWork, type DoneWork } from "../../src/harness/due-work.ts";
import { advance, freeze, moveClock, resume } from "../../src/harness/move-clock.ts";
import { DUE_SLICE_MAX } from "../../src/platform/limits.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { DUE_KINDS, listDue, putDue, takeDue, type Due } from "../../src/state/due.ts";
import { createSnapshot, resetAccounts } from "../../src/state/snapshots.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { ACCOUNT } from "../state/fixtures.ts";

const OTHER = "222222222222";
/** Tests wait for what timers do, but not for ever. */
const WAITS_MAX = 1_000;
const DAY_MS = 86_400_000;

type Running = {
  readonly world: World;
  readonly runner: DueRunner;
  readonly platform: Parameters<typeof createDueRunner>[0]["platform"];
  /** What was done, in its order. */
  readonly done: DoneWork[];
  readonly errors: unknown[];
  /** The real clock. */
  readonly clock: { nowMs: number };
};

/** Takes the work and notes it. */
const taking =
  (done: DoneWork[]): DueHandler =>
  async ({ world, nowMs }, accountId, dues) => {
    const taken = await world.transact(async (tx) => {
      const found: DoneWork[] = [];
      for (const due of dues) {
        if (await takeDue(tx, accountId, due))
          found.push({ kind: due.kind, dueAtMs: nowMs, what: `${accountId}/${due.id}` });
      }
      return found;
    });
    done.push(...taken);
    return taken;
  };

const withRunner = (
  use: (running: Running) => Promise<void>,
  handlers: (done: DoneWork[]) => Partial<DueHandlers> = () => ({}),
): Promise<void> =>
  withState(async (state) => {
    const world = state.world("default");
    if (world === undefined) throw new Error("no default world");
    const done: DoneWork[] = [];
    const errors: unknown[] = [];
    const clock = { nowMs: 1_000_000 };
    const platform = {
      clock: { now: () => clock.nowMs },
      random: { bytes: (size: number) => Buffer.alloc(size) },
      logger: { ...silentLogger, error: (_text: string, fields?: object) => void errors.push(fields) },
    };
    const all = Object.fromEntries(DUE_KINDS.map((kind) => [kind, taking(done)])) as DueHandlers;
    const runner = createDueRunner({ platform, bodies: state.bodies, handlers: { ...all, ...handlers(done) } });
    try {
      await use({ world, runner, platform, done, errors, clock });
    } finally {
      await runner.close();
    }
  });

const due = (kind: Due["kind"], dueAtMs: number, id: string): Due => ({ kind, dueAtMs, id, document: "" });

const put = (world: World, dues: readonly Due[], accountId = ACCOUNT): Promise<void> =>
  world.transact(async (tx) => {
    for (const each of dues) await putDue(tx, accountId, each);
  });

const until = async (reached: () => boolean): Promise<void> => {
  for (let waits = 0; waits < WAITS_MAX && !reached(); waits += 1) await sleep(5);
};

const whats = (done: readonly DoneWork[]): string[] => done.map(({ what }) => what);

test("what is due already is done as soon as a world is watched, and what comes due by its clock when it does", async (t) => {
  await withRunner(async ({ world, runner, done, clock }) => {
    await put(world, [due("event", 5, "old")]);
    runner.watch(world);
    await until(() => done.length === 1);
    t.deepEqual(done, [{ kind: "event", dueAtMs: 5, what: `${ACCOUNT}/old` }]);
    await put(world, [due("event", clock.nowMs + 20, "soon"), due("event", clock.nowMs + DAY_MS, "tomorrow")]);
    clock.nowMs += 20;
    await until(() => done.length === 2);
    t.deepEqual(whats(done), [`${ACCOUNT}/old`, `${ACCOUNT}/soon`]);
  });
});

test("in a world that stands still only what is due already is done; resumed, it goes on", async (t) => {
  await withRunner(async ({ world, runner, platform, done, clock }) => {
    await moveClock(world, freeze(undefined), { platform, atOnce: true });
    runner.watch(world);
    const { nowMs } = clock;
    await put(world, [due("event", nowMs + 10, "later"), due("event", nowMs, "now")]);
    clock.nowMs += 10_000;
    await until(() => done.length === 1);
    await sleep(30);
    t.deepEqual(whats(done), [`${ACCOUNT}/now`]);
    await moveClock(world, resume, { platform, atOnce: true });
    clock.nowMs += 1_000;
    await until(() => done.length === 2);
    t.deepEqual(whats(done), [`${ACCOUNT}/now`, `${ACCOUNT}/later`]);
  });
});

test("an advance does all that falls due in its order, each as of its time, over kinds and accounts", async (t) => {
  await withRunner(async ({ world, runner, platform, clock, done }) => {
    await moveClock(world, freeze(undefined), { platform, atOnce: true });
    runner.watch(world);
    const at = clock.nowMs + DAY_MS;
    await put(world, [due("event", at + 2, "c"), due("lifecycle", at, "a"), due("event", at, "b")]);
    await put(world, [due("replication", at + 1, "d"), due("lifecycle", at, "e")], OTHER);
    await moveClock(world, advance(DAY_MS + 2), { platform, atOnce: true });
    const answered = await runDueWork(world, { untilMs: at + 2 });
    t.deepEqual(whats(answered), [`${ACCOUNT}/a`, `${OTHER}/e`, `${ACCOUNT}/b`, `${OTHER}/d`, `${ACCOUNT}/c`]);
    t.deepEqual(
      answered.map(({ dueAtMs }) => dueAtMs - at),
      [0, 0, 0, 1, 2],
    );
    t.deepEqual(done, answered);
  });
});

test("work is handed out in slices of bounded size, none twice, and with what came while it ran", async (t) => {
  const sizes: number[] = [];
  const handlers = (done: DoneWork[]): Partial<DueHandlers> => ({
    lifecycle: async (context, accountId, dues) => {
      sizes.push(dues.length);
      // It comes to stand before what was done.
      if (sizes.length === 2) await put(context.world, [due("lifecycle", 7, "!")]);
      return taking(done)(context, accountId, dues);
    },
  });
  await withRunner(async ({ world, runner, done }) => {
    const many = Array.from({ length: 2 * DUE_SLICE_MAX + 5 }, (_, index) => due("lifecycle", 7, `x${1_000 + index}`));
    await createSnapshot(world, { name: "below", nowMs: 0 });
    await put(world, many);
    await createSnapshot(world, { name: "above", nowMs: 0 });
    runner.watch(world);
    await until(() => done.length === many.length + 1);
    t.deepEqual(whats(done).toSorted(), [...many.map(({ id }) => `${ACCOUNT}/${id}`), `${ACCOUNT}/!`].toSorted());
    t.true(sizes.every((size) => size <= DUE_SLICE_MAX));
    t.true(sizes.length <= 5, String(sizes));
  }, handlers);
});

test("what fails is logged, keeps no other kind and no other account waiting, and comes again later", async (t) => {
  let fails = true;
  const handlers = (done: DoneWork[]): Partial<DueHandlers> => ({
    lifecycle: async (context, accountId, dues) => {
      if (fails && accountId === ACCOUNT) throw new Error("no");
      return taking(done)(context, accountId, dues);
    },
  });
  await withRunner(async ({ world, runner, done, errors, clock }) => {
    await put(world, [due("lifecycle", 1, "a"), due("event", 2, "b")]);
    await put(world, [due("lifecycle", 3, "c")], OTHER);
    runner.watch(world);
    await until(() => done.length === 2);
    t.deepEqual(whats(done), [`${ACCOUNT}/b`, `${OTHER}/c`]);
    t.is(errors.length, 1);
    t.like(errors[0], { account: ACCOUNT, kind: "lifecycle", waitMs: 1_000 });
    // Its time is real time, and has not come.
    t.deepEqual(await runDueWork(world, { untilMs: 10 }), []);
    clock.nowMs += 1_000;
    await runDueWork(world, { untilMs: 10 });
    t.is(done.length, 2);
    t.like(errors[1], { waitMs: 2_000 });
    fails = false;
    clock.nowMs += 2_000;
    await runDueWork(world, { untilMs: 10 });
    t.deepEqual(whats(done), [`${ACCOUNT}/b`, `${OTHER}/c`, `${ACCOUNT}/a`]);
  }, handlers);
});

test("a reset while work is under way undoes nothing and does nothing more", async (t) => {
  let begun = 0;
  const handlers = (done: DoneWork[]): Partial<DueHandlers> => ({
    event: async (context, accountId, dues) => {
      begun += 1;
      await resetAccounts(context.world, {});
      return taking(done)(context, accountId, dues);
    },
  });
  await withRunner(async ({ world, runner, done, errors }) => {
    await put(world, [due("event", 1, "a"), due("event", 2, "b")]);
    runner.watch(world);
    await until(() => begun === 1);
    t.deepEqual(await runDueWork(world, { untilMs: 10 }), []);
    t.deepEqual([done, errors, begun], [[], [], 1]);
  }, handlers);
});

test("close waits for what is under way and begins nothing more; the rest is there for the next start", async (t) => {
  const gate = Promise.withResolvers<void>();
  let begun = 0;
  const handlers = (done: DoneWork[]): Partial<DueHandlers> => ({
    event: async (context, accountId, dues) => {
      begun += 1;
      await gate.promise;
      return taking(done)(context, accountId, dues);
    },
  });
  await withRunner(async ({ world, runner, done }) => {
    await put(world, [due("event", 1, "a"), due("event", 2, "b")]);
    runner.watch(world);
    await until(() => begun === 1);
    const closing = runner.close();
    gate.resolve();
    await closing;
    t.deepEqual(whats(done), [`${ACCOUNT}/a`]);
    await sleep(20);
    t.is(begun, 1);
    t.deepEqual(await world.read((view) => listDue(view, ACCOUNT, { untilMs: 10, limit: 9 })), [due("event", 2, "b")]);
  }, handlers);
});

test("a world that is looked at while it is being deleted is no trouble, and goes on where that fails", async (t) => {
  await withRunner(async ({ world, runner, done, errors }) => {
    await put(world, [due("event", 1, "a")]);
    const deleting = Promise.withResolvers<void>();
    const failing = t.throwsAsync(
      world.transactLast(async () => {
        await deleting.promise;
        throw new Error("the disk is full");
      }),
    );
    runner.watch(world);
    await sleep(20);
    t.deepEqual([done, errors], [[], []]);
    deleting.resolve();
    await failing;
    await until(() => done.length === 1);
    t.deepEqual(whats(done), [`${ACCOUNT}/a`]);
  });
});

test("a world that is not watched any more does nothing", async (t) => {
  await withRunner(async ({ world, runner, done }) => {
    runner.watch(world);
    runner.forget(world);
    await put(world, [due("event", 1, "a")]);
    await sleep(20);
    t.deepEqual(await runDueWork(world, { untilMs: 10 }), []);
    t.deepEqual(done, []);
  });
});
