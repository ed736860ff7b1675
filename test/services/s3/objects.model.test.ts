/** Sequences of object operations, held against a plain model. STANDIN_MODEL_SEQUENCES says how many. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import test from "ava";
import * as fc from "fast-check";
import { startTestServer } from "../../support/server.ts";
import { makeBucket } from "./client.ts";
import { step } from "./objects.model-steps.ts";
import { ObjectsTwin } from "./objects.model-twin.ts";

const SEQUENCES = Number(process.env["STANDIN_MODEL_SEQUENCES"] ?? 30);
const SEQUENCE_MS_MAX = 10_000;

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

test("random sequences of object operations answer what a plain model does, with versions and without", async (t) => {
  t.timeout(60_000 + SEQUENCES * SEQUENCE_MS_MAX);
  const bytes = Buffer.alloc(5 * 1024 ** 2, "big|");
  const bigBucket = await makeBucket(s3, "big");
  await s3.send(new PutObjectCommand({ Bucket: bigBucket, Key: "big", Body: bytes }));
  const big = { CopySource: `${bigBucket}/big`, bytes };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: "max" }), async (steps) => {
      const twin = new ObjectsTwin(t, { s3, bucket: await makeBucket(s3, "model"), big });
      for (const next of steps) await twin.take(next);
      await twin.check();
    }),
    { numRuns: SEQUENCES },
  );
});
