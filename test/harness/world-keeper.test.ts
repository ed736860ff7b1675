import { setTimeout as sleep } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { createWorldKeeper, type WantedWorld, type WorldKeeper } from "../../src/harness/world-keeper.ts";
import type { PortRange } from "../../src/harness/world-ports.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { seedFromNumber, type State } from "../../src/state/state.ts";
import { withState } from "../support/state.ts";

type Kept = {
  readonly state: State;
  readonly keeper: WorldKeeper;
  /** Ports that are listened on. */
  readonly open: Map<number, string>;
  /** Worlds whose work is done when it falls due. */
  readonly watched: ReadonlySet<string>;
  /** Lets real time pass. */
  readonly pass: (ms: number) => Promise<void>;
};

const taken = (): Error => Object.assign(new Error("listen"), { code: "EADDRINUSE" });

/** Worlds on ports that are numbers only, under a clock that stands still. Ports above 60,000 are other programs'. */
const withKeeper = (use: (kept: Kept) => Promise<void>, range?: PortRange): Promise<void> =>
  withState(async (state) => {
    let nowMs = 1_000_000;
    let drawn = 0;
    const open = new Map<number, string>();
    const watched = new Set<string>();
    const keeper = createWorldKeeper({
      state,
      platform: {
        clock: { now: () => nowMs },
        random: { bytes: (size) => Buffer.alloc(size, (drawn += 1)) },
        logger: silentLogger,
      },
      openPort: async ({ port: wanted, world }) => {
        const port = wanted === 0 ? 40_000 + open.size : wanted;
        if (port > 60_000 || open.has(port)) throw taken();
        open.set(port, world);
        return { port, close: async () => void open.delete(port) };
      },
      mainPort: 5_000,
      range,
      urlOf: (port) => `http://h:${port}`,
      dueRunner: { watch: ({ name }) => void watched.add(name), forget: ({ name }) => void watched.delete(name) },
    });
    const pass = async (ms: number): Promise<void> => {
      nowMs += ms;
      await keeper.sweep();
    };
    await use({ state, keeper, open, watched, pass });
    await keeper.close();
  });

const wanted: WantedWorld = { port: 0, ephemeral: false, settings: {} };

const isThere = (t: ExecutionContext, { state }: Kept, name: string): void => void t.truthy(state.world(name), name);
const isGone = (t: ExecutionContext, { state }: Kept, name: string): void =>
  void t.is(state.world(name), undefined, name);

test("a world is deleted, and its port closed, once nobody used it for its time to live", async (t) => {
  await withKeeper(async (kept) => {
    const { keeper, open, pass } = kept;
    await keeper.create({ ...wanted, name: "short", timeToLiveMs: 1_000 });
    await keeper.create({ ...wanted, name: "long", timeToLiveMs: 3_600_000 });
    await keeper.create({ ...wanted, name: "forever" });
    t.is(open.size, 3);
    await pass(999);
    isThere(t, kept, "short");
    await pass(1_001);
    isGone(t, kept, "short");
    t.deepEqual([...open.values()], ["long", "forever"]);
    await pass(3_600_000);
    isGone(t, kept, "long");
    await pass(1e12);
    isThere(t, kept, "forever");
    isThere(t, kept, "default");
  });
});

test("a request begins the time anew, and one that is under way holds it", async (t) => {
  await withKeeper(async (kept) => {
    const { keeper, pass } = kept;
    const world = await keeper.create({ ...wanted, name: "w", timeToLiveMs: 10_000 });
    await pass(9_000);
    world.activity.begin(1_009_000);
    await pass(60_000);
    isThere(t, kept, "w");
    world.activity.end(1_069_000);
    await pass(9_000);
    isThere(t, kept, "w");
    await pass(2_000);
    isGone(t, kept, "w");
  });
});

test("a time to live can be given, changed and taken away later", async (t) => {
  await withKeeper(async (kept) => {
    const { keeper, pass } = kept;
    const world = await keeper.create({ ...wanted, name: "w" });
    const live = (timeToLiveMs: number | undefined) => keeper.update(world, { settings: {}, life: { timeToLiveMs } });
    await live(5_000);
    await live(50_000);
    await pass(20_000);
    isThere(t, kept, "w");
    await live(undefined);
    await pass(1e9);
    isThere(t, kept, "w");
    // Its last request was long ago.
    await live(1_000);
    await pass(0);
    isGone(t, kept, "w");
  });
});

test("the timer deletes by itself", async (t) => {
  await withState(async (state) => {
    const keeper = createWorldKeeper({
      state,
      platform: {
        clock: { now: () => performance.now() },
        random: { bytes: (size) => Buffer.alloc(size) },
        logger: silentLogger,
      },
      openPort: async () => ({ port: 1, close: async () => {} }),
      mainPort: 5_000,
      urlOf: () => "",
      dueRunner: { watch: () => {}, forget: () => {} },
    });
    await keeper.create({ ...wanted, name: "w", timeToLiveMs: 50 });
    for (let waited = 0; waited < 100 && state.world("w") !== undefined; waited += 1) await sleep(50);
    t.is(state.world("w"), undefined);
    await keeper.close();
  });
});

test("free ports come from the range in turn, past those that are taken, until there is none", async (t) => {
  await withKeeper(
    async ({ keeper, open }) => {
      const [a, b] = [await keeper.create(wanted), await keeper.create(wanted)];
      t.deepEqual([keeper.endpointOf(a).port, keeper.endpointOf(b).port], [59_998, 59_999]);
      await keeper.remove(a);
      // Not the one that was just given back, as long as there is another; those above 60,000 are taken.
      t.is(keeper.endpointOf(await keeper.create(wanted)).port, 60_000);
      const last = await keeper.create(wanted);
      t.like(keeper.endpointOf(last), { port: 59_998, url: "http://h:59998", problem: "" });
      await t.throwsAsync(keeper.create(wanted), { message: "none of the ports 59998 to 60002 is free" });
      t.is(open.size, 3);
    },
    { first: 59_998, last: 60_002 },
  );
});

test("what fails to be made leaves no port open and no world behind", async (t) => {
  await withKeeper(async ({ state, keeper, open }) => {
    const world = state.world("default")!;
    await t.throwsAsync(keeper.create({ ...wanted, port: 60_001 }), { message: "port 60001 is taken" });
    await t.throwsAsync(keeper.create({ ...wanted, name: "default" }), { message: /exists already/ });
    const from = { world, snapshot: "none" };
    await t.throwsAsync(keeper.create({ ...wanted, from }), { message: /no snapshot none/ });
    t.is(open.size, 0);
    t.is(state.worlds().length, 1);
  });
});

test("of many who make one name at once, one does, and the rest leave nothing", async (t) => {
  await withKeeper(async ({ state, keeper, open }) => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => keeper.create({ ...wanted, name: "w", port: 0 })),
    );
    t.is(outcomes.filter(({ status }) => status === "fulfilled").length, 1);
    t.is(open.size, 1);
    t.is(keeper.endpointOf(state.world("w")!).problem, "");
  });
});

test("a world moves to another port, or stays where it is", async (t) => {
  await withKeeper(async ({ keeper, open }) => {
    const world = await keeper.create({ ...wanted, name: "w" });
    await keeper.update(world, { settings: {}, life: {}, port: 50_000 });
    t.deepEqual([...open], [[50_000, "w"]]);
    t.is(world.record.port, 50_000);
    await t.throwsAsync(keeper.update(world, { settings: {}, life: {}, port: 60_001 }), { message: /is taken/ });
    t.deepEqual([...open], [[50_000, "w"]]);
    t.is(keeper.endpointOf(world).url, "http://h:50000");
  });
});

test("two worlds of one seed draw the same ids, and a change of seed begins anew", async (t) => {
  await withKeeper(async ({ keeper }) => {
    const seed = seedFromNumber(7);
    const [a, b] = [await keeper.create({ ...wanted, seed }), await keeper.create({ ...wanted, seed })];
    const first = (await a.draw()).requestId;
    t.is((await b.draw()).requestId, first);
    t.not((await a.draw()).requestId, first);
    await keeper.update(a, { settings: {}, life: {}, seed });
    t.is((await a.draw()).requestId, first);
  });
});

test("a world's work is begun with the world and ends with it, and at a start all worlds go on with theirs", async (t) => {
  await withKeeper(async ({ state, keeper, watched }) => {
    const world = await keeper.create({ ...wanted, name: "one" });
    t.deepEqual([...watched], ["one"]);
    await keeper.create({ ...wanted, name: "fork", from: { world } });
    t.deepEqual([...watched], ["one", "fork"]);
    await keeper.remove(world);
    t.deepEqual([...watched], ["fork"]);
    await state.createWorld({ name: "kept" });
    await keeper.reopen();
    t.deepEqual([...watched].toSorted(), ["default", "fork", "kept"]);
  });
});
