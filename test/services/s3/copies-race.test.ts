/** A copy whose source is deleted and put again, the same in all that is shown, while its bytes are being read. */
import test from "ava";
import { copyObject } from "../../../src/services/s3/operations/copy-object.ts";
import type { S3Context } from "../../../src/services/s3/context.ts";
import type { Bodies } from "../../../src/state/bodies/bodies.ts";
import { DEFAULT_WORLD } from "../../../src/state/state.ts";
import { ACCOUNT, newBucket, open, put, readAll, remove } from "../../state/fixtures.ts";
import { withState } from "../../support/state.ts";

test("a copy has its source's bytes although the source is made anew, within one millisecond, while they are read", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const place = { state, world };
    const bucket = await newBucket(world, "bucket");
    await put(place, bucket, { key: "source", bytes: "bytes" });
    const bodies: Bodies = {
      ...state.bodies,
      openContent: async (view, options) => {
        const content = await state.bodies.openContent(view, options);
        await remove(world, bucket, { key: "source" });
        await put(place, bucket, { key: "source", bytes: "bytes" });
        return content;
      },
    };
    const context = {
      world,
      bodies,
      bucket,
      findBucket: async () => bucket,
      caller: { partition: "aws", accountId: ACCOUNT, principal: { kind: "Root" } },
      nowMs: 0,
      draw: await world.draw(),
      endpoint: { region: "us-east-1", secure: false, host: "localhost", style: "path" },
    } as unknown as S3Context;
    await copyObject(context, { Bucket: "bucket", Key: "copy", CopySource: "bucket/source" });
    t.is(await readAll(await open(place, bucket, "copy")), "bytes");
  });
});
