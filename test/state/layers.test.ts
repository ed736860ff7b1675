/** What happens to layers in the background: those that nothing leads to go, and deep stacks become flat. */
import test from "ava";
import * as fc from "fast-check";
import type { Engine } from "../../src/engine/port.ts";
import { findBucket } from "../../src/state/buckets.ts";
import { catalog, layerPrefix, prefixRange } from "../../src/state/keys.ts";
import { currentObject } from "../../src/state/objects.ts";
import { createSnapshot, deleteSnapshot, resetAccounts } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { checkWorld } from "./compare.ts";
import { ACCOUNT, copy, fileBodies, newBucket, put } from "./fixtures.ts";
import { step, Twin } from "./twin.ts";

const RUNS = { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 25) };
const CHAIN_FORKS = Number(process.env["STANDIN_CHAIN_FORKS"] ?? 60);
const LONG_CHAIN_FORKS = 1_000;
const EAGER = { layering: { stackLayersMax: 1, viewsEndedMs: 0 } };
const ALL = { limit: 1_000_000 };

const layersOf = (engine: Engine): Promise<number> =>
  engine.read(async (reader) => (await reader.scan(catalog.layers, ALL)).length);

const recordsOf = (engine: Engine): Promise<number> =>
  engine.read(async (reader) => (await reader.scan(prefixRange(layerPrefix("")), ALL)).length);

const depthOf = (world: World): Promise<number> =>
  world.read(async (view) => (await view.stack(ACCOUNT)).layers.length);

test("random operations with collections and flattenings among them leave what a plain model holds", async (t) => {
  t.timeout(300_000);
  const steps = fc.array(step, { minLength: 20, maxLength: 100, size: "max" });
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      await withState(async (state, dir, engine) => {
        const twin = new Twin(state);
        for (const next of taken) await twin.take(next);
        await state.settle();
        await state.settle();
        for (const { real, plain } of twin.worlds) await checkWorld(t, { state, world: real, plain, seed: 1 });
        await state.bodies.dead.settle();
        t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
      }, EAGER);
    }),
    RUNS,
  );
});

test("after a reset the layers go and the bodies with them, but for what a snapshot needs", (t) =>
  withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const place = { state, world };
    for (let at = 0; at < 450; at += 1) await put(place, bucket, { key: `small-${at}`, bytes: "x" });
    await put(place, bucket, { key: "kept", bytes: Buffer.alloc(40_000, "k") });
    await createSnapshot(world, { name: "seed", nowMs: 0 });
    const later = (await world.read((view) => findBucket(view, bucket)))!;
    await put(place, later, { key: "large", bytes: Buffer.alloc(40_000, "l") });
    await resetAccounts(world, {});
    t.true((await state.settle()).layers > 0);
    await state.bodies.dead.settle();
    t.is((await fileBodies(dir)).length, 1, "the snapshot's");
    t.true(await deleteSnapshot(world, "seed"));
    t.true((await state.settle()).records > 450);
    await state.bodies.dead.settle();
    t.deepEqual(await fileBodies(dir), []);
    t.is(await recordsOf(engine), 0);
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    t.deepEqual(await state.settle(), { layers: 0, records: 0 });
  }));

/** Of a chain's forks these are looked into, whatever its length. */
const SAMPLES = 5;
/** A slice of the chain whose times are compared. */
const TIMED_FORKS = 20;
const SLOWDOWN_MAX = 4;
/** Below it a machine that is busy with something else would decide. */
const FORK_MS_FLOOR = 5;

const middleOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

test("a chain of forks that each write stays flat and as fast as it began, whatever it was forked from", (t) =>
  withState(
    async (state, dir, engine) => {
      t.timeout(3_600_000);
      let world = state.world(DEFAULT_WORLD)!;
      const bucket = await newBucket(world, "bucket");
      await put({ state, world }, bucket, { key: "base", bytes: "base" });
      const times: number[] = [];
      for (let at = 0; at < CHAIN_FORKS; at += 1) {
        const begun = performance.now();
        world = await state.fork({ name: `fork-${at}`, fromWorld: world });
        const own = (await world.read((view) => findBucket(view, bucket)))!;
        await put({ state, world }, own, { key: `key-${at}`, bytes: String(at) });
        await copy(world, own, { from: "base", to: "copy" });
        await world.read(async (view) => view.stack(ACCOUNT));
        times.push(performance.now() - begun);
        await state.settle();
      }
      t.true((await depthOf(world)) <= 10, `${await depthOf(world)} layers`);
      const samples = Array.from({ length: SAMPLES }, (_, at) => Math.floor((at * (CHAIN_FORKS - 1)) / (SAMPLES - 1)));
      for (const last of samples) {
        const fork = state.world(`fork-${last}`)!;
        const own = (await fork.read((view) => findBucket(view, bucket)))!;
        for (let at = 0; at < CHAIN_FORKS; at += 1) {
          const object = await fork.read((view) => currentObject(view, own, `key-${at}`));
          t.is(object !== undefined, at <= last, `fork-${last}, key-${at}`);
        }
      }
      const [first, end] = [middleOf(times.slice(0, TIMED_FORKS)), middleOf(times.slice(-TIMED_FORKS))];
      t.log(`${first.toFixed(2)} ms a fork at first, ${end.toFixed(2)} ms at the end`);
      // Times say something of long chains alone, on a machine that does nothing else.
      if (CHAIN_FORKS >= LONG_CHAIN_FORKS) t.true(end <= SLOWDOWN_MAX * Math.max(first, FORK_MS_FLOOR), `${end} ms`);
      t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    },
    { layering: { stackLayersMax: 8, viewsEndedMs: 0 } },
  ));

test("the base of many forks stays shared", (t) =>
  withState(async (state, _dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    for (let at = 0; at < 300; at += 1) await put({ state, world }, bucket, { key: `base-${at}`, bytes: "x" });
    const before = await recordsOf(engine);
    for (let at = 0; at < 20; at += 1) {
      const fork = await state.fork({ name: `fork-${at}`, fromWorld: world });
      const own = (await fork.read((view) => findBucket(view, bucket)))!;
      await put({ state, world: fork }, own, { key: "own", bytes: "x" });
      await fork.read(async (view) => view.stack(ACCOUNT));
    }
    await state.settle();
    t.true((await recordsOf(engine)) < before + 20 * 10);
    t.true((await layersOf(engine)) < 100);
  }));

test("a view that began before a flattening leaves nothing behind that reads layers which are gone", (t) =>
  withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      const bucket = await newBucket(world, "bucket");
      const keys = ["one", "two", "three"];
      for (const key of keys) {
        await put({ state, world }, bucket, { key, bytes: "x" });
        await createSnapshot(world, { name: key, nowMs: 0 });
      }
      await put({ state, world }, bucket, { key: "top", bytes: "x" });
      for (const name of keys) await deleteSnapshot(world, name);
      t.is(await depthOf(world), 4);
      await world.read(async (view) => {
        // The view's first read is before the flattening, and it looks for its stack after it.
        await view.head(ACCOUNT);
        await state.settle();
        // As if nobody had asked for it since.
        world.host.layerStacks.forget();
        t.is((await view.stack(ACCOUNT)).layers.length, 4);
      });
      await state.settle();
      const present = (await world.read((view) => findBucket(view, bucket)))!;
      for (const key of [...keys, "top"]) {
        t.truthy(await world.read((view) => currentObject(view, present, key)), key);
      }
    },
    { wrap: (engine) => engine, layering: { stackLayersMax: 1, viewsEndedMs: 0 } },
  ));
