/** Version ids as clients send and get them. */
import type { Draw } from "../../state/id-stream.ts";
import type { Bucket } from "../../state/model.ts";
import { invalidArgument, type S3Error } from "./errors.ts";
import { isVersionId, NULL_VERSION_ID } from "../../state/version-ids.ts";

const invalid = (message: string, value: string): S3Error => invalidArgument(message, { name: "versionId", value });

/** Errors: InvalidArgument for an id that S3 never makes. */
export const assertVersionId = (text: string): void => {
  if (text === "") throw invalid("Version id cannot be the empty string", "");
  if (!isVersionId(text)) throw invalid("Invalid version id specified", text);
};

/** The version id that the answer to a read or a copy shows: none in a bucket that never had versioning. */
export const shownVersionId = ({ versioning }: Bucket, versionId: string): string | undefined =>
  versioning === "Unversioned" ? undefined : versionId;

/** The version id that the answer to a write other than a copy shows, and that of what a copy was made of: never `null`. */
export const writtenVersionId = (versionId: string): string | undefined =>
  versionId === NULL_VERSION_ID ? undefined : versionId;

/**
 * What a new version's id is made of, for a transaction, which may run more than once and must then get the same. Drawn only
 * where the bucket makes versions.
 */
export const newVersionId = (draw: Draw): ((bucket: Bucket) => string) => {
  let drawn: string | undefined;
  return (bucket) => (bucket.versioning === "Enabled" ? (drawn ??= draw.versionId()) : NULL_VERSION_ID);
};
