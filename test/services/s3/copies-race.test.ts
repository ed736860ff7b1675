/** Copies whose source is deleted or written over while its bytes are being read. */
import test from "ava";
import type { S3Context } from "../../../src/services/s3/context.ts";
import { copyObject } from "../../../src/services/s3/operations/copy-object.ts";
import { uploadPartCopy } from "../../../src/services/s3/operations/upload-part-copy.ts";
import type { Bodies } from "../../../src/state/bodies/bodies.ts";
import type { Bucket } from "../../../src/state/model.ts";
import { DEFAULT_WORLD } from "../../../src/state/state.ts";
import { ACCOUNT, begin, newBucket, open, put, readAll, remove, type Place } from "../../state/fixtures.ts";
import { withState } from "../../support/state.ts";

type Race = {
  readonly place: Place;
  readonly bucket: Bucket;
  /** What becomes of the source each time its bytes have been opened. */
  readonly meanwhile: () => Promise<unknown>;
};

/** The surroundings of a copy that is overtaken. */
const overtaken = async ({ place: { state, world }, bucket, meanwhile }: Race): Promise<S3Context> => {
  const bodies: Bodies = {
    ...state.bodies,
    openContent: async (view, options) => {
      const content = await state.bodies.openContent(view, options);
      await meanwhile();
      return content;
    },
  };
  return {
    world,
    bodies,
    bucket,
    findBucket: async () => bucket,
    demand: async () => {},
    caller: { partition: "aws", accountId: ACCOUNT, principal: { kind: "Root" } },
    nowMs: 0,
    draw: await world.draw(),
    endpoint: { region: "us-east-1", secure: false, host: "localhost", style: "path" },
  } as unknown as S3Context;
};

test("a copy has its source's bytes although the source is made anew, within one millisecond, while they are read", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const place = { state, world };
    const bucket = await newBucket(world, "bucket");
    await put(place, bucket, { key: "source", bytes: "bytes" });
    const meanwhile = async () => {
      await remove(world, bucket, { key: "source" });
      await put(place, bucket, { key: "source", bytes: "bytes" });
    };
    const context = await overtaken({ place, bucket, meanwhile });
    await copyObject(context, { Bucket: "bucket", Key: "copy", CopySource: "bucket/source" });
    t.is(await readAll(await open(place, bucket, "copy")), "bytes");
  });
});

test("a copy of a version goes on when a newer one is put, or a delete marker, while its bytes are read", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const place = { state, world };
    const bucket = await newBucket(world, "versioned", { versioning: "Enabled" });
    await put(place, bucket, { key: "source", bytes: "bytes", versionId: "first" });
    const upload = await begin(world, bucket, { key: "parts", uploadId: "upload" });
    let reads = 0;
    const meanwhile = async () => {
      reads += 1;
      if (reads % 2 === 1) await remove(world, bucket, { key: "source", markerId: "marker" });
      else await put(place, bucket, { key: "source", bytes: "newer", versionId: "newer" });
    };
    const context = await overtaken({ place, bucket, meanwhile });
    const copied = { Bucket: "versioned", CopySource: "versioned/source" };
    await copyObject(context, { ...copied, Key: "copy" });
    t.is(await readAll(await open(place, bucket, "copy")), "bytes");
    await put(place, bucket, { key: "source", bytes: "bytes", versionId: "second" });
    const named = { Key: upload.key, UploadId: upload.uploadId, PartNumber: 1 };
    const { CopyPartResult: part } = await uploadPartCopy(context, { ...copied, ...named });
    t.is(part?.ETag, '"4b3a6218bb3e3a7303e8a171a60fcf92"');
    t.is(reads, 2);
  });
});
