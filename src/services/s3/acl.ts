/**
 * The ACL that a request gives to what it makes. It is kept as it was said; who may do what is `access/`'s to decide.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 */
import type { ObjectOwnership } from "../../state/model.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";

const OBJECT_CANNED: ReadonlySet<string> = new Set([
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
]);
const BUCKET_CANNED: ReadonlySet<string> = new Set([
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "log-delivery-write",
]);
/** Say nothing that BucketOwnerEnforced does not say already. */
const HARMLESS: ReadonlySet<string> = new Set(["private", "bucket-owner-full-control"]);

type Grants = {
  readonly fullControl?: string;
  readonly read?: string;
  readonly readAcp?: string;
  readonly write?: string;
  readonly writeAcp?: string;
};

/** A canned ACL's name, or the texts of the grant headers. */
export type ObjectAcl =
  | { readonly canned: string; readonly grants?: never }
  | { readonly canned?: never; readonly grants: Grants };

type AclInput = {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
};

const readGrants = (input: AclInput): Grants | undefined => {
  const grants = {
    ...(input.GrantFullControl === undefined ? {} : { fullControl: input.GrantFullControl }),
    ...(input.GrantRead === undefined ? {} : { read: input.GrantRead }),
    ...(input.GrantReadACP === undefined ? {} : { readAcp: input.GrantReadACP }),
    ...(input.GrantWrite === undefined ? {} : { write: input.GrantWrite }),
    ...(input.GrantWriteACP === undefined ? {} : { writeAcp: input.GrantWriteACP }),
  };
  return Object.keys(grants).length === 0 ? undefined : grants;
};

const readAcl = (input: AclInput, { known }: { readonly known: ReadonlySet<string> }): ObjectAcl | undefined => {
  const { ACL: canned } = input;
  const grants = readGrants(input);
  if (canned === undefined) return grants === undefined ? undefined : { grants };
  // AWS says nothing more here.
  if (!known.has(canned)) throw invalidArgument("", { name: "x-amz-acl", value: canned });
  if (grants !== undefined) throw invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
  return { canned };
};

/**
 * The ACL of a new object; undefined for the default.
 * Errors: InvalidArgument, InvalidRequest, and AccessControlListNotSupported where the bucket knows no ACLs.
 */
export const readObjectAcl = (input: AclInput, ownership: ObjectOwnership): ObjectAcl | undefined => {
  const acl = readAcl(input, { known: OBJECT_CANNED });
  if (acl === undefined || ownership !== "BucketOwnerEnforced") return acl;
  if (acl.canned === undefined || !HARMLESS.has(acl.canned)) throw new S3Error("AccessControlListNotSupported");
  return undefined;
};

/** The ACL of a new bucket; undefined for the default. Errors: as above, and InvalidBucketAclWithObjectOwnership. */
export const readBucketAcl = (input: AclInput, ownership: ObjectOwnership): ObjectAcl | undefined => {
  const acl = readAcl(input, { known: BUCKET_CANNED });
  if (acl === undefined || acl.canned === "private") return undefined;
  if (ownership === "BucketOwnerEnforced") throw new S3Error("InvalidBucketAclWithObjectOwnership");
  return acl;
};
