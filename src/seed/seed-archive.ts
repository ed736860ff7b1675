/** A seed directory as an archive: so that it is imported like any other. */
import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { DEFAULT_CHECKSUM_ALGORITHM, encodeChecksum } from "../protocol/checksums/algorithms.ts";
import { createHasher } from "../protocol/checksums/hasher.ts";
import { accountFolder, type ObjectLine } from "../state/archive/format.ts";
import { writeArchive, type ArchiveBytes, type ArchiveItem } from "../state/archive/write.ts";
import { INLINE_BYTES_MAX } from "../state/bodies/receive.ts";
import { NULL_VERSION_ID, stampVersionId } from "../state/version-ids.ts";
import type { AccountUsage } from "../state/model.ts";
import type { SeedAccount, SeedObject } from "./directory.ts";

/** Throws an error in the middle where a file changes while it is read. */
export const seedArchive = (
  accounts: readonly SeedAccount[],
  { nowMs }: { readonly nowMs: number },
): AsyncGenerator<Uint8Array, void, undefined> =>
  writeArchive({
    manifest: { whole: false, accounts: accounts.map(usageOf) },
    items: itemsOf(accounts, nowMs),
    compression: "zstd",
  });

const usageOf = ({ accountId, buckets }: SeedAccount): AccountUsage => {
  const objects = buckets.flatMap((bucket) => bucket.objects);
  return {
    accountId,
    buckets: buckets.length,
    objects: objects.length,
    versions: objects.length,
    uploads: 0,
    bytes: objects.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
  };
};

async function* itemsOf(accounts: readonly SeedAccount[], nowMs: number): AsyncGenerator<ArchiveItem> {
  for (const { accountId, buckets } of accounts) {
    const folder = accountFolder(accountId);
    for (const { line, objects } of buckets) {
      yield { folder, line };
      for (const object of objects) {
        const place = `${accountId}/${line.name}/${object.key}`;
        const versionId = line.versioning === "Enabled" ? versionIdOf(place) : NULL_VERSION_ID;
        yield await itemOf(object, { accountId, versionId, nowMs });
      }
    }
  }
}

const VERSION_ID_CHARS = 32;

/** The same at each seeding. */
const versionIdOf = (place: string): string => {
  const text = hash("sha256", `standin-seed:${place}`, "base64").replaceAll("+", ".").replaceAll("/", "_");
  return stampVersionId(text.slice(0, VERSION_ID_CHARS), 1);
};

const itemOf = async (
  { file, sizeBytes, key, storageClass, lastModifiedMs, attributes }: SeedObject,
  { accountId, versionId, nowMs }: { accountId: string; versionId: string; nowMs: number },
): Promise<ArchiveItem> => {
  const bytes: ArchiveBytes =
    sizeBytes <= INLINE_BYTES_MAX ? await readFile(file) : { sizeBytes, open: async () => createReadStream(file) };
  const { etag, checksum } = await digestsOf(bytes);
  const line: ObjectLine = {
    type: "object",
    key,
    versionId,
    ...(versionId === NULL_VERSION_ID && { order: 1 }),
    etag,
    sizeBytes: bytes instanceof Uint8Array ? bytes.byteLength : sizeBytes,
    lastModifiedMs: lastModifiedMs ?? nowMs,
    storageClass,
    checksum: { algorithm: DEFAULT_CHECKSUM_ALGORITHM, type: "FULL_OBJECT", value: checksum },
    ownerAccountId: accountId,
    attributes,
  };
  return { folder: accountFolder(accountId), line, bytes };
};

const digestsOf = async (bytes: ArchiveBytes): Promise<{ etag: string; checksum: string }> => {
  const md5 = createHash("md5");
  const hasher = createHasher(DEFAULT_CHECKSUM_ALGORITHM);
  for await (const chunk of bytes instanceof Uint8Array ? [bytes] : await bytes.open()) {
    md5.update(chunk);
    hasher.update(chunk);
  }
  return { etag: md5.digest("hex"), checksum: encodeChecksum(hasher.digest()) };
};
