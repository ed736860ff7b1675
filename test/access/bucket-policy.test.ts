/** A bucket's policy as the pipeline reads it. */
import test from "ava";
import { bucketPolicyOf } from "../../src/pipeline/access-resource.ts";
import type { RequestScope } from "../../src/pipeline/scope.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { putConfiguration, requireBucket } from "../../src/state/buckets.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { newBucket } from "../state/fixtures.ts";
import { withState } from "../support/state.ts";
import { policyText } from "./fixtures.ts";

test("a policy that an older server let in and that is none is as none, and the log says so once", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await newBucket(world, "bucket");
    const put = (document: string) =>
      world.transact(async (tx) => putConfiguration(tx, await requireBucket(tx, bucket), { kind: "policy", document }));
    const lines: string[] = [];
    const logger = createLogger({ level: "warn", write: (line) => lines.push(line) });
    const scope = { world, deps: { platform: { logger } } } as unknown as RequestScope;
    const bad = await put(`{"Statement": "everything"}`);
    t.is(await bucketPolicyOf(scope, bad), undefined);
    t.is(await bucketPolicyOf(scope, bad), undefined);
    t.is(lines.length, 1);
    t.regex(lines[0] ?? "", /"bucket":"bucket"/);
    const Resource = "arn:aws:s3:::bucket/*";
    const good = await put(policyText({ Effect: "Deny", Principal: "*", Action: "s3:*", Resource }));
    t.like(await bucketPolicyOf(scope, { ...good }), { name: "bucket policy of bucket" });
    t.is(await bucketPolicyOf(scope, bucket), undefined);
  });
});
