/**
 * The digests of bytes that are copied. No byte is written again; they are read, once, only where an answer needs a digest
 * that nothing stored tells.
 */
import type { ChecksumAlgorithm } from "../../protocol/checksums/algorithms.ts";
import { createDigests } from "../../protocol/checksums/digests.ts";
import { loadHashers } from "../../protocol/checksums/hasher.ts";
import type { ByteRange } from "../../state/bodies/bodies.ts";
import { sliceExtents } from "../../state/bodies/open.ts";
import type { Bucket, ManifestPart, ObjectVersion } from "../../state/model.ts";
import { findVersion, readManifest } from "../../state/objects.ts";
import type { View } from "../../state/view.ts";
import { rawDigest } from "./checksum-members.ts";
import type { S3Context } from "./context.ts";
import { md5OfObject } from "./etags.ts";

/** Raw digests of the copied bytes. */
export type CopiedDigests = { readonly md5: Uint8Array; readonly checksum: Uint8Array };

type Copied = { readonly bucket: Bucket; readonly object: ObjectVersion; readonly range: ByteRange };

/** What is stored of the digests of an object's bytes; undefined where some must be computed. */
const storedDigests = ({ bucket, object, range }: Copied, algorithm: ChecksumAlgorithm): CopiedDigests | undefined => {
  if (range.lengthBytes !== object.sizeBytes) return undefined;
  const md5 = md5OfObject(bucket, object);
  const { checksum } = object;
  if (md5 === undefined || checksum?.algorithm !== algorithm || checksum.type !== "FULL_OBJECT") return undefined;
  return { md5, checksum: rawDigest(algorithm, checksum.value) };
};

/** The digests of what is copied, as stored or from the bytes. */
export const digestsOfCopy = async (
  { world, bodies }: S3Context,
  copied: Copied,
  { algorithm }: { readonly algorithm: ChecksumAlgorithm },
): Promise<CopiedDigests> => {
  const stored = storedDigests(copied, algorithm);
  if (stored !== undefined) return stored;
  await loadHashers([algorithm]);
  const digests = createDigests(new Set<ChecksumAlgorithm>(["MD5", algorithm]));
  const content = await world.read((view) => bodies.openContent(view, copied));
  if (content instanceof Uint8Array) digests.update(content);
  else for await (const chunk of content) digests.update(chunk as Uint8Array);
  const computed = digests.finish();
  const [md5, checksum] = [computed.get("MD5"), computed.get(algorithm)];
  if (md5 === undefined || checksum === undefined) throw new Error("a digest that was asked for is missing");
  return { md5, checksum };
};

/**
 * The version that was read, where it still is, even if it is not the latest any more; undefined when it is gone or was written
 * over. It may have been made anew of the same bytes within the same millisecond: what is copied are the extents of the one
 * that is there, those of `object` may be gone.
 */
export const findAgain = async (
  view: View,
  { bucket, object }: { readonly bucket: Bucket; readonly object: ObjectVersion },
): Promise<ObjectVersion | undefined> => {
  const { key, versionId, seq, etag, lastModifiedMs } = object;
  const present = await findVersion(view, bucket, { key, versionId });
  const same = present?.kind === "object" && present.seq === seq && present.etag === etag;
  return same && present.lastModifiedMs === lastModifiedMs ? present : undefined;
};

/** Where the copied bytes lie, as content for a new object or part. */
export const copiedExtents = async (view: View, { bucket, object, range }: Copied): Promise<ManifestPart[]> => {
  const runs = await readManifest(view, bucket, object);
  if (range.lengthBytes === object.sizeBytes) {
    return runs.map(({ sizeBytes, extents }) => ({ partNumber: 0, sizeBytes, extents }));
  }
  const extents = sliceExtents(
    runs.flatMap((run) => run.extents),
    range,
  );
  return [{ partNumber: 0, sizeBytes: range.lengthBytes, extents }];
};
