import { Readable } from "node:stream";
import test from "ava";
import { answerCompat } from "../../src/pipeline/compat/compat.ts";
import { createBucket, listBuckets } from "../../src/state/buckets.ts";
import { putAccessKey, findAccessKey } from "../../src/state/access-keys.ts";
import { putObject } from "../../src/state/objects.ts";
import { DEFAULT_WORLD, type State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";

const ACCOUNTS = ["111111111111", "222222222222"];

/** A world with a bucket and an object in each of two accounts. */
const filledWorld = async (state: State): Promise<World> => {
  const world = state.world(DEFAULT_WORLD)!;
  for (const accountId of ACCOUNTS) {
    await state.bodies.storing(Buffer.from("text"), (body) =>
      world.transact(async (tx) => {
        const { bucket } = await createBucket(tx, {
          name: `bucket-${accountId}`,
          accountId,
          partition: "aws",
          region: "us-east-1",
          createdAtMs: 0,
          versioning: "Unversioned",
          objectOwnership: "BucketOwnerEnforced",
          objectLockEnabled: false,
        });
        await putObject(tx, bucket, {
          key: "key",
          versionId: "null",
          etag: "1cb251ec0d568de6a929b520c4aed8d1",
          sizeBytes: 4,
          lastModifiedMs: 0,
          storageClass: "STANDARD",
          ownerAccountId: accountId,
          attributes: {},
          content: { body },
        });
      }),
    );
  }
  return world;
};

const ask = async (world: World, line: string, body = "") => {
  const [method = "", rawPath = ""] = line.split(" ");
  const request = { method, rawPath, rawQuery: "", headers: {}, host: "127.0.0.1:5000", secure: false };
  return answerCompat(
    { ...request, remoteAddress: "127.0.0.1", body: Readable.from([Buffer.from(body)]), continueBody: () => {} },
    {
      world,
      guard: { baseHosts: [], loopback: true, endpoints: "guarded", controlToken: undefined },
      version: "0.1.0",
      sessionId: "s",
      startedAtMs: 0,
      clock: { now: () => 0 },
      reseed: async () => {},
    },
  );
};

const bucketsOf = (world: World, accountId: string) =>
  world.read((view) => listBuckets(view, { accountId, partition: "aws", limit: 10 }));

for (const line of [
  "POST /moto-api/reset",
  "POST /_localstack/state/reset",
  "POST /_localstack/state/s3/reset",
  "POST /_localstack/health",
]) {
  test(`${line} empties every account and leaves the default account as it is`, async (t) => {
    await withState(async (state) => {
      const world = await filledWorld(state);
      await world.updateSettings({ accountOverride: "222222222222", fallbackAccount: "333333333333" });
      const answer = await ask(world, line, '{"action":"restart"}');
      t.is(answer.status, 200);
      for (const accountId of ACCOUNTS) t.deepEqual(await bucketsOf(world, accountId), []);
      t.like(world.settings, { accountOverride: "222222222222", fallbackAccount: "333333333333" });
    });
  });
}

test("moto's reset forgets registered keys and changed settings as well", async (t) => {
  await withState(async (state) => {
    const world = await filledWorld(state);
    const accessKeyId = "AKIAIOSFODNN7EXAMPLE";
    await putAccessKey(world, { accessKeyId, secretAccessKey: "s", accountId: "111111111111", createdAtMs: 0 });
    await world.updateSettings({ authMode: "strict" });
    await ask(world, "POST /moto-api/reset");
    t.is(await findAccessKey(world, accessKeyId), undefined);
    t.is(world.settings.authMode, "lenient");
    t.is(world.settings.accountOverride, undefined);
    t.false("accountOverride" in world.settings);
  });
});

test("resetting STS alone keeps what S3 holds", async (t) => {
  await withState(async (state) => {
    const world = await filledWorld(state);
    t.is((await ask(world, "POST /_localstack/state/sts/reset")).status, 200);
    t.is((await bucketsOf(world, "111111111111")).length, 1);
  });
});

test("moto's data.json shows buckets and objects of all accounts", async (t) => {
  await withState(async (state) => {
    const world = await filledWorld(state);
    const answer = await ask(world, "GET /moto-api/data.json");
    const { s3 } = JSON.parse(answer.body as string) as { s3: Record<string, Record<string, unknown>[]> };
    t.deepEqual(
      s3["FakeBucket"]?.map(({ name, account_id }) => [name, account_id]),
      ACCOUNTS.map((accountId) => [`bucket-${accountId}`, accountId]),
    );
    t.is(s3["FakeKey"]?.length, 2);
    t.like(s3["FakeKey"]?.[0], { name: "key", bucket_name: "bucket-111111111111", size: 4, version_id: "null" });
    t.deepEqual(s3["FakeDeleteMarker"], []);
  });
});
