/** Copies one bucket from an S3 endpoint to another: current objects, or where it is versioned all versions in their order. */
import type { S3Client } from "@aws-sdk/client-s3";
import { copyObject, type Ends } from "./copy-object.ts";
import type { Progress } from "./progress.ts";
import type { Sdk } from "./sdk.ts";

/** Keys that are copied at the same time. */
const KEYS_AT_ONCE = 8;

type Options = {
  readonly sdk: Sdk;
  readonly from: S3Client;
  readonly to: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly progress: Progress;
};

/** What there is of one key, oldest first. */
type KeyVersions = { readonly key: string; readonly versions: readonly Version[] };
type Version = { readonly versionId?: string; readonly isMarker: boolean };

export const copyBucket = async (options: Options): Promise<void> => {
  const { sdk, from, to, bucket, progress } = options;
  progress.bucket(bucket);
  const versioning = await makeBucket(options);
  const ends: Ends = { sdk, from, to, bucket };
  const keys = versioning !== undefined ? versionedKeys(options) : plainKeys(options);
  // All workers take from one walk: which is asked for its next key by one at a time.
  let taking: Promise<unknown> = Promise.resolve();
  const take = (): Promise<IteratorResult<KeyVersions>> => {
    const next = taking.then(() => keys.next());
    taking = next.catch(() => undefined);
    return next;
  };
  const work = async (): Promise<void> => {
    for (let next = await take(); next.done !== true; next = await take()) {
      const { key, versions } = next.value;
      for (const { versionId, isMarker } of versions) {
        if (isMarker) await to.send(new sdk.DeleteObjectCommand({ Bucket: bucket, Key: key }));
        else progress.copied(await copyObject(ends, { key, versionId }));
      }
    }
  };
  await Promise.all(Array.from({ length: KEYS_AT_ONCE }, work));
  if (versioning === "Suspended") await setVersioning(options, "Suspended");
  progress.done();
};

/** Makes the bucket where it is not there; answers the versioning of the one it is copied from. It keeps versions until all are there. */
const makeBucket = async ({ sdk, from, to, bucket }: Options): Promise<"Enabled" | "Suspended" | undefined> => {
  const { LocationConstraint: region } = await from.send(new sdk.GetBucketLocationCommand({ Bucket: bucket }));
  const { Status: versioning } = await from.send(new sdk.GetBucketVersioningCommand({ Bucket: bucket }));
  const constraint = region === undefined ? {} : { CreateBucketConfiguration: { LocationConstraint: region } };
  await to.send(new sdk.CreateBucketCommand({ Bucket: bucket, ...constraint })).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== "BucketAlreadyOwnedByYou") throw error;
  });
  if (versioning !== undefined) await setVersioning({ sdk, to, bucket }, "Enabled");
  return versioning;
};

const setVersioning = async (
  { sdk, to, bucket }: Pick<Options, "sdk" | "to" | "bucket">,
  Status: "Enabled" | "Suspended",
): Promise<void> => {
  await to.send(new sdk.PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }));
};

async function* plainKeys({ sdk, from, bucket, prefix }: Options): AsyncGenerator<KeyVersions> {
  const pages = sdk.paginateListObjectsV2({ client: from }, { Bucket: bucket, Prefix: prefix });
  for await (const { Contents = [] } of pages) {
    for (const { Key } of Contents) if (Key !== undefined) yield { key: Key, versions: [{ isMarker: false }] };
  }
}

/** Lists give the newest first: those of a key are gathered until the next key comes. */
async function* versionedKeys({ sdk, from, bucket, prefix }: Options): AsyncGenerator<KeyVersions> {
  let gathered: { key: string; versions: Version[] } | undefined;
  let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (;;) {
    const page = await from.send(new sdk.ListObjectVersionsCommand({ Bucket: bucket, Prefix: prefix, ...markers }));
    for (const { key, ...version } of inOrder(page)) {
      if (gathered !== undefined && gathered.key !== key) yield oldestFirst(gathered);
      if (gathered?.key !== key) gathered = { key, versions: [] };
      gathered.versions.push(version);
    }
    if (page.IsTruncated !== true) break;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
  if (gathered !== undefined) yield oldestFirst(gathered);
}

const oldestFirst = ({ key, versions }: { key: string; versions: Version[] }): KeyVersions => ({
  key,
  versions: versions.toReversed(),
});

type Listed = {
  readonly Key?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly LastModified?: Date | undefined;
  readonly IsLatest?: boolean | undefined;
};

type Found = { readonly key: string; readonly versionId: string; readonly isMarker: boolean; readonly ageRank: number };

const foundOf = (listed: readonly Listed[] | undefined, { isMarker }: { isMarker: boolean }): Found[] =>
  (listed ?? []).map(({ Key = "", VersionId = "", LastModified, IsLatest }) => ({
    key: Key,
    versionId: VersionId,
    isMarker,
    ageRank: IsLatest === true ? Number.POSITIVE_INFINITY : (LastModified?.getTime() ?? 0),
  }));

const compareTexts = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/**
 * The SDK parts versions and markers, which came as one list: by key, newest first. Both kinds keep their order; of a version and
 * a marker of one second the marker counts as the newer.
 */
const inOrder = (page: {
  readonly Versions?: readonly Listed[] | undefined;
  readonly DeleteMarkers?: readonly Listed[] | undefined;
}): Found[] => {
  const versions = foundOf(page.Versions, { isMarker: false });
  const markers = foundOf(page.DeleteMarkers, { isMarker: true });
  const merged: Found[] = [];
  for (;;) {
    const [version, marker] = [versions[0], markers[0]];
    if (version === undefined) return [...merged, ...markers];
    if (marker === undefined) return [...merged, ...versions];
    const order = compareTexts(marker.key, version.key) || version.ageRank - marker.ageRank;
    merged.push(order <= 0 ? marker : version);
    (order <= 0 ? markers : versions).shift();
  }
};
