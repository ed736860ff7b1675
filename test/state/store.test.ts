/** Stores that are not as this program writes them. */
import test from "ava";
import type { Engine } from "../../src/engine/port.ts";
import { lookUpBucket } from "../../src/state/buckets.ts";
import { StoreFormatError } from "../../src/state/errors.ts";
import { catalog, layered, layerPrefix } from "../../src/state/keys.ts";
import { listObjects } from "../../src/state/listing.ts";
import type { Bucket } from "../../src/state/model.ts";
import { decodeHead, encodeLayer, RECORD_FORMAT } from "../../src/state/records.ts";
import { currentObject } from "../../src/state/objects.ts";
import { createSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { openStateIn, withFolder, withState } from "../support/state.ts";
import { ACCOUNT, newBucket, open, put, readAll } from "./fixtures.ts";

const write = (engine: Engine, key: string, value: string): Promise<void> =>
  engine.transact(async (tx) => tx.put(key, value));

const topLayerOf = async (engine: Engine): Promise<string> =>
  engine.read(async (view) => decodeHead((await view.get(catalog.head(DEFAULT_WORLD, ACCOUNT)))!).layerId);

for (const [what, format] of [
  ["a newer format", String(RECORD_FORMAT + 1)],
  ["no format of ours", "unknown"],
  ["no format at all", ""],
] as const) {
  test(`a store of ${what} is refused`, async (t) => {
    await withFolder(async (dir) => {
      const first = await openStateIn(dir);
      await write(first.engine, catalog.format, format);
      await first.close();
      await t.throwsAsync(openStateIn(dir), { instanceOf: StoreFormatError });
    });
  });
}

test("a store that somebody else wrote is refused and not touched", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    await first.close();
    const again = await openStateIn(dir);
    await again.engine.transact(async (tx) => tx.delete(catalog.format));
    await again.crash();
    await t.throwsAsync(openStateIn(dir), { instanceOf: StoreFormatError, message: /not empty/ });
  });
});

test("what was stored is there after a restart", async (t) => {
  await withFolder(async (dir) => {
    const first = await openStateIn(dir);
    const world = first.state.world(DEFAULT_WORLD)!;
    await put({ state: first.state, world }, await newBucket(world, "bucket"), { key: "k", bytes: "bytes" });
    await world.updateSettings({ authMode: "strict", accountOverride: ACCOUNT });
    await first.state.fork({ name: "fork", fromWorld: world });
    await first.close();
    const second = await openStateIn(dir);
    for (const name of [DEFAULT_WORLD, "fork"]) {
      const again = second.state.world(name)!;
      const bucket = (await lookUpBucket(again, { partition: "aws", name: "bucket" })) as Bucket;
      t.is(await readAll(await open({ state: second.state, world: again }, bucket, "k")), "bytes");
      t.is(again.settings.authMode, "strict");
    }
    t.is(second.state.world(DEFAULT_WORLD)!.settings.accountOverride, undefined, "lives as long as its process");
    await second.close();
  });
});

test("a damaged record fails the reads that need it and no others", async (t) => {
  await withState(async (state, _, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    for (const key of ["cut", "strange", "sound"]) await put({ state, world }, bucket, { key, bytes: key });
    const prefix = layerPrefix(await topLayerOf(engine));
    await write(engine, prefix + layered.live(bucket.id, "cut"), '[1,"');
    await write(engine, prefix + layered.live(bucket.id, "strange"), "{}");
    await t.throwsAsync(
      world.read((view) => currentObject(view, bucket, "cut")),
      { instanceOf: SyntaxError },
    );
    await t.throwsAsync(
      world.read((view) => currentObject(view, bucket, "strange")),
      { message: /unknown format/ },
    );
    await t.throwsAsync(world.read((view) => listObjects(view, bucket, { prefix: "", limit: 10 })));
    t.is(await readAll(await open({ state, world }, bucket, "sound")), "sound");
    await put({ state, world }, bucket, { key: "sound", bytes: "again" });
    t.is(await readAll(await open({ state, world }, bucket, "sound")), "again");
  });
});

test("a layer that stands on itself is a failure, not an endless search", async (t) => {
  await withState(async (state, _, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    await newBucket(world, "bucket");
    await createSnapshot(world, { name: "sealed", nowMs: 0 });
    const sealed = await topLayerOf(engine);
    const fork = await state.fork({ name: "fork", fromWorld: world, fromSnapshot: "sealed" });
    // A layer of its own, damaged before anything has looked at it.
    const damaged = "f".repeat(16);
    await write(engine, catalog.layer(damaged), encodeLayer(damaged));
    t.not(damaged, sealed);
    await t.throwsAsync(
      fork.read((view) => view.layersFrom(damaged)),
      { message: /has no bottom/ },
    );
  });
});
