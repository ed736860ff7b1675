/**
 * The columns of an inventory list.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html#storage-inventory-contents
 */
import { canonicalOwnerId } from "../../../protocol/caller.ts";
import type { Bucket, ListedVersion, ObjectVersion } from "../../../state/model.ts";
import { objectAcl } from "../acl-stored.ts";
import { currentActions } from "../lifecycle/actions.ts";
import type { Lifecycle } from "../lifecycle/rules.ts";
import { presentOwner } from "../owners.ts";

/** One line of a list. */
export type InventoryEntry = {
  readonly bucket: Bucket;
  readonly version: ListedVersion;
  /** The bucket's rules, where a column goes by them. */
  readonly lifecycle: Lifecycle | undefined;
};

type Column = {
  readonly name: string;
  readonly valueOf: (entry: InventoryEntry) => string;
};

/** A column that is chosen. */
type OptionalColumn = {
  readonly valueOf: (object: ObjectVersion, entry: InventoryEntry) => string;
  /** What it tells of beside the version's record: what may stand apart from it, the bucket's rules. */
  readonly needs?: "attributes" | "lifecycle";
};

/** The last instant that a date can show. */
const DATE_MS_MAX = 8.64e15;

const isoTime = (timeMs: number): string => new Date(timeMs).toISOString();

const encryptionStatus = ({ attributes: { encryption } }: ObjectVersion): string => {
  if (encryption?.customerKeyMd5 !== undefined) return "SSE-C";
  switch (encryption?.algorithm) {
    case "aws:kms":
      return "SSE-KMS";
    case "aws:kms:dsse":
      return "DSSE-KMS";
    default:
      return "SSE-S3";
  }
};

/** The ACL as JSON in base64. https://docs.aws.amazon.com/AmazonS3/latest/userguide/objectacl.html */
const accessControlList = (object: ObjectVersion, { bucket }: InventoryEntry): string => {
  const grants = objectAcl(bucket, object).grants.map(({ grantee, permission }) =>
    grantee.uri === undefined
      ? { canonicalId: grantee.id, type: "CanonicalUser", permission }
      : { uri: grantee.uri, type: "Group", permission },
  );
  const document = { version: "2022-11-10", status: "AVAILABLE", grants };
  return Buffer.from(JSON.stringify(document)).toString("base64");
};

const retainUntil = ({ attributes: { lock } }: ObjectVersion): string =>
  lock?.mode === undefined || lock.retainUntilMs === undefined ? "" : isoTime(lock.retainUntilMs);

const lockMode = ({ attributes: { lock } }: ObjectVersion): string => {
  if (lock?.mode === undefined) return "";
  return lock.mode === "GOVERNANCE" ? "Governance" : "Compliance";
};

/** An ISO 8601 duration: `P30D`. */
const eventHoldDuration = ({ attributes: { lock } }: ObjectVersion): string => {
  if (lock?.eventHold?.status !== "ON") return "";
  const { days, years } = lock.eventHold.period;
  return days === undefined ? `P${years ?? 0}Y` : `P${days}D`;
};

/** When a rule expires a current object. */
const expirationDate = (object: ObjectVersion, { lifecycle, version }: InventoryEntry): string => {
  if (lifecycle === undefined || !version.isLatest) return "";
  const times = currentActions(lifecycle, object).flatMap(({ action, atMs }) => (action.do === "expire" ? [atMs] : []));
  const firstMs = Math.min(...times);
  return firstMs <= DATE_MS_MAX ? isoTime(firstMs) : "";
};

/** In the order of a list's columns, by the names that configurations have for them. */
const OPTIONAL: Readonly<Record<string, OptionalColumn>> = {
  Size: { valueOf: ({ sizeBytes }) => String(sizeBytes) },
  LastModifiedDate: { valueOf: ({ lastModifiedMs }) => isoTime(lastModifiedMs) },
  ETag: { valueOf: ({ etag }) => etag },
  StorageClass: { valueOf: ({ storageClass }) => storageClass },
  IsMultipartUploaded: { valueOf: ({ partCount }) => String(partCount > 0) },
  ReplicationStatus: { valueOf: ({ attributes: { replication } }) => replication?.status ?? "", needs: "attributes" },
  EncryptionStatus: { valueOf: encryptionStatus, needs: "attributes" },
  ObjectLockRetainUntilDate: { valueOf: retainUntil, needs: "attributes" },
  ObjectLockMode: { valueOf: lockMode, needs: "attributes" },
  ObjectLockLegalHoldStatus: {
    valueOf: ({ attributes: { lock } }) => (lock?.legalHold === undefined ? "" : lock.legalHold ? "On" : "Off"),
    needs: "attributes",
  },
  ObjectLockEventHoldStatus: {
    valueOf: ({ attributes: { lock } }) => lock?.eventHold?.status ?? "",
    needs: "attributes",
  },
  ObjectLockEventHoldDuration: { valueOf: eventHoldDuration, needs: "attributes" },
  IntelligentTieringAccessTier: {
    valueOf: ({ storageClass }) => (storageClass === "INTELLIGENT_TIERING" ? "FREQUENT" : ""),
  },
  IntelligentTieringReferenceDate: {
    valueOf: ({ storageClass, lastModifiedMs }) =>
      storageClass === "INTELLIGENT_TIERING" ? isoTime(lastModifiedMs) : "",
  },
  BucketKeyStatus: {
    valueOf: ({ attributes: { encryption } }) => (encryption?.bucketKeyEnabled === true ? "ENABLED" : "DISABLED"),
    needs: "attributes",
  },
  ChecksumAlgorithm: { valueOf: ({ checksum }) => checksum?.algorithm ?? "" },
  ObjectAccessControlList: { valueOf: accessControlList, needs: "attributes" },
  ObjectOwner: { valueOf: (object, { bucket }) => canonicalOwnerId(presentOwner(bucket, object.ownerAccountId)) },
  LifecycleExpirationDate: { valueOf: expirationDate, needs: "lifecycle" },
};

const always: readonly Column[] = [
  { name: "Bucket", valueOf: ({ bucket }) => bucket.name },
  // Keys of a CSV list are URL-encoded.
  { name: "Key", valueOf: ({ version }) => encodeURIComponent(version.key).replaceAll("%2F", "/") },
];

const ofVersions: readonly Column[] = [
  { name: "VersionId", valueOf: ({ version }) => (version.versionId === "null" ? "" : version.versionId) },
  { name: "IsLatest", valueOf: ({ version }) => String(version.isLatest) },
  { name: "IsDeleteMarker", valueOf: ({ version }) => String(version.kind === "deleteMarker") },
];

/** What of a delete marker is told. */
const MARKER_COLUMNS: ReadonlySet<string> = new Set(["LastModifiedDate", "ObjectOwner"]);

const valueOfMarker = (name: string, { version, bucket }: InventoryEntry): string => {
  if (!MARKER_COLUMNS.has(name)) return "";
  return name === "ObjectOwner"
    ? canonicalOwnerId(presentOwner(bucket, version.ownerAccountId))
    : isoTime(version.lastModifiedMs);
};

/** The columns of a list, and whether they tell of more than a version's record holds. */
export type Columns = {
  readonly columns: readonly Column[];
  readonly needAttributes: boolean;
  readonly needLifecycle: boolean;
};

/** The columns of a list of all versions or of current ones, with the fields that were chosen. */
export const columnsOf = (options: {
  readonly versions: "All" | "Current";
  readonly fields: readonly string[];
}): Columns => {
  const chosen = Object.entries(OPTIONAL).filter(([name]) => options.fields.includes(name));
  const optional = chosen.map(([name, { valueOf }]): Column => ({
    name,
    valueOf: (entry) => (entry.version.kind === "object" ? valueOf(entry.version, entry) : valueOfMarker(name, entry)),
  }));
  return {
    columns: [...always, ...(options.versions === "All" ? ofVersions : []), ...optional],
    // Rules may go by tags.
    needAttributes: chosen.some(([, { needs }]) => needs !== undefined),
    needLifecycle: chosen.some(([, { needs }]) => needs === "lifecycle"),
  };
};
