import type { TestFn } from "ava";
import { NotACounterError } from "../../../src/engine/errors.ts";
import { dump, putAll, withEngine, type EngineUnderTest } from "./under-test.ts";

export const countersContract = (test: TestFn, under: EngineUnderTest): void => {
  const { title } = under;

  test(`${title}: a counter begins at nothing and sums what is added`, (t) =>
    withEngine(under, async (engine) => {
      await engine.transact(async (tx) => {
        t.is(await tx.get("count"), undefined);
        tx.add("count", 5);
        t.is(await tx.get("count"), "5");
        tx.add("count", -7);
        t.is(await tx.get("count"), "-2");
      });
      await Promise.all(Array.from({ length: 100 }, (_, n) => engine.transact(async (tx) => tx.add("count", n))));
      t.is(await engine.read((view) => view.get("count")), String(-2 + 4950));
      t.is(
        await engine.transact(async (tx) => {
          tx.add("count", 2);
          return (await tx.getMany(["count", "none"]))[0];
        }),
        "4950",
      );
    }));

  test(`${title}: a counter that comes to 0 reads as 0 or as nothing`, (t) =>
    withEngine(under, async (engine) => {
      await engine.transact(async (tx) => tx.add("count", 3));
      await engine.transact(async (tx) => tx.add("count", -3));
      t.is(Number((await engine.read((view) => view.get("count"))) ?? 0), 0);
      await engine.transact(async (tx) => tx.add("count", 4));
      t.is(await engine.read((view) => view.get("count")), "4");
    }));

  test(`${title}: put, delete and add of one counter take effect in their order`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [
        ["a", "10"],
        ["b", "10"],
        ["c", "10"],
        ["d", "10"],
      ]);
      await engine.transact(async (tx) => {
        tx.put("a", "100");
        tx.add("a", 1);
        tx.delete("b");
        tx.add("b", 1);
        tx.add("c", 1);
        tx.put("c", "50");
        tx.add("d", 1);
        tx.delete("d");
        t.deepEqual(await tx.getMany(["a", "b", "c", "d"]), ["101", "1", "50", undefined]);
      });
      t.deepEqual(await engine.read((view) => view.getMany(["a", "b", "c", "d"])), ["101", "1", "50", undefined]);
      // The same over several transactions that may share one commit.
      await Promise.all([
        engine.transact(async (tx) => tx.add("a", 1)),
        engine.transact(async (tx) => tx.put("a", "7")),
        engine.transact(async (tx) => tx.add("a", 1)),
        engine.transact(async (tx) => tx.add("b", 1)),
        engine.transact(async (tx) => tx.delete("b")),
        engine.transact(async (tx) => tx.add("b", 5)),
        engine.transact(async (tx) => tx.add("d", 2)),
      ]);
      t.deepEqual(await engine.read((view) => view.getMany(["a", "b", "c", "d"])), ["8", "5", "50", "2"]);
    }));

  test(`${title}: adding to what is no counter, or out of the safe integers, fails that transaction alone`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [
        ["text", "hello"],
        ["most", String(Number.MAX_SAFE_INTEGER)],
      ]);
      const outcomes = await Promise.allSettled([
        engine.transact(async (tx) => tx.put("before", "1")),
        engine.transact(async (tx) => {
          tx.put("with", "1");
          tx.add("text", 1);
        }),
        engine.transact(async (tx) => tx.add("most", 1)),
        engine.transact(async (tx) => {
          tx.put("own", "text");
          tx.add("own", 1);
        }),
        engine.transact(async (tx) => {
          tx.add("sum", Number.MAX_SAFE_INTEGER);
          tx.add("sum", 1);
        }),
        engine.transact(async (tx) => tx.put("after", "1")),
      ]);
      const refused = outcomes.map(
        (outcome) => outcome.status === "rejected" && outcome.reason instanceof NotACounterError,
      );
      t.deepEqual(refused, [false, true, true, true, true, false]);
      t.deepEqual(await dump(engine), [
        ["after", "1"],
        ["before", "1"],
        ["most", String(Number.MAX_SAFE_INTEGER)],
        ["text", "hello"],
      ]);
      for (const delta of [0.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1]) {
        await t.throwsAsync(
          engine.transact(async (tx) => tx.add("count", delta)),
          { instanceOf: TypeError },
        );
      }
    }));
};
