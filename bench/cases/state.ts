/** Fork, snapshot, restore and reset over the control plane, of worlds with few objects and with many. */
import { judge } from "../figures.ts";
import type { CaseResult, Figure, Verdict } from "../figures.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import type { Context } from "./context.ts";
import { BUCKET, expectStatus, FIRST, forkWorld, startSeeded, timed } from "./seeded.ts";
import type { Seeded } from "./seeded.ts";

const ANSWER_MS_MAX = 5;
const GROWTH_MAX = 1.5;
/** Rounds that do not count: code gets compiled in them. */
const WARM_UP_ROUNDS = 10;

const OPERATIONS = ["fork", "snapshot", "restore", "reset"] as const;
type Operation = (typeof OPERATIONS)[number];

type World = Seeded & { readonly objects: number; readonly samples: Record<Operation, number[]> };

const EXTRA = `/${BUCKET}/after-the-snapshot`;

/** One round: fork, snapshot, write something, restore, reset, restore. Each is seen to have done what it says. */
const runRound = async (world: World, round: number): Promise<void> => {
  const { server, control } = world;
  const name = `round-${round + WARM_UP_ROUNDS}`;
  const measure = async (operation: Operation, work: () => Promise<unknown>): Promise<void> => {
    const ms = await timed(work);
    if (round >= 0) world.samples[operation].push(ms);
  };
  const expectHead = (target: string, expected: number): Promise<void> =>
    expectStatus(server, server.data, { method: "HEAD", target, expected });
  let fork = server.data;
  await measure("fork", async () => void (fork = await forkWorld(control, { name })));
  await expectStatus(server, fork, { method: "HEAD", target: FIRST, expected: 200 });
  await control.call("WorldService/DeleteWorld", { name });
  await measure("snapshot", () => control.call("StateService/CreateSnapshot", { name }));
  await expectStatus(server, server.data, { method: "PUT", target: EXTRA, expected: 200 });
  await measure("restore", () => control.call("StateService/RestoreSnapshot", { name }));
  await expectHead(EXTRA, 404);
  await expectHead(FIRST, 200);
  await measure("reset", () => control.call("StateService/Reset", {}));
  await expectHead(FIRST, 404);
  await control.call("StateService/RestoreSnapshot", { name });
  await expectHead(FIRST, 200);
  await control.call("StateService/DeleteSnapshot", { name });
};

const startWorld = async (context: Context, objects: number): Promise<World> => ({
  ...(await startSeeded(context, objects)),
  objects,
  samples: { fork: [], snapshot: [], restore: [], reset: [] },
});

const figureOf = (operation: Operation, world: World, fewest: World): Figure => {
  const rounds = world.samples[operation];
  const isFewest = world === fewest;
  return {
    case: "state",
    peer: "standin",
    quantity: `${operation} ms, ${world.objects} objects`,
    median: medianOf(rounds),
    spread: spreadOf(rounds),
    rounds,
    reference: isFewest ? undefined : "standin",
    ratio: isFewest ? undefined : medianOf(rounds) / medianOf(fewest.samples[operation]),
    note: `${rounds.length} rounds${isFewest ? "" : `; the ratio is to ${fewest.objects} objects`}`,
  };
};

const verdictsOf = (operation: Operation, worlds: readonly World[]): readonly Verdict[] => {
  const medians = worlds.map(({ samples }) => medianOf(samples[operation]));
  const counts = worlds.map(({ objects }) => objects).join(", ");
  const slowest = Math.max(...medians);
  return [
    judge("state", { what: `${operation}, the slowest`, sense: "at most", bound: ANSWER_MS_MAX, unit: "ms" }, slowest),
    judge(
      "state",
      { what: `${operation} of ${counts}: slowest over fastest`, sense: "at most", bound: GROWTH_MAX, unit: "" },
      slowest / Math.min(...medians),
    ),
  ];
};

/** Measures the worlds in turns. */
export const runStateCase = async (context: Context): Promise<CaseResult> => {
  const { stateObjects, stateRounds } = context.settings;
  const worlds: World[] = [];
  try {
    for (const objects of stateObjects) worlds.push(await startWorld(context, objects));
    for (let round = -WARM_UP_ROUNDS; round < stateRounds; round++) {
      for (const world of worlds) await runRound(world, round);
    }
    const [fewest] = worlds;
    if (fewest === undefined) throw new Error("no world was asked for");
    return {
      figures: OPERATIONS.flatMap((operation) => worlds.map((world) => figureOf(operation, world, fewest))),
      verdicts: OPERATIONS.flatMap((operation) => verdictsOf(operation, worlds)),
      remarks: [],
    };
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
  }
};
