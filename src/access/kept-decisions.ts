/**
 * The decisions that a world took of late, by the ids of their requests, and how often each statement was used: what ExplainRequest and
 * GetPolicyCoverage show. Nothing of it is stored, and nothing is decided by it.
 */
import { forgetRefusals } from "../harness/refusals.ts";
import type { World } from "../state/world.ts";
import type { Decision, PolicyLayer } from "./decision.ts";
import type { Policy } from "./policy/policy.ts";

/** Decisions of one world that are remembered; those of the oldest request are forgotten first. */
export const DECISIONS_MAX = 5_000;
/** Decisions remembered of one request: DeleteObjects asks for each key. */
export const DECISIONS_PER_REQUEST_MAX = 100;
/** Statements that were asked for the decisions of one world that are remembered: each says why it did not match. */
export const KEPT_MATCHES_MAX = 200_000;
/** Policies of one world whose statements are counted; all go when it is full. */
const COVERED_POLICIES_MAX = 10_000;

/** How often a statement was asked, was about the request, and had a decision rest on it. */
export type StatementCounts = { readonly considered: number; readonly matched: number; readonly decided: number };

/** How often the statements of a policy were used. */
export type Coverage = {
  readonly layer: PolicyLayer;
  readonly name: string;
  readonly policy: Policy;
  /** By the statement's place. */
  readonly counts: readonly StatementCounts[];
};

type CoveredPolicy = {
  readonly layer: PolicyLayer;
  readonly name: string;
  readonly policy: Policy;
  /** Every statement of a policy is asked whenever it is. */
  considered: number;
  readonly matched: number[];
  readonly decided: number[];
};

type Kept = {
  readonly requests: Map<string, Decision[]>;
  /**
   * The request of each decision, in a ring, and how many statements were asked for it: the oldest is forgotten. A map that lost its
   * first entries takes long to find the first that it has.
   */
  readonly ring: { readonly requestId: string; readonly matches: number }[];
  oldestAt: number;
  size: number;
  /** Of all in the ring. */
  matches: number;
  readonly covered: Map<string, CoveredPolicy>;
};

const keptIn = new WeakMap<World, Kept>();

const keptOf = (world: World): Kept => {
  let kept = keptIn.get(world);
  if (kept !== undefined) return kept;
  kept = { requests: new Map(), ring: [], oldestAt: 0, size: 0, matches: 0, covered: new Map() };
  keptIn.set(world, kept);
  return kept;
};

const coveredOf = ({ covered }: Kept, { layer, name, policy }: Pick<Coverage, "layer" | "name" | "policy">) => {
  const key = `${layer} ${name}`;
  const known = covered.get(key);
  // What another text under the same name did is not this one's.
  if (known?.policy === policy) return known;
  if (covered.size >= COVERED_POLICIES_MAX) covered.clear();
  const zeros = (): number[] => policy.statements.map(() => 0);
  const begun: CoveredPolicy = { layer, name, policy, considered: 0, matched: zeros(), decided: zeros() };
  covered.set(key, begun);
  return begun;
};

const increment = (counts: number[], index: number): void => {
  counts[index] = (counts[index] ?? 0) + 1;
};

const count = (kept: Kept, { considered, deciding }: Decision): void => {
  for (const asked of considered) {
    const entry = coveredOf(kept, asked);
    entry.considered += 1;
    for (const [index, { matched }] of asked.matches.entries()) if (matched) increment(entry.matched, index);
  }
  for (const each of deciding) increment(coveredOf(kept, each).decided, each.statement.index);
};

/** Forgets the oldest decisions until there is room for one; false where those of the request itself take all of it. */
const makeRoom = (kept: Kept, { requestId, matches }: { requestId: string; matches: number }): boolean => {
  const isFull = (): boolean => kept.size >= DECISIONS_MAX || kept.matches + matches > KEPT_MATCHES_MAX;
  while (kept.size > 0 && isFull()) {
    const oldest = kept.ring[kept.oldestAt];
    if (oldest === undefined || oldest.requestId === requestId) return false;
    kept.requests.delete(oldest.requestId);
    kept.matches -= oldest.matches;
    kept.oldestAt = (kept.oldestAt + 1) % DECISIONS_MAX;
    kept.size -= 1;
  }
  return true;
};

/** Remembers a decision of a request, and counts its statements. */
export const keepDecision = (world: World, requestId: string, decision: Decision): void => {
  const kept = keptOf(world);
  count(kept, decision);
  const { requests, ring } = kept;
  const known = requests.get(requestId);
  if (known !== undefined && known.length >= DECISIONS_PER_REQUEST_MAX) return;
  let matches = 0;
  for (const asked of decision.considered) matches += asked.matches.length;
  if (!makeRoom(kept, { requestId, matches })) return;
  if (known === undefined) requests.set(requestId, [decision]);
  else known.push(decision);
  ring[(kept.oldestAt + kept.size) % DECISIONS_MAX] = { requestId, matches };
  kept.size += 1;
  kept.matches += matches;
};

/** The decisions of a request, in their order; undefined where nothing was evaluated for it, or it is long ago. */
export const decisionsOf = (world: World, requestId: string): readonly Decision[] | undefined =>
  keptIn.get(world)?.requests.get(requestId);

/** The policies that were asked since `forgetAccess`. */
export const coverageOf = (world: World): readonly Coverage[] =>
  [...(keptIn.get(world)?.covered.values() ?? [])].map(({ layer, name, policy, considered, matched, decided }) => ({
    layer,
    name,
    policy,
    counts: policy.statements.map((_statement, index) => ({
      considered,
      matched: matched[index] ?? 0,
      decided: decided[index] ?? 0,
    })),
  }));

/** Begins anew, with the errors that were answered, as after a reset. */
export const forgetAccess = (world: World): void => {
  keptIn.delete(world);
  forgetRefusals(world);
};
