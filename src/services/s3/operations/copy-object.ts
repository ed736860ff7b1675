import {
  DEFAULT_CHECKSUM_ALGORITHM,
  encodeChecksum,
  isChecksumAlgorithm,
  parseChecksumAlgorithm,
  type ChecksumAlgorithm,
} from "../../../protocol/checksums/algorithms.ts";
import type { Operations } from "../../../protocol/generated/s3.ts";
import { requireBucket } from "../../../state/buckets.ts";
import type { Bucket, Checksum, ObjectAttributes, ObjectVersion } from "../../../state/model.ts";
import { currentObject, putObject as storeObject, type NewObject } from "../../../state/objects.ts";
import type { View } from "../../../state/view.ts";
import { copiesAnnotations, describeAnnotationCopies } from "../annotation-copy.ts";
import { checksumMembers } from "../checksum-members.ts";
import { checkWriteConditions, readWriteConditions, type WriteConditions } from "../conditions.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { copiedExtents, digestsOfCopy, findAgain, type CopiedDigests } from "../copied-bytes.ts";
import { assertCopySize, nameSource, readSource, type NamedSource } from "../copy-source-read.ts";
import { writtenEncryptionMembers } from "../encryption.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { headerNotImplemented, invalidArgument, invalidRequest, S3Error } from "../errors.ts";
import { etagOfWrite, quoteEtag } from "../etags.ts";
import { expirationMember } from "../lifecycle/shown.ts";
import { COPY_ATTEMPTS_MAX } from "../limits.ts";
import { latestBefore, noteObjectChange } from "../object-changes.ts";
import { withDefaultLock } from "../object-lock-configuration.ts";
import { newVersionId, shownVersionId, writtenVersionId } from "../version-id.ts";
import { describeWrite, type Description } from "../write-object.ts";
import { shownTime } from "../shown-time.ts";

type Input = Operations["CopyObject"]["input"];
type Directive = "COPY" | "REPLACE";

/** What the request says of the copy, before its source has been looked at. */
type Plan = {
  readonly key: string;
  readonly source: NamedSource;
  readonly description: Description;
  readonly metadata: Directive;
  readonly tagging: Directive;
  readonly withAnnotations: boolean;
  readonly algorithm: ChecksumAlgorithm | undefined;
  readonly conditions: WriteConditions | undefined;
};

/** Copies an object; no byte is written. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export const copyObject: S3Handler<"CopyObject"> = async (context, input) => {
  const plan = await planCopy(context, input);
  const versionId = newVersionId(context.draw);
  for (let attempt = 0; attempt < COPY_ATTEMPTS_MAX; attempt += 1) {
    const object = await context.world.read(async (view) => {
      const source = await readSource(view, { source: plan.source, nowMs: context.nowMs });
      // Looked at again when the copy is stored; known now, it need not wait until the source has been read.
      await checkTarget(view, bucketOf(context), plan);
      return source;
    });
    assertCopySize(object.sizeBytes);
    await demandTagging(context, plan, object);
    const wanted = await describeCopy(context, plan, object);
    const stored = await storeCopy(context, plan, { object, wanted, versionId });
    if (stored !== undefined) return answer({ object, wanted, ...stored });
  }
  throw new S3Error("OperationAborted");
};

const planCopy = async (context: S3Context, input: Input): Promise<Plan> => {
  const conditions = readWriteConditions(input);
  const metadata = readDirective(input.MetadataDirective, { name: "metadata" });
  const tagging = readDirective(input.TaggingDirective, { name: "tagging" });
  const withAnnotations = copiesAnnotations(input.AnnotationDirective);
  const description = await describeWrite(context, tagging === "COPY" ? { ...input, Tagging: undefined } : input);
  const algorithm = input.ChecksumAlgorithm === undefined ? undefined : parseChecksumAlgorithm(input.ChecksumAlgorithm);
  const source = await nameSource(context, input);
  if (source.bucket.id === bucketOf(context).id && source.key === input.Key) assertChanges(context, { input, source });
  return { key: input.Key, source, description, metadata, tagging, withAnnotations, algorithm, conditions };
};

/** Tags that go along are read and written like any others. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const demandTagging = async (
  context: S3Context,
  { key, source, tagging }: Plan,
  object: ObjectVersion,
): Promise<void> => {
  if (tagging === "REPLACE" || (object.attributes.tags ?? []).length === 0) return;
  if (isDirectoryBucketName(bucketOf(context).name)) throw headerNotImplemented("x-amz-tagging");
  const { bucket, versionId } = source;
  const action = versionId === undefined ? "s3:GetObjectTagging" : "s3:GetObjectVersionTagging";
  await context.demand({ action, bucket, key: source.key, versionId });
  await context.demand({ action: "s3:PutObjectTagging", key });
};

const readDirective = (
  directive: string | undefined,
  { name }: { readonly name: "metadata" | "tagging" },
): Directive => {
  if (directive === undefined || directive === "COPY") return "COPY";
  if (directive === "REPLACE") return directive;
  throw invalidArgument(`Unknown ${name} directive.`, { name: `x-amz-${name}-directive`, value: directive });
};

/** A copy onto itself must change something; to copy an old version onto its key does, or to have the bucket's encryption. */
const assertChanges = (context: S3Context, { input, source }: { input: Input; source: NamedSource }): void => {
  const changes =
    source.versionId !== undefined ||
    bucketOf(context).configurations.includes("encryption") ||
    input.MetadataDirective === "REPLACE" ||
    input.StorageClass !== undefined ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ServerSideEncryption !== undefined ||
    input.SSECustomerAlgorithm !== undefined;
  if (changes) return;
  throw invalidRequest(
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
};

/** Errors: those of a conditional write. */
const checkTarget = async (view: View, bucket: Bucket, { key, conditions }: Plan): Promise<void> => {
  if (conditions !== undefined)
    checkWriteConditions(conditions, { key, current: await currentObject(view, bucket, key) });
};

type Wanted = Omit<NewObject, "content" | "versionId">;

const describeCopy = async (context: S3Context, plan: Plan, object: ObjectVersion): Promise<Wanted> => {
  const attributes = attributesOfCopy(plan, object);
  const algorithm = plan.algorithm ?? algorithmOf(object);
  const range = { offsetBytes: 0, lengthBytes: object.sizeBytes };
  const digests = await digestsOfCopy(context, { bucket: plan.source.bucket, object, range }, { algorithm });
  return {
    key: plan.key,
    sizeBytes: object.sizeBytes,
    lastModifiedMs: context.nowMs,
    storageClass: plan.description.storageClass,
    ownerAccountId: plan.description.ownerAccountId,
    attributes,
    annotationsOf: await annotationsOfCopy(context, plan, { object, encryption: attributes.encryption }),
    ...digestMembers(context, { digests, algorithm, attributes }),
  };
};

const annotationsOfCopy = async (
  context: S3Context,
  { source: { bucket }, withAnnotations, algorithm }: Plan,
  { object, encryption }: { object: ObjectVersion; encryption: ObjectAttributes["encryption"] },
): Promise<NewObject["annotationsOf"]> => {
  if (!withAnnotations) return undefined;
  const change = await describeAnnotationCopies(context, { bucket, object, encryption, algorithm });
  return { bucket, object, change };
};

const algorithmOf = ({ checksum }: ObjectVersion): ChecksumAlgorithm =>
  checksum !== undefined && isChecksumAlgorithm(checksum.algorithm) ? checksum.algorithm : DEFAULT_CHECKSUM_ALGORITHM;

const digestMembers = (
  context: S3Context,
  {
    digests,
    algorithm,
    attributes,
  }: { digests: CopiedDigests; algorithm: ChecksumAlgorithm; attributes: ObjectAttributes },
): { etag: string; checksum: Checksum } => ({
  etag: etagOfWrite(context, { md5: digests.md5, encryption: attributes.encryption }),
  // Of whatever type the source's was: the copy is no longer made of parts.
  checksum: { algorithm, type: "FULL_OBJECT", value: encodeChecksum(digests.checksum) },
});

/** Redirect, encryption, ACL and lock are never copied; metadata and tags unless they are replaced. */
const attributesOfCopy = ({ description, metadata, tagging }: Plan, object: ObjectVersion): ObjectAttributes => {
  const { tags: ownTags, ...own } = description.attributes;
  const tags = tagging === "REPLACE" ? ownTags : object.attributes.tags;
  if (metadata === "REPLACE") return tags === undefined ? own : { ...own, tags };
  const { websiteRedirectLocation, encryption, acl, lock } = own;
  const copied: Partial<Record<keyof ObjectAttributes, unknown>> = {
    ...object.attributes,
    tags,
    websiteRedirectLocation,
  };
  const all = { ...copied, encryption, acl, lock, restore: undefined, replication: undefined, uploadId: undefined };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
};

type Stored = {
  readonly versionId: string | undefined;
  readonly expiration: Awaited<ReturnType<typeof expirationMember>>;
};

/** Undefined when the version that was read is no longer there. */
const storeCopy = (
  context: S3Context,
  plan: Plan,
  options: { object: ObjectVersion; wanted: Wanted; versionId: ReturnType<typeof newVersionId> },
): Promise<Stored | undefined> =>
  context.world.transact(async (tx) => {
    const { object, wanted, versionId } = options;
    const bucket = await requireBucket(tx, bucketOf(context));
    await checkTarget(tx, bucket, plan);
    const present = await findAgain(tx, { bucket: plan.source.bucket, object });
    if (present === undefined) return undefined;
    const range = { offsetBytes: 0, lengthBytes: present.sizeBytes };
    const copied = await copiedExtents(tx, { bucket: plan.source.bucket, object: present, range });
    const before = await latestBefore(tx, bucket, plan.key);
    const stored = await storeObject(tx, bucket, {
      ...wanted,
      annotationsOf: wanted.annotationsOf && { ...wanted.annotationsOf, object: present },
      versionId: versionId(bucket),
      attributes: await withDefaultLock(tx, bucket, {
        attributes: wanted.attributes,
        createdAtMs: wanted.lastModifiedMs,
      }),
      content: { copied, multipart: false },
    });
    const event = "ObjectCreated:Copy";
    await noteObjectChange(tx, context, bucket, { event, key: plan.key, version: stored, before });
    // Of a suspended bucket a copy says `null`, which a PutObject leaves out.
    const shown = shownVersionId(bucket, stored.versionId);
    return { versionId: shown, expiration: await expirationMember(tx, bucket, stored) };
  });

const answer = ({
  object,
  wanted,
  versionId,
  expiration,
}: Stored & { object: ObjectVersion; wanted: Wanted }): Operations["CopyObject"]["output"] => {
  const sourceVersionId = writtenVersionId(object.versionId);
  return {
    CopyObjectResult: {
      ETag: quoteEtag(wanted.etag),
      LastModified: shownTime(wanted.lastModifiedMs),
      ...checksumMembers(wanted.checksum),
    },
    ...writtenEncryptionMembers(wanted.attributes.encryption),
    ...expiration,
    ...(sourceVersionId === undefined ? undefined : { CopySourceVersionId: sourceVersionId }),
    ...(versionId === undefined ? undefined : { VersionId: versionId }),
  };
};
