/** Why a version was not replicated, by AWS's names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-failure-codes.html */
export type FailureReason =
  | "AssumeRoleNotPermitted"
  | "DstBucketNotFound"
  | "DstBucketObjectLockConfigMissing"
  | "DstBucketUnversioned"
  | "DstDelObjNotPermitted"
  | "DstObjectHardDeleted"
  | "DstPutAclNotPermitted"
  | "DstPutObjectNotPermitted"
  | "DstPutTagsNotPermitted"
  | "SrcBucketReplicationConfigMissing"
  | "SrcGetObjectNotPermitted";
