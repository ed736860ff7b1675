import type { TestFn } from "ava";
import { TransactionTooLargeError } from "../../../src/engine/errors.ts";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../../../src/engine/keys.ts";
import { dump, putAll, waysToRead, withEngine, type EngineUnderTest } from "./under-test.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, at) => at % 256);

export const valuesContract = (test: TestFn, under: EngineUnderTest): void => {
  const { title } = under;

  test(`${title}: what a transaction writes is read by views and transactions after it`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [
        ["text", "grüße \u{1F600}"],
        ["empty text", ""],
        ["bytes", BYTES],
        ["empty bytes", new Uint8Array()],
      ]);
      for (const run of waysToRead(engine)) {
        t.is(await run((reader) => reader.get("text")), "grüße \u{1F600}");
        t.is(await run((reader) => reader.get("empty text")), "");
        t.deepEqual(Uint8Array.from((await run((reader) => reader.getBytes("bytes"))) ?? []), BYTES);
        t.is((await run((reader) => reader.getBytes("empty bytes")))?.byteLength, 0);
        t.is(await run((reader) => reader.get("nothing")), undefined);
        t.is(await run((reader) => reader.getBytes("nothing")), undefined);
        t.deepEqual(await run((reader) => reader.getMany(["nothing", "text", "empty text", "text"])), [
          undefined,
          "grüße \u{1F600}",
          "",
          "grüße \u{1F600}",
        ]);
      }
    }));

  test(`${title}: a transaction reads its own writes`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [
        ["a", "1"],
        ["b", "2"],
        ["c", "3"],
      ]);
      await engine.transact(async (tx) => {
        tx.put("b", "two");
        tx.delete("c");
        tx.put("d", "four");
        tx.put("bytes", BYTES);
        t.deepEqual(await tx.getMany(["a", "b", "c", "d"]), ["1", "two", undefined, "four"]);
        t.is(await tx.get("c"), undefined);
        t.deepEqual(Uint8Array.from((await tx.getBytes("bytes")) ?? []), BYTES);
        tx.delete("d");
        tx.put("d", "4");
        t.is(await tx.get("d"), "4");
      });
      t.deepEqual(await engine.read((view) => view.getMany(["a", "b", "c", "d"])), ["1", "two", undefined, "4"]);
    }));

  test(`${title}: a function that throws leaves nothing behind`, (t) =>
    withEngine(under, async (engine) => {
      await putAll(engine, [["a", "1"]]);
      const error = new Error("changed its mind");
      const thrown = await t.throwsAsync(
        engine.transact(async (tx) => {
          tx.put("a", "2");
          tx.put("b", "2");
          tx.delete("a");
          tx.add("count", 1);
          throw error;
        }),
      );
      t.is(thrown, error);
      const thrownAtOnce = await t.throwsAsync(
        engine.transact(() => {
          throw error;
        }),
      );
      t.is(thrownAtOnce, error);
      t.deepEqual(await dump(engine), [["a", "1"]]);
    }));

  test(`${title}: a transaction answers what its function returns`, (t) =>
    withEngine(under, async (engine) => {
      t.is(await engine.transact(async () => 7), 7);
      const answer = { of: "a writer" };
      t.is(
        await engine.transact(async (tx) => {
          tx.put("a", "1");
          return answer;
        }),
        answer,
      );
    }));

  test(`${title}: a transaction that has ended takes no more reads and writes`, (t) =>
    withEngine(under, async (engine) => {
      const kept = await engine.transact(async (tx) => ({ tx }));
      t.throws(() => kept.tx.put("late", "1"));
      await t.throwsAsync(kept.tx.get("late"));
      const view = await engine.read(async (reader) => ({ reader }));
      await t.throwsAsync(view.reader.get("late"));
      t.deepEqual(await dump(engine), []);
    }));

  test(`${title}: keys and values out of bounds are refused`, (t) =>
    withEngine(under, async (engine) => {
      const refuses = async (key: string, value: string | Uint8Array): Promise<void> => {
        await t.throwsAsync(putAll(engine, [[key, value]]), { instanceOf: TypeError });
      };
      const longest = "é".repeat(KEY_BYTES_MAX / 2);
      await refuses("", "1");
      await refuses("\uD83D", "1");
      await refuses("a\uDE00", "1");
      await refuses("\uDE00\uD83D", "1");
      await refuses(`${longest}k`, "1");
      await refuses("a", "\uD83D");
      await refuses("a", "v".repeat(VALUE_BYTES_MAX + 1));
      await refuses("a", "é".repeat(VALUE_BYTES_MAX / 2 + 1));
      await refuses("a", new Uint8Array(VALUE_BYTES_MAX + 1));
      for (const run of waysToRead(engine)) {
        await t.throwsAsync(
          run((reader) => reader.get("")),
          { instanceOf: TypeError },
        );
        await t.throwsAsync(
          run((reader) => reader.getBytes("\uD83D")),
          { instanceOf: TypeError },
        );
        await t.throwsAsync(
          run((reader) => reader.getMany(["a", `${longest}k`])),
          { instanceOf: TypeError },
        );
      }
      await t.throwsAsync(
        engine.transact(async (tx) => tx.delete("")),
        { instanceOf: TypeError },
      );
      await t.throwsAsync(
        engine.transact(async (tx) => tx.add("\uD83D", 1)),
        { instanceOf: TypeError },
      );
      t.deepEqual(await dump(engine), []);

      await putAll(engine, [
        [longest, "1"],
        ["largest", new Uint8Array(VALUE_BYTES_MAX)],
      ]);
      t.is(await engine.read((view) => view.get(longest)), "1");
      t.is((await engine.read((view) => view.getBytes("largest")))?.byteLength, VALUE_BYTES_MAX);
    }));

  test(`${title}: a transaction that writes too much is refused whole`, (t) =>
    withEngine(under, async (engine) => {
      const large = new Uint8Array(VALUE_BYTES_MAX);
      await t.throwsAsync(
        engine.transact(async (tx) => {
          for (let n = 0; n < 20; n++) tx.put(`k${n}`, large);
        }),
        { instanceOf: TransactionTooLargeError },
      );
      t.is(await engine.read((view) => view.getBytes("k0")), undefined);
    }));

  test(`${title}: long keys are found whatever was looked up before`, (t) =>
    withEngine(under, async (engine) => {
      const keys = Array.from({ length: 200 }, (_, n) => `${"x".repeat(n)}${"\u{1F600}".repeat(n + 1)}`);
      await putAll(
        engine,
        keys.map((key) => [key, key]),
      );
      for (const key of keys) {
        t.is(await engine.read((view) => view.get(key)), key);
        t.is(await engine.transact((tx) => tx.get(key)), key);
      }
    }));
};
