/** What of a request to S3 policies may ask for, gathered from what the steps know. */
import type { S3DocumentFacts, S3RequestFacts, SignatureFacts, Tag } from "../access/request-facts.ts";
import { parseBasicTime, parseHeaderTime } from "../identity/amz-time.ts";
import type { Identified } from "../identity/identify.ts";
import type { Operations } from "../protocol/generated/s3.ts";
import type { S3Route } from "../protocol/router.ts";
import type { WireRequest } from "../protocol/wire.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { S3Error } from "../services/s3/errors.ts";
import { parseTaggingHeader } from "../services/s3/tagging.ts";
import { requestRegion } from "./region.ts";
import type { RequestScope } from "./scope.ts";

/** A request whose caller is known. */
export type AccessRequest = {
  /** What the caller would do: a form's upload is a PutObject. */
  readonly operation: S3OperationName;
  readonly route: Pick<S3Route, "bucket" | "key" | "query">;
  readonly identified: Identified;
  /** Those of the request, and those that a presigned URL carries. */
  readonly headers: WireRequest["headers"];
};

/** What depends on whom or what a question is about. */
type Particulars = Pick<
  S3RequestFacts,
  "accessPoint" | "resourceAccountId" | "versionId" | "objectTags" | "identityTags" | "requestTags" | "resourceTags"
> & { readonly fromDocument: DocumentFacts; readonly ifMatch?: string | undefined };

/** The facts of one question. What takes long is a function. */
export const s3Facts = (
  scope: RequestScope,
  { operation, route, identified, headers }: Omit<AccessRequest, "operation"> & { readonly operation: string },
  particulars: Particulars,
): S3RequestFacts => {
  const { nowMs, request } = scope;
  const { fromDocument, ifMatch, resourceAccountId, versionId, objectTags, identityTags, resourceTags } = particulars;
  return {
    caller: identified.caller,
    nowMs,
    remoteAddress: request.remoteAddress,
    secure: request.secure,
    headers: ifMatch === undefined ? headers : { ...headers, "if-match": ifMatch },
    region: requestRegion(scope, identified),
    resourceAccountId,
    identityTags,
    requestTags: particulars.requestTags ?? fromDocument.bucketTags,
    resourceTags,
    operation,
    query: route.query,
    signature: () => signatureOf(identified, headers),
    versionId,
    accessPoint: particulars.accessPoint,
    objectTags,
    requestObjectTags: () => fromDocument.objectTags ?? headerTags(headers["x-amz-tagging"]),
    document: fromDocument.members,
  };
};

/** The handler refuses a header that cannot be read; to policies it says nothing. */
const headerTags = (header: string | undefined): readonly Tag[] | undefined => {
  if (header === undefined) return undefined;
  try {
    return parseTaggingHeader(header);
  } catch (error) {
    if (error instanceof S3Error) return undefined;
    throw error;
  }
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html */
const signatureOf = ({ authorization }: Identified, headers: WireRequest["headers"]): SignatureFacts | undefined => {
  switch (authorization?.kind) {
    case undefined:
      return undefined;
    case "v4-header":
      return v4("REST-HEADER", parseHeaderTime(headers["x-amz-date"] ?? headers["date"] ?? ""));
    case "v4-query":
      return v4("REST-QUERY-STRING", parseBasicTime(authorization.amzDate));
    case "v4-form":
      return v4("POST", parseBasicTime(headers["x-amz-date"] ?? ""));
    case "v2-header":
      return v2("REST-HEADER", parseHeaderTime(headers["x-amz-date"] ?? headers["date"] ?? ""));
    case "v2-query":
      return v2("REST-QUERY-STRING", undefined);
    default:
      return v2("POST", undefined);
  }
};

const v4 = (authType: SignatureFacts["authType"], signedAtMs: number | undefined): SignatureFacts => ({
  version: "AWS4-HMAC-SHA256",
  authType,
  signedAtMs,
});
const v2 = (authType: SignatureFacts["authType"], signedAtMs: number | undefined): SignatureFacts => ({
  version: "AWS",
  authType,
  signedAtMs,
});

/** What the document of a request says that policies may ask for. */
export type DocumentFacts = {
  readonly bucketTags?: readonly Tag[] | undefined;
  readonly objectTags?: readonly Tag[] | undefined;
  readonly members?: S3DocumentFacts | undefined;
};

export const NO_DOCUMENT: DocumentFacts = {};

/** Keys whose values stand in the documents of these operations: they are asked once the document has been read. */
const DOCUMENT_KEYS: Partial<Record<S3OperationName, readonly string[]>> = {
  CreateBucket: ["s3:locationconstraint", "aws:requesttag/", "aws:tagkeys"],
  PutBucketTagging: ["aws:requesttag/", "aws:tagkeys"],
  PutObjectLegalHold: ["s3:object-lock-legal-hold"],
  PutObjectRetention: [
    "s3:object-lock-mode",
    "s3:object-lock-retain-until-date",
    "s3:object-lock-remaining-retention-days",
  ],
  PutObjectTagging: ["s3:requestobjecttag/", "s3:requestobjecttagkeys"],
};

/** The condition keys whose values stand in the document of an operation. */
export const documentKeys = (operation: S3OperationName): readonly string[] => DOCUMENT_KEYS[operation] ?? [];

type SdkTag = { readonly Key?: string | undefined; readonly Value?: string | undefined };

const tagsOf = (tags: readonly SdkTag[] | undefined): readonly Tag[] | undefined =>
  tags?.map(({ Key = "", Value = "" }) => ({ key: Key, value: Value }));

type Readers = { readonly [Name in S3OperationName]?: (input: Operations[Name]["input"]) => DocumentFacts };

const READERS: Readers = {
  CreateBucket: ({ CreateBucketConfiguration: configuration }) => ({
    bucketTags: tagsOf(configuration?.Tags),
    members: { locationConstraint: configuration?.LocationConstraint },
  }),
  PutBucketTagging: ({ Tagging }) => ({ bucketTags: tagsOf(Tagging.TagSet) }),
  PutObjectLegalHold: ({ LegalHold }) => ({ members: { legalHold: LegalHold?.Status } }),
  PutObjectRetention: ({ Retention }) => ({
    members: { lockMode: Retention?.Mode, retainUntil: Retention?.RetainUntilDate },
  }),
  PutObjectTagging: ({ Tagging }) => ({ objectTags: tagsOf(Tagging.TagSet) }),
};

/** What a decoded input says that policies may ask for. */
export const documentFacts = (operation: S3OperationName, input: unknown): DocumentFacts => {
  const read = READERS[operation] as ((input: unknown) => DocumentFacts) | undefined;
  return read?.(input) ?? NO_DOCUMENT;
};
