/** Lines of an archive as they are read: held to their types, since an archive may be anybody's. */
import { isConfigurationKind, isKeptAsText, isNamedKind } from "../configuration-kinds.ts";
import type { ObjectAttributes } from "../model.ts";
import { damaged, type Line } from "./format.ts";

type Kind = "text" | "count" | "boolean" | "object" | "list";

const IS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === "string" && value.isWellFormed(),
  count: (value) => Number.isSafeInteger(value),
  boolean: (value) => typeof value === "boolean",
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  list: (value) => Array.isArray(value),
};

/** Members that a line must have; `?` those that it may. */
type Shape = Readonly<Record<string, Kind | `${Kind}?`>>;

const SHAPES: Readonly<Record<Line["type"], Shape>> = {
  bucket: {
    name: "text",
    partition: "text",
    region: "text",
    createdAtMs: "count",
    versioning: "text",
    objectOwnership: "text",
    objectLockEnabled: "boolean",
    locationConstraint: "text?",
    configurations: "object",
  },
  object: {
    key: "text",
    versionId: "text",
    order: "count?",
    etag: "text",
    sizeBytes: "count",
    lastModifiedMs: "count",
    storageClass: "text",
    checksum: "object?",
    ownerAccountId: "text",
    attributes: "object",
    body: "text?",
    parts: "count?",
    annotations: "count?",
  },
  deleteMarker: { key: "text", versionId: "text", order: "count?", lastModifiedMs: "count", ownerAccountId: "text" },
  part: { partNumber: "count", sizeBytes: "count", checksum: "text?", body: "text?" },
  annotation: {
    name: "text",
    etag: "text",
    sizeBytes: "count",
    lastModifiedMs: "count",
    checksum: "object",
    body: "text?",
  },
  upload: {
    key: "text",
    uploadId: "text",
    initiatedAtMs: "count",
    initiator: "object",
    ownerAccountId: "text",
    storageClass: "text",
    checksumAlgorithm: "text?",
    checksumType: "text?",
    attributes: "object",
    keyChanged: "boolean",
  },
  uploadPart: {
    partNumber: "count",
    etag: "text",
    sizeBytes: "count",
    lastModifiedMs: "count",
    checksum: "object",
    checksumGiven: "boolean",
    body: "text?",
  },
  accessKey: {
    accessKeyId: "text",
    secretAccessKey: "text",
    accountId: "text",
    userName: "text?",
    createdAtMs: "count",
  },
  identity: { kind: "text", accountId: "text", identity: "object" },
  accountBlock: { publicAccessBlock: "object" },
  accessPoint: {
    region: "text",
    name: "text",
    partition: "text",
    bucketName: "text",
    bucketAccountId: "text",
    vpcId: "text?",
    publicAccessBlock: "object",
    createdAtMs: "count",
    policy: "text?",
    tags: "list?",
  },
  due: { kind: "text", dueAtMs: "count", id: "text", document: "text" },
};

/** What this program knows of objects: what it does not know, it would lose at the next change of one. */
const ATTRIBUTES: Readonly<Record<keyof ObjectAttributes, true>> = {
  contentType: true,
  cacheControl: true,
  contentDisposition: true,
  contentEncoding: true,
  contentLanguage: true,
  expires: true,
  websiteRedirectLocation: true,
  metadata: true,
  tags: true,
  encryption: true,
  acl: true,
  lock: true,
  restore: true,
  replication: true,
  uploadId: true,
};

/** A line, or `ArchiveError` for what is none. */
export const readLine = (value: unknown): Line => {
  const line = value as Readonly<Record<string, unknown>>;
  const type = IS.object(value) ? (line["type"] as Line["type"]) : undefined;
  if (type === undefined || !Object.hasOwn(SHAPES, type)) throw damaged(`${JSON.stringify(value)} is no record`);
  const shape = SHAPES[type];
  for (const name of Object.keys(line))
    if (name !== "type" && !Object.hasOwn(shape, name))
      throw damaged(`a record of a ${type} has a member ${JSON.stringify(name)}`);
  for (const [name, wanted] of Object.entries(shape)) {
    const member = line[name];
    const kind = wanted.replace("?", "") as Kind;
    if (member === undefined ? kind === wanted : !IS[kind](member))
      throw damaged(`a record of a ${type} has no good member ${name}`);
  }
  assertKnown(line);
  return value as Line;
};

const assertKnown = ({ attributes = {}, configurations = {} }: Readonly<Record<string, unknown>>): void => {
  for (const name of Object.keys(attributes as object))
    if (!Object.hasOwn(ATTRIBUTES, name)) throw damaged(`an object has an attribute ${JSON.stringify(name)}`);
  for (const [kind, document] of Object.entries(configurations as object)) {
    if (!isConfigurationKind(kind)) throw damaged(`a bucket has a document ${JSON.stringify(kind)}`);
    if (isKeptAsText(kind) !== (typeof document === "string"))
      throw damaged(`a bucket's ${kind} is ${isKeptAsText(kind) ? "no text" : "a text"}`);
    if (isNamedKind(kind) && !isNamedDocuments(document)) throw damaged(`a bucket's ${kind} are not kept by their ids`);
  }
};

/** At least one, each with an id that a key can end with. */
const isNamedDocuments = (value: unknown): boolean => {
  if (!IS.object(value)) return false;
  const ids = Object.keys(value as object);
  return ids.length > 0 && ids.every((id) => id !== "" && id.isWellFormed() && !id.includes("\0"));
};
