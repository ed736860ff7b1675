/** Every operation of S3 and what runs it. */
import type { S3Context, S3Handler, S3OperationName } from "./context.ts";
import { fromStateError, S3Error } from "./errors.ts";
import { abortMultipartUpload } from "./operations/abort-multipart-upload.ts";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { createBucket } from "./operations/create-bucket.ts";
import { createMultipartUpload } from "./operations/create-multipart-upload.ts";
import { deleteBucketOwnershipControls } from "./operations/delete-bucket-ownership-controls.ts";
import { deleteBucketTagging } from "./operations/delete-bucket-tagging.ts";
import { deleteBucketEncryption } from "./operations/delete-bucket-encryption.ts";
import { deleteBucket } from "./operations/delete-bucket.ts";
import { deleteObjectAnnotation } from "./operations/delete-object-annotation.ts";
import { deleteObjectTagging } from "./operations/delete-object-tagging.ts";
import { deleteObject } from "./operations/delete-object.ts";
import { deleteObjects } from "./operations/delete-objects.ts";
import { deletePublicAccessBlock } from "./operations/delete-public-access-block.ts";
import { getBucketAcl } from "./operations/get-bucket-acl.ts";
import { getBucketEncryption } from "./operations/get-bucket-encryption.ts";
import { getBucketLocation } from "./operations/get-bucket-location.ts";
import { getBucketOwnershipControls } from "./operations/get-bucket-ownership-controls.ts";
import { getBucketTagging } from "./operations/get-bucket-tagging.ts";
import { getBucketVersioning } from "./operations/get-bucket-versioning.ts";
import { getObjectAcl } from "./operations/get-object-acl.ts";
import { getObjectAnnotation } from "./operations/get-object-annotation.ts";
import { getObjectTagging } from "./operations/get-object-tagging.ts";
import { getObjectTorrent } from "./operations/get-object-torrent.ts";
import { getObject } from "./operations/get-object.ts";
import { getObjectAttributes } from "./operations/get-object-attributes.ts";
import { getObjectLegalHold } from "./operations/get-object-legal-hold.ts";
import { getObjectLockConfiguration } from "./operations/get-object-lock-configuration.ts";
import { getObjectRetention } from "./operations/get-object-retention.ts";
import { getPublicAccessBlock } from "./operations/get-public-access-block.ts";
import { headBucket } from "./operations/head-bucket.ts";
import { headObject } from "./operations/head-object.ts";
import { listBuckets } from "./operations/list-buckets.ts";
import { listMultipartUploads } from "./operations/list-multipart-uploads.ts";
import { listObjectAnnotations } from "./operations/list-object-annotations.ts";
import { listObjectVersions } from "./operations/list-object-versions.ts";
import { listObjects } from "./operations/list-objects.ts";
import { listObjectsV2 } from "./operations/list-objects-v2.ts";
import { listParts } from "./operations/list-parts.ts";
import { postObject } from "./operations/post-object.ts";
import { putBucketAcl } from "./operations/put-bucket-acl.ts";
import { putBucketOwnershipControls } from "./operations/put-bucket-ownership-controls.ts";
import { putBucketTagging } from "./operations/put-bucket-tagging.ts";
import { putBucketEncryption } from "./operations/put-bucket-encryption.ts";
import { putBucketVersioning } from "./operations/put-bucket-versioning.ts";
import { putObjectAcl } from "./operations/put-object-acl.ts";
import { putObjectAnnotation } from "./operations/put-object-annotation.ts";
import { putObjectTagging } from "./operations/put-object-tagging.ts";
import { putObject } from "./operations/put-object.ts";
import { putObjectLegalHold } from "./operations/put-object-legal-hold.ts";
import { putObjectLockConfiguration } from "./operations/put-object-lock-configuration.ts";
import { putObjectRetention } from "./operations/put-object-retention.ts";
import { putPublicAccessBlock } from "./operations/put-public-access-block.ts";
import { restoreObject } from "./operations/restore-object.ts";
import { updateBucketMetadataAnnotationTableConfiguration } from "./operations/update-bucket-metadata-annotation-table-configuration.ts";
import { renameObject } from "./operations/rename-object.ts";
import { updateObjectEncryption } from "./operations/update-object-encryption.ts";
import { selectObjectContent } from "./operations/select-object-content.ts";
import { uploadPart } from "./operations/upload-part.ts";
import { uploadPartCopy } from "./operations/upload-part-copy.ts";
import { writeGetObjectResponse } from "./operations/write-get-object-response.ts";

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
  DeleteBucketEncryption: deleteBucketEncryption,
  DeleteBucketIntelligentTieringConfiguration: NOT_BUILT,
  DeleteBucketInventoryConfiguration: NOT_BUILT,
  DeleteBucketLifecycle: NOT_BUILT,
  DeleteBucketMetadataConfiguration: NOT_BUILT,
  DeleteBucketMetadataTableConfiguration: NOT_BUILT,
  DeleteBucketMetricsConfiguration: NOT_BUILT,
  DeleteBucketOwnershipControls: deleteBucketOwnershipControls,
  DeleteBucketPolicy: NOT_BUILT,
  DeleteBucketReplication: NOT_BUILT,
  DeleteBucketTagging: deleteBucketTagging,
  DeleteBucketWebsite: NOT_BUILT,
  DeleteObject: deleteObject,
  DeleteObjectAnnotation: deleteObjectAnnotation,
  DeleteObjectTagging: deleteObjectTagging,
  DeleteObjects: deleteObjects,
  DeletePublicAccessBlock: deletePublicAccessBlock,
  GetBucketAbac: NOT_BUILT,
  GetBucketAccelerateConfiguration: NOT_BUILT,
  GetBucketAcl: getBucketAcl,
  GetBucketAnalyticsConfiguration: NOT_BUILT,
  GetBucketCors: NOT_BUILT,
  GetBucketEncryption: getBucketEncryption,
  GetBucketIntelligentTieringConfiguration: NOT_BUILT,
  GetBucketInventoryConfiguration: NOT_BUILT,
  GetBucketLifecycleConfiguration: NOT_BUILT,
  GetBucketLocation: getBucketLocation,
  GetBucketLogging: NOT_BUILT,
  GetBucketMetadataConfiguration: NOT_BUILT,
  GetBucketMetadataTableConfiguration: NOT_BUILT,
  GetBucketMetricsConfiguration: NOT_BUILT,
  GetBucketNotificationConfiguration: NOT_BUILT,
  GetBucketOwnershipControls: getBucketOwnershipControls,
  GetBucketPolicy: NOT_BUILT,
  GetBucketPolicyStatus: NOT_BUILT,
  GetBucketReplication: NOT_BUILT,
  GetBucketRequestPayment: NOT_BUILT,
  GetBucketTagging: getBucketTagging,
  GetBucketVersioning: getBucketVersioning,
  GetBucketWebsite: NOT_BUILT,
  GetObject: getObject,
  GetObjectAcl: getObjectAcl,
  GetObjectAnnotation: getObjectAnnotation,
  GetObjectAttributes: getObjectAttributes,
  GetObjectLegalHold: getObjectLegalHold,
  GetObjectLockConfiguration: getObjectLockConfiguration,
  GetObjectRetention: getObjectRetention,
  GetObjectTagging: getObjectTagging,
  GetObjectTorrent: getObjectTorrent,
  GetPublicAccessBlock: getPublicAccessBlock,
  HeadBucket: headBucket,
  HeadObject: headObject,
  ListBucketAnalyticsConfigurations: NOT_BUILT,
  ListBucketIntelligentTieringConfigurations: NOT_BUILT,
  ListBucketInventoryConfigurations: NOT_BUILT,
  ListBucketMetricsConfigurations: NOT_BUILT,
  ListBuckets: listBuckets,
  ListDirectoryBuckets: NOT_BUILT,
  ListMultipartUploads: listMultipartUploads,
  ListObjectAnnotations: listObjectAnnotations,
  ListObjectVersions: listObjectVersions,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PutBucketAbac: NOT_BUILT,
  PutBucketAccelerateConfiguration: NOT_BUILT,
  PutBucketAcl: putBucketAcl,
  PutBucketAnalyticsConfiguration: NOT_BUILT,
  PutBucketCors: NOT_BUILT,
  PutBucketEncryption: putBucketEncryption,
  PutBucketIntelligentTieringConfiguration: NOT_BUILT,
  PutBucketInventoryConfiguration: NOT_BUILT,
  PutBucketLifecycleConfiguration: NOT_BUILT,
  PutBucketLogging: NOT_BUILT,
  PutBucketMetricsConfiguration: NOT_BUILT,
  PutBucketNotificationConfiguration: NOT_BUILT,
  PutBucketOwnershipControls: putBucketOwnershipControls,
  PutBucketPolicy: NOT_BUILT,
  PutBucketReplication: NOT_BUILT,
  PutBucketRequestPayment: NOT_BUILT,
  PutBucketTagging: putBucketTagging,
  PutBucketVersioning: putBucketVersioning,
  PutBucketWebsite: NOT_BUILT,
  PutObject: putObject,
  PutObjectAcl: putObjectAcl,
  PutObjectAnnotation: putObjectAnnotation,
  PutObjectLegalHold: putObjectLegalHold,
  PutObjectLockConfiguration: putObjectLockConfiguration,
  PutObjectRetention: putObjectRetention,
  PutObjectTagging: putObjectTagging,
  PutPublicAccessBlock: putPublicAccessBlock,
  RenameObject: renameObject,
  RestoreObject: restoreObject,
  SelectObjectContent: selectObjectContent,
  UpdateBucketMetadataAnnotationTableConfiguration: updateBucketMetadataAnnotationTableConfiguration,
  UpdateBucketMetadataInventoryTableConfiguration: NOT_BUILT,
  UpdateBucketMetadataJournalTableConfiguration: NOT_BUILT,
  UpdateObjectEncryption: updateObjectEncryption,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  WriteGetObjectResponse: writeGetObjectResponse,
};

type Handler<Input, Output> = (context: S3Context, input: Input) => Promise<Output>;

const withStateErrors =
  <Input, Output>(handler: Handler<Input, Output>): Handler<Input, Output> =>
  async (context, input) => {
    try {
      return await handler(context, input);
    } catch (error) {
      throw fromStateError(error);
    }
  };

const runnable = <Name extends S3OperationName>(name: Name): S3Handler<Name> => {
  const row: Row<Name> = ROWS[name];
  if (row !== NOT_BUILT) return withStateErrors(row);
  return async () => {
    throw new S3Error("NotImplemented", {}, { message: `${name} is not implemented yet` });
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

/** Operations that S3 has and its model leaves out, by the names of AWS's documentation. They throw as the others do. */
export const UNMODELLED_HANDLERS = { PostObject: withStateErrors(postObject) };

/** True for an operation that does what AWS's does; false for one that answers 501 `NotImplemented`. */
export const isS3OperationBuilt = (name: S3OperationName): boolean => ROWS[name] !== NOT_BUILT;
