/** Worlds of more accounts than one range deletion takes, and what whole-world operations write. */
import test from "ava";
import type { Engine } from "../../src/engine/port.ts";
import { listAccounts } from "../../src/state/accounts.ts";
import { lookUpBucket } from "../../src/state/buckets.ts";
import { TooManyError } from "../../src/state/errors.ts";
import { catalog } from "../../src/state/keys.ts";
import { encodeHead } from "../../src/state/records.ts";
import {
  createSnapshot,
  deleteSnapshot,
  getSnapshot,
  resetAccounts,
  restoreSnapshot,
  WORLD_ACCOUNTS_MAX,
} from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { newBucket, put, removeBucket } from "./fixtures.ts";

const accountId = (at: number): string => String(at).padStart(12, "0");

const touchAccounts = (world: World, count: number): Promise<void> =>
  world.transact(async (tx) => {
    for (let at = 0; at < count; at += 1) await tx.writableStack(accountId(at));
  });

test("a snapshot of more than 10,000 accounts is made, replaced, restored and deleted", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    await touchAccounts(world, 10_001);
    await createSnapshot(world, { name: "all", nowMs: 0 });
    const replaced = await createSnapshot(world, { name: "all", nowMs: 1, replace: true });
    t.is(replaced.accountIds.length, 10_001);
    await restoreSnapshot(world, "all");
    t.true(await deleteSnapshot(world, "all"));
    t.is(await getSnapshot(world, "all"), undefined);
    const left = await world.read((view) => view.reader.scan(catalog.snapshotHeads(world.name, "all"), { limit: 1 }));
    t.deepEqual(left, []);
  });
});

test("a world of more accounts than an operation covers is told so, and nothing is changed", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const head = encodeHead({ layerId: "0".repeat(16), epoch: 0, sealed: false });
    for (let from = 0; from <= WORLD_ACCOUNTS_MAX; from += 20_000) {
      await world.transact(async (tx) => {
        for (let at = from; at < Math.min(from + 20_000, WORLD_ACCOUNTS_MAX + 1); at += 1)
          tx.tx.put(catalog.head(world.name, accountId(at)), head);
      });
    }
    const refused = { instanceOf: TooManyError, message: /more than 100000 accounts/ };
    await t.throwsAsync(resetAccounts(world, {}), refused);
    await t.throwsAsync(createSnapshot(world, { name: "all", nowMs: 0 }), refused);
    t.is(await getSnapshot(world, "all"), undefined);
  });
});

/** An engine that counts the records its transactions write. */
const counting = (counted: { writes: number }) => (engine: Engine) => ({
  ...engine,
  transact: <T>(fn: Parameters<typeof engine.transact<T>>[0]) =>
    engine.transact<T>((tx) =>
      fn({
        get: (key) => tx.get(key),
        getBytes: (key) => tx.getBytes(key),
        getMany: (keys) => tx.getMany(keys),
        scan: (range, options) => tx.scan(range, options),
        clearRange: (range) => tx.clearRange(range),
        put: (key, value) => {
          counted.writes += 1;
          tx.put(key, value);
        },
        delete: (key) => {
          counted.writes += 1;
          tx.delete(key);
        },
        add: (key, delta) => {
          counted.writes += 1;
          tx.add(key, delta);
        },
      }),
    ),
});

test("reset, snapshot, restore and fork write as much for many objects as for few: some records for each account", async (t) => {
  const counted = { writes: 0 };
  const costs: Record<string, number>[] = [];
  await withState(
    async (state) => {
      const world = state.world(DEFAULT_WORLD)!;
      for (const [round, objects] of [2, 300].entries()) {
        await resetAccounts(world, {});
        for (const [at, name] of ["one", "two", "three"].entries()) {
          const bucket = await newBucket(world, name, { accountId: accountId(at) });
          for (let key = 0; key < objects; key += 1)
            await put({ state, world }, bucket, { key: `k${key}`, bytes: "x" });
        }
        const writesOf = async (change: () => Promise<unknown>): Promise<number> => {
          counted.writes = 0;
          await change();
          return counted.writes;
        };
        const snapshot = `snapshot-${round}`;
        costs.push({
          snapshot: await writesOf(() => createSnapshot(world, { name: snapshot, nowMs: 0 })),
          restore: await writesOf(() => restoreSnapshot(world, snapshot)),
          fork: await writesOf(() => state.fork({ name: `fork-${round}`, fromWorld: world })),
          resetSome: await writesOf(() => resetAccounts(world, { accountIds: [accountId(0)] })),
          reset: await writesOf(() => resetAccounts(world, {})),
        });
        t.is(await lookUpBucket(world, { partition: "aws", name: "one" }), undefined);
      }
    },
    { wrap: counting(counted) },
  );
  const [few, many] = costs;
  t.deepEqual(many, few);
  // Three accounts and the namespace: a head, a layer or a snapshot's head each, and one record for the whole.
  for (const writes of Object.values(few!)) t.true(writes <= 4 * 2 + 2, JSON.stringify(few));
});

test("an account with thousands of buckets is summed up within one view", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const buckets = await Promise.all(
      Array.from({ length: 5_000 }, (_, at) => newBucket(world, `bucket-${at}`, { accountId: accountId(1) })),
    );
    await put({ state, world }, buckets[7]!, { key: "k", bytes: "four" });
    await put({ state, world }, buckets[4_999]!, { key: "k", bytes: "more" });
    await removeBucket(world, buckets[0]!);
    const [account] = await world.read((view) => listAccounts(view, { limit: 10 }));
    const usage = { objects: 2, versions: 2, uploads: 0, bytes: 8 };
    t.deepEqual(account, { accountId: accountId(1), buckets: 4_999, ...usage });
  });
});
