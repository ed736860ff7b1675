/** A data directory with as many objects as wanted, made through the state itself: by S3 a million would take minutes. */
import { createHash } from "node:crypto";
import { join } from "node:path";

import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { createSystemPlatform } from "../../src/platform/system-platform.ts";
import { createBucket, requireBucket } from "../../src/state/buckets.ts";
import type { Bucket } from "../../src/state/model.ts";
import { currentObject, putObject, readManifest } from "../../src/state/objects.ts";
import { DEFAULT_WORLD, INITIAL_SETTINGS, openState } from "../../src/state/state.ts";
import type { State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { numberText } from "../load/request.ts";

const OBJECTS_PER_TRANSACTION = 500;

type Seed = {
  /** It is made if it is not there. */
  readonly folder: string;
  readonly bucket: string;
  /** At least 1. They are called `key-00000000` and on, and have the same bytes, which are stored once. */
  readonly objects: number;
  readonly body: Buffer;
};

type Place = { readonly state: State; readonly world: World };

const ownerAccountId = INITIAL_SETTINGS.fallbackAccount;

const makeBucket = ({ world }: Place, name: string): Promise<Bucket> =>
  world.transact(async (tx) => {
    const { bucket } = await createBucket(tx, {
      name,
      accountId: ownerAccountId,
      partition: "aws",
      region: "us-east-1",
      createdAtMs: 0,
      versioning: "Unversioned",
      objectOwnership: "BucketOwnerEnforced",
      objectLockEnabled: false,
    });
    return bucket;
  });

const objectOf = (number: number, body: Buffer) => ({
  key: `key-${numberText(number)}`,
  versionId: "null",
  etag: createHash("md5").update(body).digest("hex"),
  sizeBytes: body.byteLength,
  lastModifiedMs: 0,
  storageClass: "STANDARD",
  ownerAccountId,
  attributes: {},
});

const putFirst = async ({ state, world }: Place, bucket: Bucket, bytes: Buffer): Promise<void> => {
  await state.bodies.storing(bytes, (body) =>
    world.transact(async (tx) =>
      putObject(tx, await requireBucket(tx, bucket), { ...objectOf(0, bytes), content: { body } }),
    ),
  );
};

/** Copies of the first object. */
const putRest = async ({ world }: Place, bucket: Bucket, { objects, body }: Seed): Promise<void> => {
  const like = objectOf(0, body);
  for (let from = 1; from < objects; from += OBJECTS_PER_TRANSACTION) {
    await world.transact(async (tx) => {
      const present = await requireBucket(tx, bucket);
      const first = await currentObject(tx, present, like.key);
      if (first === undefined) throw new Error("the first object is gone");
      const copied = await readManifest(tx, present, first);
      for (let number = from; number < Math.min(from + OBJECTS_PER_TRANSACTION, objects); number++) {
        const key = `key-${numberText(number)}`;
        await putObject(tx, present, { ...like, key, content: { copied, multipart: false } });
      }
    });
  }
};

/** Makes it. */
export const seedDataFolder = async (seed: Seed): Promise<void> => {
  const engine = await openLevelEngine({
    location: join(seed.folder, "db"),
    durability: "process",
    logger: silentLogger,
  });
  try {
    const state = await openState({
      engine,
      bodiesDir: join(seed.folder, "bodies"),
      durability: "process",
      platform: createSystemPlatform({ logger: silentLogger }),
    });
    const world = state.world(DEFAULT_WORLD);
    if (world === undefined) throw new Error("there is no default world");
    const bucket = await makeBucket({ state, world }, seed.bucket);
    await putFirst({ state, world }, bucket, seed.body);
    await putRest({ state, world }, bucket, seed);
    await state.close();
  } finally {
    await engine.close();
  }
};
