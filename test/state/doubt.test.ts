/** Commits that failed and took place after all, which nobody knows before the database was opened again. */
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { CommitFailedError, EngineUnavailableError } from "../../src/engine/errors.ts";
import { findBucket } from "../../src/state/buckets.ts";
import { WorldExistsError, WorldGoneError } from "../../src/state/errors.ts";
import { createSnapshot, resetEverything, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import { updateWorld } from "../../src/state/world-settings.ts";
import type { World } from "../../src/state/world.ts";
import { newPlan, openPlannedDisk, type Plan } from "../support/planned-disk.ts";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { newBucket, open, put, readAll } from "./fixtures.ts";

type Doubt = { readonly state: State; readonly world: World; readonly plan: Plan };

/** Longer than the engine waits between two attempts to open the database again. */
const RETRIED_MS = 150;

const withDoubt = (use: (doubt: Doubt) => Promise<void>, check: (problems: unknown) => void): Promise<void> => {
  const plan = newPlan();
  return withState(
    async (state, dir, engine) => {
      await use({ state, world: state.world(DEFAULT_WORLD)!, plan });
      await state.settle();
      await state.bodies.dead.settle();
      check(await audit(engine, dir));
    },
    { openDisk: openPlannedDisk(plan) },
  );
};

const CLEAN = { problems: [], unreferenced: [] };

/** The next commit fails and takes place: at once, or when there is room again. */
const failNext = (plan: Plan, { isFull = false }: { isFull?: boolean } = {}): void => {
  plan.failWrites = 1;
  plan.lateWrites = true;
  plan.isFull = isFull;
};

test("a fork whose commit failed and took place after all is there, for its maker too", (t) =>
  withDoubt(
    async ({ state, world, plan }) => {
      const bucket = await newBucket(world, "bucket");
      await put({ state, world }, bucket, { key: "k", bytes: "bytes" });
      failNext(plan);
      const fork = await state.fork({ name: "fork", fromWorld: world });
      t.is(state.world("fork"), fork);
      const inFork = (await fork.read((view) => findBucket(view, bucket)))!;
      t.is(await readAll(await open({ state, world: fork }, inFork, "k")), "bytes");
      failNext(plan);
      const empty = await state.createWorld({ name: "empty", settings: { authMode: "strict" } });
      t.is(empty.settings.authMode, "strict");
      t.is(state.worlds().length, 3);
    },
    (found) => t.deepEqual(found, CLEAN),
  ));

test("a world whose commit failed for good is not there, and its name is free", (t) =>
  withDoubt(
    async ({ state, world, plan }) => {
      plan.failWrites = 1;
      await t.throwsAsync(state.fork({ name: "fork", fromWorld: world }), { instanceOf: CommitFailedError });
      t.is(state.world("fork"), undefined);
      await state.createWorld({ name: "fork" });
    },
    (found) => t.deepEqual(found, CLEAN),
  ));

test("a world whose making is settled long after it failed is there from then on", (t) =>
  withDoubt(
    async ({ state, world, plan }) => {
      failNext(plan, { isFull: true });
      await t.throwsAsync(state.createWorld({ name: "late" }), { instanceOf: CommitFailedError });
      await t.throwsAsync(state.createWorld({ name: "late" }), { instanceOf: EngineUnavailableError });
      t.is(state.world("late"), undefined);
      plan.isFull = false;
      await sleep(RETRIED_MS);
      await t.throwsAsync(state.createWorld({ name: "late" }), { instanceOf: WorldExistsError });
      await newBucket(state.world("late")!, "bucket");
      await newBucket(world, "bucket");
      await state.deleteWorld(state.world("late")!);
    },
    (found) => t.deepEqual(found, CLEAN),
  ));

test("a world whose deletion failed and took place after all is gone", (t) =>
  withDoubt(
    async ({ state, world, plan }) => {
      const fork = await state.fork({ name: "fork", fromWorld: world });
      failNext(plan);
      await state.deleteWorld(fork);
      t.is(state.world("fork"), undefined);
      await t.throwsAsync(newBucket(fork, "bucket"), { instanceOf: WorldGoneError });
      const again = await state.createWorld({ name: "fork" });
      failNext(plan, { isFull: true });
      await t.throwsAsync(state.deleteWorld(again), { instanceOf: CommitFailedError });
      t.is(state.world("fork"), again);
      plan.isFull = false;
      await sleep(RETRIED_MS);
      await newBucket(world, "bucket");
      t.is(state.world("fork"), undefined);
      await t.throwsAsync(newBucket(again, "bucket"), { instanceOf: WorldGoneError });
    },
    (found) => t.deepEqual(found, CLEAN),
  ));

test("a deletion that failed for good leaves its world as it was", (t) =>
  withDoubt(
    async ({ state, world, plan }) => {
      const fork = await state.fork({ name: "fork", fromWorld: world });
      plan.failWrites = 1;
      await t.throwsAsync(state.deleteWorld(fork), { instanceOf: CommitFailedError });
      t.is(state.world("fork"), fork);
      await newBucket(fork, "bucket");
    },
    (found) => t.deepEqual(found, CLEAN),
  ));

test("settings that were changed by a commit that failed and took place after all hold", (t) =>
  withDoubt(
    async ({ world, plan }) => {
      await newBucket(world, "bucket");
      failNext(plan);
      await t.throwsAsync(updateWorld(world, { settings: { bucketNamespace: "account", authMode: "strict" } }), {
        instanceOf: CommitFailedError,
      });
      t.is(world.settings.bucketNamespace, "account");
      t.is(world.settings.authMode, "strict");
      failNext(plan);
      await t.throwsAsync(resetEverything(world), { instanceOf: CommitFailedError });
      t.is(world.settings.authMode, "lenient");
    },
    (found) => t.deepEqual(found, CLEAN),
  ));

test("no id is drawn twice after a restore that failed and took place after all", (t) =>
  withDoubt(
    async ({ world, plan }) => {
      await world.draw();
      await createSnapshot(world, { name: "seed", nowMs: 0 });
      for (let at = 0; at < 10; at += 1) await world.draw();
      failNext(plan);
      await t.throwsAsync(restoreSnapshot(world, "seed"), { instanceOf: CommitFailedError });
      const positions: number[] = [];
      for (let at = 0; at < 10_000; at += 1) positions.push((await world.draw()).position);
      t.is(new Set(positions).size, positions.length);
      t.is(positions[0], 1);
    },
    (found) => t.deepEqual(found, CLEAN),
  ));
