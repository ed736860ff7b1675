/** Tags of callers and of buckets, read only where a policy in play asks for them. */
import type { CallerSide } from "../access/decide.ts";
import type { PolicyInPlay } from "../access/decision.ts";
import type { Tag } from "../access/request-facts.ts";
import type { Caller } from "../protocol/caller.ts";
import { parseAbac } from "../services/s3/documents/abac.ts";
import { readBucketTags } from "../services/s3/tagging.ts";
import { getConfiguration } from "../state/buckets.ts";
import { findRole, findUser } from "../state/identities/find.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";

const names = (policies: readonly PolicyInPlay[], ...keys: readonly string[]): boolean =>
  policies.some(({ policy }) => keys.some((key) => policy.conditionKeys.has(key)));

/** All policies that a caller's own account has for it. */
export const policiesOfSide = ({ identity, boundary, session = [] }: CallerSide): readonly PolicyInPlay[] => [
  ...(identity === "everything" ? [] : identity),
  ...(boundary === undefined ? [] : [boundary]),
  ...session.flat(),
];

/** The tags of a user or role as it is registered: `aws:PrincipalTag/...`. */
export const identityTagsFor = async (
  world: World,
  { caller, policies }: { readonly caller: Caller; readonly policies: readonly PolicyInPlay[] },
): Promise<readonly Tag[] | undefined> => {
  if (!names(policies, "aws:principaltag/")) return undefined;
  const { accountId, principal } = caller;
  if (principal.kind === "User") return (await findUser(world, { accountId, name: principal.userName }))?.tags;
  if (principal.kind === "AssumedRole") return (await findRole(world, { accountId, name: principal.roleName }))?.tags;
  return undefined;
};

/**
 * The tags of a bucket that lets policies go by them: `s3:BucketTag/...`, `aws:ResourceTag/...`.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/buckets-tagging-enable-abac.html
 */
export const bucketTagsFor = async (
  world: World,
  { bucket, policies }: { readonly bucket: Bucket; readonly policies: readonly PolicyInPlay[] },
): Promise<readonly Tag[] | undefined> => {
  const { configurations } = bucket;
  if (!configurations.includes("abac") || !configurations.includes("tagging")) return undefined;
  if (!names(policies, "s3:buckettag/", "aws:resourcetag/")) return undefined;
  return world.read(async (view) => {
    const document = await getConfiguration(view, bucket, "abac");
    if (document === undefined || parseAbac(document).Status !== "Enabled") return undefined;
    return readBucketTags(view, bucket);
  });
};
