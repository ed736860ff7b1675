/** Random transactions, many at once, and views between them, against a plain map. */
import type { TestFn } from "ava";
import * as fc from "fast-check";
import type { Engine, Entry, KeyRange, Transaction } from "../../../src/engine/port.ts";
import { dump, EVERYTHING, HOSTILE_KEYS, withEngine, type EngineUnderTest } from "./under-test.ts";

type Operation =
  | { do: "get" | "delete"; key: string }
  | { do: "getMany"; keys: string[] }
  | { do: "put"; key: string; value: string }
  | { do: "add"; key: string; delta: number }
  | { do: "scan"; range: KeyRange; reverse: boolean; limit: number }
  | { do: "clearRange"; range: KeyRange };

type Step = {
  operations: Operation[];
  throws: boolean;
  /** Waits for what is under way before the next step. */
  settles: boolean;
  /** Opens a view after the step was sent. */
  views: boolean;
};

/** Counters stand beside the other keys. Sums stay above 0, since a counter at 0 may be stored or absent. */
const COUNTERS = ["counter/1", "counter/2", "a\0counter"];

const anyKey = fc.constantFrom(...HOSTILE_KEYS);
const anyCounter = fc.constantFrom(...COUNTERS);
const anyRange = fc.oneof(
  fc.constant(EVERYTHING),
  fc.record({ start: fc.constantFrom("", ...HOSTILE_KEYS), end: fc.constantFrom(...HOSTILE_KEYS, EVERYTHING.end) }),
);

const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("put"), key: anyKey, value: fc.string({ maxLength: 3 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("add"), key: anyCounter, delta: fc.integer({ min: 1, max: 9 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("put"), key: anyCounter, value: fc.constantFrom("1", "20") }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("delete"), key: fc.oneof(anyKey, anyCounter) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("get"), key: fc.oneof(anyKey, anyCounter) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("getMany"), keys: fc.array(anyKey, { maxLength: 4 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("scan"),
      range: anyRange,
      reverse: fc.boolean(),
      limit: fc.constantFrom(1, 2, 5, 100),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clearRange"), range: anyRange }) },
);

const anyStep: fc.Arbitrary<Step> = fc.record({
  operations: fc.array(anyOperation, { minLength: 1, maxLength: 6 }),
  throws: fc.integer({ min: 0, max: 4 }).map((n) => n === 0),
  settles: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
  views: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
});

type Model = ReadonlyMap<string, string>;

const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const entriesOf = (model: Model, { start, end }: KeyRange): Entry[] =>
  [...model]
    .filter(([key]) => compareBytes(key, start) >= 0 && compareBytes(key, end) < 0)
    .toSorted((a, b) => compareBytes(a[0], b[0]));

const applyTo = (model: Map<string, string>, operation: Operation): unknown => {
  switch (operation.do) {
    case "get":
      return model.get(operation.key);
    case "getMany":
      return operation.keys.map((key) => model.get(key));
    case "put":
      model.set(operation.key, operation.value);
      return undefined;
    case "delete":
      model.delete(operation.key);
      return undefined;
    case "add":
      model.set(operation.key, String(Number(model.get(operation.key) ?? 0) + operation.delta));
      return undefined;
    case "scan": {
      const entries = entriesOf(model, operation.range);
      return (operation.reverse ? entries.toReversed() : entries).slice(0, operation.limit);
    }
    default: {
      const entries = entriesOf(model, operation.range);
      for (const [key] of entries) model.delete(key);
      return entries.length;
    }
  }
};

const applyIn = async (tx: Transaction, operation: Operation): Promise<unknown> => {
  switch (operation.do) {
    case "get":
      return tx.get(operation.key);
    case "getMany":
      return tx.getMany(operation.keys);
    case "put":
      tx.put(operation.key, operation.value);
      return undefined;
    case "delete":
      tx.delete(operation.key);
      return undefined;
    case "add":
      tx.add(operation.key, operation.delta);
      return undefined;
    case "scan":
      return tx.scan(operation.range, { reverse: operation.reverse, limit: operation.limit });
    default:
      return tx.clearRange(operation.range);
  }
};

class Refused extends Error {
  readonly answers: unknown[];
  constructor(answers: unknown[]) {
    super("refused");
    this.answers = answers;
  }
}

/** What the transaction's operations answered, whether or not it then threw. */
const runStep = async (engine: Engine, { operations, throws }: Step): Promise<unknown[]> => {
  try {
    return await engine.transact(async (tx) => {
      const answers: unknown[] = [];
      for (const operation of operations) answers.push(await applyIn(tx, operation));
      if (throws) throw new Refused(answers);
      return answers;
    });
  } catch (error) {
    if (error instanceof Refused) return error.answers;
    throw error;
  }
};

/** A write that is acknowledged stands on all that came before; a transaction that only read may be answered earlier. */
const writes = ({ operations, throws }: Step): boolean =>
  !throws && operations.some((operation) => ["put", "add", "delete"].includes(operation.do));

type Seen = { twice: [Entry[], Entry[]]; acknowledged: number };

const lookTwice = (engine: Engine, acknowledged: number): Promise<Seen> =>
  engine.read(async (view) => {
    const first = await view.scan(EVERYTHING, { limit: 1000 });
    return { twice: [first, await view.scan(EVERYTHING, { limit: 1000 })], acknowledged };
  });

export const modelContract = (test: TestFn, under: EngineUnderTest): void => {
  test(`${under.title}: random concurrent transactions and views agree with a plain map`, (t) =>
    withEngine(under, async (engine) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyStep, { minLength: 1, maxLength: 40 }), async (steps) => {
          await engine.drop(EVERYTHING);
          const states: Model[] = [new Map()];
          const expected: unknown[][] = [];
          const running: Promise<unknown[]>[] = [];
          const seen: Promise<Seen>[] = [];
          let acknowledged = 0;
          for (const step of steps) {
            const before = states.at(-1) as Model;
            const after = new Map(before);
            expected.push(step.operations.map((operation) => applyTo(after, operation)));
            states.push(step.throws ? before : after);
            const place = states.length - 1;
            const run = runStep(engine, step);
            running.push(run);
            const note = async (): Promise<void> => {
              await run;
              if (writes(step)) acknowledged = Math.max(acknowledged, place);
            };
            const noted = note();
            if (step.settles) await noted;
            if (step.views) seen.push(lookTwice(engine, acknowledged));
          }
          t.deepEqual(await Promise.all(running), expected);
          t.deepEqual(await dump(engine), entriesOf(states.at(-1) as Model, EVERYTHING));
          for (const { twice, acknowledged: from } of await Promise.all(seen)) {
            t.deepEqual(twice[1], twice[0]);
            const possible = states.slice(from).map((state) => JSON.stringify(entriesOf(state, EVERYTHING)));
            t.true(possible.includes(JSON.stringify(twice[0])), "a view saw a state that never was, or one too old");
          }
        }),
        { numRuns: 150 },
      );
    }));
};
