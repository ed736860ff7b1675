import type { Operations } from "../../../protocol/generated/s3.ts";
import { readPutAcl, resolveAcl } from "../acl.ts";
import { grantsToStore } from "../acl-stored.ts";
import { changeObject, type Changed } from "../change-object.ts";
import type { S3Handler } from "../context.ts";
import { S3Error } from "../errors.ts";
import { assertAclNotBlocked } from "../public-access-block.ts";

/** Replaces who may do what with an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectAcl.html */
export const putObjectAcl: S3Handler<"PutObjectAcl"> = async (context, input) => {
  const { caller, accessPoint } = context;
  const wanted = readPutAcl(input, "object");
  const attempt = { action: "s3:PutObjectAcl", key: input.Key };
  const answer: Operations["PutObjectAcl"]["output"] & Changed = await changeObject(
    context,
    { input, method: "PUT", event: "ObjectAcl:Put" },
    async ({ object, bucket }, tx) => {
      if (bucket.objectOwnership === "BucketOwnerEnforced") throw new S3Error("AccessControlListNotSupported");
      const { ownerAccountId } = object;
      const grants = resolveAcl(wanted, { ownerAccountId, bucketAccountId: bucket.accountId });
      await assertAclNotBlocked(tx, { bucket, caller, accessPoint, grants, attempt });
      const { acl: _, ...others } = object.attributes;
      const acl = grantsToStore(grants, ownerAccountId);
      return acl === undefined ? others : { ...others, acl };
    },
  );
  return answer;
};
