/** Everything that moves layers at once: worlds, snapshots, archives, diffs, collection; with commits that fail among them. */
import test from "ava";
import * as fc from "fast-check";
import { CommitFailedError, EngineUnavailableError, ViewExpiredError } from "../../src/engine/errors.ts";
import { bucketContents, createBucket, deleteBucket, lookUpBucket, requireBucket } from "../../src/state/buckets.ts";
import { diffStates } from "../../src/state/diff/diff.ts";
import {
  AccountChangedError,
  BucketGoneError,
  NamespaceConflictError,
  SnapshotExistsError,
  SnapshotNotFoundError,
  WorldExistsError,
  WorldGoneError,
} from "../../src/state/errors.ts";
import { createSnapshot, deleteSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import { updateWorld } from "../../src/state/world-settings.ts";
import type { World } from "../../src/state/world.ts";
import { diagnose, withStore } from "../support/doctor.ts";
import { newPlan, openPlannedDisk, type Plan } from "../support/planned-disk.ts";
import { openStateIn, withFolder } from "../support/state.ts";
import { archiveOf, importInto } from "./archive/archives.ts";
import { audit } from "./audit.ts";
import { copy, LARGE, put, remove } from "./fixtures.ts";

const RUNS = { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 10) };
/** How many go on at once. */
const WORKERS = 6;
const WORLDS = [DEFAULT_WORLD, "one", "two", "three"];
const ACCOUNTS = ["111111111111", "222222222222"];
const NAMES = ["first", "second"];
const SNAPSHOTS = ["old", "new"];
const KEYS = ["a", "b"];

const REFUSALS = [
  AccountChangedError,
  BucketGoneError,
  CommitFailedError,
  EngineUnavailableError,
  NamespaceConflictError,
  SnapshotExistsError,
  SnapshotNotFoundError,
  ViewExpiredError,
  WorldExistsError,
  WorldGoneError,
];

const OPERATIONS = [
  "put",
  "put",
  "put",
  "copy",
  "remove",
  "removeBucket",
  "snapshot",
  "snapshot",
  "deleteSnapshot",
  "restore",
  "reset",
  "fork",
  "fork",
  "deleteWorld",
  "namespace",
  "move",
  "import",
  "diff",
  "settle",
  "fail",
] as const;

const operation = fc.record({
  what: fc.constantFrom(...OPERATIONS),
  world: fc.constantFrom(...WORLDS),
  other: fc.constantFrom(...WORLDS.slice(1)),
  accountId: fc.constantFrom(...ACCOUNTS),
  name: fc.constantFrom(...NAMES),
  snapshot: fc.constantFrom(...SNAPSHOTS),
  key: fc.constantFrom(...KEYS),
  flag: fc.boolean(),
});
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const bucketIn = async (world: World, { name, accountId }: Operation) =>
  world.transact(async (tx) => {
    const { bucket } = await createBucket(tx, {
      name,
      accountId,
      partition: "aws",
      region: "us-east-1",
      createdAtMs: 0,
      versioning: "Enabled",
      objectOwnership: "BucketOwnerEnforced",
      objectLockEnabled: false,
    });
    return bucket;
  });

let versions = 0;

const run = async ({ state, plan }: { state: State; plan: Plan }, taken: Operation): Promise<unknown> => {
  const { what, accountId, name, snapshot, key, flag, other } = taken;
  const world = state.world(taken.world) ?? state.world(DEFAULT_WORLD)!;
  const accounts = flag ? {} : { accountIds: [accountId] };
  const from = flag ? {} : { snapshot };
  switch (what) {
    case "put": {
      versions += 1;
      const versionId = `v${versions}`;
      return put({ state, world }, await bucketIn(world, taken), { key, bytes: flag ? LARGE : "small", versionId });
    }
    case "copy":
      return copy(world, await bucketIn(world, taken), { from: key, to: "copied" }).catch((error: unknown) => {
        // There is nothing to copy.
        if (!(error instanceof TypeError)) throw error;
      });
    case "remove":
      return remove(world, await bucketIn(world, taken), { key });
    case "removeBucket": {
      const owner = world.settings.bucketNamespace === "account" ? { ownerAccountId: accountId } : {};
      const bucket = await lookUpBucket(world, { partition: "aws", name, ...owner });
      if (bucket === undefined) return undefined;
      return world.transact(async (tx) => {
        const present = await requireBucket(tx, bucket);
        if ((await bucketContents(tx, present)) === "empty") await deleteBucket(tx, present);
      });
    }
    case "snapshot":
      return createSnapshot(world, { name: snapshot, replace: true, nowMs: 0, ...accounts });
    case "deleteSnapshot":
      return deleteSnapshot(world, snapshot);
    case "restore":
      return restoreSnapshot(world, snapshot);
    case "reset":
      return resetAccounts(world, accounts);
    case "fork":
      return state.fork({ name: other, fromWorld: world, ...(flag ? {} : { fromSnapshot: snapshot }) });
    case "deleteWorld": {
      const gone = state.world(other);
      return gone && state.deleteWorld(gone);
    }
    case "namespace":
      return updateWorld(world, { settings: { bucketNamespace: flag ? "account" : "partition" } });
    case "move": {
      const archive = await archiveOf(world, from);
      return importInto(state.world(other) ?? world, archive);
    }
    case "import": {
      const archive = await archiveOf(world, accounts);
      return importInto(world, archive, { snapshot: { name: snapshot, replace: flag, nowMs: 0 } });
    }
    case "diff": {
      const found = [];
      const places = { from: { world, ...from }, to: { world: state.world(other) ?? world } };
      for await (const difference of diffStates(world.host, places)) found.push(difference);
      return found;
    }
    case "settle":
      return state.settle();
    case "fail":
      plan.failWrites = 1;
      plan.lateWrites = flag;
      return undefined;
  }
};

test("worlds, snapshots, archives and collections at once, with commits that fail, leave a store that is sound", (t) => {
  t.timeout(300_000);
  const operations = fc.array(operation, { minLength: 40, maxLength: 160, size: "max" });
  return fc.assert(
    fc.asyncProperty(operations, (taken) =>
      withFolder(async (dir) => {
        const plan = newPlan();
        const layering = { stackLayersMax: 2, viewsEndedMs: 0 };
        const opened = await openStateIn(dir, { openDisk: openPlannedDisk(plan), layering, wrap: (engine) => engine });
        const { state } = opened;
        const left = taken.toReversed();
        const work = async (): Promise<void> => {
          for (let next = left.pop(); next !== undefined; next = left.pop()) {
            await run({ state, plan }, next).catch((error: unknown) => {
              if (!REFUSALS.some((refusal) => error instanceof refusal)) throw error;
            });
          }
        };
        await Promise.all(Array.from({ length: WORKERS }, work));
        plan.failWrites = 0;
        await state.settle();
        await state.settle();
        await state.bodies.dead.settle();
        const shared = state.worlds().every(({ settings }) => settings.bucketNamespace !== "account");
        const names = state.worlds().map((world) => world.name);
        await opened.close();
        const again = await openStateIn(dir, { wrap: (engine) => engine });
        t.deepEqual(
          again.state
            .worlds()
            .map((world) => world.name)
            .toSorted(),
          names.toSorted(),
        );
        await again.state.settle();
        const after = await audit(again.engine, dir);
        await again.close();
        t.deepEqual(after.unreferenced, []);
        // The audit knows shared names alone.
        if (shared) t.deepEqual(after.problems, []);
        await withStore(dir, async (store) => t.deepEqual(await diagnose(store), []));
      }),
    ),
    { ...RUNS, endOnFailure: true },
  );
});
