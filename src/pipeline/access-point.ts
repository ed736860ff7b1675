/**
 * Requests that come through an access point: how it is named, what can be asked of it, and which bucket that is asked of.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html
 */
import type { PolicyInPlay } from "../access/decision.ts";
import { parsedPolicy } from "../access/parsed-policies.ts";
import type { AccessPointFacts, Tag } from "../access/request-facts.ts";
import type { Identified } from "../identity/identify.ts";
import type { S3OperationName } from "../services/s3/context.ts";
import { hasSpread } from "../services/s3/bucket-delay.ts";
import { S3Error } from "../services/s3/errors.ts";
import { noSuchAccessPoint } from "../services/s3-control/find.ts";
import { accessPointArn, networkOrigin, parseAccessPointArn } from "../services/s3-control/names.ts";
import { readTags } from "../services/s3-control/resource-tags.ts";
import {
  isAccessPointAlias,
  readAccessPoint,
  readAccessPointDocument,
  readAccessPointOfAlias,
  type AccessPoint,
  type AccessPointId,
} from "../state/access-points.ts";
import { bucketNameFor, lookUpBucket } from "../state/buckets.ts";
import type { Bucket } from "../state/model.ts";
import type { View } from "../state/view.ts";
import { requestRegion } from "./region.ts";
import type { RequestScope } from "./scope.ts";

/** An access point that a request comes through, or copies from. */
export type Passage = {
  readonly point: AccessPoint;
  readonly policy: PolicyInPlay | undefined;
  readonly tags: readonly Tag[];
  /** Whether the request named it as a bucket. */
  readonly byAlias: boolean;
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html */
const OFFERED: ReadonlySet<S3OperationName> = new Set([
  "AbortMultipartUpload",
  "CompleteMultipartUpload",
  "CopyObject",
  "CreateMultipartUpload",
  "DeleteObject",
  "DeleteObjectTagging",
  "DeleteObjects",
  "GetBucketAcl",
  "GetBucketCors",
  "GetBucketLocation",
  "GetBucketNotificationConfiguration",
  "GetBucketPolicy",
  "GetObject",
  "GetObjectAcl",
  "GetObjectAttributes",
  "GetObjectLegalHold",
  "GetObjectRetention",
  "GetObjectTagging",
  "HeadBucket",
  "HeadObject",
  "ListMultipartUploads",
  "ListObjectVersions",
  "ListObjects",
  "ListObjectsV2",
  "ListParts",
  "PutObject",
  "PutObjectAcl",
  "PutObjectLegalHold",
  "PutObjectRetention",
  "PutObjectTagging",
  "RestoreObject",
  "UploadPart",
  "UploadPartCopy",
]);

/** Errors: MethodNotAllowed for what no access point lets through. */
export const assertOfferedByPoint = ({ request: { method } }: RequestScope, operation: S3OperationName): void => {
  if (!OFFERED.has(operation)) throw new S3Error("MethodNotAllowed", { Method: method, ResourceType: "ACCESSPOINT" });
};

/** `name-123456789012`, the label before `s3-accesspoint` or before the host that a client was told to go to. */
const HOST_LABEL = /^([a-z0-9-]{3,50})-(\d{12})$/;

/** How a name that no bucket has can be one of an access point. */
type Named = { readonly alias: string } | { readonly id: AccessPointId; readonly certain: boolean };

const readName = (
  scope: RequestScope,
  { name, identified }: { readonly name: string; readonly identified: Identified | undefined },
): Named | undefined => {
  const { address } = scope;
  if (name.endsWith("-s3alias")) return { alias: name };
  const id = parseAccessPointArn(name);
  if (id !== undefined) return { id, certain: true };
  if (address.bucket !== name) return undefined;
  const [, label, accountId] = HOST_LABEL.exec(name) ?? [];
  if (label === undefined || accountId === undefined) return undefined;
  const region = requestRegion(scope, identified);
  return { id: { accountId, region, name: label }, certain: address.service === "s3-accesspoint" };
};

const withDocuments = async (
  view: View,
  point: AccessPoint | undefined,
  { byAlias }: Pick<Passage, "byAlias">,
): Promise<Passage | undefined> => {
  if (point === undefined) return undefined;
  const text = await readAccessPointDocument(view, point, "policy");
  const name = `access point policy of ${point.name}`;
  const policy = text === undefined ? undefined : { name, policy: parsedPolicy(text, "resource") };
  return { point, policy, tags: await readTags(view, { kind: "accessPoint", point }), byAlias };
};

/**
 * The access point of a name that no bucket has; undefined where the name may be a bucket's that is not there.
 * Errors: NoSuchAccessPoint, InvalidAccessPointAliasError.
 */
export const findPassage = async (
  scope: RequestScope,
  wanted: { readonly name: string; readonly identified: Identified | undefined },
): Promise<Passage | undefined> => {
  const named = readName(scope, wanted);
  if (named === undefined) return undefined;
  if ("alias" in named) {
    const { alias } = named;
    if (!isAccessPointAlias(alias)) throw new S3Error("InvalidAccessPointAliasError");
    const found = await scope.world.read(async (view) =>
      withDocuments(view, await readAccessPointOfAlias(view, alias), { byAlias: true }),
    );
    if (found === undefined) throw noSuchAccessPoint(alias);
    return found;
  }
  const { id, certain } = named;
  const found = await scope.world.read(async (view) =>
    withDocuments(view, await readAccessPoint(view, id), { byAlias: false }),
  );
  if (found === undefined && certain) throw noSuchAccessPoint(id.name);
  return found;
};

/** The bucket behind an access point; undefined where it is gone, or another account's by now. */
export const bucketBehind = async (scope: RequestScope, { point }: Passage): Promise<Bucket | undefined> => {
  const { world, nowMs } = scope;
  const { partition, bucketName: name, bucketAccountId } = point;
  const wanted = bucketNameFor(world, { partition, name, callerAccountId: bucketAccountId });
  const bucket = await lookUpBucket(world, wanted);
  return bucket?.accountId === bucketAccountId && hasSpread(world, bucket, nowMs) ? bucket : undefined;
};

/** What policies may ask of an access point. */
export const passageFacts = ({ point, tags }: Passage): AccessPointFacts => ({
  arn: accessPointArn(point),
  accountId: point.accountId,
  networkOrigin: networkOrigin(point),
  tags,
});
