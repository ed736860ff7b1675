import test from "ava";
import * as fc from "fast-check";
import { withState } from "../support/state.ts";
import { checkWorld } from "./compare.ts";
import { step, Twin } from "./twin.ts";

test("random operations, snapshots, restores, resets and forks leave what a plain model holds, after every step", async (t) => {
  t.timeout(300_000);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), async (steps) => {
      await withState(async (state) => {
        const twin = new Twin(state);
        for (const [at, next] of steps.entries()) {
          await twin.take(next);
          for (const { real, plain } of twin.worlds) await checkWorld(t, { state, world: real, plain, seed: at });
        }
      });
    }),
    { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 25) },
  );
});
