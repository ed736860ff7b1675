import test from "ava";
import * as fc from "fast-check";
import { withFolder, openStateIn, withState } from "../../support/state.ts";
import { audit } from "../audit.ts";
import { checkWorld } from "../compare.ts";
import { step, Twin } from "../twin.ts";
import { archiveOf, importInto } from "./archives.ts";

// What empties a world leaves little to compare.
const EMPTYING = new Set(["reset", "resetSome", "restore"]);

const BUCKETS_FIRST = [0, 1, 2].map((at) => ({ kind: "createBucket", picks: [0, at, 0, at] }));

test("whatever a world holds comes back from its archive, and gives the same archive again", async (t) => {
  t.timeout(300_000);
  const steps = fc.array(
    step.filter(({ kind }) => !EMPTYING.has(kind)),
    { minLength: 10, maxLength: 60, size: "max" },
  );
  let objects = 0;
  const property = fc.asyncProperty(steps, fc.nat(100), fc.boolean(), async (all, seed, gzip) => {
    const compression = gzip ? "gzip" : "zstd";
    await withFolder(async (dir) => {
      const opened = await openStateIn(dir);
      const archives: Buffer[] = [];
      const twin = new Twin(opened.state);
      try {
        for (const each of [...BUCKETS_FIRST, ...all]) await twin.take(each);
        for (const { real } of twin.worlds) archives.push(await archiveOf(real, { compression }));
      } finally {
        await opened.close();
      }
      for (const [at, { plain }] of twin.worlds.entries()) {
        const buckets = [...plain.accounts.values()].flatMap((account) => [...account.buckets.values()]);
        objects += buckets.reduce((sum, { keys }) => sum + keys.size, 0);
        const archive = archives[at]!;
        await withState(async (state, otherDir, engine) => {
          const world = state.world("default")!;
          await importInto(world, archive);
          await checkWorld(t, { state, world, plain, seed });
          t.true((await archiveOf(world, { compression })).equals(archive), "the same bytes");
          await state.settle();
          t.deepEqual(await audit(engine, otherDir), { problems: [], unreferenced: [] });
        });
      }
    });
  });
  await fc.assert(property, { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 25), endOnFailure: true });
  t.log(`${objects} keys`);
  t.true(objects > 50);
});
