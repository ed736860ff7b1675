/**
 * The ACL that a request gives to what it makes or changes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 */
import { canonicalOwnerId } from "../../protocol/caller.ts";
import type { AccessControlPolicy } from "../../protocol/generated/s3.ts";
import type { AclGrant, Bucket } from "../../state/model.ts";
import { grantsOfCanned, isCannedAcl, type AclOwners, type CannedAcl } from "./acl-canned.ts";
import { grantsToStore } from "./acl-stored.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";
import { grantsOfDocument, grantsOfHeaders, hasGrantHeaders, type GrantHeaders } from "./grants.ts";

/** A canned ACL's name, or grants; those of a document with the owner that it names, by its canonical id. */
export type AclRequest =
  | { readonly canned: CannedAcl; readonly grants?: never; readonly ownerId?: never }
  | { readonly canned?: never; readonly grants: readonly AclGrant[]; readonly ownerId?: string };

/** What an ACL is of: some canned ones are of buckets or of objects only. */
type AclOf = "bucket" | "object";

const NOT_OF: Readonly<Record<AclOf, ReadonlySet<CannedAcl>>> = {
  bucket: new Set(),
  object: new Set<CannedAcl>(["log-delivery-write"]),
};

type AclHeaders = GrantHeaders & { readonly ACL?: string | undefined };

const readCanned = (name: string, of: AclOf): CannedAcl => {
  if (isCannedAcl(name) && !NOT_OF[of].has(name)) return name;
  // AWS says nothing more here.
  throw invalidArgument("", { name: "x-amz-acl", value: name });
};

const readHeaders = (input: AclHeaders, of: AclOf): AclRequest | undefined => {
  const { ACL: name } = input;
  const granted = hasGrantHeaders(input);
  if (name === undefined) return granted ? { grants: grantsOfHeaders(input) } : undefined;
  const canned = readCanned(name, of);
  if (granted) throw invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
  return { canned };
};

/** The grants that a request comes to. Errors: AccessDenied for a document that names another owner. */
export const resolveAcl = (request: AclRequest, owners: AclOwners): readonly AclGrant[] => {
  if (request.canned !== undefined) return grantsOfCanned(request.canned, owners);
  const { grants, ownerId } = request;
  if (ownerId !== undefined && ownerId !== canonicalOwnerId(owners.ownerAccountId)) throw new S3Error("AccessDenied");
  return grants;
};

/**
 * The ACL of a new object; undefined for the default.
 * Errors: those of its headers, and AccessControlListNotSupported where the bucket knows no ACLs.
 */
export const readObjectAcl = (input: AclHeaders, { accountId, objectOwnership }: Bucket): AclRequest | undefined => {
  const acl = readHeaders(input, "object");
  if (acl === undefined || objectOwnership !== "BucketOwnerEnforced") return acl;
  if (acl.canned === "bucket-owner-read") throw new S3Error("AccessControlListNotSupported");
  const grants = resolveAcl(acl, { ownerAccountId: accountId, bucketAccountId: accountId });
  // What holds anyway may be said.
  if (grantsToStore(grants, accountId) !== undefined) throw new S3Error("AccessControlListNotSupported");
  return undefined;
};

/** The ACL of a new bucket; undefined for the default. Errors: those of its headers. */
export const readBucketAcl = (input: AclHeaders): AclRequest | undefined => readHeaders(input, "bucket");

/**
 * The ACL that PutObjectAcl or PutBucketAcl puts: headers or a document, one of them.
 * Errors: those of both, UnexpectedContent for both, MissingSecurityHeader for neither.
 */
export const readPutAcl = (
  input: AclHeaders & { readonly AccessControlPolicy?: AccessControlPolicy | undefined },
  of: AclOf,
): AclRequest => {
  const headers = readHeaders(input, of);
  const { AccessControlPolicy: document } = input;
  if (document === undefined) {
    if (headers !== undefined) return headers;
    throw new S3Error("MissingSecurityHeader", { MissingHeaderName: "x-amz-acl" });
  }
  if (headers !== undefined) throw new S3Error("UnexpectedContent");
  const ownerId = document.Owner?.ID;
  return { grants: grantsOfDocument(document), ...(ownerId === undefined ? {} : { ownerId }) };
};
