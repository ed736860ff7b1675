import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createCipheriv } from "node:crypto";
import test from "ava";
import { exportState } from "../../../src/state/archive/export.ts";
import { importState } from "../../../src/state/archive/import.ts";
import { requireBucket } from "../../../src/state/buckets.ts";
import { putObject } from "../../../src/state/objects.ts";
import { withState } from "../../support/state.ts";
import { ACCOUNT, newBucket, type Place } from "../fixtures.ts";

const MIB = 1024 * 1024;
const LARGE_MIB = 192;
/** Far below what is moved; garbage that is still to be collected counts. */
const GROWTH_MAX = 96 * MIB;

/** Bytes that cannot be compressed. */
async function* noise(): AsyncGenerator<Uint8Array> {
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16));
  for (let mib = 0; mib < LARGE_MIB; mib += 1) yield cipher.update(Buffer.alloc(MIB));
}

const putNoise = async ({ state, world }: Place): Promise<void> => {
  const bucket = await newBucket(world, "bucket");
  await state.bodies.storing(noise(), (body) =>
    world.transact(async (tx) =>
      putObject(tx, await requireBucket(tx, bucket), {
        key: "large",
        versionId: "unused",
        etag: "etag",
        sizeBytes: body.sizeBytes,
        lastModifiedMs: 0,
        storageClass: "STANDARD",
        ownerAccountId: ACCOUNT,
        attributes: {},
        content: { body },
      }),
    ),
  );
};

/** By how much the process grows at most while `work` is under way. */
const growth = async (work: () => Promise<unknown>): Promise<number> => {
  const before = process.memoryUsage.rss();
  let most = before;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  await work();
  clearInterval(timer);
  return most - before;
};

test("memory does not grow with what is exported and imported", async (t) => {
  await withState(async (state, dir) => {
    const world = state.world("default")!;
    await putNoise({ state, world });
    const file = join(dir, "archive");
    const again = join(dir, "again");
    const write = (to: string): Promise<void> =>
      pipeline(exportState(world, { compression: "zstd" }), createWriteStream(to));
    const exported = await growth(() => write(file));
    t.true((await stat(file)).size > LARGE_MIB * MIB);
    const imported = await growth(() => importState(world, { source: createReadStream(file) }));
    t.log(`export: ${(exported / MIB).toFixed(0)} MiB, import: ${(imported / MIB).toFixed(0)} MiB`);
    t.true(exported < GROWTH_MAX, `export: ${exported}`);
    t.true(imported < GROWTH_MAX, `import: ${imported}`);
    await write(again);
    t.is((await stat(again)).size, (await stat(file)).size);
  });
});
