/**
 * How keys are written as paths: each `/` ends a folder's name; `%XX` stands for a byte, which also writes what no file system
 * holds: `%2F` for a slash where two of them, or one at an end, would stand; `%2E%2E` for a part of two dots; `%25` for a percent.
 */
import { UsageError } from "../config-values.ts";

/** The settings of a bucket, in its folder. */
export const BUCKET_FILE = "bucket.yaml";
/** What is kept beside the bytes of an object: its file's name, and this. */
export const SIDE_FILE_END = ".metadata.yaml";

/** The key, or a part of it, that a path says. */
export const keyOfPath = (path: string, { file }: { readonly file: string }): string => {
  let key: string;
  try {
    key = decodeURIComponent(path);
  } catch (error) {
    throw new UsageError(`${file}: a percent sign in a name is written %25`, { cause: error });
  }
  if (!key.isWellFormed()) throw new UsageError(`${file}: its name is not UTF-8`);
  return key;
};
