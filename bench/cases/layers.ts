/** Reads of what lies under several layers, beside reads of the same in one. */
import { judge } from "../figures.ts";
import type { CaseResult, Figure, Verdict } from "../figures.ts";
import type { Address } from "../load/connection.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import type { Context } from "./context.ts";
import { LIST_KEYS, LOAD_CASES } from "./load-cases.ts";
import type { LoadCase } from "./load-cases.ts";
import { measureLoad } from "./rounds.ts";
import type { Contender } from "./rounds.ts";
import { BUCKET, expectStatus, forkWorld, startSeeded } from "./seeded.ts";
import type { Seeded } from "./seeded.ts";

const LAYERS = 4;
const COST_MAX = 1.5;
/** The loads that only read. */
const READS: readonly LoadCase[] = LOAD_CASES.filter(({ name }) => ["get1k", "head", "list"].includes(name));

/** A fork of a fork of a fork, each with an object of its own, over the one layer of the default world. */
const stackLayers = async ({ server, control }: Seeded): Promise<Address> => {
  let fromWorld = "default";
  let address = server.data;
  for (let layer = 2; layer <= LAYERS; layer++) {
    const name = `layer-${layer}`;
    address = await forkWorld(control, { name, fromWorld });
    await expectStatus(server, address, { method: "PUT", target: `/${BUCKET}/of-${name}`, expected: 200 });
    fromWorld = name;
  }
  return address;
};

const cpuOf = ({ rounds }: Contender): readonly number[] => rounds.map((round) => round.cpuMsPerOperation);

const figuresOf = ({ name }: LoadCase, one: Contender, several: Contender): readonly Figure[] =>
  [one, several].map((contender) => ({
    case: "layers",
    peer: "standin",
    quantity: `${name} CPU ms, ${contender === one ? "1 layer" : `${LAYERS} layers`}`,
    median: medianOf(cpuOf(contender)),
    spread: spreadOf(cpuOf(contender)),
    rounds: cpuOf(contender),
    reference: contender === one ? undefined : "standin",
    ratio: contender === one ? undefined : medianOf(cpuOf(contender)) / medianOf(cpuOf(one)),
    note: `rounds of ${contender.operations}${contender === one ? "" : "; the ratio is to 1 layer"}`,
  }));

const verdictOf = ({ name }: LoadCase, one: Contender, several: Contender): Verdict =>
  judge(
    "layers",
    { what: `${name} through ${LAYERS} layers over one`, sense: "at most", bound: COST_MAX, unit: "" },
    medianOf(cpuOf(several)) / medianOf(cpuOf(one)),
  );

/** Measures two worlds of one server in turns. */
export const runLayersCase = async (context: Context): Promise<CaseResult> => {
  const seeded = await startSeeded(context, LIST_KEYS);
  try {
    const { server } = seeded;
    const worlds = [server, { ...server, data: await stackLayers(seeded) }];
    const figures: Figure[] = [];
    const verdicts: Verdict[] = [];
    for (const row of READS) {
      const { contenders } = await measureLoad(context, { ...row, seed: () => [] }, worlds);
      const [one, several] = contenders;
      if (one === undefined || several === undefined) throw new Error(`${row.name} was not measured`);
      figures.push(...figuresOf(row, one, several));
      verdicts.push(verdictOf(row, one, several));
    }
    return { figures, verdicts, remarks: [] };
  } finally {
    await seeded.stop();
  }
};
