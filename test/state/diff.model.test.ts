import test from "ava";
import * as fc from "fast-check";
import { compareKeys } from "../../src/engine/keys.ts";
import { diffStates, type DiffOptions } from "../../src/state/diff/diff.ts";
import { DIFFERENCE_KINDS, type Difference } from "../../src/state/diff/difference.ts";
import type { StatePlace } from "../../src/state/diff/pin.ts";
import type { WorldHost } from "../../src/state/world.ts";
import { catalog } from "../../src/state/keys.ts";
import { withState } from "../support/state.ts";
import { plainDiff, withoutUnknown } from "./plain-diff.ts";
import type { PlainAccounts } from "./plain-model.ts";
import { BUCKETS, KEYS, step, Twin } from "./twin.ts";

/** A state to compare, and what the plain model has of it; of a snapshot of named accounts, those alone. */
type Compared = { readonly place: StatePlace; readonly accounts: PlainAccounts; readonly whole: boolean };

const statesOf = ({ worlds }: Twin): Compared[] =>
  worlds.flatMap(({ real: world, plain }) => [
    { place: { world }, accounts: plain.accounts, whole: true },
    ...[...plain.snapshots].map(([snapshot, { accounts, whole }]) => ({ place: { world, snapshot }, accounts, whole })),
  ]);

const only = (accounts: PlainAccounts, { whole, accounts: named }: Compared): PlainAccounts =>
  new Map([...accounts].filter(([accountId]) => whole || named.has(accountId)));

const diff = async (host: WorldHost, options: DiffOptions): Promise<Difference[]> => {
  const found: Difference[] = [];
  for await (const difference of diffStates(host, options)) found.push(difference);
  return found;
};

const byText = (a: object, b: object): number => compareKeys(JSON.stringify(a), JSON.stringify(b));
const sorted = (differences: readonly object[]): object[] =>
  differences.map((each) => Object.fromEntries(Object.entries(each).toSorted(byText))).toSorted(byText);

/** By account, kind, bucket and key. */
const isBefore = (a: Difference, b: Difference): boolean => {
  const placeOf = ({ accountId, kind, bucket = "", key = "" }: Difference): string[] => [
    accountId,
    String(DIFFERENCE_KINDS.indexOf(kind)),
    bucket,
    key,
  ];
  const place = placeOf(b);
  for (const [at, text] of placeOf(a).entries()) {
    const order = compareKeys(text, place[at] ?? "");
    if (order !== 0) return order < 0;
  }
  return true;
};

/** Few keys, so that one key has many versions; some whose escapes matter. */
const BUSY_KEYS = ["a", "a\0", "a\0\u0001", "\u{1F600}"].map((key) => KEYS.indexOf(key));

const busyStep = step.map(({ kind, picks }) => {
  const busy = [...picks];
  busy[2] = BUSY_KEYS[(picks[2] ?? 0) % BUSY_KEYS.length] ?? 0;
  return { kind, picks: busy };
});

const busySteps = fc.array(busyStep, { minLength: 20, maxLength: 60, size: "max" });

/** Steps between which states are kept that have much in common: snapshots of the first world and a fork of it. */
const history = fc
  .tuple(busySteps, busySteps, busySteps)
  .map(([first, second, third]) => [
    ...[0, 1, 2].map((at) => ({ kind: "createBucket", picks: [0, at, 0, at, 0, 0] })),
    ...first,
    { kind: "snapshot", picks: [0, 0, 0, 0, 0, 0] },
    { kind: "fork", picks: [0, 0, 0, 0, 0, 0] },
    ...second,
    { kind: "snapshot", picks: [0, 0, 0, 0, 1, 0] },
    ...third,
  ]);

const noFilter = {};
const filters = fc.oneof(
  { weight: 3, arbitrary: fc.constant(noFilter) },
  { weight: 1, arbitrary: fc.record({ bucket: fc.constantFrom(...BUCKETS) }) },
  { weight: 1, arbitrary: fc.record({ prefix: fc.constantFrom("a", "a\0", "\u{1F600}", "none") }) },
);

test("the diff of any two states is that of two plain models, in order, and a state does not differ from itself", async (t) => {
  t.timeout(300_000);
  await fc.assert(
    fc.asyncProperty(history, filters, async (steps, filter) => {
      await withState(
        async (state) => {
          const twin = new Twin(state);
          for (const next of steps) await twin.take(next);
          const { host } = twin.worlds[0]!.real;
          const states = statesOf(twin);
          for (const [from, to] of states.flatMap((one) => states.map((other) => [one, other] as const))) {
            const found = await diff(host, { from: from.place, to: to.place, ...filter });
            const accounts = { from: only(from.accounts, to), to: only(to.accounts, from) };
            t.deepEqual(sorted(withoutUnknown(found)), sorted(plainDiff(accounts, filter)));
            if (from === to) t.deepEqual(found, []);
            for (const [index, next] of found.slice(1).entries())
              t.true(isBefore(found[index]!, next), JSON.stringify([found[index], next]));
          }
          const pins = await host.engine.read((reader) => reader.scan(catalog.allPins, { limit: 1 }));
          t.deepEqual(pins, [], "nothing stays pinned");
        },
        { layering: { stackLayersMax: 2, viewsEndedMs: 0 } },
      );
    }),
    { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 25) },
  );
});
