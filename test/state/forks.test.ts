import test from "ava";
import { listAccessKeys, putAccessKey } from "../../src/state/access-keys.ts";
import { findBucket, listBuckets, lookUpBucket } from "../../src/state/buckets.ts";
import { catalog } from "../../src/state/keys.ts";
import { encodeAccessKey } from "../../src/state/records.ts";
import { createSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { withState } from "../support/state.ts";
import { ACCOUNT, newBucket, open, put, readAll, remove } from "./fixtures.ts";

const OTHER = "222222222222";

test("a fork of a snapshot of named accounts has those accounts, and finds their buckets by name", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "mine");
    await newBucket(world, "theirs", { accountId: OTHER });
    await put({ state, world }, bucket, { key: "k", bytes: "bytes" });
    await createSnapshot(world, { name: "some", accountIds: [ACCOUNT, "333333333333"], nowMs: 0 });
    await remove(world, bucket, { key: "k" });
    const fork = await state.fork({ name: "fork", fromWorld: world, fromSnapshot: "some" });
    const found = (await lookUpBucket(fork, { partition: "aws", name: "mine" }))!;
    t.is(found.id, bucket.id);
    t.is(await readAll(await open({ state, world: fork }, found, "k")), "bytes");
    t.is(await fork.read((view) => findBucket(view, { partition: "aws", name: "theirs" })), undefined);
    const theirs = await fork.read((view) => listBuckets(view, { accountId: OTHER, partition: "aws", limit: 1 }));
    t.deepEqual(theirs, []);
    // The name is taken in the fork, and free again for all once it is let go.
    const taken = await newBucket(fork, "mine", { accountId: OTHER });
    t.is(taken.accountId, ACCOUNT);
  });
});

test("a fork has every registered key of its world, however many", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const key = (at: number) => ({
      accessKeyId: `AKIA${String(at).padStart(8, "0")}`,
      secretAccessKey: "secret",
      accountId: ACCOUNT,
      createdAtMs: 0,
    });
    await putAccessKey(world, key(0));
    await world.transact(async (tx) => {
      for (let at = 1; at <= 10_000; at += 1) {
        tx.tx.put(catalog.accessKey(world.name, key(at).accessKeyId), encodeAccessKey(key(at)));
      }
    });
    const fork = await state.fork({ name: "fork", fromWorld: world });
    t.is((await listAccessKeys(fork, { limit: 20_000 })).length, 10_001);
  });
});

test("a fork and its world draw the same ids, each its own from then on", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    for (let at = 0; at < 3; at += 1) await world.draw();
    const fork = await state.fork({ name: "fork", fromWorld: world });
    const [there, here] = [await fork.draw(), await world.draw()];
    t.is(there.requestId, here.requestId);
    t.is(there.versionId(), here.versionId());
  });
});
