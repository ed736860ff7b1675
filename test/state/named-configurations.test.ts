import test from "ava";
import { deleteBucket, requireBucket } from "../../src/state/buckets.ts";
import { diffStates } from "../../src/state/diff/diff.ts";
import { layered, layerPrefix, prefixRange } from "../../src/state/keys.ts";
import type { Bucket, NamedConfigurationKind } from "../../src/state/model.ts";
import {
  deleteNamedConfiguration,
  getNamedConfiguration,
  listNamedConfigurations,
  putNamedConfiguration,
} from "../../src/state/named-configurations.ts";
import { createSnapshot, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { findBucket } from "../../src/state/buckets.ts";
import { diagnose, heal, withStore } from "../support/doctor.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { newBucket } from "./fixtures.ts";

type Named = { readonly kind?: NamedConfigurationKind; readonly id: string };

const put = (world: World, bucket: Bucket, { kind = "metrics", id, text = id }: Named & { readonly text?: string }) =>
  world.transact(async (tx) =>
    putNamedConfiguration(tx, await requireBucket(tx, bucket), { kind, id, document: JSON.stringify({ text }) }),
  );
const remove = (world: World, bucket: Bucket, { kind = "metrics", id }: Named) =>
  world.transact(async (tx) => deleteNamedConfiguration(tx, await requireBucket(tx, bucket), { kind, id }));

const fresh = async (world: World, name = "bucket"): Promise<Bucket> => {
  const bucket = await world.read((view) => findBucket(view, { partition: "aws", name }));
  if (bucket === undefined) throw new Error(`there is no bucket ${name}`);
  return bucket;
};
const list = async (world: World, options: Partial<Parameters<typeof listNamedConfigurations>[2]> = {}) => {
  const bucket = await fresh(world);
  const found = await world.read((view) => listNamedConfigurations(view, bucket, { kind: "metrics", ...options }));
  return found.map(({ id, document }) => `${id}=${(JSON.parse(document) as { text: string }).text}`);
};

const withWorld = (use: (place: { state: State; world: World }) => Promise<void>): Promise<void> =>
  withState((state) => use({ state, world: state.world(DEFAULT_WORLD)! }));

test("a bucket has a kind as long as it has any configuration of it", (t) =>
  withWorld(async ({ world }) => {
    const bucket = await newBucket(world, "bucket");
    t.deepEqual(await list(world), []);
    await remove(world, bucket, { id: "never there" });
    await put(world, bucket, { id: "b" });
    await put(world, bucket, { id: "a" });
    await put(world, bucket, { kind: "inventory", id: "a" });
    t.deepEqual((await fresh(world)).configurations, ["metrics", "inventory"]);
    t.deepEqual(await list(world), ["a=a", "b=b"]);
    await put(world, bucket, { id: "a", text: "again" });
    t.deepEqual(await list(world), ["a=again", "b=b"]);
    await remove(world, bucket, { id: "a" });
    t.deepEqual((await fresh(world)).configurations, ["metrics", "inventory"]);
    await remove(world, bucket, { id: "b" });
    t.deepEqual((await fresh(world)).configurations, ["inventory"]);
    t.deepEqual(await list(world), []);
    t.deepEqual(await list(world, { kind: "inventory" }), ["a=a"]);
  }));

test("lists come in the order of the ids' bytes, and go on behind any id", (t) =>
  withWorld(async ({ world }) => {
    const bucket = await newBucket(world, "bucket");
    for (const id of ["a/b", "B", "a", "b", "a-b", "\u{1f600}", "\uff21"]) await put(world, bucket, { id, text: "" });
    const all = ["B=", "a=", "a-b=", "a/b=", "b=", "\uff21=", "\u{1f600}="];
    t.deepEqual(await list(world), all);
    t.deepEqual(await list(world, { limit: 2 }), all.slice(0, 2));
    t.deepEqual(await list(world, { after: "a", limit: 2 }), all.slice(2, 4));
    t.deepEqual(await list(world, { after: "aa" }), all.slice(4));
  }));

test("they go through snapshots and forks, and with their bucket", (t) =>
  withWorld(async ({ state, world }) => {
    const bucket = await newBucket(world, "bucket");
    await put(world, bucket, { id: "kept" });
    await put(world, bucket, { id: "gone" });
    await createSnapshot(world, { name: "base", nowMs: 0 });
    await remove(world, bucket, { id: "gone" });
    await put(world, bucket, { id: "kept", text: "changed" });
    await put(world, bucket, { id: "new" });
    const fork = await state.fork({ name: "forked", fromWorld: world });
    await remove(world, bucket, { id: "new" });
    t.deepEqual(await list(world), ["kept=changed"]);
    t.deepEqual(await list(fork), ["kept=changed", "new=new"]);

    const differences: string[] = [];
    for await (const { change, kind, name, fields } of diffStates(world.host, {
      from: { world, snapshot: "base" },
      to: { world: fork },
    })) {
      differences.push([change, kind, name, ...fields].join(" "));
    }
    t.deepEqual(differences, [
      "removed configuration metrics/gone",
      "changed configuration metrics/kept text",
      "added configuration metrics/new",
    ]);

    await restoreSnapshot(world, "base");
    t.deepEqual(await list(world), ["gone=gone", "kept=kept"]);
    await world.transact(async (tx) => deleteBucket(tx, await requireBucket(tx, await fresh(world))));
    await newBucket(world, "bucket");
    t.deepEqual(await list(world), []);
    const again = await fresh(world);
    t.is(await world.read((view) => getNamedConfiguration(view, again, { kind: "metrics", id: "kept" })), undefined);
  }));

test("the doctor misses one that is lost, and takes away what no bucket knows", (t) =>
  withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    const world = opened.state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    await put(world, bucket, { id: "only" });
    await createSnapshot(world, { name: "base", nowMs: 0 });
    await put(world, bucket, { kind: "inventory", id: "above" });
    await opened.state.settle();
    await opened.close();
    await withStore(dir, async (store) => {
      t.deepEqual(await diagnose(store), []);
      const keys = await store.engine.read(async (reader) => reader.scan(prefixRange("L"), { limit: 100 }));
      const lost = keys.find(([key]) => key.endsWith("metrics/only"))?.[0] ?? "";
      const layer = lost.slice(1, 17);
      const unknown = layerPrefix(layer) + layered.namedConfiguration(bucket.id, "analytics", "x");
      const single = layerPrefix(layer) + layered.configuration(bucket.id, "metrics");
      await store.engine.transact(async (tx) => {
        tx.delete(lost);
        tx.put(unknown, "{}");
        tx.put(single, "{}");
      });
      const { repaired, left } = await heal(store);
      t.deepEqual(repaired.map(({ text }) => text).toSorted(), [
        "bucket bucket does not know of its configuration analytics/x",
        "bucket bucket does not know of its configuration metrics",
      ]);
      t.true(left.length > 0);
      for (const { text } of left) t.is(text, "bucket bucket has no document of its configuration metrics");
    });
  }));
