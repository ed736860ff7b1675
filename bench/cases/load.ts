/** Runs a load case and turns its rounds into figures and verdicts. */
import { judge } from "../figures.ts";
import type { CaseResult, Figure, Verdict } from "../figures.ts";
import type { PeerName } from "../peers/peer.ts";
import { medianOf, spreadOf } from "../statistics.ts";
import { withPeers } from "./context.ts";
import type { Context } from "./context.ts";
import type { LoadCase, LoadTarget } from "./load-cases.ts";
import { measureLoad } from "./rounds.ts";
import type { Contender } from "./rounds.ts";

const cpuOf = (contender: Contender): number => medianOf(contender.rounds.map((round) => round.cpuMsPerOperation));

const find = (contenders: readonly Contender[], name: PeerName): Contender | undefined =>
  contenders.find(({ server }) => server.peer.name === name);

const figureOf = (row: LoadCase, contender: Contender, reference: Contender | undefined): Figure => {
  const rounds = contender.rounds.map((round) => round.cpuMsPerOperation);
  const perSecond = medianOf(contender.rounds.map((round) => round.operationsPerSecond));
  const compared = reference !== undefined && reference !== contender ? reference : undefined;
  return {
    case: row.name,
    peer: contender.server.peer.name,
    quantity: "CPU ms",
    median: medianOf(rounds),
    spread: spreadOf(rounds),
    rounds,
    reference: compared?.server.peer.name,
    ratio: compared === undefined ? undefined : cpuOf(contender) / cpuOf(compared),
    note: `${perSecond < 100 ? perSecond.toFixed(1) : Math.round(perSecond)}/s, rounds of ${contender.operations}`,
  };
};

const valueOf = (target: LoadTarget, standin: Contender, reference: Contender | undefined): number =>
  target.value === "milliseconds"
    ? cpuOf(standin)
    : (reference === undefined ? NaN : cpuOf(reference)) / cpuOf(standin);

const verdictsOf = (row: LoadCase, contenders: readonly Contender[]): readonly Verdict[] => {
  const standin = find(contenders, "standin");
  const reference = find(contenders, row.reference);
  if (standin === undefined) return [];
  return row.targets
    .map((target) => judge(row.name, target, valueOf(target, standin, reference)))
    .filter(({ value }) => !Number.isNaN(value));
};

/** Measures one load case with all its peers that were asked for. */
export const runLoadCase = async (context: Context, row: LoadCase): Promise<CaseResult> => {
  const names = context.wanted.filter((name) => name === "baseline" || row.peers.includes(name));
  return withPeers(context, names, async (servers, missing) => {
    const { contenders, remarks } = await measureLoad(context, row, servers);
    const reference = find(contenders, row.reference);
    return {
      figures: contenders.map((contender) => figureOf(row, contender, reference)),
      verdicts: verdictsOf(row, contenders),
      remarks: [...missing, ...remarks],
    };
  });
};
