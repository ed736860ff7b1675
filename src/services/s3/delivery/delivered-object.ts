/**
 * Objects that S3 writes by itself into a bucket that somebody named for them: access logs, inventories, analytics. They come to be
 * as if their bucket's owner had put them.
 */
import { createHash, type Hash } from "node:crypto";
import type { Caller } from "../../../protocol/caller.ts";
import { DEFAULT_CHECKSUM_ALGORITHM, encodeChecksum } from "../../../protocol/checksums/algorithms.ts";
import { createHasher, type Hasher } from "../../../protocol/checksums/hasher.ts";
import type { Bodies, ReceivedBody } from "../../../state/bodies/bodies.ts";
import type { Draw } from "../../../state/id-stream.ts";
import type { AclGrant, Bucket, ObjectAttributes } from "../../../state/model.ts";
import { putObject } from "../../../state/objects.ts";
import type { Tx } from "../../../state/view.ts";
import type { World } from "../../../state/world.ts";
import { readEncryptionRule } from "../bucket-encryption.ts";
import { readEncryption, type EncryptionInput } from "../encryption.ts";
import { etagOfBytes } from "../etags.ts";
import { latestBefore, noteObjectChange } from "../object-changes.ts";
import { assertKey } from "../object-key.ts";
import { withDefaultLock } from "../object-lock-configuration.ts";
import { newVersionId } from "../version-id.ts";

/** Bytes that were received, with their digests. */
export type Received = { readonly body: ReceivedBody; readonly md5: Buffer; readonly crc64: Uint8Array };

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  { md5, crc64 }: { md5: Hash; crc64: Hasher },
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    md5.update(chunk);
    crc64.update(chunk);
    yield chunk;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Receives `source` and runs `use` with it; what `use` does not name in a transaction is thrown away. */
export const receiving = <T>(
  bodies: Bodies,
  source: AsyncIterable<Uint8Array> | Uint8Array,
  use: (received: Received) => Promise<T>,
): Promise<T> => {
  const md5 = createHash("md5");
  const crc64 = createHasher(DEFAULT_CHECKSUM_ALGORITHM);
  const stream = hashed(source instanceof Uint8Array ? once(source) : source, { md5, crc64 });
  return bodies.storing(stream, (body) => use({ body, md5: md5.digest(), crc64: crc64.digest() }));
};

/** Where and when an object is delivered. */
export type DeliveryContext = { readonly world: World; readonly draw: Draw; readonly nowMs: number };

export type Delivery = {
  readonly key: string;
  readonly received: Received;
  readonly contentType: string;
  /** What others may do with it beside its owner; it does not hold where the bucket's owner owns all that is in it. */
  readonly grants?: readonly AclGrant[];
  /** Other than the bucket's own. */
  readonly encryption?: EncryptionInput;
};

/**
 * Puts a delivered object, in a transaction that may run more than once. `bucket` is as `requireBucket` gave it. Errors:
 * KeyTooLongError, since the prefixes that others name for what is delivered may be of any length.
 */
export const deliveryOf = (
  context: DeliveryContext,
  { key, received, contentType, grants, encryption: wanted = {} }: Delivery,
): ((tx: Tx, bucket: Bucket) => Promise<void>) => {
  assertKey(key);
  const versionId = newVersionId(context.draw);
  return async (tx, bucket) => {
    const { accountId, partition } = bucket;
    const owner: Caller = { partition, accountId, principal: { kind: "Root" } };
    const rule = bucket.configurations.includes("encryption") ? await readEncryptionRule(tx, bucket) : undefined;
    const encryption = readEncryption(wanted, { caller: owner, bucket, rule });
    const attributes: ObjectAttributes = {
      contentType,
      ...(encryption === undefined ? {} : { encryption }),
      ...(grants === undefined || bucket.objectOwnership === "BucketOwnerEnforced" ? {} : { acl: grants }),
    };
    const { nowMs } = context;
    const before = await latestBefore(tx, bucket, key);
    const version = await putObject(tx, bucket, {
      key,
      versionId: versionId(bucket),
      etag: etagOfBytes(received.md5, encryption),
      sizeBytes: received.body.sizeBytes,
      lastModifiedMs: nowMs,
      storageClass: "STANDARD",
      checksum: {
        algorithm: DEFAULT_CHECKSUM_ALGORITHM,
        type: "FULL_OBJECT",
        value: encodeChecksum(received.crc64),
      },
      ownerAccountId: accountId,
      attributes: await withDefaultLock(tx, bucket, { attributes, createdAtMs: nowMs, needsDigest: false }),
      content: { body: received.body },
    });
    await noteObjectChange(tx, context, bucket, { event: "ObjectCreated:Put", key, version, before });
  };
};
