/**
 * The condition keys of S3, and where their values come from. docs/condition-keys.md is the same table for readers.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys
 */
import {
  GLOBAL_KEYS,
  GLOBAL_NAMED_KEYS,
  keyValues,
  tagKeys,
  tagValue,
  type KeyTable,
  type NamedKeyTable,
} from "./condition-keys.ts";
import type { ConditionValues } from "./question.ts";
import type { S3RequestFacts } from "./request-facts.ts";

const DAY_MS = 86_400_000;

const header =
  (name: string) =>
  ({ headers }: S3RequestFacts): string | undefined =>
    headers[name];

/** Lists have these parameters; elsewhere the same name means nothing. */
const LISTS: ReadonlySet<string> = new Set([
  "ListObjects",
  "ListObjectsV2",
  "ListObjectVersions",
  "ListMultipartUploads",
]);

const listParameter =
  (name: string) =>
  ({ operation, query }: S3RequestFacts): string | undefined =>
    LISTS.has(operation) ? query.get(name) : undefined;

/** Which writes make an object, and which only a part of one or an upload. */
const CREATES: ReadonlyMap<string, string> = new Map([
  ["CompleteMultipartUpload", "true"],
  ["CopyObject", "true"],
  ["PostObject", "true"],
  ["PutObject", "true"],
  ["CreateMultipartUpload", "false"],
  ["UploadPart", "false"],
  ["UploadPartCopy", "false"],
]);

const lockDate = ({ document, headers }: S3RequestFacts): Date | undefined => {
  if (document?.retainUntil !== undefined) return document.retainUntil;
  const text = headers["x-amz-object-lock-retain-until-date"];
  const date = text === undefined ? undefined : new Date(text);
  return date === undefined || Number.isNaN(date.getTime()) ? undefined : date;
};

const remainingDays = (facts: S3RequestFacts): string | undefined => {
  const date = lockDate(facts);
  return date && String(Math.ceil((date.getTime() - facts.nowMs) / DAY_MS));
};

const signatureAge = ({ signature, nowMs }: S3RequestFacts): string | undefined => {
  const signedAtMs = signature?.()?.signedAtMs;
  return signedAtMs === undefined ? undefined : String(Math.max(0, nowMs - signedAtMs));
};

/** S3's keys with one name each. */
export const S3_KEYS = {
  "s3:accesspointnetworkorigin": ({ accessPoint }) => accessPoint?.networkOrigin,
  "s3:authtype": ({ signature }) => signature?.()?.authType,
  "s3:dataaccesspointaccount": ({ accessPoint }) => accessPoint?.accountId,
  "s3:dataaccesspointarn": ({ accessPoint }) => accessPoint?.arn,
  "s3:delimiter": listParameter("delimiter"),
  "s3:if-match": header("if-match"),
  "s3:if-none-match": header("if-none-match"),
  "s3:locationconstraint": ({ document }) => document?.locationConstraint,
  "s3:max-keys": listParameter("max-keys"),
  "s3:object-lock-legal-hold": (facts) => facts.document?.legalHold ?? facts.headers["x-amz-object-lock-legal-hold"],
  "s3:object-lock-mode": (facts) => facts.document?.lockMode ?? facts.headers["x-amz-object-lock-mode"],
  "s3:object-lock-remaining-retention-days": remainingDays,
  "s3:object-lock-retain-until-date": (facts) => lockDate(facts)?.toISOString(),
  "s3:objectcreationoperation": ({ operation }) => CREATES.get(operation),
  "s3:prefix": listParameter("prefix"),
  "s3:requestobjecttagkeys": ({ requestObjectTags }) => tagKeys(requestObjectTags?.()),
  "s3:resourceaccount": ({ resourceAccountId }) => resourceAccountId,
  "s3:signatureage": signatureAge,
  "s3:signatureversion": ({ signature }) => signature?.()?.version,
  "s3:versionid": ({ versionId }) => versionId,
  "s3:x-amz-acl": header("x-amz-acl"),
  "s3:x-amz-content-sha256": ({ headers, query }) =>
    headers["x-amz-content-sha256"] ?? query.get("X-Amz-Content-Sha256"),
  "s3:x-amz-copy-source": header("x-amz-copy-source"),
  "s3:x-amz-grant-full-control": header("x-amz-grant-full-control"),
  "s3:x-amz-grant-read": header("x-amz-grant-read"),
  "s3:x-amz-grant-read-acp": header("x-amz-grant-read-acp"),
  "s3:x-amz-grant-write": header("x-amz-grant-write"),
  "s3:x-amz-grant-write-acp": header("x-amz-grant-write-acp"),
  "s3:x-amz-metadata-directive": header("x-amz-metadata-directive"),
  "s3:x-amz-object-ownership": header("x-amz-object-ownership"),
  "s3:x-amz-server-side-encryption": header("x-amz-server-side-encryption"),
  "s3:x-amz-server-side-encryption-aws-kms-key-id": header("x-amz-server-side-encryption-aws-kms-key-id"),
  "s3:x-amz-server-side-encryption-customer-algorithm": header("x-amz-server-side-encryption-customer-algorithm"),
  "s3:x-amz-storage-class": header("x-amz-storage-class"),
  "s3:x-amz-website-redirect-location": header("x-amz-website-redirect-location"),
  "s3express:sessionmode": ({ operation, headers }) =>
    operation === "CreateSession" ? (headers["x-amz-create-session-mode"] ?? "ReadWrite") : undefined,
} as const satisfies KeyTable<S3RequestFacts>;

/** S3's keys with a tag's name in them. */
export const S3_NAMED_KEYS = {
  "s3:accesspointtag/": ({ accessPoint }, name) => tagValue(accessPoint?.tags, name),
  "s3:buckettag/": ({ resourceTags }, name) => tagValue(resourceTags, name),
  "s3:existingobjecttag/": ({ objectTags }, name) => tagValue(objectTags, name),
  "s3:requestobjecttag/": ({ requestObjectTags }, name) => tagValue(requestObjectTags?.(), name),
} as const satisfies NamedKeyTable<S3RequestFacts>;

/** The values of the condition keys in a request to S3. */
export const s3Values: (facts: S3RequestFacts) => ConditionValues = keyValues<S3RequestFacts>({
  keys: { ...GLOBAL_KEYS, ...S3_KEYS },
  named: { ...GLOBAL_NAMED_KEYS, ...S3_NAMED_KEYS },
});
