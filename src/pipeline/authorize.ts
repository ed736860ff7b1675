/**
 * Whether a caller may do an operation, by the world's auth mode. Ownership is decided here, never in a handler.
 * `off`: nothing is evaluated. `lenient`: an explicit Deny of the bucket's policy, and what an unsigned read of an object may see.
 * `strict`: everything.
 */
import { directoryNeedsOf, isOfSession } from "../access/directory-bucket-actions.ts";
import { needsOf, type Need } from "../access/s3-actions.ts";
import type { Identified } from "../identity/identify.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { isDirectoryBucketName } from "../services/s3/directory-buckets/directory-name.ts";
import { S3Error } from "../services/s3/errors.ts";
import type { Bucket, WorldSettings } from "../state/model.ts";
import { deniedError, decideOn, judge, type Access, type Judging } from "./access.ts";
import { documentFacts, NO_DOCUMENT, type AccessRequest } from "./access-facts.ts";
import type { AccessTarget } from "./access-resource.ts";
import type { RequestScope } from "./scope.ts";

/** What only the bucket's own account may do where policies are not asked, cross-account access or not. */
const OWNER_ONLY: ReadonlySet<S3OperationName> = new Set([
  "DeleteBucket",
  "GetBucketPolicy",
  "PutBucketPolicy",
  "DeleteBucketPolicy",
]);

/** What only the bucket's own account may do, whoever allows it. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketPolicy.html */
const OWN_POLICY: ReadonlySet<S3OperationName> = new Set(["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"]);

/** What an unsigned request is anonymous for in `lenient`: it gets what ACL, policy and public access block give. */
const OBJECT_READS: ReadonlySet<string> = new Set([
  "GetObject",
  "HeadObject",
  "GetObjectAcl",
  "GetObjectAnnotation",
  "GetObjectAttributes",
  "GetObjectTagging",
  "GetObjectRetention",
  "GetObjectLegalHold",
  "GetObjectTorrent",
  "ListObjectAnnotations",
  "SelectObjectContent",
]);

const isAnonymous = ({ caller }: Identified): boolean => caller.principal.kind === "Anonymous";

/** Who is calling, as far as an operation lets unsigned requests be an account's: a read of an object is nobody's in `lenient`. */
export const asCallerOf = (
  operation: string | undefined,
  { identified, settings }: { readonly identified: Identified; readonly settings: WorldSettings },
): Identified => {
  if (identified.signed || settings.authMode !== "lenient" || !OBJECT_READS.has(operation ?? "")) return identified;
  return { ...identified, caller: { ...identified.caller, principal: { kind: "Anonymous" } } };
};

const judgingOf = ({ authMode }: WorldSettings, identified: Identified): Judging => {
  if (authMode === "off") return "nothing";
  return authMode === "strict" || isAnonymous(identified) ? "everything" : "denials";
};

/** The one that a request's handler goes on with. */
type Judged = Access | Promise<Access>;

/**
 * Holds a request against what its caller may do; `bucket` is the one that it names, absent where it need not be there. At once
 * where nothing has to be evaluated. Errors: AccessDenied, MethodNotAllowed.
 */
export const authorizeRequest = (scope: RequestScope, request: AccessRequest, bucket: Bucket | undefined): Judged => {
  const { settings } = scope.world;
  const { operation, identified } = request;
  const judging = judgingOf(settings, identified);
  const access: Access = { request, judging, document: NO_DOCUMENT };
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html: it does not support anonymous access.
  if (operation === "SelectObjectContent" && judging !== "nothing" && isAnonymous(identified)) {
    throw new S3Error("AccessDenied");
  }
  if (bucket !== undefined && judging !== "everything") assertOwner(operation, { identified, bucket, settings });
  if (!isJudged(scope, judging, bucket)) return access;
  const judged = judge(scope, access, { bucket, needs: needsFor(request) });
  return bucket !== undefined && OWN_POLICY.has(operation) ? judged.then(onlyOwn(scope, bucket)) : judged;
};

const needsFor = (request: AccessRequest): readonly Need[] => {
  const { operation, headers, route } = request;
  if (route.bucket === undefined || !isDirectoryBucketName(route.bucket)) {
    return needsOf(operation, { headers, versioned: route.query.has("versionId") });
  }
  return isWithinSession(request, route.bucket) ? [] : directoryNeedsOf(operation);
};

/** Whether a request comes from a session with the directory bucket that it is about, for which its caller was judged before. */
const isWithinSession = ({ operation, identified }: AccessRequest, bucketName: string): boolean =>
  identified.caller.session?.directoryBucket?.name === bucketName && isOfSession(operation);

/** Whether there is anything to evaluate. */
const isJudged = (scope: RequestScope, judging: Judging, bucket: Bucket | undefined): boolean => {
  if (judging !== "denials") return judging === "everything";
  if (bucket?.configurations.includes("policy") === true) return true;
  const { passage, sourcePassage } = scope.trail.facts;
  return passage?.policy !== undefined || sourcePassage?.policy !== undefined;
};

/** Where policies are not asked, an account's buckets are open to others or closed, by a setting of the world. */
const assertOwner = (
  operation: S3OperationName,
  { identified, bucket, settings }: { identified: Identified; bucket: Bucket; settings: WorldSettings },
): void => {
  if (bucket.accountId === identified.caller.accountId) return;
  if (OWNER_ONLY.has(operation) || !settings.crossAccountAccess) throw new S3Error("AccessDenied");
};

/** Another account's policy is none of the caller's business even where it was allowed. Errors: MethodNotAllowed. */
const onlyOwn =
  ({ request: { method } }: RequestScope, bucket: Bucket) =>
  (access: Access): Access => {
    const { caller } = access.request.identified;
    if (caller.accountId === bucket.accountId) return access;
    throw new S3Error("MethodNotAllowed", { Method: method, ResourceType: "BUCKETPOLICY" });
  };

/**
 * Asks what could not be asked before the request's document was read; at once where nothing waited for it. To be called before
 * the handler. Errors: AccessDenied.
 */
export const authorizeInput = (scope: RequestScope, input: unknown): void | Promise<void> => {
  const { access } = scope.trail.facts;
  if (access === undefined) return;
  const more = needsOfTags(access, input);
  if (access.waiting === undefined && more.length === 0) return;
  const { waiting, ...rest } = access;
  const document = { ...documentFacts(access.request.operation, input) };
  const wanted = { bucket: waiting?.bucket, needs: [...(waiting?.needs ?? []), ...more] };
  return judge(scope, { ...rest, document }, wanted).then((judged) => scope.trail.note({ access: judged }));
};

const NO_NEEDS: readonly Need[] = [];

/** What the tags of a new bucket need. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucketConfiguration.html */
const needsOfTags = ({ request: { operation, route }, judging }: Access, input: unknown): readonly Need[] => {
  if (operation !== "CreateBucket" || judging !== "everything") return NO_NEEDS;
  if ((documentFacts(operation, input).bucketTags ?? []).length === 0) return NO_NEEDS;
  const service = isDirectoryBucketName(route.bucket ?? "") ? "s3express" : "s3";
  return [{ action: `${service}:TagResource`, on: "bucket" }];
};

/** Whether a caller may do more than its request named; at once where nothing has to be evaluated. */
export const mayDo = (scope: RequestScope, access: Access, target: AccessTarget): true | Promise<true | S3Error> => {
  if (!isJudged(scope, access.judging, target.bucket)) return true;
  if (isWithinSession(access.request, target.bucket.name)) return true;
  return decideOn(scope, access, target).then((decision) => decision.allowed || deniedError(decision));
};

/** Errors: AccessDenied where the owner of a bucket that a request names beside its own lets nobody in. */
export const authorizeOther = ({ world: { settings } }: RequestScope, access: Access, bucket: Bucket): void => {
  const { request, judging } = access;
  if (judging !== "everything") assertOwner(request.operation, { identified: request.identified, bucket, settings });
};
