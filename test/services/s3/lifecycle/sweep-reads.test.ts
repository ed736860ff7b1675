/** What a sweep reads: as much as falls due, however much else there is. */
import test from "ava";
import { createDueRunner } from "../../../../src/harness/due-runner.ts";
import { runDueWork } from "../../../../src/harness/due-work.ts";
import { silentLogger } from "../../../../src/platform/logger.ts";
import type { Engine, Reader } from "../../../../src/engine/port.ts";
import { dueHandlers } from "../../../../src/services/s3/due-handlers.ts";
import { scheduleWalk } from "../../../../src/services/s3/lifecycle/schedule.ts";
import { putConfiguration, requireBucket } from "../../../../src/state/buckets.ts";
import { bucketUsage } from "../../../../src/state/counters.ts";
import { withState } from "../../../support/state.ts";
import { newBucket, put } from "../../../state/fixtures.ts";

const DAY = 86_400_000;
const DUE = 150;

type Counted = { readonly wrap: (engine: Engine) => Engine; records: number };

/** Counts the records that are read through an engine. */
const counting = (): Counted => {
  const counted: Counted = {
    records: 0,
    wrap: (engine) => ({
      transact: (fn) => engine.transact((tx) => fn(reading(tx))),
      read: (fn) => engine.read((view) => fn(reading(view))),
      drop: (range) => engine.drop(range),
      onSettled: (listener) => engine.onSettled?.(listener),
      close: () => engine.close(),
    }),
  };
  const reading = <R extends Reader>(inner: R): R =>
    new Proxy(inner, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name);
        if (typeof method !== "function") return method;
        return (...args: unknown[]): unknown => {
          const result: unknown = Reflect.apply(method, target, args);
          if (name === "get") counted.records += 1;
          if (name === "getMany" || name === "scan") {
            void (result as Promise<unknown[]>).then((found) => (counted.records += 1 + found.length));
          }
          return result;
        };
      },
    });
  return counted;
};

/** How many records are read when `DUE` objects expire in a bucket of so many more, for each of which a rule waits. */
const readsOfSweep = async (others: number): Promise<{ readonly records: number; readonly left: number }> => {
  const counted = counting();
  let left = 0;
  await withState(
    async (state) => {
      const world = state.world("default")!;
      const place = { state, world };
      const bucket = await newBucket(world, "bucket");
      for (let at = 0; at < DUE; at += 1) await put(place, bucket, { key: `due/${at}`, bytes: "" });
      for (let at = 0; at < others; at += 1) await put(place, bucket, { key: `later/${at}`, bytes: "" });
      const rule = (Prefix: string, Days: number) => ({
        ID: Prefix,
        Status: "Enabled",
        Filter: { Prefix },
        Expiration: { Days },
      });
      await world.transact(async (tx) => {
        const document = JSON.stringify({ Rules: [rule("due/", 2), rule("later/", 200)] });
        await scheduleWalk(tx, bucket, 0);
        await putConfiguration(tx, await requireBucket(tx, bucket), { kind: "lifecycle", document });
      });
      const platform = {
        clock: { now: () => DAY },
        random: { bytes: (size: number) => Buffer.alloc(size) },
        logger: silentLogger,
      };
      const runner = createDueRunner({
        platform,
        bodies: state.bodies,
        handlers: dueHandlers,
      });
      runner.watch(world);
      await runDueWork(world, { untilMs: DAY });
      counted.records = 0;
      const done = await runDueWork(world, { untilMs: 2 * DAY });
      if (done.length !== DUE) throw new Error(`${done.length} expired`);
      await runner.close();
      left = await world.read(async (view) => (await bucketUsage(view, bucket)).objects);
    },
    { wrap: counted.wrap },
  );
  return { records: counted.records, left };
};

test("a sweep reads as much for what falls due in a bucket that is ten times larger", async (t) => {
  const small = await readsOfSweep(100);
  const large = await readsOfSweep(1_000);
  t.deepEqual([small.left, large.left], [100, 1_000]);
  t.log(`${small.records} records for ${DUE} objects that fell due, ${large.records} in the larger bucket`);
  t.true(large.records <= small.records * 1.02 + 10);
  t.true(small.records < DUE * 20);
});
