import { setImmediate } from "node:timers/promises";
import type { TestFn } from "ava";
import { EngineClosedError } from "../../../src/engine/errors.ts";
import { dump, HOSTILE_KEYS, putAll, withEngine, type EngineUnderTest } from "./under-test.ts";

export const lifetimeContract = (test: TestFn, under: EngineUnderTest): void => {
  const { title } = under;

  test(`${title}: what was written is there after closing and opening again`, (t) =>
    withEngine(under, async (engine, { reopen }) => {
      const entries = HOSTILE_KEYS.map((key): [string, string] => [key, `of ${key}`]);
      await putAll(engine, entries);
      await putAll(engine, [["z", new Uint8Array([0, 255, 128])]]);
      await engine.transact(async (tx) => tx.delete("z\u0001"));
      await engine.close();
      const again = await reopen();
      t.deepEqual([...((await again.read((view) => view.getBytes("z"))) ?? [])], [0, 255, 128]);
      await again.transact(async (tx) => tx.delete("z"));
      t.deepEqual(await dump(again), entries);
      await again.close();
    }));

  test(`${title}: closing waits for what is under way and refuses what comes after`, (t) =>
    withEngine(under, async (engine, { reopen }) => {
      const written = Array.from({ length: 50 }, (_, n) => putAll(engine, [[`k${n}`, "1"]]));
      const view = engine.read(async (reader) => {
        await reader.get("k0");
        await setImmediate();
        return reader.scan({ start: "x", end: "y" }, { limit: 1 });
      });
      const closed = engine.close();
      await t.throwsAsync(putAll(engine, [["late", "1"]]), { instanceOf: EngineClosedError });
      await t.throwsAsync(
        engine.read((reader) => reader.get("k0")),
        { instanceOf: EngineClosedError },
      );
      await t.throwsAsync(engine.drop({ start: "a", end: "b" }), { instanceOf: EngineClosedError });
      await Promise.all(written);
      t.deepEqual(await view, []);
      await closed;
      await engine.close();
      const again = await reopen();
      t.is((await dump(again)).length, 50);
      await again.close();
    }));
};
