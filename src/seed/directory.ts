/** A seed directory, `<account>/<bucket>/<key>`: what is in it, looked through and checked before any of it is taken. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../config-values.ts";
import { compareKeys } from "../engine/keys.ts";
import { isAccountId } from "../protocol/caller.ts";
import { isBucketName } from "../services/s3/bucket-name.ts";
import { assertKey } from "../services/s3/object-key.ts";
import type { BucketLine } from "../state/archive/format.ts";
import { readBucketFile } from "./bucket-file.ts";
import { BUCKET_FILE, keyOfPath, SIDE_FILE_END } from "./names.ts";
import { readSideFile, type SeedDescription } from "./side-file.ts";

export type SeedObject = SeedDescription & { readonly key: string; readonly file: string; readonly sizeBytes: number };
type SeedBucket = { readonly line: BucketLine; readonly objects: readonly SeedObject[] };
export type SeedAccount = { readonly accountId: string; readonly buckets: readonly SeedBucket[] };

/** Throws `UsageError` for whatever a seed cannot be. `nowMs`: when buckets were made that do not say it. */
export const readSeedDirectory = async (
  folder: string,
  { nowMs }: { readonly nowMs: number },
): Promise<readonly SeedAccount[]> => {
  const accounts: SeedAccount[] = [];
  const owners = new Map<string, string>();
  for (const accountId of await foldersIn(folder, "an account")) {
    const place = join(folder, accountId);
    if (!isAccountId(accountId)) throw new UsageError(`${place}: an account's folder is named by its twelve digits`);
    const buckets: SeedBucket[] = [];
    for (const name of await foldersIn(place, "a bucket")) {
      const bucket = await readBucket(join(place, name), { name, accountId, nowMs });
      const { partition } = bucket.line;
      const owner = owners.get(`${partition}/${name}`);
      if (owner !== undefined) throw new UsageError(`${join(place, name)}: account ${owner} has a bucket of this name`);
      owners.set(`${partition}/${name}`, accountId);
      buckets.push(bucket);
    }
    accounts.push({ accountId, buckets });
  }
  return accounts;
};

const foldersIn = async (folder: string, what: string): Promise<string[]> => {
  const names = (await readdir(folder)).sort(compareKeys);
  for (const name of names) {
    const place = join(folder, name);
    if (!(await stat(place)).isDirectory()) throw new UsageError(`${place}: is not the folder of ${what}`);
  }
  return names;
};

const readBucket = async (
  folder: string,
  bucket: { name: string; accountId: string; nowMs: number },
): Promise<SeedBucket> => {
  if (!isBucketName(bucket.name)) throw new UsageError(`${folder}: S3 takes no bucket of this name`);
  const files = await filesUnder(folder, "");
  const settings = files.get(BUCKET_FILE);
  files.delete(BUCKET_FILE);
  const line = await readBucketFile(settings?.file, bucket);
  const objects: SeedObject[] = [];
  for (const [path, { file, sizeBytes }] of files) {
    if (path.endsWith(SIDE_FILE_END)) {
      if (files.has(path.slice(0, -SIDE_FILE_END.length))) continue;
      throw new UsageError(`${file}: is beside no file; a key that ends like this is written with %2E`);
    }
    objects.push(await readObject(path, { file, sizeBytes, sideFile: files.get(path + SIDE_FILE_END)?.file }));
  }
  objects.sort((a, b) => compareKeys(a.key, b.key));
  for (const [at, { key, file }] of objects.entries())
    if (objects[at + 1]?.key === key)
      throw new UsageError(`${file}: ${objects[at + 1]?.file} is of the same key ${JSON.stringify(key)}`);
  return { line, objects };
};

const readObject = async (
  path: string,
  found: { file: string; sizeBytes: number; sideFile: string | undefined },
): Promise<SeedObject> => {
  const { file, sizeBytes, sideFile } = found;
  const described = await readSideFile(sideFile);
  const key = described.key ?? keyOfPath(path, { file });
  try {
    assertKey(key);
  } catch (error) {
    throw new UsageError(`${file}: its key is longer than S3 takes`, { cause: error });
  }
  return { ...described, key, file, sizeBytes };
};

type Found = { readonly file: string; readonly sizeBytes: number };

/** The files of a folder and of those in it, by their paths with slashes. */
const filesUnder = async (folder: string, path: string): Promise<Map<string, Found>> => {
  const found = new Map<string, Found>();
  for (const name of await readdir(folder)) {
    const file = join(folder, name);
    const about = await stat(file);
    if (about.isDirectory()) {
      for (const [below, each] of await filesUnder(file, `${path}${name}/`)) found.set(below, each);
    } else if (about.isFile()) found.set(`${path}${name}`, { file, sizeBytes: about.size });
    else throw new UsageError(`${file}: is neither a file nor a folder`);
  }
  return found;
};
