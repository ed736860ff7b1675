/** Lists, read page by page through the AWS SDK. */
import { ListObjectsV2Command, ListObjectVersionsCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Assert } from "./objects.model-twin.ts";

/** What a list is asked for; `limit` entries a page. */
export type ListWanted = { readonly prefix: string; readonly delimiter: string | undefined; readonly limit: number };

type Place = ListWanted & { readonly s3: S3Client; readonly Bucket: string };

/** The keys and common prefixes that ListObjectsV2 shows. */
export const readList = async (t: Assert, { s3, Bucket, prefix, delimiter, limit }: Place) => {
  const keys: (string | undefined)[] = [];
  const prefixes: (string | undefined)[] = [];
  for (let token: string | undefined; ;) {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: prefix,
        Delimiter: delimiter,
        MaxKeys: limit,
        ContinuationToken: token,
      }),
    );
    keys.push(...(page.Contents ?? []).map(({ Key }) => Key));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    const shown = (page.Contents?.length ?? 0) + (page.CommonPrefixes?.length ?? 0);
    t.deepEqual([page.KeyCount, shown <= limit], [shown, true], "the size of a page");
    if (page.IsTruncated !== true) return { keys, prefixes };
    token = page.NextContinuationToken;
  }
};

/** What ListObjectVersions shows: `[key, version id, whether it is the latest]`, and common prefixes. */
export const readVersionList = async ({ s3, Bucket, prefix, delimiter, limit }: Place) => {
  const versions: unknown[] = [];
  const markers: unknown[] = [];
  const prefixes: (string | undefined)[] = [];
  for (let place: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {}; ;) {
    const page = await s3.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: prefix, Delimiter: delimiter, MaxKeys: limit, ...place }),
    );
    versions.push(...(page.Versions ?? []).map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]));
    markers.push(...(page.DeleteMarkers ?? []).map(({ Key, VersionId, IsLatest }) => [Key, VersionId, IsLatest]));
    prefixes.push(...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix));
    if (page.IsTruncated !== true) return { versions, markers, prefixes };
    place = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
};
