/** Owners and initiators, as lists and ACLs show them. */
import { callerArn, callerUserId, canonicalOwnerId, type Caller } from "../../protocol/caller.ts";
import type { Bucket, Upload } from "../../state/model.ts";
import type { AclRequest } from "./acl.ts";

/** AWS shows no display name of an owner any more. */
export const ownerOf = (accountId: string): { ID: string } => ({ ID: canonicalOwnerId(accountId) });

/** Whose an object is now: all that is in a bucket may be its owner's, whoever wrote it. */
export const presentOwner = ({ accountId, objectOwnership }: Bucket, writerAccountId: string): string =>
  objectOwnership === "BucketOwnerEnforced" ? accountId : writerAccountId;

/**
 * Whose a new object is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const objectOwner = (
  bucket: Bucket,
  { caller, acl }: { caller: Caller; acl: AclRequest | undefined },
): string => {
  switch (bucket.objectOwnership) {
    case "BucketOwnerEnforced":
      return bucket.accountId;
    case "BucketOwnerPreferred":
      return acl?.canned === "bucket-owner-full-control" ? bucket.accountId : caller.accountId;
    case "ObjectWriter":
      break;
  }
  return caller.accountId;
};

/** Who began an upload: an account's root by its canonical id, everybody else by ARN. */
export const initiatorOf = (caller: Caller): Upload["initiator"] => {
  const { principal, accountId } = caller;
  switch (principal.kind) {
    case "Root":
    case "Anonymous":
      break;
    case "User":
      return { arn: callerArn(caller), displayName: principal.userName };
    case "AssumedRole":
      return { arn: callerArn(caller), displayName: `${principal.roleName}/${principal.sessionName}` };
    case "FederatedUser":
      return { arn: callerArn(caller), displayName: callerUserId(caller) };
  }
  return { arn: canonicalOwnerId(accountId), displayName: accountId };
};
