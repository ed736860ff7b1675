/** Snapshot, restore and reset over the control plane, of a world with few objects and of one with many. */
import { judge } from "../figures.ts";
import type { CaseResult, Figure, Verdict } from "../figures.ts";
import { RawConnection } from "../load/connection.ts";
import type { Address } from "../load/connection.ts";
import type { RequestsJob } from "../load/jobs.ts";
import { requireSuccess } from "../load/perform.ts";
import { createTemplate } from "../load/request.ts";
import { startPeer } from "../peers/peer.ts";
import type { Server } from "../peers/peer.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import type { Context } from "./context.ts";

const ANSWER_MS_MAX = 5;
const GROWTH_MAX = 2;
const OBJECT_BYTES = 1024;
const SEED_CONNECTIONS = 16;
/** Rounds that do not count: code gets compiled in them. */
const WARM_UP_ROUNDS = 10;
const BUCKET = "bench";

const QUANTITIES = ["snapshot ms", "restore ms", "reset ms"] as const;
type Quantity = (typeof QUANTITIES)[number];

type World = {
  readonly server: Server;
  readonly objects: number;
  readonly control: RawConnection;
  readonly data: RawConnection;
  readonly samples: Record<Quantity, number[]>;
};

const requireControl = ({ control }: Server): Address => {
  if (control === undefined) throw new Error("standin did not say where its control plane is");
  return control;
};

const call = async (world: World, method: string, message: Record<string, unknown>): Promise<void> => {
  const address = requireControl(world.server);
  const template = createTemplate(
    {
      method: "POST",
      target: `/standin.v1.StateService/${method}`,
      headers: { "content-type": "application/json" },
      body: Buffer.from(JSON.stringify(message)),
      unchecked: true,
    },
    address,
  );
  const pieces = [template.head, ...(template.body === undefined ? [] : [template.body])];
  requireSuccess(await world.control.send(pieces, { method: "POST", body: "keep" }), template);
};

const timed = async (work: () => Promise<void>): Promise<number> => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

const job = (
  { data, peer }: Server,
  row: Pick<RequestsJob, "target" | "count"> & { bodyBytes?: number },
): RequestsJob => ({
  kind: "requests",
  method: "PUT",
  address: data,
  credentials: peer.credentials,
  connections: SEED_CONNECTIONS,
  first: 0,
  ...row,
});

/** The status of a HEAD, to see that a call did what it says. */
const statusOf = async ({ server, data }: World, target: string): Promise<number> => {
  const { head } = createTemplate({ method: "HEAD", target }, server.data, server.peer.credentials);
  return (await data.send([head], { method: "HEAD" })).status;
};

const requireStatus = async (world: World, target: string, expected: number): Promise<void> => {
  const status = await statusOf(world, target);
  if (status !== expected) throw new Error(`HEAD ${target} was answered ${status}, not ${expected}`);
};

const FIRST = `/${BUCKET}/key-00000000`;
const EXTRA = `/${BUCKET}/after-the-snapshot`;

/** One round: snapshot, write something, restore, reset, restore. */
const runRound = async (context: Context, world: World, round: number): Promise<void> => {
  const name = `round-${round + WARM_UP_ROUNDS}`;
  const note = (quantity: Quantity, ms: number): void => {
    if (round >= 0) world.samples[quantity].push(ms);
  };
  note("snapshot ms", await timed(() => call(world, "CreateSnapshot", { name })));
  await context.loader.run(job(world.server, { target: EXTRA, count: 1, bodyBytes: OBJECT_BYTES }));
  note("restore ms", await timed(() => call(world, "RestoreSnapshot", { name })));
  await requireStatus(world, EXTRA, 404);
  await requireStatus(world, FIRST, 200);
  note("reset ms", await timed(() => call(world, "Reset", {})));
  await requireStatus(world, FIRST, 404);
  await call(world, "RestoreSnapshot", { name });
  await requireStatus(world, FIRST, 200);
  await call(world, "DeleteSnapshot", { name });
};

const seedWorld = async (context: Context, objects: number): Promise<World> => {
  const server = await startPeer(context.peers.standin, context.scratch);
  const world: World = {
    server,
    objects,
    control: new RawConnection(requireControl(server)),
    data: new RawConnection(server.data),
    samples: { "snapshot ms": [], "restore ms": [], "reset ms": [] },
  };
  await context.loader.run(job(server, { target: `/${BUCKET}`, count: 1 }));
  await context.loader.run(job(server, { target: `/${BUCKET}/key-#`, count: objects, bodyBytes: OBJECT_BYTES }));
  return world;
};

const figuresOf = (few: World, many: World): readonly Figure[] =>
  QUANTITIES.flatMap((quantity) =>
    [few, many].map((world) => {
      const rounds = world.samples[quantity];
      return {
        case: "state" as const,
        peer: "standin" as const,
        quantity: `${quantity}, ${world.objects} objects`,
        median: medianOf(rounds),
        spread: spreadOf(rounds),
        rounds,
        reference: world === few ? undefined : ("standin" as const),
        ratio: world === few ? undefined : medianOf(rounds) / medianOf(few.samples[quantity]),
        note: `${rounds.length} rounds${world === few ? "" : `; the ratio is to ${few.objects} objects`}`,
      };
    }),
  );

const verdictsOf = (few: World, many: World): readonly Verdict[] =>
  QUANTITIES.flatMap((quantity) => {
    const median = medianOf(many.samples[quantity]);
    const word = quantity.replace(" ms", "");
    return [
      judge(
        "state",
        { what: `${word} of ${many.objects} objects`, sense: "at most", bound: ANSWER_MS_MAX, unit: "ms" },
        median,
      ),
      judge(
        "state",
        { what: `${word} of ${many.objects} over ${few.objects}`, sense: "at most", bound: GROWTH_MAX, unit: "" },
        median / medianOf(few.samples[quantity]),
      ),
    ];
  });

/** Measures both worlds in turns. */
export const runStateCase = async (context: Context): Promise<CaseResult> => {
  const { stateObjectsFew, stateObjectsMany, stateRounds } = context.settings;
  const worlds: World[] = [];
  try {
    const few = await seedWorld(context, stateObjectsFew);
    worlds.push(few);
    const many = await seedWorld(context, stateObjectsMany);
    worlds.push(many);
    for (let round = -WARM_UP_ROUNDS; round < stateRounds; round++) {
      for (const world of worlds) await runRound(context, world, round);
    }
    return { figures: figuresOf(few, many), verdicts: verdictsOf(few, many), remarks: [] };
  } finally {
    for (const { control, data } of worlds) for (const connection of [control, data]) connection.close();
    await Promise.all(worlds.map(({ server }) => server.stop()));
  }
};
