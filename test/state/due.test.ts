import test from "ava";
import { putConfiguration, requireBucket } from "../../src/state/buckets.ts";
import { diffStates } from "../../src/state/diff/diff.ts";
import {
  deleteDue,
  firstDues,
  KEY_TIME_MS_MAX,
  lifecycleStart,
  listDue,
  putDue,
  takeDue,
  type Due,
} from "../../src/state/due.ts";
import type { FirstDue } from "../../src/state/due-times.ts";
import { createSnapshot, readHeads, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import type { State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { diagnose, withStore } from "../support/doctor.ts";
import { archiveOf, importInto } from "./archive/archives.ts";
import { ACCOUNT, newBucket } from "./fixtures.ts";

const OTHER = "222222222222";

const due = (kind: Due["kind"], dueAtMs: number, id = "a"): Due => ({ kind, dueAtMs, id, document: `of ${id}` });

const put = (world: World, dues: readonly Due[], accountId = ACCOUNT): Promise<void> =>
  world.transact(async (tx) => {
    for (const each of dues) await putDue(tx, accountId, each);
  });

const list = (
  world: World,
  options: Partial<Parameters<typeof listDue>[2]> = {},
  accountId = ACCOUNT,
): Promise<Due[]> =>
  world.read((view) => listDue(view, accountId, { untilMs: KEY_TIME_MS_MAX, limit: 100, ...options }));

const first = (world: World): Promise<FirstDue | undefined> =>
  world.cache.dueTimes.first({
    accountIds: () => world.read(async (view) => (await readHeads(view)).keys()),
    firstDues: (accountIds) => world.read((view) => Promise.all(accountIds.map((id) => firstDues(view, id)))),
  });

const theWorld = (state: State, name = "default"): World => {
  const world = state.world(name);
  if (world === undefined) throw new Error(`no world ${name}`);
  return world;
};

const withWorld = (use: (world: World, state: State) => Promise<void>): Promise<void> =>
  withState((state) => use(theWorld(state), state));

test("due work is listed by time, then by kind and id, up to a time and from where a page ended", async (t) => {
  await withWorld(async (world) => {
    const all = [
      due("lifecycle", 10, "z"),
      due("event", 10, "a"),
      due("event", 10, "b\0c"),
      due("replication", 11, "é😀"),
      due("lifecycle", KEY_TIME_MS_MAX, ""),
    ];
    await put(world, all.toReversed());
    t.deepEqual(await list(world), all);
    t.deepEqual(await list(world, { untilMs: 10 }), all.slice(0, 3));
    t.deepEqual(await list(world, { untilMs: 9 }), []);
    t.deepEqual(await list(world, { kind: "event" }), all.slice(1, 3));
    const paged: Due[] = [];
    for (let page = await list(world, { limit: 1 }); page[0] !== undefined;) {
      paged.push(page[0]);
      page = await list(world, { limit: 1, after: page[0] });
    }
    t.deepEqual(paged, all);
    t.deepEqual(await list(world, {}, OTHER), []);
  });
});

test("what is put twice is there once, as it was put last; times that no clock shows are refused", async (t) => {
  await withWorld(async (world) => {
    await put(world, [due("event", 5), { ...due("event", 5), document: "newer" }]);
    t.deepEqual(await list(world), [{ ...due("event", 5), document: "newer" }]);
    for (const dueAtMs of [-1, 0.5, Number.NaN, KEY_TIME_MS_MAX + 1]) {
      await t.throwsAsync(put(world, [due("event", dueAtMs)]), { instanceOf: RangeError });
    }
  });
});

test("work is taken once, and not if it says something else by now", async (t) => {
  await withWorld(async (world) => {
    await put(world, [due("event", 5), due("event", 6)]);
    const take = (wanted: Due): Promise<boolean> => world.transact((tx) => takeDue(tx, ACCOUNT, wanted));
    t.true(await take(due("event", 5)));
    t.false(await take(due("event", 5)));
    t.false(await take({ ...due("event", 6), document: "older" }));
    await world.transact((tx) => deleteDue(tx, ACCOUNT, due("event", 6)));
    await world.transact((tx) => deleteDue(tx, ACCOUNT, due("event", 6)));
    t.deepEqual(await list(world), []);
  });
});

test("a reset empties due work, a snapshot captures it, a restore and a fork set it", async (t) => {
  await withWorld(async (world, state) => {
    await put(world, [due("lifecycle", 5), due("event", 9)]);
    await createSnapshot(world, { name: "s", nowMs: 0 });
    await world.transact((tx) => takeDue(tx, ACCOUNT, due("lifecycle", 5)));
    await put(world, [due("event", 7)]);
    t.deepEqual(await list(world), [due("event", 7), due("event", 9)]);
    const fork = await state.fork({ name: "fork", fromWorld: world });
    await resetAccounts(world, {});
    t.deepEqual(await list(world), []);
    t.is(await first(world), undefined);
    await restoreSnapshot(world, "s");
    t.deepEqual(await list(world), [due("lifecycle", 5), due("event", 9)]);
    t.deepEqual(await first(world), { kind: "lifecycle", accountId: ACCOUNT, dueAtMs: 5 });
    t.deepEqual(await list(fork), [due("event", 7), due("event", 9)]);
    t.deepEqual(await first(fork), { kind: "event", accountId: ACCOUNT, dueAtMs: 7 });
  });
});

test("when the first work falls due is known without reading, and never later than it is", async (t) => {
  await withWorld(async (world) => {
    t.is(await first(world), undefined);
    await put(world, [due("event", 50)], OTHER);
    await put(world, [due("event", 40)]);
    let reads = 0;
    const { dueTimes } = world.cache;
    const counted = (): Promise<FirstDue | undefined> =>
      dueTimes.first({
        accountIds: async () => {
          reads += 1;
          return [];
        },
        firstDues: (accountIds) => {
          reads += accountIds.length;
          return world.read((view) => Promise.all(accountIds.map((id) => firstDues(view, id))));
        },
      });
    await first(world);
    await put(world, [due("replication", 40), due("event", 60)], OTHER);
    t.deepEqual(await counted(), { kind: "replication", accountId: OTHER, dueAtMs: 40 });
    t.is(reads, 0);
    // What was done is looked for once, where it was found in vain.
    await world.transact((tx) => takeDue(tx, OTHER, due("replication", 40)));
    t.is((await counted())?.dueAtMs, 40);
    dueTimes.forget([OTHER]);
    t.deepEqual(await counted(), { kind: "event", accountId: ACCOUNT, dueAtMs: 40 });
    t.is(reads, 1);
    t.deepEqual(
      await dueTimes.first(
        { accountIds: async () => [], firstDues: async () => [] },
        ({ accountId }) => accountId === OTHER,
      ),
      {
        kind: "event",
        accountId: OTHER,
        dueAtMs: 50,
      },
    );
  });
});

test("due work is there after a restart and a kill", async (t) => {
  await withFolder(async (dir) => {
    const one = await openStateIn(dir);
    await put(theWorld(one.state), [due("inventory", 5)]);
    await one.close();
    const two = await openStateIn(dir);
    t.deepEqual(await first(theWorld(two.state)), { kind: "inventory", accountId: ACCOUNT, dueAtMs: 5 });
    await put(theWorld(two.state), [due("accessLog", 4)]);
    await two.crash();
    const three = await openStateIn(dir);
    t.deepEqual(await list(theWorld(three.state)), [due("accessLog", 4), due("inventory", 5)]);
    await three.close();
  });
});

test("a transaction that fails leaves no work, and its time is forgotten at the latest when it is looked for", async (t) => {
  await withWorld(async (world) => {
    await first(world);
    await t.throwsAsync(
      world.transact(async (tx) => {
        await putDue(tx, ACCOUNT, due("event", 1));
        throw new Error("no");
      }),
    );
    t.is(await first(world), undefined);
    t.deepEqual(await list(world), []);
  });
});

test("an archive holds what waits for its time, and an import begins lifecycle's work anew", async (t) => {
  await withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    const { state } = opened;
    const world = theWorld(state);
    const bucket = await newBucket(world, "ruled");
    await newBucket(world, "plain");
    await world.transact(async (tx) => {
      const kind = "lifecycle";
      await putConfiguration(tx, await requireBucket(tx, bucket), { kind, document: JSON.stringify({ Rules: [] }) });
    });
    const kept = [due("event", 7, "a\u0001b"), due("accessLog", 9)];
    await put(world, [...kept, due("lifecycle", 5)]);
    const archive = await archiveOf(world);
    const other = await state.createWorld({ name: "other" });
    await importInto(other, archive);
    t.deepEqual(await list(other), [lifecycleStart(bucket, 0), ...kept]);
    t.deepEqual(await archiveOf(other), archive);
    t.deepEqual(await first(other), { kind: "lifecycle", accountId: ACCOUNT, dueAtMs: 0 });
    await opened.close();
    t.deepEqual(await withStore(dir, (store) => diagnose(store)), []);
  });
});

test("a diff leaves out due work: it follows from what the diff shows, or is on its way", async (t) => {
  await withWorld(async (world) => {
    await newBucket(world, "bucket");
    await createSnapshot(world, { name: "before", nowMs: 0 });
    await put(world, [due("event", 5), due("lifecycle", 6)]);
    const found: unknown[] = [];
    for await (const difference of diffStates(world.host, { from: { world, snapshot: "before" }, to: { world } })) {
      found.push(difference);
    }
    t.deepEqual(found, []);
  });
});
