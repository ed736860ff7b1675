import type { TestFn } from "ava";
import { ClearRangeTooLargeError } from "../../../src/engine/errors.ts";
import { CLEAR_RANGE_KEYS_MAX } from "../../../src/engine/port.ts";
import { dump, EVERYTHING, HOSTILE_KEYS, putAll, waysToRead, withEngine, type EngineUnderTest } from "./under-test.ts";

const numbered = (count: number): (readonly [string, string])[] =>
  Array.from({ length: count }, (_, n) => [`k${String(n).padStart(6, "0")}`, String(n)]);
const ALL_NUMBERED = { start: "k", end: "l" };

export const rangesContract = (test: TestFn, under: EngineUnderTest): void => {
  const { title } = under;

  test(`${title}: scans answer keys in the order of their bytes, both ways, up to the limit`, (t) =>
    withEngine(under, async (engine) => {
      const entries = HOSTILE_KEYS.map((key) => [key, `of ${key}`] as const);
      // The second half stays unflushed for the transaction's own scans.
      const shuffled = entries.toSorted((a, b) => a[1].length - b[1].length || (a[0] < b[0] ? 1 : -1));
      await putAll(engine, shuffled.slice(0, 14));
      const check = async (scan: (options: { reverse: boolean; limit: number }) => Promise<unknown>): Promise<void> => {
        for (const limit of [1, 2, 5, entries.length - 1, entries.length, entries.length + 1, 1_000_000]) {
          t.deepEqual(await scan({ reverse: false, limit }), entries.slice(0, limit));
          t.deepEqual(await scan({ reverse: true, limit }), entries.toReversed().slice(0, limit));
        }
      };
      await engine.transact(async (tx) => {
        for (const [key, value] of shuffled.slice(14)) tx.put(key, value);
        await check((options) => tx.scan(EVERYTHING, options));
      });
      await check((options) => engine.read((view) => view.scan(EVERYTHING, options)));
      await check((options) => engine.transact((tx) => tx.scan(EVERYTHING, options)));
    }));

  test(`${title}: a range has its start and not its end`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(
        engine,
        HOSTILE_KEYS.map((key) => [key, ""]),
      );
      for (const [from, start] of HOSTILE_KEYS.entries()) {
        for (const [to, end] of HOSTILE_KEYS.entries()) {
          for (const reverse of [false, true]) {
            const found = await engine.read((view) => view.scan({ start, end }, { limit: 100, reverse }));
            const expected = HOSTILE_KEYS.slice(from, Math.max(from, to));
            t.deepEqual(
              found.map(([key]) => key),
              reverse ? expected.toReversed() : expected,
            );
          }
        }
      }
    }));

  test(`${title}: a scan of many records answers them all`, (t) =>
    withEngine(under, async (engine) => {
      const entries = numbered(5000).map(([key]) => [key, key.repeat(60)] as const);
      await putAll(engine, entries);
      t.deepEqual(await dump(engine), entries as unknown as [string, string][]);
      t.is((await engine.read((view) => view.scan(ALL_NUMBERED, { limit: 4321, reverse: true }))).length, 4321);
    }));

  test(`${title}: a transaction scans through its own writes and deletions`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, numbered(20));
      await engine.transact(async (tx) => {
        for (let n = 0; n < 20; n += 2) tx.delete(`k${String(n).padStart(6, "0")}`);
        tx.put("k000001", "one");
        tx.put("k0000015", "between");
        tx.add("k000100", 3);
        t.deepEqual(await tx.scan(ALL_NUMBERED, { limit: 3 }), [
          ["k000001", "one"],
          ["k0000015", "between"],
          ["k000003", "3"],
        ]);
        t.deepEqual(await tx.scan(ALL_NUMBERED, { limit: 2, reverse: true }), [
          ["k000100", "3"],
          ["k000019", "19"],
        ]);
        t.is((await tx.scan(ALL_NUMBERED, { limit: 100 })).length, 12);
      });
    }));

  test(`${title}: limits and bounds that make no sense are refused`, (t) =>
    withEngine(under, async (engine) => {
      for (const run of waysToRead(engine)) {
        for (const limit of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
          await t.throwsAsync(
            run((reader) => reader.scan(EVERYTHING, { limit })),
            { instanceOf: TypeError },
          );
        }
        await t.throwsAsync(
          run((reader) => reader.scan({ start: "\uD83D", end: "z" }, { limit: 1 })),
          { instanceOf: TypeError },
        );
      }
      await t.throwsAsync(
        engine.transact((tx) => tx.clearRange({ start: "a", end: "\uD83D" })),
        { instanceOf: TypeError },
      );
      await t.throwsAsync(engine.drop({ start: "\uD83D", end: "z" }), { instanceOf: TypeError });
    }));

  test(`${title}: clearRange deletes what a range holds, own writes too, and tells how many`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [...numbered(10), ["j", "before"], ["l", "at the end"]]);
      const cleared = await engine.transact(async (tx) => {
        tx.put("kx", "own");
        tx.delete("k000003");
        const count = await tx.clearRange(ALL_NUMBERED);
        t.deepEqual(await tx.scan(ALL_NUMBERED, { limit: 10 }), []);
        tx.put("k000005", "again");
        return count;
      });
      t.is(cleared, 10);
      t.deepEqual(await dump(engine), [
        ["j", "before"],
        ["k000005", "again"],
        ["l", "at the end"],
      ]);
      t.is(await engine.transact((tx) => tx.clearRange({ start: "x", end: "y" })), 0);
    }));

  test(`${title}: clearRange deletes ${CLEAR_RANGE_KEYS_MAX} keys, and none of one more`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, numbered(CLEAR_RANGE_KEYS_MAX + 1));
      await engine.transact(async (tx) => {
        tx.put("marker", "set");
        await t.throwsAsync(tx.clearRange(ALL_NUMBERED), { instanceOf: ClearRangeTooLargeError });
      });
      t.is((await dump(engine)).length, CLEAR_RANGE_KEYS_MAX + 2);
      await engine.transact(async (tx) => tx.delete("k000007"));
      t.is(await engine.transact((tx) => tx.clearRange(ALL_NUMBERED)), CLEAR_RANGE_KEYS_MAX);
      t.deepEqual(await dump(engine), [["marker", "set"]]);
    }));

  test(`${title}: drop deletes a range of any size and kind, and may be called again`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [...numbered(2500), ["j", "before"], ["l", "at the end"]]);
      await putAll(engine, [["kbytes", new Uint8Array([0xff, 0xfe])]]);
      t.is(await engine.drop(ALL_NUMBERED), 2501);
      t.is(await engine.drop(ALL_NUMBERED), 0);
      t.is(await engine.drop({ start: "l", end: "j" }), 0);
      t.deepEqual(await dump(engine), [
        ["j", "before"],
        ["l", "at the end"],
      ]);
    }));

  test(`${title}: drop lets transactions in between its slices`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, numbered(3000));
      const dropped = engine.drop(ALL_NUMBERED);
      for (let n = 0; n < 20; n++) await engine.transact(async (tx) => tx.put(`other${n}`, "1"));
      t.is(await dropped, 3000);
      t.is((await dump(engine)).length, 20);
    }));
};
