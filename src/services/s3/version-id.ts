/** Version ids as clients send and get them. */
import { hash } from "node:crypto";
import type { Draw } from "../../state/id-stream.ts";
import type { Bucket } from "../../state/model.ts";
import { invalidArgument, type S3Error } from "./errors.ts";
import { NULL_VERSION_ID } from "../../state/objects.ts";

const FORM = /^[A-Za-z0-9._]{32}$/;
/** Characters at an id's end that are made of the others, so that an id which only looks like S3's is found out, as by S3. */
const CHECK_CHARS = 4;

/** The id with its last characters replaced by those that fit the others. */
const sealed = (id: string): string => {
  const free = id.slice(0, -CHECK_CHARS);
  return free + hash("sha256", `version/${free}`, "hex").slice(0, CHECK_CHARS);
};

/** Whether this server could have given out this id. */
export const isVersionId = (text: string): boolean =>
  text === NULL_VERSION_ID || (FORM.test(text) && sealed(text) === text);

const invalid = (message: string, value: string): S3Error => invalidArgument(message, { name: "versionId", value });

/** Errors: InvalidArgument for an id that S3 never makes. */
export const assertVersionId = (text: string): void => {
  if (text === "") throw invalid("Version id cannot be the empty string", "");
  if (!isVersionId(text)) throw invalid("Invalid version id specified", text);
};

/** The version id that a read's answer shows: none in a bucket that never had versioning. */
export const shownVersionId = ({ versioning }: Bucket, versionId: string): string | undefined =>
  versioning === "Unversioned" ? undefined : versionId;

/** The version id that a write's answer shows, of what it wrote or of what it copied: never `null`. */
export const writtenVersionId = (versionId: string): string | undefined =>
  versionId === NULL_VERSION_ID ? undefined : versionId;

/**
 * A new version's id for a transaction, which may run more than once and must then get the same. Drawn only where the
 * bucket makes versions.
 */
export const newVersionId = (draw: Draw): ((bucket: Bucket) => string) => {
  let drawn: string | undefined;
  return (bucket) => (bucket.versioning === "Enabled" ? (drawn ??= sealed(draw.versionId())) : NULL_VERSION_ID);
};
