/** The journal of events: how much it keeps, what a snapshot holds of it, and the sequencers. */
import test from "ava";
import { EVENTS_KEPT_MAX } from "../../src/platform/limits.ts";
import {
  appendEvent,
  clearEvents,
  journalEnds,
  listEvents,
  nextEventSequence,
  updateEvent,
  type JournalEvent,
} from "../../src/state/events.ts";
import { resetAccounts, createSnapshot, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { diagnose, withStore } from "../support/doctor.ts";
import { openStateIn, withFolder, type OpenState } from "../support/state.ts";

const worldOf = ({ state }: Pick<OpenState, "state">): World => {
  const world = state.world(DEFAULT_WORLD);
  if (world === undefined) throw new Error("there is no world");
  return world;
};

const ACCOUNT = "111111111111";
const SLICE = 500;

const eventOf = (key: string): JournalEvent => ({
  id: `id of ${key}`,
  timeMs: 0,
  deliveredAtMs: 0,
  bucketName: "bucket",
  key,
  eventName: "s3:ObjectCreated:Put",
  destination: "arn:aws:sqs:us-east-1:111111111111:queue",
  configurationId: "told",
  sequencer: "000000000000000001",
  message: "{}",
});

const append = async (world: World, keys: readonly string[]): Promise<void> => {
  for (let from = 0; from < keys.length; from += SLICE) {
    await world.transact(async (tx) => {
      for (const key of keys.slice(from, from + SLICE)) await appendEvent(tx, ACCOUNT, eventOf(key));
    });
  }
};

const keysOf = async (world: World, after = 0): Promise<string[]> =>
  (await world.read((view) => listEvents(view, ACCOUNT, { after, limit: EVENTS_KEPT_MAX + 1 }))).map(({ key }) => key);

const numbered = (first: number, last: number): string[] =>
  Array.from({ length: last - first + 1 }, (_, index) => `key ${first + index}`);

test("the journal keeps as many events as its limit says, and loses its oldest to newer ones", async (t) => {
  await withFolder(async (dir) => {
    const opened = await openStateIn(dir, { wrap: (engine) => engine });
    const world = worldOf(opened);
    await append(world, numbered(1, EVENTS_KEPT_MAX));
    t.deepEqual((await keysOf(world)).length, EVENTS_KEPT_MAX);
    t.is((await keysOf(world))[0], "key 1");
    await append(world, numbered(EVENTS_KEPT_MAX + 1, EVENTS_KEPT_MAX + 2));
    const keys = await keysOf(world);
    t.deepEqual([keys.length, keys[0], keys.at(-1)], [EVENTS_KEPT_MAX, "key 3", `key ${EVENTS_KEPT_MAX + 2}`]);
    t.is(await clearEvents(world, ACCOUNT), EVENTS_KEPT_MAX);
    t.deepEqual(await keysOf(world), []);
    await append(world, ["later"]);
    t.deepEqual(await world.read(journalEnds), [{ accountId: ACCOUNT, epoch: 0, position: EVENTS_KEPT_MAX + 3 }]);
    await opened.close();
  });
});

test("a snapshot holds the journal, a restore sets it, a reset empties it, and a restart changes nothing", async (t) => {
  await withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    const world = worldOf(opened);
    await append(world, ["a"]);
    await createSnapshot(world, { name: "held", nowMs: 0 });
    await append(world, ["b"]);
    await world.transact((tx) =>
      updateEvent(tx, ACCOUNT, { position: 1, id: "id of a", webhook: { state: "delivered", attempts: 1 } }),
    );
    t.deepEqual(await keysOf(world), ["a", "b"]);
    t.is(await clearEvents(world, ACCOUNT), 2);
    await restoreSnapshot(world, "held");
    const [event] = await world.read((view) => listEvents(view, ACCOUNT, { after: 0, limit: 2 }));
    t.deepEqual([event?.key, event?.webhook, event?.position], ["a", undefined, 1]);
    await opened.close();

    const again = await openStateIn(dir);
    t.deepEqual(await keysOf(worldOf(again)), ["a"]);
    await resetAccounts(worldOf(again), {});
    t.deepEqual(await keysOf(worldOf(again)), []);
    await again.close();
    const reports = await withStore(dir, diagnose);
    // The layers of what was reset are still to be collected.
    t.deepEqual(
      reports.filter(({ severity }) => severity !== "leftover"),
      [],
    );
  });
});

test("what became of an event is written to that event alone", async (t) => {
  await withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    const world = worldOf(opened);
    await append(world, ["a"]);
    const webhook = { state: "failed", attempts: 8, error: "it answered 500" } as const;
    await world.transact((tx) => updateEvent(tx, ACCOUNT, { position: 1, id: "of another", webhook }));
    await world.transact((tx) => updateEvent(tx, ACCOUNT, { position: 2, id: "id of a", webhook }));
    const list = () => world.read((view) => listEvents(view, ACCOUNT, { after: 0, limit: 2 }));
    t.is((await list())[0]?.webhook, undefined);
    await world.transact((tx) => updateEvent(tx, ACCOUNT, { position: 1, id: "id of a", webhook }));
    t.deepEqual((await list())[0]?.webhook, webhook);
    await opened.close();
  });
});

test("sequencers go up whatever the clock does, and begin with the second of the time", async (t) => {
  await withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    const times = [1_700_000_000_500, 1_700_000_000_500, 0, 1_700_000_000_501, 253_370_764_800_000];
    const drawn: { sequencer: string; count: number }[] = [];
    for (const nowMs of times) {
      drawn.push(await worldOf(opened).transact((tx) => nextEventSequence(tx, ACCOUNT, { nowMs, events: 2 })));
    }
    t.deepEqual(
      drawn.map(({ sequencer }) => sequencer),
      drawn.map(({ sequencer }) => sequencer).toSorted(),
    );
    t.is(new Set(drawn.map(({ sequencer }) => sequencer)).size, times.length);
    t.true(drawn.every(({ sequencer }) => sequencer.length === 18));
    t.is(Number.parseInt(drawn[0]?.sequencer.slice(0, 10) ?? "", 16), 1_700_000_000);
    t.deepEqual(
      drawn.map(({ count }) => count),
      [1, 3, 5, 7, 9],
    );
    await opened.close();
  });
});
