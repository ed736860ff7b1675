/**
 * The format of archives. Compressed, a tar of these files:
 *
 *     manifest.json                   what the archive is and holds
 *     bodies/<sha256>                 bytes, each once, ahead of the records that first refer to them
 *     records/<account>/<n>.jsonl     an account's records in order, a line of canonical JSON each
 *     access-keys/<n>.jsonl           registered access keys
 *     identities/<n>.jsonl            registered users, roles, policies and identity providers
 *     trailer.json                    the digests of all other files but the bodies, and of all that stands before it
 *
 * Behind it comes the seal, which the decompressors of the world step over: a digest of the compressed bytes, so that no
 * flipped byte goes unseen, not even one that decompression would not miss.
 */
import type { AccessPoint } from "../access-points.ts";
import type { Due } from "../due.ts";
import type { Identity, IdentityKind } from "../identities/model.ts";
import type {
  AccessKey,
  AccountUsage,
  Annotation,
  Bucket,
  DeleteMarker,
  ObjectVersion,
  Part,
  Upload,
} from "../model.ts";

export const ARCHIVE_FORMAT = "standin-archive";
/** Of the archives that this program writes; it reads those of this number and below. */
export const ARCHIVE_VERSION = 1;

export type Compression = "zstd" | "gzip";

/** `foreign`: it is no archive of ours, or of a later format. `damaged`: it is one, and not as it was written. */
export class ArchiveError extends Error {
  readonly kind: "foreign" | "damaged";
  constructor(kind: "foreign" | "damaged", message: string) {
    super(message);
    this.name = "ArchiveError";
    this.kind = kind;
  }
}

export const damaged = (what: string): ArchiveError => new ArchiveError("damaged", `the archive is damaged: ${what}`);
export const foreign = (what: string): ArchiveError => new ArchiveError("foreign", what);

export const MANIFEST_FILE = "manifest.json";
export const TRAILER_FILE = "trailer.json";
export const ACCESS_KEYS_FOLDER = "access-keys";
export const IDENTITIES_FOLDER = "identities";
export const bodyFile = (digest: string): string => `bodies/${digest}`;
const NUMBER_DIGITS = 8;
/** The `number`th file of records of a folder, from 1 on. */
export const recordsFile = (folder: string, number: number): string =>
  `${folder}/${String(number).padStart(NUMBER_DIGITS, "0")}.jsonl`;
export const accountFolder = (accountId: string): string => `records/${accountId}`;

/** Lines in one file of records, ... */
export const FILE_LINES_MAX = 200;
/** ... about how many characters they have together, ... */
export const FILE_CHARS_MAX = 256 * 1024;
/** ... and how many bytes the bodies that come with them, which an import holds in memory where they are small. */
export const FILE_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** The most bytes of a file that is read in one piece: all but bodies. */
export const WHOLE_FILE_BYTES_MAX = 64 * 1024 * 1024;

export type Manifest = {
  readonly format: typeof ARCHIVE_FORMAT;
  readonly version: number;
  /** Of the whole world: an import empties the accounts that are not in it. */
  readonly whole: boolean;
  readonly accounts: readonly AccountUsage[];
};

export type Trailer = {
  /** Files before the trailer. */
  readonly files: number;
  /** SHA-256 of each file but bodies, whose names are theirs. */
  readonly digests: Readonly<Record<string, string>>;
  /** SHA-256 over the name, a NUL, the SHA-256 and a newline of every file before the trailer, in order. */
  readonly sha256: string;
};

/** SHA-256 in hex of the bytes; absent where there are none. */
type Bytes = { readonly body?: string };

/** A bucket; what follows up to the next one is in it. */
export type BucketLine = { readonly type: "bucket"; readonly configurations: Readonly<Record<string, unknown>> } & Omit<
  Bucket,
  "id" | "epoch" | "accountId" | "hadUploads" | "configurations"
>;
/**
 * A version of a key; those of one key stand together, newest first. `order` is its place among them where its version id tells
 * none: greater than the next one's. Its parts, if it has any, and its annotations follow it.
 */
export type ObjectLine = { readonly type: "object"; readonly order?: number; readonly parts?: number } & Bytes & {
    readonly annotations?: number;
  } & Omit<ObjectVersion, "kind" | "seq" | "extents" | "hasManifest" | "partCount" | "annotationCount">;
export type DeleteMarkerLine = { readonly type: "deleteMarker"; readonly order?: number } & Omit<
  DeleteMarker,
  "kind" | "seq"
>;
export type PartLine = { readonly type: "part"; readonly partNumber: number } & Bytes & {
    readonly sizeBytes: number;
    readonly checksum?: string;
  };
export type AnnotationLine = { readonly type: "annotation" } & Bytes & Omit<Annotation, "extents">;
/** An unfinished upload; its parts follow. */
export type UploadLine = { readonly type: "upload" } & Upload;
export type UploadPartLine = { readonly type: "uploadPart" } & Bytes & Omit<Part, "extents">;
export type AccessKeyLine = { readonly type: "accessKey" } & AccessKey;
/** A user, role, policy, identity provider or IAM access key: a client's in an account's records, a registered one elsewhere. */
export type IdentityLine = { readonly type: "identity"; readonly kind: IdentityKind } & Pick<Identity, "accountId"> & {
    /** All that its kind has beside. */
    readonly identity: Readonly<Record<string, unknown>>;
  };

/** The public access block of an account. */
export type AccountBlockLine = {
  readonly type: "accountBlock";
  readonly publicAccessBlock: Readonly<Record<string, unknown>>;
};
/** An access point of an account. */
export type AccessPointLine = { readonly type: "accessPoint" } & Omit<AccessPoint, "accountId"> & {
    /** The policy's text. */
    readonly policy?: string;
    readonly tags?: readonly unknown[];
  };

/** Work of an account that waits for its time, but for lifecycle's, which follows from the rest. */
export type DueLine = { readonly type: "due" } & Due;

export type Line =
  | BucketLine
  | ObjectLine
  | DeleteMarkerLine
  | PartLine
  | AnnotationLine
  | UploadLine
  | UploadPartLine
  | AccessKeyLine
  | IdentityLine
  | AccountBlockLine
  | AccessPointLine
  | DueLine;
