/** Copies one object, with its headers, metadata and tags; one that was uploaded in parts is uploaded in the same parts. */
import type { GetObjectCommandOutput, S3Client } from "@aws-sdk/client-s3";
import type { Sdk } from "./sdk.ts";

export type Ends = { readonly sdk: Sdk; readonly from: S3Client; readonly to: S3Client; readonly bucket: string };
type Name = { readonly key: string; readonly versionId: string | undefined };

/** The most that one PutObject takes, and the parts that larger ones are then copied in. */
const WHOLE_BYTES_MAX = 5 * 1024 ** 3;
const PART_BYTES = 512 * 1024 ** 2;

/** Which bytes of an object to read: a part by its number, or a range. */
type Selection = { readonly PartNumber?: number; readonly Range?: string };

/** Answers its size in bytes. */
export const copyObject = async (ends: Ends, name: Name): Promise<number> => {
  const whole = await getObject(ends, name, {});
  const sizeBytes = whole.ContentLength ?? 0;
  const parts = await partsOf(ends, name, whole);
  if (parts.length === 0) await putWhole(ends, { name, object: whole });
  else {
    await whole.Body?.transformToWebStream().cancel();
    await putParts(ends, { name, object: whole, parts });
  }
  return sizeBytes;
};

/** The parts to copy an object in: those that it was uploaded in, where its endpoint tells them. None: it is copied whole. */
const partsOf = async (
  ends: Ends,
  name: Name,
  { ETag, ContentLength }: GetObjectCommandOutput,
): Promise<Selection[]> => {
  const sizeBytes = ContentLength ?? 0;
  const count = Number(/-(\d+)"?$/.exec(ETag ?? "")?.[1] ?? 0);
  if (count > 0) {
    const first = await getObject(ends, name, { PartNumber: 1 });
    await first.Body?.transformToWebStream().cancel();
    // Some endpoints heed no part numbers, or only HEAD does.
    const heeded = first.PartsCount === count && (count === 1 || (first.ContentLength ?? 0) < sizeBytes);
    if (heeded) return Array.from({ length: count }, (_, at) => ({ PartNumber: at + 1 }));
  }
  if (sizeBytes <= WHOLE_BYTES_MAX) return [];
  return Array.from({ length: Math.ceil(sizeBytes / PART_BYTES) }, (_, at) => {
    const start = at * PART_BYTES;
    return { Range: `bytes=${start}-${Math.min(sizeBytes, start + PART_BYTES) - 1}` };
  });
};

const source = ({ bucket }: Ends, { key, versionId }: Name) => ({
  Bucket: bucket,
  Key: key,
  ...(versionId === undefined ? {} : { VersionId: versionId }),
});

const getObject = (ends: Ends, name: Name, selection: Selection): Promise<GetObjectCommandOutput> =>
  ends.from.send(new ends.sdk.GetObjectCommand({ ...source(ends, name), ...selection }));

const putWhole = async (
  ends: Ends,
  { name, object }: { name: Name; object: GetObjectCommandOutput },
): Promise<void> => {
  const { sdk, to, bucket } = ends;
  const described = await describe(ends, { name, object });
  const { Body, ContentLength } = object;
  await to.send(
    new sdk.PutObjectCommand({ Bucket: bucket, Key: name.key, ...described, Body: Body as never, ContentLength }),
  );
};

const putParts = async (
  ends: Ends,
  { name, object, parts }: { name: Name; object: GetObjectCommandOutput; parts: readonly Selection[] },
): Promise<void> => {
  const { sdk, to, bucket } = ends;
  const target = { Bucket: bucket, Key: name.key };
  const described = await describe(ends, { name, object });
  const { UploadId } = await to.send(new sdk.CreateMultipartUploadCommand({ ...target, ...described }));
  const Parts = [];
  for (const [at, selection] of parts.entries()) {
    const { Body, ContentLength } = await getObject(ends, name, selection);
    const PartNumber = at + 1;
    const part = { ...target, UploadId, PartNumber, Body: Body as never, ContentLength };
    const { ETag } = await to.send(new sdk.UploadPartCommand(part));
    Parts.push({ PartNumber, ETag });
  }
  await to.send(new sdk.CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
};

/** What an object is beside its bytes, as members of a write. */
const describe = async (ends: Ends, { name, object }: { name: Name; object: GetObjectCommandOutput }) => {
  const { CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, ContentType, ExpiresString } = object;
  const tagging = (object.TagCount ?? 0) > 0 ? await readTags(ends, name) : undefined;
  return {
    CacheControl,
    ContentDisposition,
    ContentEncoding,
    ContentLanguage,
    ContentType,
    Expires: ExpiresString === undefined ? undefined : new Date(ExpiresString),
    Metadata: object.Metadata,
    StorageClass: object.StorageClass,
    WebsiteRedirectLocation: object.WebsiteRedirectLocation,
    Tagging: tagging,
  };
};

const readTags = async (ends: Ends, name: Name): Promise<string> => {
  const { TagSet = [] } = await ends.from.send(new ends.sdk.GetObjectTaggingCommand(source(ends, name)));
  const pairs = TagSet.map(({ Key = "", Value = "" }): [string, string] => [Key, Value]);
  return new URLSearchParams(pairs).toString();
};
