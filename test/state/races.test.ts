/** Many requests at once, while accounts are reset, snapshot and restored beneath them. */
import test from "ava";
import { bucketContents, createBucket, deleteBucket, lookUpBucket, requireBucket } from "../../src/state/buckets.ts";
import { AccountChangedError, BucketGoneError, NamespaceConflictError } from "../../src/state/errors.ts";
import type { Bucket } from "../../src/state/model.ts";
import { currentObject, putObject } from "../../src/state/objects.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { ACCOUNT, copy, LARGE, newBucket, open, put, readAll, remove, setVersioning } from "./fixtures.ts";

const CLIENTS = 64;
const ONCE = { wrap: <T>(engine: T): T => engine };
const accountOf = (index: number): string => String(100_000_000_000 + index);

const all = <T>(run: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: CLIENTS }, (_, index) => run(index)));

test("of 64 accounts that make a bucket of one name at once, one has it and all learn which", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const answers = await all((index) =>
      world.transact((tx) =>
        createBucket(tx, {
          name: "contended",
          accountId: accountOf(index),
          partition: "aws",
          region: "us-east-1",
          createdAtMs: 0,
          versioning: "Unversioned",
          objectOwnership: "BucketOwnerEnforced",
          objectLockEnabled: false,
        }),
      ),
    );
    const winner = answers.findIndex(({ created }) => created);
    t.is(answers.filter(({ created }) => created).length, 1);
    t.deepEqual(new Set(answers.map(({ bucket }) => bucket.accountId)), new Set([accountOf(winner)]));
  });
});

test("of 64 puts that must not overwrite one is kept, and the bodies of the others are gone", async (t) => {
  await withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const kept = await all((index) =>
      state.bodies
        .storing(index % 2 === 0 ? LARGE : Buffer.from("small"), (body) =>
          world.transact(async (tx) => {
            const present = await requireBucket(tx, bucket);
            if ((await currentObject(tx, present, "k")) !== undefined) throw new Error("taken");
            const facts = { etag: "etag", lastModifiedMs: 0, storageClass: "STANDARD", ownerAccountId: ACCOUNT };
            const object = { key: "k", versionId: "unused", sizeBytes: body.sizeBytes, attributes: {}, ...facts };
            await putObject(tx, present, { ...object, content: { body } });
          }),
        )
        .then(
          () => true,
          () => false,
        ),
    );
    t.is(kept.filter(Boolean).length, 1);
    await state.settle();
    await state.bodies.dead.settle();
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  });
});

/** A repeatable row of numbers below `below`. */
const numbers = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(state / 65_536) % below;
  };
};

const REFUSALS = [AccountChangedError, BucketGoneError, NamespaceConflictError];

test("requests that race with resets, snapshots and restores are done wholly or refused, and no body is lost", async (t) => {
  t.timeout(120_000);
  await withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const place = { state, world };
    const seen = { done: 0, refused: 0, read: 0 };

    const useBucket = async (bucket: Bucket, { pick, at }: { pick: (below: number) => number; at: number }) => {
      const key = `k${pick(4)}`;
      switch (pick(7)) {
        case 0:
          return removeBucketIfEmpty(bucket);
        case 1:
          return remove(world, bucket, { key, markerId: `marker-${at}` });
        case 2:
          return copy(world, bucket, { from: key, to: `k${pick(4)}` }).catch((error: unknown) => {
            if (!(error instanceof TypeError)) throw error;
          });
        case 3: {
          const object = await world.read((view) => currentObject(view, bucket, key));
          if (object === undefined) return;
          const text = await readAll(await open(place, bucket, key)).catch((error: unknown) => {
            if (!(error instanceof TypeError)) throw error;
          });
          if (text !== undefined) t.regex(text, /^(?:small|large)+/);
          seen.read += 1;
          return;
        }
        case 4:
          return setVersioning(world, bucket, pick(2) === 0 ? "Enabled" : "Suspended");
        default:
          return put(place, bucket, { key, bytes: pick(2) === 0 ? LARGE : "small", versionId: `version-${at}` });
      }
    };
    const removeBucketIfEmpty = async (bucket: Bucket): Promise<void> => {
      await world.transact(async (tx) => {
        const present = await requireBucket(tx, bucket);
        if ((await bucketContents(tx, present)) === "empty") await deleteBucket(tx, present);
      });
    };

    const client = async (index: number): Promise<void> => {
      const pick = numbers(index + 1);
      for (let step = 0; step < 60; step += 1) {
        const name = `bucket-${pick(3)}`;
        const bucket = await lookUpBucket(world, { partition: "aws", name });
        const request =
          bucket === undefined
            ? newBucket(world, name, { accountId: accountOf(pick(3)) })
            : useBucket(bucket, { pick, at: index * 1_000 + step });
        await request.then(
          () => (seen.done += 1),
          (error: unknown) => {
            if (!REFUSALS.some((refusal) => error instanceof refusal)) throw error;
            seen.refused += 1;
          },
        );
      }
    };
    const harness = async (): Promise<void> => {
      const pick = numbers(99);
      await createSnapshot(world, { name: "some", accountIds: [accountOf(0), accountOf(1)], nowMs: 0 });
      await createSnapshot(world, { name: "all", nowMs: 0 });
      for (let step = 0; step < 40; step += 1) {
        const changes = [
          () => createSnapshot(world, { name: "all", replace: true, nowMs: step }),
          () => createSnapshot(world, { name: "some", accountIds: [accountOf(pick(3))], replace: true, nowMs: step }),
          () => restoreSnapshot(world, "all"),
          () => restoreSnapshot(world, "some"),
          () => resetAccounts(world, { accountIds: [accountOf(pick(3))] }),
          () => resetAccounts(world, {}),
        ];
        await changes[pick(changes.length)]!().catch((error: unknown) => {
          if (!(error instanceof NamespaceConflictError)) throw error;
        });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    await Promise.all([harness(), ...Array.from({ length: 16 }, (_, index) => client(index))]);
    await state.settle();
    await state.bodies.dead.settle();
    t.deepEqual((await audit(engine, dir)).problems, []);
    t.log(seen);
    t.true(seen.done > 100 && seen.refused > 0 && seen.read > 0, JSON.stringify(seen));
  }, ONCE);
});
