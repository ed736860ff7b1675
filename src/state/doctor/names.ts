/** The namespace against the buckets that accounts have: every name leads to a bucket, and every bucket has its name. */
import type { Reader } from "../../engine/port.ts";
import { layered } from "../keys.ts";
import { LayerStacks } from "../layer-stacks.ts";
import { decodeBucket, decodeName, encodeName, type NameRecord } from "../records.ts";
import { deleteLayered, mergeLayers, putLayered, TOMBSTONE, type Stack } from "../stack.ts";
import { newAftermath, NAMESPACE, Tx } from "../view.ts";
import { WorldCache } from "../world-cache.ts";
import type { Catalog, State } from "./catalog.ts";
import { fault, quoted, type Found } from "./finding.ts";
import type { Source } from "./pages.ts";

const PAGE_RECORDS = 1_000;

/** Checks every state once; those that stand on the same layers are alike. */
export async function* checkNames(source: Source, catalog: Catalog): AsyncGenerator<Found> {
  const seen = new Set<string>();
  for (const state of catalog.states) {
    if (!state.whole) continue;
    const alike = [...state.tops].map((entry) => entry.join("=")).toSorted();
    const signature = `${state.sharesNames} ${alike.join(" ")}`;
    if (seen.has(signature)) continue;
    seen.add(signature);
    yield* checkState(source, { state, catalog });
  }
}

async function* checkState(
  source: Source,
  { state, catalog }: { state: State; catalog: Catalog },
): AsyncGenerator<Found> {
  const stackOf = (accountId: string): Stack => ({
    layers: catalog.stackOf(state.tops.get(accountId) ?? ""),
    epoch: 0,
  });
  const owners = new Map<string, NameRecord>();
  const taken = new Set<string>();
  for (const accountId of state.tops.keys()) {
    if (accountId === NAMESPACE) continue;
    for await (const [, record] of shown(source, stackOf(accountId), layered.allBuckets)) {
      const bucket = readOr(() => decodeBucket(record, { accountId, epoch: 0 }));
      // What cannot be read is told where it stands.
      if (bucket === undefined || !state.sharesNames) continue;
      const subkey = layered.name(bucket.partition, bucket.name);
      const other = owners.get(subkey);
      if (other !== undefined) {
        taken.add(subkey);
        yield fault(
          "name",
          `${state.where}: accounts ${other.accountId} and ${accountId} both have a bucket ${bucket.name}`,
        );
      }
      owners.set(subkey, { accountId, bucketId: bucket.id });
    }
  }
  for await (const [subkey, record] of shown(source, stackOf(NAMESPACE), layered.allNames)) {
    const right = owners.get(subkey);
    owners.delete(subkey);
    const name = readOr(() => decodeName(record));
    if (taken.has(subkey) || name === undefined) continue;
    if (name.accountId === right?.accountId && name.bucketId === right.bucketId) continue;
    yield wrongName(state, { subkey, right });
  }
  for (const [subkey, right] of owners) if (!taken.has(subkey)) yield missingName(state, { subkey, right });
}

const nameIn = (subkey: string): string => quoted(subkey.slice(2));

const wrongName = (state: State, { subkey, right }: { subkey: string; right: NameRecord | undefined }): Found =>
  right === undefined
    ? fault("name", `${state.where}: the name ${nameIn(subkey)} leads to no bucket`, mending(state, { subkey, right }))
    : fault(
        "name",
        `${state.where}: the name ${nameIn(subkey)} leads to another bucket than that of account ${right.accountId}`,
        mending(state, { subkey, right }),
      );

const missingName = (state: State, { subkey, right }: { subkey: string; right: NameRecord }): Found =>
  fault(
    "name",
    `${state.where}: the bucket ${nameIn(subkey)} of account ${right.accountId} is not in the namespace`,
    mending(state, { subkey, right }),
  );

/** Of a world as it is; a snapshot's layers stay as they are. */
const mending = (
  { world, snapshot }: State,
  { subkey, right }: { subkey: string; right: NameRecord | undefined },
): Pick<Found, "repair" | "mend"> => {
  if (snapshot !== undefined) return {};
  return {
    repair: right === undefined ? "takes the name out" : "puts the name in",
    mend: async (tx, newId) => {
      const scope = { worldName: world, cache: new WorldCache(), layerStacks: new LayerStacks(), readEpoch: 0 };
      const names = await new Tx(tx, { scope, aftermath: newAftermath(), newId }).writableStack(NAMESPACE);
      if (right === undefined) deleteLayered(tx, names, subkey);
      else putLayered(tx, names, [subkey, encodeName(right)]);
    },
  };
};

const readOr = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

async function* shown(
  source: Source,
  stack: Stack,
  { start, end }: { start: string; end: string },
): AsyncGenerator<readonly [subkey: string, record: string]> {
  if (stack.layers.length === 0) return;
  for (let from = start; ;) {
    const page = await source.read((reader: Reader) =>
      mergeLayers(reader, stack, { range: { start: from, end }, limit: PAGE_RECORDS }),
    );
    for (const entry of page) if (entry[1] !== TOMBSTONE) yield entry;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_RECORDS) return;
    from = `${last[0]}\0`;
  }
}
