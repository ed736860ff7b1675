/** What the state holds, as messages of the control plane. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { canonicalOwnerId } from "../protocol/caller.ts";
import type {
  AccessKey,
  AccountUsage,
  Bucket,
  ListedVersion,
  ObjectAttributes,
  Part,
  Snapshot,
  Upload,
  Usage,
} from "../state/model.ts";
import type { AccessKeySchema, AccountSchema } from "./generated/standin/v1/account_pb.ts";
import type {
  BucketSchema,
  ObjectMetadataSchema,
  ObjectVersionSchema,
  UploadPartSchema,
  UploadSchema,
} from "./generated/standin/v1/inspect_pb.ts";
import type { SnapshotSchema } from "./generated/standin/v1/state_pb.ts";

const countsOf = ({ objects, versions, uploads, bytes }: Usage) => ({
  objectCount: objects,
  versionCount: versions,
  uploadCount: uploads,
  sizeBytes: BigInt(bytes),
});

export const accountMessage = (usage: AccountUsage): MessageInitShape<typeof AccountSchema> => ({
  accountId: usage.accountId,
  canonicalUserId: canonicalOwnerId(usage.accountId),
  bucketCount: usage.buckets,
  ...countsOf(usage),
});

/** Without its secret. */
export const accessKeyMessage = (key: AccessKey): MessageInitShape<typeof AccessKeySchema> => ({
  accessKeyId: key.accessKeyId,
  accountId: key.accountId,
  userName: key.userName ?? "",
  createdAt: timestampFromMs(key.createdAtMs),
});

export const snapshotMessage = (snapshot: Snapshot): MessageInitShape<typeof SnapshotSchema> => ({
  name: snapshot.name,
  createdAt: timestampFromMs(snapshot.createdAtMs),
  accountIds: snapshot.accountIds.toSorted(),
  whole: snapshot.whole,
});

export const bucketMessage = (bucket: Bucket, usage: Usage): MessageInitShape<typeof BucketSchema> => ({
  name: bucket.name,
  accountId: bucket.accountId,
  partition: bucket.partition,
  region: bucket.region,
  createdAt: timestampFromMs(bucket.createdAtMs),
  versioning: bucket.versioning,
  objectOwnership: bucket.objectOwnership,
  objectLockEnabled: bucket.objectLockEnabled,
  ...countsOf(usage),
});

export const versionMessage = (version: ListedVersion): MessageInitShape<typeof ObjectVersionSchema> => ({
  key: version.key,
  versionId: version.versionId,
  isLatest: version.isLatest,
  deleteMarker: version.kind === "deleteMarker",
  lastModified: timestampFromMs(version.lastModifiedMs),
  ownerAccountId: version.ownerAccountId,
  ...(version.kind === "deleteMarker"
    ? {}
    : {
        etag: version.etag,
        sizeBytes: BigInt(version.sizeBytes),
        storageClass: version.storageClass,
        partCount: version.partCount,
        ...(version.checksum === undefined ? {} : { checksum: version.checksum }),
      }),
});

export const metadataMessage = (attributes: ObjectAttributes): MessageInitShape<typeof ObjectMetadataSchema> => ({
  contentType: attributes.contentType ?? "",
  cacheControl: attributes.cacheControl ?? "",
  contentDisposition: attributes.contentDisposition ?? "",
  contentEncoding: attributes.contentEncoding ?? "",
  contentLanguage: attributes.contentLanguage ?? "",
  expires: attributes.expires ?? "",
  websiteRedirectLocation: attributes.websiteRedirectLocation ?? "",
  userMetadata: { ...attributes.metadata },
  tags: Object.fromEntries((attributes.tags ?? []).map(({ key, value }) => [key, value])),
  encryptionAlgorithm: attributes.encryption?.algorithm ?? "",
  kmsKeyId: attributes.encryption?.kmsKeyId ?? "",
});

export const uploadMessage = (upload: Upload): MessageInitShape<typeof UploadSchema> => ({
  key: upload.key,
  uploadId: upload.uploadId,
  initiatedAt: timestampFromMs(upload.initiatedAtMs),
  initiatorId: upload.initiator.arn,
  ownerAccountId: upload.ownerAccountId,
  storageClass: upload.storageClass,
  checksumAlgorithm: upload.checksumAlgorithm ?? "",
  checksumType: upload.checksumType ?? "",
});

export const partMessage = (part: Part): MessageInitShape<typeof UploadPartSchema> => ({
  partNumber: part.partNumber,
  etag: part.etag,
  sizeBytes: BigInt(part.sizeBytes),
  lastModified: timestampFromMs(part.lastModifiedMs),
  checksum: part.checksum,
});
