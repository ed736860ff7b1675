/**
 * S3's own condition keys and the actions whose requests can have them. S3 refuses a policy that asks for one of an action that
 * never has it; where it is not known which actions have a key, every one may.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */

const ANY_ACTION = "any action";

const actions = (...names: readonly string[]): ReadonlySet<string> =>
  new Set(names.map((name) => `s3:${name.toLowerCase()}`));

const LISTS = actions("ListBucket", "ListBucketVersions");
const PUTS = actions("PutObject", "ReplicateObject");
const CONDITIONAL = actions("PutObject", "DeleteObject", "DeleteObjectVersion", "ReplicateObject");
const ACLS = actions("PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "ReplicateObject");
const LOCKS = actions(
  "PutObject",
  "PutObjectRetention",
  "PutObjectLegalHold",
  "BypassGovernanceRetention",
  "ReplicateObject",
  "DeleteObjectVersion",
  "PutBucketObjectLockConfiguration",
);
const NEW_TAGS = actions(
  "PutObject",
  "PutObjectTagging",
  "PutObjectVersionTagging",
  "ReplicateTags",
  "ReplicateObject",
);
const PRESENT_TAGS = actions(
  "DeleteObjectTagging",
  "DeleteObjectVersionTagging",
  "GetObject",
  "GetObjectAcl",
  "GetObjectAttributes",
  "GetObjectTagging",
  "GetObjectVersion",
  "GetObjectVersionAcl",
  "GetObjectVersionAttributes",
  "GetObjectVersionTagging",
  "ObjectOwnerOverrideToBucketOwner",
  "PutObjectAcl",
  "PutObjectTagging",
  "PutObjectVersionAcl",
  "PutObjectVersionTagging",
  "UpdateObjectEncryption",
);
const VERSIONS = actions(
  "DeleteObjectVersion",
  "DeleteObjectVersionAnnotation",
  "DeleteObjectVersionTagging",
  "GetObjectVersion",
  "GetObjectVersionAcl",
  "GetObjectVersionAnnotation",
  "GetObjectVersionAttributes",
  "GetObjectVersionForReplication",
  "GetObjectVersionTagging",
  "GetObjectVersionTorrent",
  "ListObjectVersionAnnotations",
  "PutObjectVersionAcl",
  "PutObjectVersionAnnotation",
  "PutObjectVersionTagging",
  "RestoreObject",
);

/** By the key in lower case; of a key with a name of the user's in it, what comes before that name. */
const KEYS: Readonly<Record<string, ReadonlySet<string> | typeof ANY_ACTION>> = {
  "s3:accessgrantsinstancearn": ANY_ACTION,
  "s3:accesspointnetworkorigin": ANY_ACTION,
  "s3:accesspointtag/": ANY_ACTION,
  "s3:authtype": ANY_ACTION,
  "s3:buckettag/": ANY_ACTION,
  "s3:dataaccesspointaccount": ANY_ACTION,
  "s3:dataaccesspointarn": ANY_ACTION,
  "s3:delimiter": LISTS,
  "s3:destinationregion": ANY_ACTION,
  "s3:existingobjecttag/": PRESENT_TAGS,
  "s3:if-match": CONDITIONAL,
  "s3:if-none-match": CONDITIONAL,
  "s3:inventoryaccessibleoptionalfields": actions("PutInventoryConfiguration"),
  "s3:isreplicationpauserequest": ANY_ACTION,
  "s3:locationconstraint": ANY_ACTION,
  "s3:max-keys": LISTS,
  "s3:object-lock-legal-hold": LOCKS,
  "s3:object-lock-mode": LOCKS,
  "s3:object-lock-remaining-retention-days": LOCKS,
  "s3:object-lock-retain-until-date": LOCKS,
  "s3:objectcreationoperation": PUTS,
  "s3:prefix": LISTS,
  "s3:requestobjecttag/": NEW_TAGS,
  "s3:requestobjecttagkeys": NEW_TAGS,
  "s3:resourceaccount": ANY_ACTION,
  "s3:signatureage": ANY_ACTION,
  "s3:signatureversion": ANY_ACTION,
  "s3:tlsversion": ANY_ACTION,
  "s3:versionid": VERSIONS,
  "s3:x-amz-acl": ACLS,
  "s3:x-amz-content-sha256": ANY_ACTION,
  "s3:x-amz-copy-source": PUTS,
  "s3:x-amz-grant-full-control": ACLS,
  "s3:x-amz-grant-read": ACLS,
  "s3:x-amz-grant-read-acp": ACLS,
  "s3:x-amz-grant-write": ACLS,
  "s3:x-amz-grant-write-acp": ACLS,
  "s3:x-amz-metadata-directive": PUTS,
  "s3:x-amz-object-ownership": ANY_ACTION,
  "s3:x-amz-server-side-encryption": PUTS,
  "s3:x-amz-server-side-encryption-aws-kms-key-id": PUTS,
  "s3:x-amz-server-side-encryption-customer-algorithm": PUTS,
  "s3:x-amz-storage-class": PUTS,
  "s3:x-amz-website-redirect-location": PUTS,
  "s3express:sessionmode": new Set(["s3express:createsession"]),
};

/** Keys of other services that S3 knows: those of providers who vouch for people, and of what runs a caller's code. */
const FOREIGN_KEY =
  /^(?:aws:|saml:|ec2:sourceinstancearn$|lambda:sourcefunctionarn$|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:\/[^:]*)?:).+$/;

const actionsOf = (name: string): ReadonlySet<string> | typeof ANY_ACTION | undefined => {
  const slash = name.indexOf("/");
  const row = slash < 0 ? name : name.slice(0, slash + 1);
  // What comes before a name of the user's is no key without one.
  return Object.hasOwn(KEYS, row) && slash < name.length - 1 ? KEYS[row] : undefined;
};

/** `name` in lower case. */
export const isConditionKey = (name: string): boolean => FOREIGN_KEY.test(name) || actionsOf(name) !== undefined;

/** Whether requests of an action can have a key; both in lower case. */
export const hasConditionKey = (action: string, name: string): boolean => {
  const having = actionsOf(name);
  return having === undefined || having === ANY_ACTION || having.has(action);
};
