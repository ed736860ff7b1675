/** What the level engine does when a commit fails or a transaction stalls. */
import { setImmediate, setTimeout } from "node:timers/promises";
import test from "ava";
import { CommitFailedError, TransactionStalledError } from "../../src/engine/errors.ts";
import { dump, EVERYTHING, putAll } from "./contract/under-test.ts";
import { DISK_FULL, withGate } from "./gate.ts";

const outcomeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    return `answered ${String(await promise)}`;
  } catch (error) {
    return error instanceof CommitFailedError && error.cause === DISK_FULL ? "failed" : String(error);
  }
};

test("a failed commit fails all that was in it and all that ran on it, and the engine goes on", (t) =>
  withGate(async (engine, gate) => {
    await putAll(engine, [["n", "1"]]);
    gate.isOpen = false;
    const increment = async (): Promise<string> =>
      engine.transact(async (tx) => {
        const next = String(Number(await tx.get("n")) + 1);
        tx.put("n", next);
        return next;
      });
    const inBatch = [increment(), increment()];
    const batch = await gate.arrival();
    const dependent = [increment(), increment()];
    const blind = putAll(engine, [["blind", "1"]]);
    const reader = engine.transact((tx) => tx.get("n"));
    const scanner = engine.transact(async (tx) => (await tx.scan(EVERYTHING, { limit: 5 })).length);
    const unrelated = engine.transact((tx) => tx.get("other"));
    t.is(await outcomeOf(unrelated), "answered undefined");
    const release = Promise.withResolvers<void>();
    const running = engine.transact(async (tx) => {
      await tx.get("n");
      await release.promise;
      tx.put("late", "1");
      await tx.get("n");
    });
    await setImmediate();
    batch.fail();
    const outcomes = await Promise.all([...inBatch, ...dependent, blind, reader, scanner].map(outcomeOf));
    t.deepEqual(
      outcomes,
      outcomes.map(() => "failed"),
    );
    release.resolve();
    t.is(await outcomeOf(running), "failed");
    gate.isOpen = true;
    t.deepEqual(await dump(engine), [["n", "1"]]);
    t.is(await increment(), "2");
    t.deepEqual(await dump(engine), [["n", "2"]]);
  }));

test("a transaction that read what is not durable yet waits for it, one that did not is answered at once", (t) =>
  withGate(async (engine, gate) => {
    gate.isOpen = false;
    const write = putAll(engine, [["a", "1"]]);
    const batch = await gate.arrival();
    let hasAnswered = false;
    const reading = engine
      .transact((tx) => tx.get("a"))
      .then((value) => {
        hasAnswered = true;
        return value;
      });
    const scanning = engine.transact((tx) => tx.scan({ start: "a", end: "b" }, { limit: 1 }));
    t.is(await engine.transact((tx) => tx.get("b")), undefined);
    t.deepEqual(await engine.transact((tx) => tx.scan({ start: "b", end: "c" }, { limit: 1 })), []);
    await setImmediate();
    t.false(hasAnswered);
    batch.pass();
    t.is(await reading, "1");
    t.deepEqual(await scanning, [["a", "1"]]);
    await write;
  }));

test("views see nothing that is not acknowledged or about to be", (t) =>
  withGate(async (engine, gate) => {
    await putAll(engine, [["a", "1"]]);
    gate.isOpen = false;
    const write = putAll(engine, [["a", "2"]]);
    const batch = await gate.arrival();
    const next = putAll(engine, [["a", "3"]]);
    t.deepEqual(await dump(engine), [["a", "1"]]);
    t.is(await engine.read((view) => view.get("a")), "1");
    batch.pass();
    await write;
    t.is(await engine.read((view) => view.get("a")), "2");
    (await gate.arrival()).pass();
    await next;
    t.is(await engine.read((view) => view.get("a")), "3");
  }));

test("views take one snapshot for each batch that they meet and none while nothing is written", (t) =>
  withGate(async (engine, gate) => {
    for (let n = 0; n < 5; n++) await dump(engine);
    await putAll(engine, [["a", "1"]]);
    t.is(gate.snapshots, 0);
    gate.isOpen = false;
    const write = putAll(engine, [["a", "2"]]);
    const batch = await gate.arrival();
    for (let n = 0; n < 5; n++) await dump(engine);
    t.is(gate.snapshots, 1);
    batch.pass();
    await write;
    await dump(engine);
    t.is(gate.snapshots, 1);
  }));

test("a failed commit of a slice of a drop is told, and the drop can be called again", (t) =>
  withGate(async (engine, gate) => {
    await putAll(engine, [
      ["a", "1"],
      ["b", "2"],
    ]);
    gate.isOpen = false;
    const dropping = engine.drop(EVERYTHING);
    (await gate.arrival()).fail();
    t.is(await outcomeOf(dropping), "failed");
    gate.isOpen = true;
    t.is(await engine.drop(EVERYTHING), 2);
  }));

test("a transaction that stalls is given up, writes nothing, and the others go on", (t) =>
  withGate(
    async (engine) => {
      const sleep = Promise.withResolvers<void>();
      let lateRead: Promise<unknown> = Promise.resolve();
      const stalled = engine.transact(async (tx) => {
        tx.put("early", "1");
        await sleep.promise;
        tx.put("late", "1");
        lateRead = tx.get("early");
        await lateRead;
      });
      const behind = putAll(engine, [["behind", "1"]]);
      await t.throwsAsync(stalled, { instanceOf: TransactionStalledError });
      await behind;
      sleep.resolve();
      await setImmediate();
      await t.throwsAsync(lateRead, { instanceOf: TransactionStalledError });
      t.deepEqual(await dump(engine), [["behind", "1"]]);
    },
    { stalledMsMax: 100 },
  ));

test("a transaction that goes on working is not given up, however long it takes", (t) =>
  withGate(
    async (engine) => {
      await engine.transact(async (tx) => {
        for (let at = 0; at < 12; at += 1) {
          await setTimeout(50);
          tx.put(`key ${at}`, "1");
        }
      });
      t.is((await dump(engine)).length, 12);
    },
    { stalledMsMax: 200 },
  ));

test("a transaction within its time is not given up", (t) =>
  withGate(
    async (engine) => {
      await engine.transact(async (tx) => {
        await setTimeout(400);
        tx.put("a", "1");
      });
      t.deepEqual(await dump(engine), [["a", "1"]]);
    },
    { stalledMsMax: 1_000 },
  ));
