/** Objects and uploads of as many parts as S3 allows, all of them references to the same bytes. */
import test from "ava";
import { requireBucket } from "../../src/state/buckets.ts";
import { currentObject, putObject, readManifest } from "../../src/state/objects.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { abortUpload, putPart } from "../../src/state/uploads.ts";
import { withState } from "../support/state.ts";
import { begin, newBucket, put, remove } from "./fixtures.ts";

const PARTS_MAX = 10_000;
/** The engine as it is: what is measured here is one transaction's time. */
const ONCE = { wrap: <T>(engine: T): T => engine };

test("an object of 10,000 references to the same bytes is deleted at once", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const source = await put({ state, world }, bucket, { key: "source", bytes: "bytes" });
    await world.transact(async (tx) => {
      const present = await requireBucket(tx, bucket);
      const [part] = await readManifest(tx, present, source);
      const copied = Array.from({ length: PARTS_MAX }, (_, index) => ({ ...part!, partNumber: index + 1 }));
      await putObject(tx, present, { ...source, key: "many", content: { copied, multipart: true } });
    });
    await t.notThrowsAsync(remove(world, bucket, { key: "many" }));
    t.is(await world.read((view) => currentObject(view, bucket, "many")), undefined);
    t.not(await world.read((view) => currentObject(view, bucket, "source")), undefined);
  }, ONCE);
});

test("an upload of 10,000 parts with the same bytes is aborted at once", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const source = await put({ state, world }, bucket, { key: "source", bytes: "bytes" });
    const upload = await begin(world, bucket, { key: "many", uploadId: "upload" });
    await world.transact(async (tx) => {
      const present = await requireBucket(tx, bucket);
      const copied = await readManifest(tx, present, source);
      const checksum = { algorithm: "CRC64NVME", value: "AAAAAAAAAAA=" };
      const part = { etag: "etag", sizeBytes: source.sizeBytes, lastModifiedMs: 0, checksum, checksumGiven: false };
      for (let partNumber = 1; partNumber <= PARTS_MAX; partNumber += 1) {
        await putPart(tx, present, { upload, part: { ...part, partNumber, content: { copied } } });
      }
    });
    await t.notThrowsAsync(world.transact(async (tx) => abortUpload(tx, await requireBucket(tx, bucket), upload)));
    t.not(await world.read((view) => currentObject(view, bucket, "source")), undefined);
  }, ONCE);
});
