/** `bucket.yaml`: what a bucket is beside its objects. Its documents are as if they were put after the objects. */
import { partitionOfRegion } from "../protocol/caller.ts";
import { grantsToStore } from "../services/s3/acl-stored.ts";
import { grantsOfCanned, isCannedAcl } from "../services/s3/acl-canned.ts";
import { readPutRule } from "../services/s3/bucket-encryption.ts";
import { assertLockConfiguration } from "../services/s3/object-lock-configuration.ts";
import { isOwnership, OWNERSHIP_WITHOUT_RULE } from "../services/s3/ownership-controls.ts";
import { DEFAULT_REGION, isRegion } from "../services/s3/regions.ts";
import { assertTags, type Tag } from "../services/s3/tagging.ts";
import type { BucketLine } from "../state/archive/format.ts";
import type { AclGrant, ObjectOwnership, Versioning } from "../state/model.ts";
import { checked, readYaml, toText, toTexts, toTime, type Field } from "./yaml-file.ts";

type BucketFile = {
  readonly region: string;
  readonly createdAt: number;
  readonly versioning: Versioning;
  readonly objectOwnership: ObjectOwnership | "none";
  readonly objectLock: { readonly document: unknown };
  readonly tags: readonly Tag[];
  readonly encryption: object;
  readonly publicAccessBlock: object | null;
  readonly acl: (accountId: string) => readonly AclGrant[] | undefined;
};

/** Tags by name, as S3 takes them. */
export const toTags = (field: Field, owner: "bucket" | "object"): readonly Tag[] => {
  const tags = Object.entries(toTexts(field)).map(([key, value]) => ({ key, value }));
  checked(field, () => assertTags(tags, { owner }));
  return tags;
};

const BLOCK_SETTINGS = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

const toBlock = ({ value, wrong }: Field): object | null => {
  if (value === "none") return null;
  if (typeof value !== "object" || value === null) throw wrong("must be none, or a mapping");
  for (const [name, setting] of Object.entries(value)) {
    if (!BLOCK_SETTINGS.includes(name)) throw wrong(`${name} is none of ${BLOCK_SETTINGS.join(", ")}`);
    if (typeof setting !== "boolean") throw wrong(`${name} must be true or false`);
  }
  return { ...Object.fromEntries(BLOCK_SETTINGS.map((name) => [name, false])), ...value };
};

/** Every field that `bucket.yaml` may have. A kind of document that a bucket can have gets its row with its operation. */
const FIELDS: { readonly [Name in keyof BucketFile]-?: (field: Field) => BucketFile[Name] } = {
  region: (field) => {
    const region = toText(field);
    if (!isRegion(region)) throw field.wrong(`there is no region ${region}`);
    return region;
  },
  createdAt: toTime,
  versioning: ({ value, wrong }) => {
    if (value !== "Enabled" && value !== "Suspended") throw wrong("must be Enabled or Suspended");
    return value;
  },
  objectOwnership: (field) => {
    const ownership = toText(field);
    if (ownership === "none" || isOwnership(ownership)) return ownership;
    throw field.wrong("must be BucketOwnerEnforced, BucketOwnerPreferred, ObjectWriter or none");
  },
  objectLock: (field) => {
    if (field.value === true) return { document: undefined };
    const configuration = checked(field, () =>
      assertLockConfiguration(field.value as Parameters<typeof assertLockConfiguration>[0]),
    );
    return { document: configuration.Rule === undefined ? undefined : configuration };
  },
  tags: (field) => toTags(field, "bucket"),
  encryption: (field) => {
    const configuration = field.value as Parameters<typeof readPutRule>[0];
    return { Rules: [checked(field, () => readPutRule(configuration, { before: {} }))] };
  },
  publicAccessBlock: toBlock,
  acl: (field) => {
    const canned = toText(field);
    if (!isCannedAcl(canned)) throw field.wrong("must be a canned ACL");
    return (accountId) => {
      const owners = { ownerAccountId: accountId, bucketAccountId: accountId };
      return grantsToStore(grantsOfCanned(canned, owners), accountId);
    };
  },
};

/** The line of a bucket in an archive; `file` is its `bucket.yaml`, if it has one. */
export const readBucketFile = async (
  file: string | undefined,
  bucket: { readonly name: string; readonly accountId: string; readonly nowMs: number },
): Promise<BucketLine> => {
  const said: Partial<BucketFile> = file === undefined ? {} : await readYaml(file, FIELDS);
  const { region = DEFAULT_REGION, objectOwnership = "BucketOwnerEnforced", objectLock, tags = [] } = said;
  const grants = said.acl?.(bucket.accountId);
  return {
    type: "bucket",
    name: bucket.name,
    partition: partitionOfRegion(region),
    region,
    createdAtMs: said.createdAt ?? bucket.nowMs,
    // Object lock needs versions.
    versioning: objectLock === undefined ? (said.versioning ?? "Unversioned") : "Enabled",
    objectOwnership: objectOwnership === "none" ? OWNERSHIP_WITHOUT_RULE : objectOwnership,
    objectLockEnabled: objectLock !== undefined,
    configurations: {
      ...(objectOwnership === "none" && { ownershipControls: { Rules: [] } }),
      ...(objectLock?.document !== undefined && { objectLock: objectLock.document }),
      ...(tags.length > 0 && { tagging: { TagSet: tags } }),
      ...(said.encryption !== undefined && { encryption: said.encryption }),
      ...(said.publicAccessBlock !== undefined && { publicAccessBlock: said.publicAccessBlock }),
      ...(grants !== undefined && { acl: { grants } }),
    },
  };
};
