/** What a crash, or an end in bad order, leaves behind is gone after the next start. */
import test from "ava";
import { setTimeout as sleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { CommitFailedError } from "../../src/engine/errors.ts";
import type { Engine } from "../../src/engine/port.ts";
import { systemFiles, type Files } from "../../src/platform/files.ts";
import { lookUpBucket } from "../../src/state/buckets.ts";
import type { Bucket } from "../../src/state/model.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { openStateIn, withFolder, type OpenState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { fileBodies, LARGE, newBucket, open, put, remove } from "./fixtures.ts";

const WAIT_MS_MAX = 5_000;

const placeOf = ({ state }: OpenState) => ({ state, world: state.world(DEFAULT_WORLD)! });

const bucketOf = async (opened: OpenState): Promise<Bucket> => {
  const { world } = placeOf(opened);
  return (await lookUpBucket(world, { partition: "aws", name: "bucket" })) ?? newBucket(world, "bucket");
};

const putLarge = async (opened: OpenState, key: string) =>
  put(placeOf(opened), await bucketOf(opened), { key, bytes: LARGE });

const removeKey = async (opened: OpenState, key: string) =>
  remove(placeOf(opened).world, await bucketOf(opened), { key });

/** Waits until so many files are left. */
const filesLeft = async (dir: string, count: number): Promise<number> => {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const files = await fileBodies(dir);
    if (files.length === count || Date.now() > deadline) return files.length;
    await sleep(10);
  }
};

test("a body that was received and never named is gone after a crash", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    await putLarge(first, "kept");
    const received = Promise.withResolvers<void>();
    void first.state.bodies.storing(LARGE, () => {
      received.resolve();
      return new Promise(() => undefined);
    });
    await received.promise;
    t.is((await fileBodies(dir)).length, 2);
    await first.crash();
    const second = await openStateIn(dir);
    t.is(await filesLeft(dir, 1), 1);
    t.deepEqual(await audit(second.engine, dir), { problems: [], unreferenced: [] });
    await second.close();
  });
});

/** Files none of which can be removed, as if the process had ended before. */
const notRemoving: Files = { ...systemFiles, remove: () => new Promise(() => undefined) };
const failingToRemove: Files = { ...systemFiles, remove: () => Promise.reject(new Error("not permitted")) };

test("a body of an earlier run that died just before a crash is gone after it", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    await putLarge(first, "kept");
    await putLarge(first, "dying");
    await first.close();
    const second = await openStateIn(dir, { files: notRemoving });
    await removeKey(second, "dying");
    await second.crash();
    t.is((await fileBodies(dir)).length, 2);
    const third = await openStateIn(dir);
    t.is(await filesLeft(dir, 1), 1);
    await third.close();
  });
});

test("a body that could not be removed is tried again at the next start", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir, { files: failingToRemove });
    await putLarge(first, "dying");
    await removeKey(first, "dying");
    await first.close();
    t.is((await fileBodies(dir)).length, 1);
    const second = await openStateIn(dir);
    t.is(await filesLeft(dir, 0), 0);
    await second.close();
  });
});

test("what a crash left and could not be removed is tried again at every start", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir, { files: notRemoving });
    await putLarge(first, "dying");
    await removeKey(first, "dying");
    await first.crash();
    const second = await openStateIn(dir, { files: failingToRemove });
    await sleep(50);
    await second.close();
    t.is((await fileBodies(dir)).length, 1);
    const third = await openStateIn(dir);
    t.is(await filesLeft(dir, 0), 0);
    await third.close();
  });
});

test("a dead body that is still being read when the server stops is gone after the next start", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    await putLarge(first, "dying");
    const stream = (await open(placeOf(first), await bucketOf(first), "dying")) as Readable;
    await removeKey(first, "dying");
    await first.close();
    t.is((await fileBodies(dir)).length, 1);
    const second = await openStateIn(dir);
    t.is(await filesLeft(dir, 0), 0);
    await second.close();
    stream.destroy();
  });
});

type Failing = { next: boolean };

/** The batch reaches the disk, and the engine learns nothing of it. */
const failingAfter =
  (failing: Failing) =>
  (engine: Engine): Engine => ({
    ...engine,
    transact: async (fn) => {
      const result = await engine.transact(fn);
      if (failing.next) throw new CommitFailedError({ cause: "connection lost" });
      return result;
    },
  });

/** Nothing is written. */
const failingBefore =
  (failing: Failing) =>
  (engine: Engine): Engine => ({
    ...engine,
    transact: (fn) =>
      engine.transact(async (tx) => {
        const result = await fn(tx);
        if (failing.next) throw new CommitFailedError({ cause: "no space left" });
        return result;
      }),
  });

for (const { outcome, wrap, kept } of [
  { outcome: "is kept if it did take place", wrap: failingAfter, kept: 1 },
  { outcome: "is gone after the next start if it did not", wrap: failingBefore, kept: 0 },
]) {
  test(`a body whose commit failed in doubt ${outcome}`, async (t) => {
    await withFolder(async (dir) => {
      const failing = { next: false };
      const first = await openStateIn(dir, { wrap: wrap(failing) });
      await bucketOf(first);
      failing.next = true;
      await t.throwsAsync(putLarge(first, "k"), { instanceOf: CommitFailedError });
      failing.next = false;
      await first.close();
      const second = await openStateIn(dir);
      t.is(await filesLeft(dir, kept), kept);
      t.deepEqual(await audit(second.engine, dir), { problems: [], unreferenced: [] });
      await second.close();
    });
  });
}

test("a body of a run that crashed is read to its end although it dies while that run is being looked at", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    await putLarge(first, "dying");
    await first.crash();
    const listed = Promise.withResolvers<void>();
    const files: Files = { ...systemFiles, list: (path) => listed.promise.then(() => systemFiles.list(path)) };
    const second = await openStateIn(dir, { files });
    const stream = (await open(placeOf(second), await bucketOf(second), "dying")) as Readable;
    await removeKey(second, "dying");
    listed.resolve();
    await sleep(50);
    t.deepEqual(await buffer(stream), LARGE);
    t.is(await filesLeft(dir, 0), 0);
    await second.close();
  });
});

test("after runs that ended in order no folder is looked at, whatever died in them", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    for (const key of ["a", "b"]) await putLarge(first, key);
    await first.close();
    const second = await openStateIn(dir);
    await removeKey(second, "a");
    await second.close();
    let looked = 0;
    const files: Files = {
      ...systemFiles,
      list: (path) => {
        looked += 1;
        return systemFiles.list(path);
      },
    };
    const third = await openStateIn(dir, { files });
    await sleep(50);
    await third.close();
    t.is(looked, 0);
    t.is((await fileBodies(dir)).length, 1);
  });
});
