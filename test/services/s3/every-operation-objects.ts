/** Operations about objects, uploads and lists of them. */
import {
  CreateBucketCommand,
  PutObjectCommand,
  type CompletedPart,
  type ObjectLockRetention,
} from "@aws-sdk/client-s3";
import {
  directoryOf,
  ETAG,
  Key,
  ofBucket,
  ofObject,
  TAGS,
  TEXT,
  type S3Rows,
  type Stage,
} from "./every-operation-rows.ts";

const UNTIL = new Date(Date.UTC(2099, 0));
const RETENTION = { Mode: "GOVERNANCE", RetainUntilDate: UNTIL } satisfies ObjectLockRetention;
const KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const AnnotationName = "note";

/** A bucket in which versions can be locked, with one. */
const lockable = async ({ s3, Bucket: plain }: Stage): Promise<{ Bucket: string; Key: string }> => {
  const Bucket = `${plain}-locked`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: TEXT }));
  return { Bucket, Key };
};
const locked = ({ Bucket }: Stage) => ({ Bucket: `${Bucket}-locked`, Key });

const FIRST_PART: CompletedPart = { PartNumber: 1, ETag: ETAG };

export const OBJECT_ROWS = {
  AbortMultipartUpload: {
    after: ["CreateMultipartUpload"],
    input: (stage, { CreateMultipartUpload }) => ({ ...ofObject(stage), UploadId: CreateMultipartUpload?.UploadId }),
    status: 204,
  },
  CompleteMultipartUpload: {
    after: ["CreateMultipartUpload", "UploadPart"],
    input: (stage, { CreateMultipartUpload }) => ({
      ...ofObject(stage),
      UploadId: CreateMultipartUpload?.UploadId,
      MultipartUpload: { Parts: [FIRST_PART] },
    }),
    shows: ({ Bucket }) => ({ Bucket, Key, ChecksumType: "FULL_OBJECT" }),
  },
  CopyObject: {
    input: ({ Bucket, Other }) => ({ Bucket: Other, Key: "copy", CopySource: `${Bucket}/${Key}` }),
    shows: { CopyObjectResult: { ETag: ETAG } },
  },
  CreateMultipartUpload: { input: ofObject, shows: ({ Bucket }) => ({ Bucket, Key, ServerSideEncryption: "AES256" }) },
  DeleteObject: { input: ofObject, status: 204 },
  DeleteObjectAnnotation: {
    after: ["PutObjectAnnotation"],
    input: (stage) => ({ ...ofObject(stage), AnnotationName }),
    status: 204,
  },
  DeleteObjectTagging: { after: ["PutObjectTagging"], input: ofObject, status: 204 },
  DeleteObjects: {
    input: ({ Bucket }) => ({ Bucket, Delete: { Objects: [{ Key }, { Key: "never-there" }] } }),
    shows: { Deleted: [{ Key }, { Key: "never-there" }], Errors: undefined },
  },
  GetObject: {
    input: ofObject,
    shows: { Body: TEXT, ContentLength: TEXT.length, ETag: ETAG, ContentType: "application/octet-stream" },
  },
  GetObjectAcl: { input: ofObject, shows: { Grants: [{ Permission: "FULL_CONTROL" }] } },
  GetObjectAnnotation: {
    after: ["PutObjectAnnotation"],
    input: (stage) => ({ ...ofObject(stage), AnnotationName }),
    shows: { AnnotationPayload: "text" },
  },
  GetObjectAttributes: {
    input: (stage) => ({ ...ofObject(stage), ObjectAttributes: ["ETag", "ObjectSize", "StorageClass"] }),
    // Without the quotes, here alone.
    shows: { ETag: ETAG.replaceAll('"', ""), ObjectSize: TEXT.length, StorageClass: "STANDARD" },
  },
  GetObjectLegalHold: { after: ["PutObjectLegalHold"], input: locked, shows: { LegalHold: { Status: "ON" } } },
  GetObjectRetention: { after: ["PutObjectRetention"], input: locked, shows: { Retention: RETENTION } },
  GetObjectTagging: { after: ["PutObjectTagging"], input: ofObject, shows: { TagSet: TAGS } },
  // AWS has given torrents up.
  GetObjectTorrent: { input: ofObject, refused: "MethodNotAllowed", status: 405 },
  HeadObject: { input: ofObject, shows: { ContentLength: TEXT.length, ETag: ETAG } },
  ListMultipartUploads: {
    after: ["CreateMultipartUpload"],
    input: ofBucket,
    shows: ({ Bucket }) => ({ Bucket, Uploads: [{ Key }], IsTruncated: false }),
  },
  ListObjectAnnotations: {
    after: ["PutObjectAnnotation"],
    input: ofObject,
    shows: { Annotations: [{ AnnotationName }] },
  },
  ListObjectVersions: {
    input: ofBucket,
    shows: { Versions: [{ Key, VersionId: "null", IsLatest: true, Size: TEXT.length }], IsTruncated: false },
  },
  ListObjects: { input: ofBucket, shows: { Contents: [{ Key, ETag: ETAG }], Marker: "", IsTruncated: false } },
  ListObjectsV2: { input: ofBucket, shows: { Contents: [{ Key, ETag: ETAG }], KeyCount: 1, IsTruncated: false } },
  ListParts: {
    after: ["CreateMultipartUpload", "UploadPart"],
    input: (stage, { CreateMultipartUpload }) => ({ ...ofObject(stage), UploadId: CreateMultipartUpload?.UploadId }),
    shows: { Parts: [{ ...FIRST_PART, Size: TEXT.length }], IsTruncated: false },
  },
  PutObject: { input: (stage) => ({ ...ofObject(stage), Body: TEXT }), shows: { ETag: ETAG } },
  PutObjectAcl: {
    after: ["PutBucketOwnershipControls"],
    input: (stage) => ({ ...ofObject(stage), ACL: "bucket-owner-read" }),
  },
  PutObjectAnnotation: { input: (stage) => ({ ...ofObject(stage), AnnotationName, AnnotationPayload: "text" }) },
  PutObjectLegalHold: {
    input: async (stage) => ({ ...(await lockable(stage)), LegalHold: { Status: "ON" } }),
  },
  PutObjectRetention: { input: async (stage) => ({ ...(await lockable(stage)), Retention: RETENTION }) },
  PutObjectTagging: { input: (stage) => ({ ...ofObject(stage), Tagging: { TagSet: TAGS } }) },
  RenameObject: {
    after: ["CreateSession"],
    input: async (stage) => {
      const Bucket = directoryOf(stage);
      await stage.s3.send(new PutObjectCommand({ Bucket, Key, Body: TEXT }));
      return { Bucket, Key: "renamed", RenameSource: Key };
    },
  },
  RestoreObject: {
    input: async ({ s3, Bucket }) => {
      await s3.send(new PutObjectCommand({ Bucket, Key: "cold", Body: TEXT, StorageClass: "GLACIER" }));
      return { Bucket, Key: "cold", RestoreRequest: { Days: 1 } };
    },
    status: 202,
  },
  SelectObjectContent: {
    input: (stage) => ({
      ...ofObject(stage),
      Expression: "SELECT s._1 FROM S3Object s",
      ExpressionType: "SQL",
      InputSerialization: { CSV: {} },
      OutputSerialization: { CSV: {} },
    }),
    shows: { Payload: `${TEXT}\n` },
  },
  UpdateObjectEncryption: {
    input: (stage) => ({
      ...ofObject(stage),
      ObjectEncryption: { SSEKMS: { KMSKeyArn: KEY_ARN.replace("123456789012", stage.accountId) } },
    }),
  },
  UploadPart: {
    after: ["CreateMultipartUpload"],
    input: (stage, { CreateMultipartUpload }) => ({
      ...ofObject(stage),
      UploadId: CreateMultipartUpload?.UploadId,
      PartNumber: 1,
      Body: TEXT,
    }),
    shows: { ETag: ETAG },
  },
  UploadPartCopy: {
    after: ["CreateMultipartUpload"],
    input: (stage, { CreateMultipartUpload }) => ({
      ...ofObject(stage),
      UploadId: CreateMultipartUpload?.UploadId,
      PartNumber: 1,
      CopySource: `${stage.Bucket}/${Key}`,
    }),
    shows: { CopyPartResult: { ETag: ETAG } },
  },
  // Routes are made by functions of Object Lambda, of which there are none.
  WriteGetObjectResponse: {
    input: () => ({ RequestRoute: "io-iad-cell001", RequestToken: "token", Body: TEXT }),
    refused: "ValidationError",
    status: 400,
  },
} as const satisfies Partial<S3Rows>;
