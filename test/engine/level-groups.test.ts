/** How the level engine groups commits, and how much one takes. */
import { setImmediate } from "node:timers/promises";
import test from "ava";
import { TransactionTooLargeError } from "../../src/engine/errors.ts";
import { VALUE_BYTES_MAX } from "../../src/engine/keys.ts";
import { GROUP_BYTES_MAX, GROUP_TRANSACTIONS_MAX } from "../../src/engine/level/group.ts";
import { DROP_SLICE_KEYS } from "../../src/engine/level/level-engine.ts";
import { TRANSACTION_BYTES_MAX } from "../../src/engine/level/transaction.ts";
import { dump, EVERYTHING, putAll } from "./contract/under-test.ts";
import { withGate } from "./gate.ts";

test("transactions that arrive during a commit share the next one", (t) =>
  withGate(async (engine, gate) => {
    gate.isOpen = false;
    const first = putAll(engine, [["n", "0"]]);
    const batch = await gate.arrival();
    const rest = Array.from({ length: 64 }, () => engine.transact(async (tx) => tx.add("n", 1)));
    await setImmediate();
    batch.pass();
    await first;
    (await gate.arrival()).pass();
    await Promise.all(rest);
    t.is(gate.waiting.length, 0);
    t.is(await engine.read((view) => view.get("n")), "64");
  }));

test("a commit takes only so many transactions, and the rest wait for the next", (t) =>
  withGate(async (engine, gate) => {
    gate.isOpen = false;
    const first = putAll(engine, [["n", "0"]]);
    const batch = await gate.arrival();
    const rest = Array.from({ length: GROUP_TRANSACTIONS_MAX + 1 }, () =>
      engine.transact(async (tx) => tx.add("n", 1)),
    );
    batch.pass();
    await first;
    (await gate.arrival()).pass();
    await Promise.all(rest.slice(0, GROUP_TRANSACTIONS_MAX));
    t.is(await engine.read((view) => view.get("n")), String(GROUP_TRANSACTIONS_MAX));
    (await gate.arrival()).pass();
    await Promise.all(rest);
    t.is(await engine.read((view) => view.get("n")), String(GROUP_TRANSACTIONS_MAX + 1));
  }));

test("a commit takes only so many bytes, and the rest wait for the next", (t) =>
  withGate(async (engine, gate) => {
    gate.isOpen = false;
    const first = putAll(engine, [["n", "0"]]);
    const batch = await gate.arrival();
    const half = new Uint8Array(GROUP_BYTES_MAX / 2);
    const rest = ["a", "b", "c"].map((key) => putAll(engine, [[key, half]]));
    batch.pass();
    await first;
    (await gate.arrival()).pass();
    await Promise.all(rest.slice(0, 2));
    t.deepEqual(
      (await dump(engine)).map(([key]) => key),
      ["a", "b", "n"],
    );
    (await gate.arrival()).pass();
    await Promise.all(rest);
  }));

test("a transaction writes so many bytes and not one more", (t) =>
  withGate(async (engine) => {
    const fill = (more: number): Promise<void> =>
      engine.transact(async (tx) => {
        for (let left = TRANSACTION_BYTES_MAX + more, n = 0; left > 0; n++) {
          const key = `key${n}`;
          const bytes = Math.min(VALUE_BYTES_MAX, left - key.length);
          tx.put(key, new Uint8Array(bytes));
          left -= key.length + bytes;
        }
      });
    await t.throwsAsync(fill(1), { instanceOf: TransactionTooLargeError });
    t.is(await engine.drop(EVERYTHING), 0);
    await t.notThrowsAsync(fill(0));
    t.is(await engine.drop(EVERYTHING), 8);
  }));

test("a drop deletes so many keys at a time", (t) =>
  withGate(async (engine, gate) => {
    const keys = Array.from({ length: DROP_SLICE_KEYS + 1 }, (_, n) => String(n).padStart(6, "0"));
    await putAll(
      engine,
      keys.map((key) => [key, ""]),
    );
    gate.isOpen = false;
    const dropping = engine.drop(EVERYTHING);
    (await gate.arrival()).pass();
    const last = await gate.arrival();
    t.deepEqual(await dump(engine), [[keys.at(-1), ""]]);
    last.pass();
    t.is(await dropping, keys.length);
    gate.isOpen = true;
    await putAll(
      engine,
      keys.slice(1).map((key) => [key, ""]),
    );
    t.is(await engine.drop(EVERYTHING), DROP_SLICE_KEYS);
  }));
