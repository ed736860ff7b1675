/** What comes in the way of a flattening: views that are older than it, and whoever holds it off. */
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import type { Engine } from "../../src/engine/port.ts";
import { findBucket } from "../../src/state/buckets.ts";
import { catalog } from "../../src/state/keys.ts";
import type { Bucket } from "../../src/state/model.ts";
import { currentObject } from "../../src/state/objects.ts";
import { createSnapshot, deleteSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { ACCOUNT, newBucket, put, type Place } from "./fixtures.ts";

const KEYS = ["one", "two", "three", "four"];
/** Long enough to be met in the midst of it. */
const WAIT_MS = 600;

const depthOf = (world: World): Promise<number> =>
  world.read(async (view) => (await view.stack(ACCOUNT)).layers.length);

const layersOf = (engine: Engine): Promise<number> =>
  engine.read(async (reader) => (await reader.scan(catalog.layers, { limit: 1_000 })).length);

/** A stack of five layers, four of which no snapshot enters. */
const makeDeep = async (place: Place): Promise<Bucket> => {
  const { world } = place;
  const bucket = await newBucket(world, "bucket");
  for (const key of KEYS) {
    await put(place, bucket, { key, bytes: "x" });
    await createSnapshot(world, { name: key, nowMs: 0 });
  }
  await put(place, bucket, { key: "top", bytes: "x" });
  for (const name of KEYS) await deleteSnapshot(world, name);
  return bucket;
};

test("a view that began before a flattening finds all, although others have learnt of what came of it", (t) =>
  withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      const bucket = await makeDeep({ state, world });
      t.is(await depthOf(world), KEYS.length + 1);
      await world.read(async (view) => {
        await view.head(ACCOUNT);
        await state.settle();
        t.is(await depthOf(world), 2);
        const seen = (await findBucket(view, bucket))!;
        for (const key of [...KEYS, "top"]) t.truthy(await currentObject(view, seen, key), key);
      });
    },
    { layering: { stackLayersMax: 1, viewsEndedMs: 0 } },
  ));

test("a flattening that the doctor cut off begins again, and what it had made goes", (t) =>
  withState(
    async (state, dir, engine) => {
      const world = state.world(DEFAULT_WORLD)!;
      await makeDeep({ state, world });
      t.is(await depthOf(world), KEYS.length + 1);
      const before = await layersOf(engine);
      while ((await layersOf(engine)) === before) await sleep(10);
      for await (const finding of state.check(() => undefined)) t.fail(JSON.stringify(finding));
      t.is(await depthOf(world), KEYS.length + 1);
      await state.settle();
      t.is(await depthOf(world), 2);
      // The account's two and the namespace's.
      t.is(await layersOf(engine), 3);
      t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    },
    { layering: { stackLayersMax: KEYS.length, viewsEndedMs: WAIT_MS } },
  ));
