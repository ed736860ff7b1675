/**
 * The grants of an ACL, as clients write and read them: in headers, in a document, in answers.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html
 */
import { canonicalOwnerId } from "../../protocol/caller.ts";
import type { AccessControlPolicy, Grant, Grantee } from "../../protocol/generated/s3.ts";
import type { AclGrant, AclGrantee, AclPermission } from "../../state/model.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import { GRANTS_MAX } from "./limits.ts";

/** S3's predefined groups. */
export const GROUP_URIS = {
  allUsers: "http://acs.amazonaws.com/groups/global/AllUsers",
  authenticatedUsers: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers",
  logDelivery: "http://acs.amazonaws.com/groups/s3/LogDelivery",
} as const;

const GROUPS: ReadonlySet<string> = new Set(Object.values(GROUP_URIS));
const PUBLIC_GROUPS: ReadonlySet<string> = new Set([GROUP_URIS.allUsers, GROUP_URIS.authenticatedUsers]);

/** Whether any of the grants is to everyone, or to everyone who has an AWS account. */
export const grantsPublicly = (grants: readonly AclGrant[]): boolean =>
  grants.some(({ grantee }) => grantee.uri !== undefined && PUBLIC_GROUPS.has(grantee.uri));

/** The canonical id of an account has 64 hex digits. */
const CANONICAL_ID = /^[0-9a-f]{64}$/;
/** There is no register of addresses: one whose local part is an account's id is that account's. */
const ACCOUNT_ADDRESS = /^(\d{12})@[^@\s]+$/;

/** Errors: UnresolvableGrantByEmailAddress. */
const granteeOfAddress = (address: string): AclGrantee => {
  const accountId = ACCOUNT_ADDRESS.exec(address)?.[1];
  if (accountId === undefined) throw new S3Error("UnresolvableGrantByEmailAddress");
  return { id: canonicalOwnerId(accountId) };
};

/** What a client calls an argument depends on where it stands. */
type ArgumentNames = { readonly id: string; readonly uri: string };

const HEADER_NAMES: ArgumentNames = { id: "id", uri: "uri" };
const DOCUMENT_NAMES: ArgumentNames = { id: "CanonicalUser/ID", uri: "Group/URI" };

const granteeOfId = (id: string, names: ArgumentNames): AclGrantee => {
  if (!CANONICAL_ID.test(id)) throw invalidArgument("Invalid id", { name: names.id, value: id });
  return { id };
};

const granteeOfUri = (uri: string, names: ArgumentNames): AclGrantee => {
  if (!GROUPS.has(uri)) throw invalidArgument("Invalid group uri", { name: names.uri, value: uri });
  return { uri };
};

/** Errors: MalformedACLError. */
const limited = (grants: AclGrant[]): AclGrant[] => {
  if (grants.length > GRANTS_MAX) throw new S3Error("MalformedACLError");
  return grants;
};

/** Members of an input that name grants in headers. */
export type GrantHeaders = {
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
};

const HEADERS: readonly { member: keyof GrantHeaders; permission: AclPermission; header: string }[] = [
  { member: "GrantRead", permission: "READ", header: "x-amz-grant-read" },
  { member: "GrantWrite", permission: "WRITE", header: "x-amz-grant-write" },
  { member: "GrantReadACP", permission: "READ_ACP", header: "x-amz-grant-read-acp" },
  { member: "GrantWriteACP", permission: "WRITE_ACP", header: "x-amz-grant-write-acp" },
  { member: "GrantFullControl", permission: "FULL_CONTROL", header: "x-amz-grant-full-control" },
];

/** Whether any header grants something. */
export const hasGrantHeaders = (input: GrantHeaders): boolean =>
  HEADERS.some(({ member }) => input[member] !== undefined);

/** `id="..."`, with or without quotes; undefined for what is not that. */
const parsePair = (text: string): { readonly kind: string; readonly value: string } | undefined => {
  const equals = text.indexOf("=");
  if (equals < 0) return undefined;
  const given = text.slice(equals + 1).trim();
  const isQuoted = given.length > 1 && given.startsWith('"') && given.endsWith('"');
  const value = isQuoted ? given.slice(1, -1) : given;
  return value.includes('"') ? undefined : { kind: text.slice(0, equals).trim(), value };
};

const parseGrantee = (text: string, header: string): AclGrantee => {
  const { kind, value = "" } = parsePair(text) ?? {};
  switch (kind) {
    case "id":
      return granteeOfId(value, HEADER_NAMES);
    case "uri":
      return granteeOfUri(value, HEADER_NAMES);
    case "emailAddress":
      return granteeOfAddress(value);
    default:
      throw invalidArgument("Argument format not recognized", { name: header, value: text });
  }
};

/**
 * The grants that headers name: `id="...", uri="...", emailAddress="..."` for each permission.
 * Errors: InvalidArgument, UnresolvableGrantByEmailAddress, MalformedACLError for more than 100.
 */
export const grantsOfHeaders = (input: GrantHeaders): AclGrant[] =>
  limited(
    HEADERS.flatMap(({ member, permission, header }) => {
      const text = input[member];
      if (text === undefined) return [];
      return text.split(",").map((item) => ({ grantee: parseGrantee(item, header), permission }));
    }),
  );

const PERMISSIONS: ReadonlySet<string> = new Set(HEADERS.map(({ permission }) => permission));
/** Whether a word is a permission of ACLs, in capitals as documents have it. */
export const isPermission = (word: string | undefined): word is AclPermission =>
  word !== undefined && PERMISSIONS.has(word);

const granteeOfDocument = ({ Type, ID, URI, EmailAddress }: Grantee): AclGrantee => {
  if (Type === "CanonicalUser" && ID !== undefined) return granteeOfId(ID, DOCUMENT_NAMES);
  if (Type === "Group" && URI !== undefined) return granteeOfUri(URI, DOCUMENT_NAMES);
  if (Type === "AmazonCustomerByEmail" && EmailAddress !== undefined) return granteeOfAddress(EmailAddress);
  throw new S3Error("MalformedACLError");
};

/** Errors: MalformedXML, InvalidArgument, UnresolvableGrantByEmailAddress. */
export const assertGrantee = (grantee: Grantee): void => {
  try {
    granteeOfDocument(grantee);
  } catch (error) {
    throw error instanceof S3Error && error.code === "MalformedACLError" ? new S3Error("MalformedXML") : error;
  }
};

const grantOfDocument = ({ Grantee: grantee, Permission: permission }: Grant): AclGrant => {
  if (grantee === undefined || !isPermission(permission)) throw new S3Error("MalformedACLError");
  return { grantee: granteeOfDocument(grantee), permission };
};

/**
 * The grants of an `AccessControlPolicy`, which must name its owner.
 * Errors: MalformedACLError, InvalidArgument, UnresolvableGrantByEmailAddress.
 */
export const grantsOfDocument = ({ Owner: owner, Grants: grants }: AccessControlPolicy): AclGrant[] => {
  if (owner?.ID === undefined || grants === undefined) throw new S3Error("MalformedACLError");
  granteeOfId(owner.ID, DOCUMENT_NAMES);
  return limited(grants.map(grantOfDocument));
};

/** Grants as answers show them. */
export const shownGrants = (grants: readonly AclGrant[]): Grant[] =>
  grants.map(({ grantee, permission }) => ({
    Grantee:
      grantee.uri === undefined ? { Type: "CanonicalUser", ID: grantee.id } : { Type: "Group", URI: grantee.uri },
    Permission: permission,
  }));
