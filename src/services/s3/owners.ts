/** Owners and initiators, as lists and ACLs show them. */
import { ANONYMOUS_OWNER, callerArn, callerUserId, canonicalOwnerId, type Caller } from "../../protocol/caller.ts";
import type { Bucket, Upload } from "../../state/model.ts";
import type { World } from "../../state/world.ts";
import type { AclRequest } from "./acl.ts";

/** AWS shows no display name of an owner any more. */
export const ownerOf = (accountId: string): { ID: string } => ({ ID: canonicalOwnerId(accountId) });

/** Whose an object is now: all that is in a bucket may be its owner's, whoever wrote it. */
export const presentOwner = ({ accountId, objectOwnership }: Bucket, writerAccountId: string): string =>
  objectOwnership === "BucketOwnerEnforced" ? accountId : writerAccountId;

/** Whose account writes: nobody's, where `strict` takes what nobody signed for nobody's. */
export const writerAccountId = ({ caller, world }: { readonly caller: Caller; readonly world: World }): string =>
  caller.principal.kind === "Anonymous" && world.settings.authMode === "strict" ? ANONYMOUS_OWNER : caller.accountId;

/**
 * Whose a new object is.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
export const objectOwner = (
  bucket: Bucket,
  { writer, acl }: { writer: string; acl: AclRequest | undefined },
): string => {
  switch (bucket.objectOwnership) {
    case "BucketOwnerEnforced":
      return bucket.accountId;
    case "BucketOwnerPreferred":
      return acl?.canned === "bucket-owner-full-control" ? bucket.accountId : writer;
    case "ObjectWriter":
      break;
  }
  return writer;
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
