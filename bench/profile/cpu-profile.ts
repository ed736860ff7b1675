/** Reads V8's CPU profiles: self time and total time by function, within a window. */

/** The part of the format that is read here; times in microseconds of the monotonic clock. */
export type CpuProfile = {
  readonly startTime: number;
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

type ProfileNode = {
  readonly id: number;
  readonly children?: readonly number[];
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
};

export type FunctionTime = {
  /** Name, file and line. */
  readonly where: string;
  /** In the function itself. */
  readonly selfUs: number;
  /** In it and in what it called. */
  readonly totalUs: number;
};

export type Window = { readonly fromUs: number; readonly toUs: number };

const IDLE = "(idle)";

const shortUrl = (url: string): string => url.replace(/^file:\/\/.*?\/(?=src\/|dist\/|node_modules\/)/, "");

const labelOf = ({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string =>
  url === "" ? functionName : `${functionName || "(anonymous)"}  ${shortUrl(url)}:${lineNumber + 1}`;

/** Microseconds by node within the window. */
const selfByNode = (profile: CpuProfile, { fromUs, toUs }: Window): Map<number, number> => {
  const self = new Map<number, number>();
  let at = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const delta = profile.timeDeltas[index] ?? 0;
    at += delta;
    if (at >= fromUs && at <= toUs) self.set(id, (self.get(id) ?? 0) + delta);
  }
  return self;
};

/** The times of every function that was seen in the window, idleness left out, in no order. */
export const functionTimes = (profile: CpuProfile, window: Window): readonly FunctionTime[] => {
  const self = selfByNode(profile, window);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, { selfUs: number; totalUs: number }>();
  const open = new Set<string>();

  /** Answers the time of the whole branch; a function that calls itself counts it once. */
  const visit = (node: ProfileNode): number => {
    const label = labelOf(node);
    const isOutermost = !open.has(label);
    open.add(label);
    const own = label === IDLE ? 0 : (self.get(node.id) ?? 0);
    let branch = own;
    for (const id of node.children ?? []) {
      const child = nodes.get(id);
      if (child !== undefined) branch += visit(child);
    }
    if (isOutermost) open.delete(label);
    if (branch === 0) return 0;
    const known = times.get(label) ?? { selfUs: 0, totalUs: 0 };
    times.set(label, { selfUs: known.selfUs + own, totalUs: known.totalUs + (isOutermost ? branch : 0) });
    return branch;
  };

  const root = profile.nodes[0];
  if (root !== undefined) visit(root);
  return [...times].map(([where, time]) => ({ where, ...time }));
};
