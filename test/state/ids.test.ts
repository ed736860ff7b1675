/** The ids that clients see: never the same twice, and the same again wherever a seed promises it. */
import test from "ava";
import type { Engine } from "../../src/engine/port.ts";
import { lookUpBucket } from "../../src/state/buckets.ts";
import type { Draw } from "../../src/state/id-stream.ts";
import { listVersions } from "../../src/state/listing.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { newBucket, put } from "./fixtures.ts";

const idsOf = (draw: Draw) => [draw.requestId, draw.hostId, draw.versionId(), draw.versionId(), draw.uploadId()];

const drawOneByOne = async (world: World, count: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let at = 0; at < count; at += 1) ids.push(...idsOf(await world.draw()));
  return ids;
};

test("no two of thousands of requests at once get the same ids", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const draws = await Promise.all(Array.from({ length: 3_000 }, async () => world.draw()));
    t.is(new Set(draws.map(({ position }) => position)).size, 3_000);
    t.is(new Set(draws.flatMap(idsOf)).size, 5 * 3_000);
  });
});

test("with a seed, two runs of requests one after another draw the same ids", async (t) => {
  const runs: string[][] = [];
  for (let run = 0; run < 2; run += 1) {
    await withState(async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      const ids = await drawOneByOne(world, 1_100);
      await createSnapshot(world, { name: "here", nowMs: 0 });
      const after = await drawOneByOne(world, 3);
      await restoreSnapshot(world, "here");
      t.deepEqual(await drawOneByOne(world, 3), after, "restored");
      await resetAccounts(world, {});
      t.deepEqual(await drawOneByOne(world, 1_100), ids, "reset");
      runs.push([...ids, ...after]);
    });
  }
  t.deepEqual(runs[0], runs[1]);
});

test("a reset or restore of named accounts does not turn the ids back", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    await newBucket(world, "bucket");
    await createSnapshot(world, { name: "some", accountIds: ["111111111111"], nowMs: 0 });
    const seen = new Set(await drawOneByOne(world, 3));
    await resetAccounts(world, { accountIds: ["111111111111"] });
    await restoreSnapshot(world, "some");
    for (const id of await drawOneByOne(world, 3)) t.false(seen.has(id));
  });
});

test("after a restart, with and without a crash, no id comes again", async (t) => {
  await withFolder(async (dir) => {
    const seen: string[] = [];
    for (const end of ["crash", "close", "close"] as const) {
      const opened = await openStateIn(dir);
      seen.push(...(await drawOneByOne(opened.state.world(DEFAULT_WORLD)!, 10)));
      await opened[end]();
    }
    t.is(new Set(seen).size, seen.length);
  });
});

test("ids of what a snapshot holds are not drawn again after its restore, however late it was taken", async (t) => {
  let held: Promise<void> | undefined;
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    transact: async (fn) => {
      await held;
      return engine.transact(fn);
    },
  });
  await withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      const place = { state, world };
      const bucket = await newBucket(world, "bucket", { versioning: "Enabled" });
      await world.draw();
      const gate = Promise.withResolvers<void>();
      held = gate.promise;
      const snapshot = createSnapshot(world, { name: "late", nowMs: 0 });
      held = undefined;
      await put(place, bucket, { key: "k", bytes: "x", versionId: (await world.draw()).versionId() });
      gate.resolve();
      await snapshot;
      await restoreSnapshot(world, "late");
      const restored = (await lookUpBucket(world, bucket))!;
      for (let at = 0; at < 3; at += 1) {
        await put(place, restored, { key: "k", bytes: "x", versionId: (await world.draw()).versionId() });
      }
      const { entries } = await world.read((view) => listVersions(view, restored, { prefix: "", limit: 10 }));
      const ids = entries.map((entry) => ("version" in entry ? entry.version.versionId : ""));
      t.is(ids.length, 4);
      t.is(new Set(ids).size, 4);
    },
    { wrap },
  );
});

test("work that no request asked for has the ids of its name, and leaves those of requests as they are", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const before = world.ids.position;
    const ids = idsOf(world.ids.drawFor("one"));
    t.deepEqual(idsOf(world.ids.drawFor("one")), ids);
    t.is(world.ids.position, before);
    const [requestId = "", hostId = ""] = ids;
    t.regex(requestId, /^[0-9A-Z]{16}$/);
    t.is(hostId.length, 76);
    const others = [...idsOf(world.ids.drawFor("other")), ...(await drawOneByOne(world, 100))];
    t.is(new Set([...ids, ...others]).size, ids.length + others.length);
  });
});
