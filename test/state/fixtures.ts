/** Buckets and objects made in the state itself, for its tests. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createBucket, deleteBucket, requireBucket, updateBucket } from "../../src/state/buckets.ts";
import type { Bucket, ObjectVersion, Upload, Versioning } from "../../src/state/model.ts";
import { currentObject, deleteObject, putObject, readManifest } from "../../src/state/objects.ts";
import { INLINE_BYTES_MAX } from "../../src/state/bodies/receive.ts";
import type { State } from "../../src/state/state.ts";
import { createUpload, putPart } from "../../src/state/uploads.ts";
import type { World } from "../../src/state/world.ts";

export const ACCOUNT = "111111111111";

/** The smallest body that is a file. */
export const LARGE = Buffer.alloc(INLINE_BYTES_MAX + 1, "large");

/** A state and one of its worlds. */
export type Place = { readonly state: State; readonly world: World };

export const newBucket = (
  world: World,
  name: string,
  { accountId = ACCOUNT, versioning = "Unversioned" }: { accountId?: string; versioning?: Versioning } = {},
): Promise<Bucket> =>
  world.transact(async (tx) => {
    const { bucket } = await createBucket(tx, {
      name,
      accountId,
      partition: "aws",
      region: "us-east-1",
      createdAtMs: 0,
      versioning,
      objectOwnership: "BucketOwnerEnforced",
      objectLockEnabled: false,
    });
    return bucket;
  });

export const removeBucket = (world: World, bucket: Bucket): Promise<void> =>
  world.transact(async (tx) => deleteBucket(tx, await requireBucket(tx, bucket)));

export const setVersioning = (world: World, bucket: Bucket, versioning: Versioning): Promise<Bucket> =>
  world.transact((tx) => updateBucket(tx, bucket, { versioning }));

const objectOf = (key: string, { versionId, sizeBytes }: { versionId: string; sizeBytes: number }) => ({
  key,
  versionId,
  etag: "etag",
  sizeBytes,
  lastModifiedMs: 0,
  storageClass: "STANDARD",
  ownerAccountId: ACCOUNT,
  attributes: {},
});

const markerOf = (versionId: string) => ({ versionId, lastModifiedMs: 0, ownerAccountId: ACCOUNT });

export const put = (
  { state, world }: Place,
  bucket: Bucket,
  { key, bytes, versionId = "unused" }: { key: string; bytes: Buffer | string; versionId?: string },
): Promise<ObjectVersion> =>
  state.bodies.storing(Buffer.from(bytes), (body) =>
    world.transact(async (tx) =>
      putObject(tx, await requireBucket(tx, bucket), {
        ...objectOf(key, { versionId, sizeBytes: body.sizeBytes }),
        content: { body },
      }),
    ),
  );

export const copy = (
  world: World,
  bucket: Bucket,
  { from, to }: { from: string; to: string },
): Promise<ObjectVersion> =>
  world.transact(async (tx) => {
    const present = await requireBucket(tx, bucket);
    const source = (await currentObject(tx, present, from))!;
    const copied = await readManifest(tx, present, source);
    return putObject(tx, present, { ...source, key: to, content: { copied, multipart: false } });
  });

export const remove = (
  world: World,
  bucket: Bucket,
  { key, versionId, markerId = "unused" }: { key: string; versionId?: string; markerId?: string },
) =>
  world.transact(async (tx) =>
    deleteObject(tx, await requireBucket(tx, bucket), {
      key,
      ...(versionId !== undefined && { versionId }),
      marker: markerOf(markerId),
    }),
  );

export const begin = (
  world: World,
  bucket: Bucket,
  { key, uploadId }: { key: string; uploadId: string },
): Promise<Upload> =>
  world.transact(async (tx) =>
    createUpload(tx, await requireBucket(tx, bucket), {
      uploadId,
      key,
      initiatedAtMs: 0,
      initiator: { arn: "arn", displayName: "name" },
      ownerAccountId: ACCOUNT,
      storageClass: "STANDARD",
      attributes: {},
    }),
  );

export const uploadPart = (
  { state, world }: Place,
  bucket: Bucket,
  { upload, partNumber, bytes }: { upload: Upload; partNumber: number; bytes: Buffer | string },
) =>
  state.bodies.storing(Buffer.from(bytes), (body) =>
    world.transact(async (tx) =>
      putPart(tx, await requireBucket(tx, bucket), {
        upload,
        part: {
          partNumber,
          etag: "etag",
          sizeBytes: body.sizeBytes,
          lastModifiedMs: 0,
          checksum: { algorithm: "CRC32", value: "crc" },
          checksumGiven: true,
          content: { body },
        },
      }),
    ),
  );

/** The current object's bytes, or the stream of them. */
export const open = ({ state, world }: Place, bucket: Bucket, key: string): Promise<Uint8Array | Readable> =>
  world.read(async (view) => {
    const object = (await currentObject(view, bucket, key))!;
    return state.bodies.openContent(view, { bucket, object, range: { offsetBytes: 0, lengthBytes: object.sizeBytes } });
  });

export const readAll = async (content: Uint8Array | Readable): Promise<string> =>
  (content instanceof Uint8Array ? Buffer.from(content) : await buffer(content)).toString();

/** Bodies that are files. */
export const fileBodies = async (dir: string): Promise<string[]> => {
  const boots = await readdir(join(dir, "bodies")).catch(() => []);
  return (await Promise.all(boots.map((boot) => readdir(join(dir, "bodies", boot))))).flat();
};
