import type { TestFn } from "ava";
import { dump, EVERYTHING, putAll, withEngine, type EngineUnderTest } from "./under-test.ts";

export const concurrencyContract = (test: TestFn, under: EngineUnderTest): void => {
  const { title } = under;

  test(`${title}: no update is lost among transactions that read and then write`, (t) =>
    withEngine(under, async (engine) => {
      const increment = (): Promise<number> =>
        engine.transact(async (tx) => {
          const next = Number((await tx.get("n")) ?? 0) + 1;
          tx.put("n", String(next));
          return next;
        });
      const answers = await Promise.all(Array.from({ length: 1000 }, increment));
      t.deepEqual(
        answers.toSorted((a, b) => a - b),
        Array.from({ length: 1000 }, (_, n) => n + 1),
      );
      t.is(await engine.read((view) => view.get("n")), "1000");
    }));

  test(`${title}: two transactions that each rely on what the other changes do not both succeed`, (t) =>
    withEngine(under, async (engine) => {
      for (let round = 0; round < 50; round++) {
        await putAll(engine, [
          ["x", "1"],
          ["y", "1"],
        ]);
        const takeOne = (key: string): Promise<void> =>
          engine.transact(async (tx) => {
            const [x, y] = await tx.getMany(["x", "y"]);
            if (Number(x) + Number(y) > 1) tx.put(key, "0");
          });
        await Promise.all([takeOne("x"), takeOne("y")]);
        const [x, y] = await engine.read((view) => view.getMany(["x", "y"]));
        t.is(Number(x) + Number(y), 1);
      }
    }));

  test(`${title}: of many transactions that each insert unless something is there, one inserts`, (t) =>
    withEngine(under, async (engine) => {
      const claim = (n: number): Promise<boolean> =>
        engine.transact(async (tx) => {
          if ((await tx.scan({ start: "claim/", end: "claim0" }, { limit: 1 })).length > 0) return false;
          tx.put(`claim/${n}`, "");
          return true;
        });
      const claimed = await Promise.all(Array.from({ length: 64 }, (_, n) => claim(n)));
      t.is(claimed.filter(Boolean).length, 1);
      t.is((await dump(engine)).length, 1);
    }));

  test(`${title}: transactions that scan see all that those before them wrote`, (t) =>
    withEngine(under, async (engine) => {
      const append = (): Promise<number> =>
        engine.transact(async (tx) => {
          const last = (await tx.scan(EVERYTHING, { limit: 1, reverse: true }))[0];
          const next = last === undefined ? 0 : Number(last[0]) + 1;
          tx.put(String(next).padStart(6, "0"), "");
          if (next % 3 === 2) tx.delete(String(next - 1).padStart(6, "0"));
          return next;
        });
      const numbers = await Promise.all(Array.from({ length: 300 }, append));
      t.is(new Set(numbers).size, 300);
      t.is((await dump(engine)).length, 200);
    }));

  test(`${title}: thousands of transactions at once all commit`, (t) =>
    withEngine(under, async (engine) => {
      const body = new Uint8Array(4096);
      await Promise.all(
        Array.from({ length: 3000 }, (_, n) =>
          engine.transact(async (tx) => {
            tx.put(`body/${n}`, body);
            tx.add("count", 1);
          }),
        ),
      );
      t.is(await engine.read((view) => view.get("count")), "3000");
      t.is(await engine.drop({ start: "body/", end: "body0" }), 3000);
    }));

  test(`${title}: a function that throws does not hold up or spoil its neighbours`, (t) =>
    withEngine(under, async (engine) => {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 100 }, (_, n) =>
          engine.transact(async (tx) => {
            tx.add("sum", n);
            if (n % 7 === 0) throw new Error("no");
          }),
        ),
      );
      const expected = outcomes.reduce((sum, outcome, n) => (outcome.status === "fulfilled" ? sum + n : sum), 0);
      t.is(outcomes.filter((outcome) => outcome.status === "rejected").length, 15);
      t.is(await engine.read((view) => view.get("sum")), String(expected));
    }));
};
