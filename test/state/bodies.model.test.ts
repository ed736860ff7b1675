/** No body dies while something refers to it, and none stays when nothing does. */
import test from "ava";
import * as fc from "fast-check";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { step, Twin } from "./twin.ts";

const RUNS = { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 40) };
const steps = fc.array(step, { minLength: 20, maxLength: 150, size: "max" });
const LAYERING = new Set(["snapshot", "snapshotSome", "restore", "reset", "resetSome", "fork"]);

test("after random operations, snapshots, restores, resets and forks every store fits together", async (t) => {
  t.timeout(300_000);
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await withState(async (state, dir, engine) => {
        const twin = new Twin(state);
        for (const next of taken) await twin.take(next);
        await state.settle();
        await state.bodies.dead.settle();
        t.deepEqual((await audit(engine, dir)).problems, []);
      });
    }),
    RUNS,
  );
});

test("without snapshots, resets and forks, random operations leave no body that nothing refers to", async (t) => {
  t.timeout(300_000);
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await withState(async (state, dir, engine) => {
        const twin = new Twin(state);
        for (const next of taken) if (!LAYERING.has(next.kind)) await twin.take(next);
        await state.settle();
        await state.bodies.dead.settle();
        t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
      });
    }),
    RUNS,
  );
});
