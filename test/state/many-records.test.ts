/** Transactions that look for records many times while they write many. */
import test from "ava";
import { lookUpBucket, requireBucket } from "../../src/state/buckets.ts";
import type { Bucket } from "../../src/state/model.ts";
import { createSnapshot, resetAccounts, restoreSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { completeUpload, putPart, readParts } from "../../src/state/uploads.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { audit } from "./audit.ts";
import { begin, copy, newBucket, remove, removeBucket } from "./fixtures.ts";

/** The engine as it is: what is looked at is one transaction's time. */
const ONCE = { wrap: <T>(engine: T): T => engine };

const putParts = (
  world: World,
  bucket: Bucket,
  { upload, count, upTo }: { upload: Awaited<ReturnType<typeof begin>>; count: number; upTo: number },
): Promise<void> =>
  world.transact(async (tx) => {
    const present = await requireBucket(tx, bucket);
    for (let partNumber = upTo + 1; partNumber <= upTo + count; partNumber += 1) {
      const bodyId = `i${partNumber.toString(16).padStart(16, "f")}`;
      await putPart(tx, present, {
        upload,
        part: {
          partNumber,
          etag: "etag",
          sizeBytes: 1,
          lastModifiedMs: 0,
          checksum: { algorithm: "CRC32", value: "crc" },
          checksumGiven: true,
          content: { body: { bodyId, sizeBytes: 1, inline: Buffer.from("x") } },
        },
      });
    }
  });

test("an object of 10,000 parts that a copy shares is deleted at once, and then the copy", async (t) => {
  t.timeout(60_000);
  await withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const upload = await begin(world, bucket, { key: "parts", uploadId: "upload" });
    for (let upTo = 0; upTo < 10_000; upTo += 1_000) await putParts(world, bucket, { upload, count: 1_000, upTo });
    await world.transact(async (tx) => {
      const present = await requireBucket(tx, bucket);
      const chosen = await readParts(tx, present, upload);
      const { attributes, ownerAccountId, storageClass } = upload;
      const facts = { attributes, ownerAccountId, storageClass, versionId: "unused", etag: "etag", lastModifiedMs: 0 };
      await completeUpload(tx, present, { upload, chosen, object: { ...facts, key: "parts", sizeBytes: 10_000 } });
    });
    await copy(world, bucket, { from: "parts", to: "copy" });
    await t.notThrowsAsync(remove(world, bucket, { key: "parts" }));
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
    await t.notThrowsAsync(remove(world, bucket, { key: "copy" }));
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  }, ONCE);
});

test("a bucket with 1,000 unfinished uploads of 50 parts each is deleted at once", async (t) => {
  t.timeout(60_000);
  await withState(async (state, dir, engine) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    for (let at = 0; at < 1_000; at += 1) {
      const upload = await begin(world, bucket, { key: `k${at % 10}`, uploadId: `upload-${at}` });
      await putParts(world, bucket, { upload, count: 50, upTo: at * 50 });
    }
    await t.notThrowsAsync(removeBucket(world, bucket));
    t.deepEqual(await audit(engine, dir), { problems: [], unreferenced: [] });
  }, ONCE);
});

test("10,000 named accounts are snapshot, reset and restored at once", async (t) => {
  t.timeout(60_000);
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const accountIds = Array.from({ length: 10_000 }, (_, at) => String(at).padStart(12, "0"));
    await Promise.all(accountIds.map((accountId, at) => newBucket(world, `bucket-${at}`, { accountId })));
    await createSnapshot(world, { name: "named", accountIds, nowMs: 0 });
    await t.notThrowsAsync(resetAccounts(world, { accountIds }));
    const name = { partition: "aws", name: "bucket-9999" } as const;
    t.is(await lookUpBucket(world, name), undefined);
    await t.notThrowsAsync(restoreSnapshot(world, "named"));
    t.is((await lookUpBucket(world, name))?.accountId, "000000009999");
  }, ONCE);
});
