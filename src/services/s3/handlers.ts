/** Every operation of S3 and what runs it. */
import type { S3Context, S3Handler, S3OperationName } from "./context.ts";
import { METADATA_HANDLERS } from "./documents/metadata-handlers.ts";
import { DOCUMENT_HANDLERS } from "./documents/table.ts";
import { fromStateError } from "./errors.ts";
import { abortMultipartUpload } from "./operations/abort-multipart-upload.ts";
import { completeMultipartUpload } from "./operations/complete-multipart-upload.ts";
import { copyObject } from "./operations/copy-object.ts";
import { createBucket } from "./operations/create-bucket.ts";
import { createMultipartUpload } from "./operations/create-multipart-upload.ts";
import { deleteBucketOwnershipControls } from "./operations/delete-bucket-ownership-controls.ts";
import { deleteBucketTagging } from "./operations/delete-bucket-tagging.ts";
import { deleteBucketEncryption } from "./operations/delete-bucket-encryption.ts";
import { deleteBucketPolicy } from "./operations/delete-bucket-policy.ts";
import { createSession } from "./operations/create-session.ts";
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
import { getBucketPolicyStatus } from "./operations/get-bucket-policy-status.ts";
import { getBucketPolicy } from "./operations/get-bucket-policy.ts";
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
import { listDirectoryBuckets } from "./operations/list-directory-buckets.ts";
import { listMultipartUploads } from "./operations/list-multipart-uploads.ts";
import { listObjectAnnotations } from "./operations/list-object-annotations.ts";
import { listObjectVersions } from "./operations/list-object-versions.ts";
import { listObjects } from "./operations/list-objects.ts";
import { listObjectsV2 } from "./operations/list-objects-v2.ts";
import { listParts } from "./operations/list-parts.ts";
import { postObject } from "./operations/post-object.ts";
import { putBucketAcl } from "./operations/put-bucket-acl.ts";
import { putBucketOwnershipControls } from "./operations/put-bucket-ownership-controls.ts";
import { putBucketPolicy } from "./operations/put-bucket-policy.ts";
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

/** Total: an operation of the model without a row does not compile. */
const ROWS: { readonly [Name in S3OperationName]: S3Handler<Name> } = {
  ...DOCUMENT_HANDLERS,
  ...METADATA_HANDLERS,
  AbortMultipartUpload: abortMultipartUpload,
  CompleteMultipartUpload: completeMultipartUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateMultipartUpload: createMultipartUpload,
  CreateSession: createSession,
  DeleteBucket: deleteBucket,
  DeleteBucketEncryption: deleteBucketEncryption,
  DeleteBucketOwnershipControls: deleteBucketOwnershipControls,
  DeleteBucketPolicy: deleteBucketPolicy,
  DeleteBucketTagging: deleteBucketTagging,
  DeleteObject: deleteObject,
  DeleteObjectAnnotation: deleteObjectAnnotation,
  DeleteObjectTagging: deleteObjectTagging,
  DeleteObjects: deleteObjects,
  DeletePublicAccessBlock: deletePublicAccessBlock,
  GetBucketAcl: getBucketAcl,
  GetBucketEncryption: getBucketEncryption,
  GetBucketLocation: getBucketLocation,
  GetBucketOwnershipControls: getBucketOwnershipControls,
  GetBucketPolicy: getBucketPolicy,
  GetBucketPolicyStatus: getBucketPolicyStatus,
  GetBucketTagging: getBucketTagging,
  GetBucketVersioning: getBucketVersioning,
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
  ListBuckets: listBuckets,
  ListDirectoryBuckets: listDirectoryBuckets,
  ListMultipartUploads: listMultipartUploads,
  ListObjectAnnotations: listObjectAnnotations,
  ListObjectVersions: listObjectVersions,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListParts: listParts,
  PutBucketAcl: putBucketAcl,
  PutBucketEncryption: putBucketEncryption,
  PutBucketOwnershipControls: putBucketOwnershipControls,
  PutBucketPolicy: putBucketPolicy,
  PutBucketTagging: putBucketTagging,
  PutBucketVersioning: putBucketVersioning,
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

const answering = <Name extends S3OperationName>(name: Name): S3Handler<Name> => {
  const row: S3Handler<Name> = ROWS[name];
  return withStateErrors(row);
};

/** The names of S3's operations. */
export const S3_OPERATIONS = Object.keys(ROWS) as readonly S3OperationName[];

/**
 * Every S3 operation by its name. A handler throws `S3Error`: its own errors, and those of a state that changed under it
 * (NoSuchBucket, OperationAborted). Any other throw is a bug.
 */
export const S3_HANDLERS = Object.fromEntries(S3_OPERATIONS.map((name) => [name, answering(name)])) as {
  readonly [Name in S3OperationName]: S3Handler<Name>;
};

/** Operations that S3 has and its model leaves out, by the names of AWS's documentation. They throw as the others do. */
export const UNMODELLED_HANDLERS = { PostObject: withStateErrors(postObject) };
