import test from "ava";
import * as fc from "fast-check";
import { compareKeys } from "../../src/engine/keys.ts";
import { SortedKeys } from "../../src/engine/level/sorted-keys.ts";

const key = fc.oneof(
  fc.integer({ min: 0, max: 3_000 }).map((number) => `k${number}`),
  fc.string({ unit: "binary", minLength: 1, maxLength: 3 }),
);

test("sorted keys answer for every range what a plain sorted list answers", (t) => {
  fc.assert(
    fc.property(
      fc.uniqueArray(key, { maxLength: 1_500, size: "max" }),
      fc.nat(1_500),
      fc.array(fc.tuple(key, key), { minLength: 1, maxLength: 20 }),
      (keys, givenCount, ranges) => {
        const sorted = new SortedKeys(keys.slice(0, givenCount));
        for (const added of keys.slice(givenCount)) sorted.add(added);
        const plain = keys.toSorted(compareKeys);
        for (const [start, end] of [...ranges, ["", "\u{10FFFF}\u{10FFFF}"] as const]) {
          const wanted = plain.filter((each) => compareKeys(each, start) >= 0 && compareKeys(each, end) < 0);
          t.deepEqual([...sorted.within({ start, end })], wanted);
        }
      },
    ),
    { numRuns: 100 },
  );
});
