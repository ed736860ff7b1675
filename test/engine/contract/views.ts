import { setImmediate, setTimeout } from "node:timers/promises";
import type { TestFn } from "ava";
import { ViewExpiredError } from "../../../src/engine/errors.ts";
import { VIEW_MS_MAX, type Engine, type Reader } from "../../../src/engine/port.ts";
import { EVERYTHING, putAll, withEngine, type EngineUnderTest } from "./under-test.ts";

const TOTAL = 100;

const transfer = (engine: Engine, amount: number): Promise<void> =>
  engine.transact(async (tx) => {
    const [from, to] = await tx.getMany(["from", "to"]);
    tx.put("from", String(Number(from) - amount));
    tx.put("to", String(Number(to) + amount));
  });

const totalOf = async (view: Reader): Promise<number> => {
  const from = Number(await view.get("from"));
  await setImmediate();
  const [to] = await view.getMany(["to"]);
  return from + Number(to);
};

export const viewsContract = (test: TestFn, under: EngineUnderTest): void => {
  const { title } = under;

  test(`${title}: a view reads one state while transactions go on`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [
        ["from", String(TOTAL)],
        ["to", "0"],
      ]);
      let transfers: Promise<unknown> = Promise.resolve();
      for (let round = 0; round < 100; round++) {
        transfers = Promise.all([transfers, transfer(engine, 1), transfer(engine, -2)]);
        const whole = engine.read(async (view) => {
          const before = await totalOf(view);
          const entries = await view.scan(EVERYTHING, { limit: 10 });
          await setTimeout(round % 3);
          t.is(await view.get(entries[0]?.[0] ?? ""), entries[0]?.[1]);
          t.deepEqual(await view.scan(EVERYTHING, { limit: 10 }), entries);
          return [before, await totalOf(view)];
        });
        t.deepEqual(await whole, [TOTAL, TOTAL]);
      }
      await transfers;
    }));

  test(`${title}: a view keeps the state of its first read, and the next one sees what came since`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [["a", "1"]]);
      await engine.read(async (view) => {
        t.is(await view.get("a"), "1");
        await putAll(engine, [
          ["a", "2"],
          ["b", "2"],
        ]);
        t.is(await view.get("a"), "1");
        t.is(await view.get("b"), undefined);
        t.is(await view.getBytes("b"), undefined);
        t.deepEqual(await view.scan(EVERYTHING, { limit: 10 }), [["a", "1"]]);
        t.is(await engine.read((other) => other.get("b")), "2");
      });
    }));

  test(`${title}: a view sees every write acknowledged before it began`, (t) =>
    withEngine(under, async (engine) => {
      const writer = async (name: string): Promise<void> => {
        for (let n = 1; n <= 200; n++) {
          await engine.transact(async (tx) => tx.put(name, String(n)));
          const read = Number(await engine.read((view) => view.get(name)));
          if (read !== n) t.fail(`${name}: wrote ${n} and read ${read}`);
        }
      };
      await Promise.all(["a", "b", "c", "d", "e"].map(writer));
      t.pass();
    }));

  test(`${title}: many views at once, opened while writes are under way, are all consistent`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [
        ["from", String(TOTAL)],
        ["to", "0"],
      ]);
      const totals: Promise<number>[] = [];
      const transfers: Promise<void>[] = [];
      for (let n = 0; n < 200; n++) {
        transfers.push(transfer(engine, 1));
        totals.push(engine.read(totalOf));
        if (n % 5 === 0) await setImmediate();
      }
      await Promise.all(transfers);
      t.deepEqual([...new Set(await Promise.all(totals))], [TOTAL]);
    }));

  test(`${title}: a view that is too old refuses to read`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [["a", "1"]]);
      await engine.read(async (view) => {
        t.is(await view.get("a"), "1");
        await putAll(engine, [["a", "2"]]);
        await setTimeout(VIEW_MS_MAX / 2);
        t.is(await view.get("a"), "1");
        await setTimeout(VIEW_MS_MAX);
        await t.throwsAsync(view.get("a"), { instanceOf: ViewExpiredError });
        await t.throwsAsync(view.scan(EVERYTHING, { limit: 1 }), { instanceOf: ViewExpiredError });
      });
      t.is(await engine.read((view) => view.get("a")), "2");
    }));

  test(`${title}: a function that throws ends its view with that error`, (t) =>
    withEngine(under, async (engine) => {
      const error = new Error("no");
      t.is(
        await t.throwsAsync(
          engine.read(async (view) => {
            await view.get("a");
            throw error;
          }),
        ),
        error,
      );
    }));
};
