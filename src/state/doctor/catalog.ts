/** The catalog as a check reads it: worlds, heads, snapshots and layers. They are few; what layers hold is not read here. */
import type { Entry, KeyRange } from "../../engine/port.ts";
import { decodeIdentity } from "../identities/records.ts";
import { catalog } from "../keys.ts";
import type { WorldSettings } from "../model.ts";
import { sharesNames } from "../namespace.ts";
import {
  decodeAccessKey,
  decodeHead,
  decodeLayer,
  decodeSnapshot,
  decodeWorld,
  type Head,
  type WorldRecord,
} from "../records.ts";
import { NAMESPACE, NO_LAYER } from "../view.ts";
import { fault, leftover, quoted, type Found } from "./finding.ts";
import { isId } from "./id-set.ts";
import { pagesOf, type Source } from "./pages.ts";

/** What a world, or a snapshot of it, holds: one stack for each account, and that of the namespace. */
export type State = {
  /** As findings name it. */
  readonly where: string;
  readonly world: string;
  /** Absent for the world as it is. */
  readonly snapshot?: string;
  /** Whether it is of all accounts, so that the namespace is its own. */
  readonly whole: boolean;
  readonly sharesNames: boolean;
  /** The layer on top of each account's stack, and of the namespace's. */
  readonly tops: ReadonlyMap<string, string>;
};

export type Catalog = {
  readonly states: readonly State[];
  /** Parents of all layers by their ids. */
  readonly parents: ReadonlyMap<string, string>;
  /** Layers that a world or a snapshot leads to. What pins alone lead to may be half built. */
  readonly reachable: ReadonlySet<string>;
  readonly unfinishedBoots: ReadonlySet<string>;
  readonly findings: readonly Found[];
  /** From `top` to the bottom of its stack; ends where a layer has no record, or one comes again. */
  stackOf(top: string): readonly string[];
};

const NUL = "\0";

/** The record as `decode` reads it; undefined, and a finding, where it cannot. */
const decoded = <T>(entry: Entry, { decode, findings }: { decode: (text: string) => T; findings: Found[] }) => {
  try {
    return decode(entry[1]);
  } catch (error) {
    findings.push(fault("record", `the record ${quoted(entry[0])} cannot be read: ${messageOf(error)}`));
    return undefined;
  }
};

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Reads all of it. Nothing of it may change meanwhile, or it must be read in one view. */
export const readCatalog = async (source: Source): Promise<Catalog> => {
  const findings: Found[] = [];
  const each = async (range: KeyRange, use: (rest: string, entry: Entry) => void): Promise<void> => {
    for await (const page of pagesOf(source, range))
      for (const entry of page) use(entry[0].slice(range.start.length), entry);
  };
  const read = <T>(entry: Entry, decode: (text: string) => T): T | undefined => decoded(entry, { decode, findings });

  const worlds = new Map<string, WorldRecord>();
  await each(catalog.worlds, (world, entry) => {
    const record = read(entry, decodeWorld);
    if (record !== undefined) worlds.set(world, record);
  });
  const heads = new Map<string, Map<string, Head>>();
  await each(catalog.allHeads, (rest, entry) => {
    const [world = "", accountId = ""] = rest.split(NUL);
    const head = read(entry, decodeHead);
    if (head === undefined) return;
    if (!worlds.has(world)) findings.push(ofNoWorld("head", `account ${accountId} has a head`, entry[0]));
    else membersOf(heads, world).set(accountId, head);
  });
  const snapshots = new Map<string, Snapshot>();
  await each(catalog.allSnapshots, (rest, entry) => {
    const [world = "", name = ""] = rest.split(NUL);
    const record = read(entry, decodeSnapshot);
    if (record === undefined) return;
    if (!worlds.has(world)) findings.push(ofNoWorld("snapshot", `there is a snapshot ${quoted(name)}`, entry[0]));
    const { whole, settings } = record;
    snapshots.set(`${world}${NUL}${name}`, { world, name, whole, settings, tops: new Map() });
  });
  await each(catalog.allSnapshotHeads, (rest, [key, layerId]) => {
    const [world = "", name = "", accountId = ""] = rest.split(NUL);
    const snapshot = snapshots.get(`${world}${NUL}${name}`);
    if (snapshot === undefined) findings.push(ofNoSnapshot(`account ${accountId} is kept`, { world, name, key }));
    else if (layerId !== NO_LAYER) snapshot.tops.set(accountId, layerId);
  });
  const accessKey = (rest: string, entry: Entry): void => {
    if (read(entry, (text) => decodeAccessKey("", text)) === undefined) return;
    const [world = ""] = rest.split(NUL);
    if (!worlds.has(world)) findings.push(ofNoWorld("world", "an access key is registered", entry[0]));
  };
  await each(catalog.allAccessKeys, accessKey);
  await each(catalog.allSnapshotKeys, accessKey);
  const identity = (rest: string, entry: Entry): void => {
    const key = rest.slice(rest.lastIndexOf(NUL) + 1);
    if (read(entry, (text) => decodeIdentity(key, { text, accountId: "" })) === undefined) return;
    const [world = ""] = rest.split(NUL);
    if (!worlds.has(world)) findings.push(ofNoWorld("world", "an identity is registered", entry[0]));
  };
  await each(catalog.allIdentities, identity);
  await each(catalog.allSnapshotIdentities, identity);
  const parents = new Map<string, string>();
  await each(catalog.layers, (layerId, entry) => {
    const parent = read(entry, decodeLayer);
    if (!isId(layerId)) findings.push(fault("record", `${quoted(entry[0])} is of no layer: its name is no id`));
    else if (parent !== undefined) parents.set(layerId, parent);
  });
  const unfinishedBoots = new Set<string>();
  await each(catalog.unfinishedBoots, (bootId) => void unfinishedBoots.add(bootId));

  const states = [...statesOfWorlds(worlds, heads), ...statesOfSnapshots(snapshots)];
  const layers = checkLayers(states, parents);
  return { states, parents, unfinishedBoots, ...layers, findings: [...findings, ...layers.findings] };
};

type Snapshot = {
  readonly world: string;
  readonly name: string;
  readonly whole: boolean;
  readonly settings: WorldSettings | undefined;
  readonly tops: Map<string, string>;
};

const membersOf = <T>(maps: Map<string, Map<string, T>>, name: string): Map<string, T> => {
  const known = maps.get(name);
  if (known !== undefined) return known;
  const made = new Map<string, T>();
  maps.set(name, made);
  return made;
};

const removal = (key: string): Pick<Found, "repair" | "mend"> => ({
  repair: "removes the record",
  mend: async (tx) => tx.delete(key),
});

const ofNoWorld = (kind: Found["kind"], what: string, key: string): Found => {
  const [world = ""] = key.slice(2).split(NUL);
  return fault(kind, `${what} in a world ${quoted(world)} that is not there`, removal(key));
};

const ofNoSnapshot = (what: string, { world, name, key }: { world: string; name: string; key: string }): Found =>
  fault("snapshot", `${what} for a snapshot ${quoted(name)} of world ${quoted(world)} that is not there`, removal(key));

const statesOfWorlds = (
  worlds: ReadonlyMap<string, WorldRecord>,
  heads: ReadonlyMap<string, ReadonlyMap<string, Head>>,
): State[] =>
  [...worlds].map(([world, { settings }]) => ({
    where: `world ${world}`,
    world,
    whole: true,
    sharesNames: sharesNames(settings),
    tops: new Map([...(heads.get(world) ?? [])].map(([accountId, { layerId }]) => [accountId, layerId])),
  }));

const statesOfSnapshots = (snapshots: ReadonlyMap<string, Snapshot>): State[] =>
  [...snapshots.values()].map(({ world, name, whole, settings, tops }) => ({
    where: `snapshot ${name} of world ${world}`,
    world,
    snapshot: name,
    whole,
    sharesNames: settings === undefined || sharesNames(settings),
    tops,
  }));

/** Whether every stack has a bottom, and which layers nothing leads to. */
const checkLayers = (
  states: readonly State[],
  parents: ReadonlyMap<string, string>,
): Pick<Catalog, "findings" | "reachable" | "stackOf"> => {
  const findings: Found[] = [];
  const stackOf = (top: string): readonly string[] => {
    const stack: string[] = [];
    const seen = new Set<string>();
    for (let layer = top; layer !== "" && parents.has(layer) && !seen.has(layer); layer = parents.get(layer) ?? "") {
      seen.add(layer);
      stack.push(layer);
    }
    return stack;
  };
  const reachable = new Set<string>();
  const told = new Set<string>();
  const reach = (top: string, who: string): void => {
    const path = new Set<string>();
    for (let layer = top; layer !== ""; layer = parents.get(layer) ?? "") {
      const circles = path.has(layer);
      if ((circles || !parents.has(layer)) && !told.has(layer)) {
        told.add(layer);
        const text = circles ? `layer ${layer} stands on itself` : `layer ${layer} has no record`;
        findings.push(fault("layer", `${who}: ${text}`));
      }
      if (circles || !parents.has(layer)) return;
      path.add(layer);
      // What is below was followed already.
      if (reachable.has(layer)) return;
      reachable.add(layer);
    }
  };
  for (const { where, tops } of states) {
    for (const [accountId, top] of tops)
      reach(top, accountId === NAMESPACE ? `${where}, namespace` : `${where}, account ${accountId}`);
  }
  for (const layer of parents.keys()) {
    if (!reachable.has(layer)) findings.push(leftover("layer", `nothing leads to layer ${layer}`));
  }
  return { findings, reachable, stackOf };
};
