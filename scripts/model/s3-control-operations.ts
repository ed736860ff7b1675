/** The operations of S3 Control that are built: what is generated of its model. */
export const S3_CONTROL_OPERATIONS: readonly string[] = [
  // The account's public access block
  "GetPublicAccessBlock",
  "PutPublicAccessBlock",
  "DeletePublicAccessBlock",
  // Access points
  "CreateAccessPoint",
  "GetAccessPoint",
  "ListAccessPoints",
  "DeleteAccessPoint",
  "PutAccessPointPolicy",
  "GetAccessPointPolicy",
  "DeleteAccessPointPolicy",
  "GetAccessPointPolicyStatus",
  // Tags of buckets and access points
  "TagResource",
  "UntagResource",
  "ListTagsForResource",
];
