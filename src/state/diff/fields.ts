/**
 * Which fields of a record two states show differently. Every member of a record has a row here: the name that it is reported
 * by, which is the control plane's, or `null` for what names the record, is compared elsewhere or nobody can see: bucket ids,
 * sequence numbers, where bytes are.
 */
import { isDeepStrictEqual } from "node:util";
import { compareKeys } from "../../engine/keys.ts";
import type {
  Annotation,
  Bucket,
  DeleteMarker,
  ObjectAttributes,
  ObjectVersion,
  Part,
  Upload,
  Version,
} from "../model.ts";
import type { Sides } from "./difference.ts";

type Fields<T> = { readonly [Member in keyof Required<T>]: string | null };

const BUCKET: Fields<Bucket> = {
  id: null,
  name: null,
  accountId: null,
  partition: null,
  region: "region",
  createdAtMs: "createdAt",
  versioning: "versioning",
  objectOwnership: "objectOwnership",
  objectLockEnabled: "objectLockEnabled",
  hadUploads: null,
  locationConstraint: "locationConstraint",
  configurations: null,
  epoch: null,
};

const OBJECT: Fields<ObjectVersion> = {
  kind: null,
  key: null,
  versionId: "versionId",
  seq: null,
  etag: "etag",
  sizeBytes: "sizeBytes",
  lastModifiedMs: "lastModified",
  storageClass: "storageClass",
  checksum: "checksum",
  ownerAccountId: "ownerAccountId",
  extents: null,
  hasManifest: null,
  partCount: "partCount",
  attributes: null,
  annotationCount: null,
};

const DELETE_MARKER: Fields<DeleteMarker> = {
  kind: null,
  key: null,
  versionId: null,
  seq: null,
  lastModifiedMs: "lastModified",
  ownerAccountId: "ownerAccountId",
};

const ATTRIBUTES: Fields<ObjectAttributes> = {
  contentType: "contentType",
  cacheControl: "cacheControl",
  contentDisposition: "contentDisposition",
  contentEncoding: "contentEncoding",
  contentLanguage: "contentLanguage",
  expires: "expires",
  websiteRedirectLocation: "websiteRedirectLocation",
  metadata: null,
  tags: "tags",
  encryption: "encryption",
  acl: "acl",
  lock: "lock",
  restore: "restore",
  replication: "replication",
  uploadId: null,
};

const UPLOAD: Fields<Upload> = {
  uploadId: null,
  key: null,
  initiatedAtMs: "initiatedAt",
  initiator: "initiator",
  ownerAccountId: "ownerAccountId",
  storageClass: "storageClass",
  checksumAlgorithm: "checksumAlgorithm",
  checksumType: "checksumType",
  attributes: null,
  keyChanged: null,
};

const PART: Fields<Part> = {
  partNumber: null,
  etag: "etag",
  sizeBytes: "sizeBytes",
  lastModifiedMs: "lastModified",
  checksum: "checksum",
  checksumGiven: "checksumGiven",
  extents: null,
};

const ANNOTATION: Fields<Annotation> = {
  name: null,
  etag: "etag",
  sizeBytes: "sizeBytes",
  lastModifiedMs: "lastModified",
  checksum: "checksum",
  extents: null,
};

const differing = <T extends object>(fields: Fields<T>, { from, to }: Sides<T>): string[] =>
  (Object.keys(fields) as (keyof T)[]).flatMap((member) => {
    const name = fields[member];
    return name === null || isDeepStrictEqual(from[member], to[member]) ? [] : [name];
  });

/** `metadata.color` and so on, by name. */
const differingMembers = (name: string, { from = {}, to = {} }: Partial<Sides<object>>): string[] => {
  const before = new Map<string, unknown>(Object.entries(from));
  const after = new Map<string, unknown>(Object.entries(to));
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((member) => !isDeepStrictEqual(before.get(member), after.get(member)))
    .toSorted(compareKeys)
    .map((member) => `${name}${member}`);
};

const attributeFields = ({ from, to }: Sides<ObjectAttributes>): string[] => [
  ...differing(ATTRIBUTES, { from, to }),
  ...differingMembers("metadata.", {
    ...(from.metadata && { from: from.metadata }),
    ...(to.metadata && { to: to.metadata }),
  }),
];

export const bucketFields = (sides: Sides<Bucket>): string[] => differing(BUCKET, sides);

export const objectFields = ({ from, to }: Sides<ObjectVersion>): string[] => [
  ...differing(OBJECT, { from, to }),
  ...attributeFields({ from: from.attributes, to: to.attributes }),
];

/** `deleteMarker` alone where the one is one and the other is not. */
export const versionFields = ({ from, to }: Sides<Version>): string[] => {
  if (from.kind === "object" && to.kind === "object") return objectFields({ from, to });
  if (from.kind === "deleteMarker" && to.kind === "deleteMarker") return differing(DELETE_MARKER, { from, to });
  return ["deleteMarker"];
};

export const uploadFields = ({ from, to }: Sides<Upload>): string[] => [
  ...differing(UPLOAD, { from, to }),
  ...attributeFields({ from: from.attributes, to: to.attributes }),
];

export const partFields = (sides: Sides<Part>): string[] => differing(PART, sides);

export const annotationFields = (sides: Sides<Annotation>): string[] => differing(ANNOTATION, sides);

/** The members of AWS's document that differ: `LifecycleRules` and so on. */
export const configurationFields = ({ from, to }: Sides<string>): string[] => {
  if (from === to) return [];
  return differingMembers("", { from: membersOf(from), to: membersOf(to) });
};

const membersOf = (document: string): object => {
  const parsed: unknown = JSON.parse(document);
  return typeof parsed === "object" && parsed !== null ? parsed : { value: parsed };
};
