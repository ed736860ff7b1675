/** What of a request policies may ask for, as plain data. Whoever asks them gathers it; what has to be read is read before. */
import type { Caller } from "../protocol/caller.ts";
import type { Parameters } from "../protocol/query-string.ts";

export type Tag = { readonly key: string; readonly value: string };

/** How a request was signed. https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html */
export type SignatureFacts = {
  readonly version: "AWS4-HMAC-SHA256" | "AWS";
  readonly authType: "REST-HEADER" | "REST-QUERY-STRING" | "POST";
  /** As the request says it; undefined where it does not. */
  readonly signedAtMs?: number | undefined;
};

/** The service that asks on behalf of a resource, for confused-deputy keys; absent for a request of a client's. */
export type SourceFacts = { readonly service: string; readonly arn: string; readonly accountId: string };

/** What every question is asked with. */
export type RequestFacts = {
  readonly caller: Caller;
  /** World time. */
  readonly nowMs: number;
  readonly remoteAddress: string;
  readonly secure: boolean;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The region that the request was sent to. */
  readonly region: string;
  /** Whose the resource is; undefined where there is none. */
  readonly resourceAccountId?: string | undefined;
  /** Tags of the user or role as it is registered; those of the session come before them. */
  readonly identityTags?: readonly Tag[] | undefined;
  /** Tags that the request gives to the resource itself: a bucket, a user, a role, a session. */
  readonly requestTags?: readonly Tag[] | undefined;
  /** Tags of the resource itself. */
  readonly resourceTags?: readonly Tag[] | undefined;
  readonly source?: SourceFacts | undefined;
};

/** The access point that a request came through. */
export type AccessPointFacts = {
  readonly arn: string;
  readonly accountId: string;
  readonly networkOrigin: "Internet" | "VPC";
  readonly tags?: readonly Tag[] | undefined;
};

/** What questions about S3 are asked with beside. */
export type S3RequestFacts = RequestFacts & {
  readonly operation: string;
  readonly query: Parameters;
  readonly signature?: (() => SignatureFacts | undefined) | undefined;
  readonly versionId?: string | undefined;
  readonly accessPoint?: AccessPointFacts | undefined;
  /** Tags of the object as it is. Undefined where there is none, or they were not read because no policy asks for them. */
  readonly objectTags?: readonly Tag[] | undefined;
  /** Tags that the request gives to the object. */
  readonly requestObjectTags?: (() => readonly Tag[] | undefined) | undefined;
  /** What the request's document says, where the operation has one that policies may ask for. */
  readonly document?: S3DocumentFacts | undefined;
};

/** Of the documents of CreateBucket, PutObjectRetention and PutObjectLegalHold. */
export type S3DocumentFacts = {
  readonly locationConstraint?: string | undefined;
  readonly lockMode?: string | undefined;
  readonly retainUntil?: Date | undefined;
  readonly legalHold?: string | undefined;
};
