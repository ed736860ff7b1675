/** Every operation of S3 and what runs it. */
import type { S3Handler, S3OperationName } from "./context.ts";
import { fromStateError, S3Error } from "./errors.ts";
import { abortMultipartUpload } from "./operations/abort-multipart-upload.ts";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { createBucket } from "./operations/create-bucket.ts";
import { createMultipartUpload } from "./operations/create-multipart-upload.ts";
import { deleteBucket } from "./operations/delete-bucket.ts";
import { deleteObject } from "./operations/delete-object.ts";
import { deleteObjects } from "./operations/delete-objects.ts";
import { getBucketLocation } from "./operations/get-bucket-location.ts";
import { getBucketVersioning } from "./operations/get-bucket-versioning.ts";
import { getObject } from "./operations/get-object.ts";
import { headBucket } from "./operations/head-bucket.ts";
import { headObject } from "./operations/head-object.ts";
import { listBuckets } from "./operations/list-buckets.ts";
import { listMultipartUploads } from "./operations/list-multipart-uploads.ts";
import { listObjectVersions } from "./operations/list-object-versions.ts";
import { listObjects } from "./operations/list-objects.ts";
import { listObjectsV2 } from "./operations/list-objects-v2.ts";
import { listParts } from "./operations/list-parts.ts";
import { putBucketVersioning } from "./operations/put-bucket-versioning.ts";
import { putObject } from "./operations/put-object.ts";
import { uploadPart } from "./operations/upload-part.ts";
import { uploadPartCopy } from "./operations/upload-part-copy.ts";

const NOT_BUILT = "not built";

type Row<Name extends S3OperationName> = S3Handler<Name> | typeof NOT_BUILT;

/** Total: an operation of the model without a row does not compile. */
const ROWS: { readonly [Name in S3OperationName]: Row<Name> } = {
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateBucketMetadataConfiguration: NOT_BUILT,
  CreateBucketMetadataTableConfiguration: NOT_BUILT,
  CreateMultipartUpload: createMultipartUpload,
  CreateSession: NOT_BUILT,
  DeleteBucket: deleteBucket,
  DeleteBucketAnalyticsConfiguration: NOT_BUILT,
  DeleteBucketCors: NOT_BUILT,
  DeleteBucketEncryption: NOT_BUILT,
  DeleteBucketIntelligentTieringConfiguration: NOT_BUILT,
  DeleteBucketInventoryConfiguration: NOT_BUILT,
  DeleteBucketLifecycle: NOT_BUILT,
  DeleteBucketMetadataConfiguration: NOT_BUILT,
  DeleteBucketMetadataTableConfiguration: NOT_BUILT,
  DeleteBucketMetricsConfiguration: NOT_BUILT,
  DeleteBucketOwnershipControls: NOT_BUILT,
  DeleteBucketPolicy: NOT_BUILT,
  DeleteBucketReplication: NOT_BUILT,
  DeleteBucketTagging: NOT_BUILT,
  DeleteBucketWebsite: NOT_BUILT,
  DeleteObject: deleteObject,
  DeleteObjectAnnotation: NOT_BUILT,
  DeleteObjectTagging: NOT_BUILT,
  DeleteObjects: deleteObjects,
  DeletePublicAccessBlock: NOT_BUILT,
  GetBucketAbac: NOT_BUILT,
  GetBucketAccelerateConfiguration: NOT_BUILT,
  GetBucketAcl: NOT_BUILT,
  GetBucketAnalyticsConfiguration: NOT_BUILT,
  GetBucketCors: NOT_BUILT,
  GetBucketEncryption: NOT_BUILT,
  GetBucketIntelligentTieringConfiguration: NOT_BUILT,
  GetBucketInventoryConfiguration: NOT_BUILT,
  GetBucketLifecycleConfiguration: NOT_BUILT,
  GetBucketLocation: getBucketLocation,
  GetBucketLogging: NOT_BUILT,
  GetBucketMetadataConfiguration: NOT_BUILT,
  GetBucketMetadataTableConfiguration: NOT_BUILT,
  GetBucketMetricsConfiguration: NOT_BUILT,
  GetBucketNotificationConfiguration: NOT_BUILT,
  GetBucketOwnershipControls: NOT_BUILT,
  GetBucketPolicy: NOT_BUILT,
  GetBucketPolicyStatus: NOT_BUILT,
  GetBucketReplication: NOT_BUILT,
  GetBucketRequestPayment: NOT_BUILT,
  GetBucketTagging: NOT_BUILT,
  GetBucketVersioning: getBucketVersioning,
  GetBucketWebsite: NOT_BUILT,
  GetObject: getObject,
  GetObjectAcl: NOT_BUILT,
  GetObjectAnnotation: NOT_BUILT,
  GetObjectAttributes: NOT_BUILT,
  GetObjectLegalHold: NOT_BUILT,
  GetObjectLockConfiguration: NOT_BUILT,
  GetObjectRetention: NOT_BUILT,
  GetObjectTagging: NOT_BUILT,
  GetObjectTorrent: NOT_BUILT,
  GetPublicAccessBlock: NOT_BUILT,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListBucketAnalyticsConfigurations: NOT_BUILT,
  ListBucketIntelligentTieringConfigurations: NOT_BUILT,
  ListBucketInventoryConfigurations: NOT_BUILT,
  ListBucketMetricsConfigurations: NOT_BUILT,
  ListBuckets: listBuckets,
  ListDirectoryBuckets: NOT_BUILT,
  ListMultipartUploads: listMultipartUploads,
  ListObjectAnnotations: NOT_BUILT,
  ListObjectVersions: listObjectVersions,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PutBucketAbac: NOT_BUILT,
  PutBucketAccelerateConfiguration: NOT_BUILT,
  PutBucketAcl: NOT_BUILT,
  PutBucketAnalyticsConfiguration: NOT_BUILT,
  PutBucketCors: NOT_BUILT,
  PutBucketEncryption: NOT_BUILT,
  PutBucketIntelligentTieringConfiguration: NOT_BUILT,
  PutBucketInventoryConfiguration: NOT_BUILT,
  PutBucketLifecycleConfiguration: NOT_BUILT,
  PutBucketLogging: NOT_BUILT,
  PutBucketMetricsConfiguration: NOT_BUILT,
  PutBucketNotificationConfiguration: NOT_BUILT,
  PutBucketOwnershipControls: NOT_BUILT,
  PutBucketPolicy: NOT_BUILT,
  PutBucketReplication: NOT_BUILT,
  PutBucketRequestPayment: NOT_BUILT,
  PutBucketTagging: NOT_BUILT,
  PutBucketVersioning: putBucketVersioning,
  PutBucketWebsite: NOT_BUILT,
  PutObject: putObject,
  PutObjectAcl: NOT_BUILT,
  PutObjectAnnotation: NOT_BUILT,
  PutObjectLegalHold: NOT_BUILT,
  PutObjectLockConfiguration: NOT_BUILT,
  PutObjectRetention: NOT_BUILT,
  PutObjectTagging: NOT_BUILT,
  PutPublicAccessBlock: NOT_BUILT,
  RenameObject: NOT_BUILT,
  RestoreObject: NOT_BUILT,
  SelectObjectContent: NOT_BUILT,
  UpdateBucketMetadataAnnotationTableConfiguration: NOT_BUILT,
  UpdateBucketMetadataInventoryTableConfiguration: NOT_BUILT,
  UpdateBucketMetadataJournalTableConfiguration: NOT_BUILT,
  UpdateObjectEncryption: NOT_BUILT,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  WriteGetObjectResponse: NOT_BUILT,
};

const runnable = <Name extends S3OperationName>(name: Name): S3Handler<Name> => {
  const row: Row<Name> = ROWS[name];
  return async (context, input) => {
    if (row === NOT_BUILT) throw new S3Error("NotImplemented", {}, { message: `${name} is not implemented yet` });
    try {
      return await row(context, input);
    } catch (error) {
      throw fromStateError(error);
    }
  };
};

/** The names of S3's operations. */
export const S3_OPERATIONS = Object.keys(ROWS) as readonly S3OperationName[];

/**
 * Every S3 operation by its name. A handler throws `S3Error`: its own errors, those of a state that changed under it
 * (NoSuchBucket, OperationAborted), and NotImplemented where the operation is not built. Any other throw is a bug.
 */
export const S3_HANDLERS = Object.fromEntries(S3_OPERATIONS.map((name) => [name, runnable(name)])) as {
  readonly [Name in S3OperationName]: S3Handler<Name>;
};

/** True for an operation that does what AWS's does; false for one that answers 501 `NotImplemented`. */
export const isS3OperationBuilt = (name: S3OperationName): boolean => ROWS[name] !== NOT_BUILT;
