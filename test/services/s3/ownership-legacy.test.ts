/** Buckets of a world with the defaults that AWS had before April 2023. */
import test from "ava";
import { canonicalOwnerId } from "../../../src/protocol/caller.ts";
import type { S3Context } from "../../../src/services/s3/context.ts";
import { S3_HANDLERS } from "../../../src/services/s3/handlers.ts";
import { findBucket } from "../../../src/state/buckets.ts";
import { DEFAULT_WORLD } from "../../../src/state/state.ts";
import type { World } from "../../../src/state/world.ts";
import { ACCOUNT } from "../../state/fixtures.ts";
import { withState } from "../../support/state.ts";

const contextOf = async (world: World, name: string): Promise<S3Context> => {
  const bucket = await world.read((view) => findBucket(view, { partition: "aws", name }));
  return {
    world,
    bucket,
    caller: { partition: "aws", accountId: ACCOUNT, principal: { kind: "Root" } },
    nowMs: 0,
    endpoint: { region: "us-east-1", secure: false, host: "localhost", style: "path" },
  } as unknown as S3Context;
};

const codeOf = async (call: Promise<unknown>): Promise<string | undefined> => {
  try {
    await call;
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};

test("a bucket of the older defaults has no block, takes a public ACL, and has no rule unless it was given one", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    await world.updateSettings({ newBuckets: "legacy" });
    const bare = { Bucket: "bare", ACL: "public-read" };
    const ruled = { Bucket: "ruled", ObjectOwnership: "BucketOwnerEnforced" };
    for (const input of [bare, ruled]) await S3_HANDLERS.CreateBucket(await contextOf(world, ""), input);
    for (const Bucket of ["bare", "ruled"]) {
      const block = S3_HANDLERS.GetPublicAccessBlock(await contextOf(world, Bucket), { Bucket });
      t.is(await codeOf(block), "NoSuchPublicAccessBlockConfiguration");
    }
    const context = await contextOf(world, "bare");
    t.is(await codeOf(S3_HANDLERS.GetBucketOwnershipControls(context, bare)), "OwnershipControlsNotFoundError");
    t.deepEqual((await S3_HANDLERS.GetBucketAcl(context, bare)).Grants, [
      { Grantee: { Type: "CanonicalUser", ID: canonicalOwnerId(ACCOUNT) }, Permission: "FULL_CONTROL" },
      { Grantee: { Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers" }, Permission: "READ" },
    ]);
    const { OwnershipControls } = await S3_HANDLERS.GetBucketOwnershipControls(await contextOf(world, "ruled"), ruled);
    t.deepEqual(OwnershipControls, { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" }] });
  });
});
