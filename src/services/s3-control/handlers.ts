/** Every operation of S3 Control that is built, by its name. */
import type { S3ControlHandler, S3ControlOperationName } from "./context.ts";
import { createAccessPoint } from "./operations/create-access-point.ts";
import { deleteAccessPointPolicy } from "./operations/delete-access-point-policy.ts";
import { deleteAccessPoint } from "./operations/delete-access-point.ts";
import { deletePublicAccessBlock } from "./operations/delete-public-access-block.ts";
import { getAccessPointPolicyStatus } from "./operations/get-access-point-policy-status.ts";
import { getAccessPointPolicy } from "./operations/get-access-point-policy.ts";
import { getAccessPoint } from "./operations/get-access-point.ts";
import { getPublicAccessBlock } from "./operations/get-public-access-block.ts";
import { listAccessPoints } from "./operations/list-access-points.ts";
import { listTagsForResource } from "./operations/list-tags-for-resource.ts";
import { putAccessPointPolicy } from "./operations/put-access-point-policy.ts";
import { putPublicAccessBlock } from "./operations/put-public-access-block.ts";
import { tagResource } from "./operations/tag-resource.ts";
import { untagResource } from "./operations/untag-resource.ts";

export const S3_CONTROL_HANDLERS: { readonly [Name in S3ControlOperationName]: S3ControlHandler<Name> } = {
  CreateAccessPoint: createAccessPoint,
  DeleteAccessPoint: deleteAccessPoint,
  DeleteAccessPointPolicy: deleteAccessPointPolicy,
  DeletePublicAccessBlock: deletePublicAccessBlock,
  GetAccessPoint: getAccessPoint,
  GetAccessPointPolicy: getAccessPointPolicy,
  GetAccessPointPolicyStatus: getAccessPointPolicyStatus,
  GetPublicAccessBlock: getPublicAccessBlock,
  ListAccessPoints: listAccessPoints,
  ListTagsForResource: listTagsForResource,
  PutAccessPointPolicy: putAccessPointPolicy,
  PutPublicAccessBlock: putPublicAccessBlock,
  TagResource: tagResource,
  UntagResource: untagResource,
};
