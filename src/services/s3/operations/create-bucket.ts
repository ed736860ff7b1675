import type { Operations } from "../../../protocol/generated/s3.ts";
import { createBucket as storeBucket, type NewBucket } from "../../../state/buckets.ts";
import type { AclGrant, Bucket, ObjectOwnership } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import { readBucketAcl, resolveAcl } from "../acl.ts";
import { grantsToStore, storeBucketAcl } from "../acl-stored.ts";
import { bucketArn } from "../bucket-arn.ts";
import { assertBucketName } from "../bucket-name.ts";
import type { Endpoint, S3Context, S3Handler } from "../context.ts";
import { isDirectoryBucketName } from "../directory-buckets/directory-name.ts";
import { asksForDirectoryBucket, assertNewDirectoryBucket } from "../directory-buckets/new-directory-bucket.ts";
import { headerNotImplemented, S3Error } from "../errors.ts";
import { grantsPublicly } from "../grants.ts";
import { isOwnership, OWNERSHIP_WITHOUT_RULE, storeOwnershipRule } from "../ownership-controls.ts";
import { storePublicAccessBlock } from "../public-access-block.ts";
import { DEFAULT_REGION, resolveLocation, type Location } from "../regions.ts";
import { assertTags, storeBucketTags, type Tag } from "../tagging.ts";

type Input = Operations["CreateBucket"]["input"];

/** Creates a bucket of the caller's account. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
export const createBucket: S3Handler<"CreateBucket"> = async (context, input) => {
  const { world, caller, endpoint } = context;
  const { Bucket: name, CreateBucketConfiguration: configuration } = input;
  const directory = asksForDirectoryBucket(input);
  if (directory) assertNewDirectoryBucket(input);
  else assertBucketName(name);
  assertGlobalName(input);
  // An empty element says nothing.
  const constraint = configuration?.LocationConstraint === "" ? undefined : configuration?.LocationConstraint;
  const { partition } = caller;
  const location = directory
    ? { region: endpoint.region }
    : resolveLocation({ endpointRegion: endpoint.region, constraint, partition });
  const tags = readTags(input);
  const wanted = newBucket(context, { input, location });
  const grants = readGrants(context, { input, wanted });
  const legacy = world.settings.newBuckets === "legacy" && !directory;

  const { bucket, created } = await world.transact(async (tx) => {
    const outcome = await storeBucket(tx, wanted);
    if (!outcome.created) return outcome;
    let { bucket } = outcome;
    if (tags.length > 0) bucket = await storeBucketTags(tx, bucket, tags);
    if (grants !== undefined) bucket = await storeBucketAcl(tx, bucket, grants);
    if (legacy) bucket = await storeLegacy(tx, bucket, { ruled: input.ObjectOwnership !== undefined });
    return { bucket, created: true };
  });

  if (!created) assertRepeatable(bucket, { wanted, endpoint, tagged: tags.length > 0 });
  const Location = locationOf({ name, endpoint, constrained: constraint !== undefined });
  return { Location, BucketArn: bucketArn(wanted) };
};

/** Names that only hold within an account are those of a world's setting. */
const assertGlobalName = ({ BucketNamespace: namespace }: Input): void => {
  if (namespace !== undefined && namespace !== "global") throw headerNotImplemented("x-amz-bucket-namespace");
};

const readTags = ({ CreateBucketConfiguration: configuration }: Input): Tag[] => {
  const tags = (configuration?.Tags ?? []).map(({ Key, Value }) => {
    if (Key === undefined || Value === undefined) throw new S3Error("MalformedXML");
    return { key: Key, value: Value };
  });
  assertTags(tags, { owner: "bucket" });
  return tags;
};

/**
 * The grants of a new bucket beyond its owner's full control.
 * Errors: those of the headers, InvalidBucketAclWithObjectOwnership, InvalidBucketAclWithBlockPublicAccessError.
 */
const readGrants = (
  { world, caller: { accountId } }: S3Context,
  { input, wanted }: { input: Input; wanted: NewBucket },
): readonly AclGrant[] | undefined => {
  const acl = readBucketAcl(input);
  if (acl === undefined) return undefined;
  const grants = grantsToStore(resolveAcl(acl, { ownerAccountId: accountId, bucketAccountId: accountId }), accountId);
  if (grants === undefined) return undefined;
  if (wanted.objectOwnership === "BucketOwnerEnforced") throw new S3Error("InvalidBucketAclWithObjectOwnership");
  if (world.settings.newBuckets === "current" && grantsPublicly(grants)) {
    throw new S3Error("InvalidBucketAclWithBlockPublicAccessError");
  }
  return grants;
};

/** Buckets made before April 2023 had no public access block, and no ownership rule that was not asked for. */
const storeLegacy = async (tx: Tx, bucket: Bucket, { ruled }: { readonly ruled: boolean }): Promise<Bucket> => {
  const open = await storePublicAccessBlock(tx, bucket, undefined);
  return ruled ? open : storeOwnershipRule(tx, open, undefined);
};

const newBucket = (
  { world, caller, nowMs }: S3Context,
  { input, location }: { input: Input; location: Location },
): NewBucket => {
  const objectLockEnabled = input.ObjectLockEnabledForBucket === true;
  return {
    name: input.Bucket,
    accountId: caller.accountId,
    partition: caller.partition,
    region: location.region,
    createdAtMs: nowMs,
    // Object lock needs versions.
    versioning: objectLockEnabled ? "Enabled" : "Unversioned",
    objectOwnership: readOwnership(input, world.settings.newBuckets),
    objectLockEnabled,
    ...(location.literal === undefined ? {} : { locationConstraint: location.literal }),
  };
};

const readOwnership = (
  { Bucket: name, ObjectOwnership: ownership }: Input,
  defaults: "current" | "legacy",
): ObjectOwnership => {
  if (ownership === undefined)
    return defaults === "current" || isDirectoryBucketName(name) ? "BucketOwnerEnforced" : OWNERSHIP_WITHOUT_RULE;
  if (isOwnership(ownership)) return ownership;
  const message = `Invalid x-amz-object-ownership header: ${ownership}`;
  throw new S3Error("InvalidArgument", { ArgumentName: "x-amz-object-ownership" }, { message });
};

/**
 * The name was taken. In us-east-1 creating one's own bucket again succeeds and changes nothing, unless it names tags.
 * Errors: BucketAlreadyExists, BucketAlreadyOwnedByYou.
 */
const assertRepeatable = (
  there: Bucket,
  { wanted, endpoint, tagged }: { wanted: NewBucket; endpoint: Endpoint; tagged: boolean },
): void => {
  const fields = { BucketName: there.name };
  if (there.accountId !== wanted.accountId) throw new S3Error("BucketAlreadyExists", fields);
  const regions = [endpoint.region, wanted.region, there.region];
  if (tagged || isDirectoryBucketName(there.name) || regions.some((region) => region !== DEFAULT_REGION)) {
    throw new S3Error("BucketAlreadyOwnedByYou", fields);
  }
};

const locationOf = ({
  name,
  endpoint: { secure, host, style },
  constrained,
}: {
  name: string;
  endpoint: Endpoint;
  constrained: boolean;
}): string => {
  if (!constrained) return `/${name}`;
  return `${secure ? "https" : "http"}://${style === "virtual" ? host : `${name}.${host}`}/`;
};
