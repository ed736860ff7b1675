import type { Operations } from "../../../protocol/generated/s3.ts";
import { MISSING_ATTRIBUTES } from "../../../protocol/model/overlay.ts";
import type { Bucket, ManifestPart, ObjectVersion } from "../../../state/model.ts";
import { readManifest } from "../../../state/objects.ts";
import type { View } from "../../../state/view.ts";
import { checksumMembers, checksumValue, withoutPartCount } from "../checksum-members.ts";
import { bucketOf, type S3Context, type S3Handler } from "../context.ts";
import { assertCustomerKey, readCustomerKey } from "../encryption.ts";
import { invalidArgument, invalidRequest } from "../errors.ts";
import { PAGE_ENTRIES_MAX } from "../limits.ts";
import { isPageSize, pageEntriesMax, readPartNumberMarker } from "../listing.ts";
import { readStoredVersion } from "../stored-version.ts";
import { shownVersionId } from "../version-id.ts";

type Input = Operations["GetObjectAttributes"]["input"];
type Output = Operations["GetObjectAttributes"]["output"];
type ObjectParts = NonNullable<Output["ObjectParts"]>;

const ATTRIBUTES = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
type Attribute = (typeof ATTRIBUTES)[number];

/** What is known of an object without its bytes. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
export const getObjectAttributes: S3Handler<"GetObjectAttributes"> = async (context, input) => {
  const bucket = bucketOf(context);
  const wanted = readAttributes(input);
  const page = readPage(context, input);
  const givenKeyMd5 = readCustomerKey(input);
  return await context.world.read(async (view) => {
    const object = await readStoredVersion(view, bucket, { key: input.Key, versionId: input.VersionId, method: "GET" });
    assertCustomerKey(object.attributes.encryption, givenKeyMd5);
    const parts = wanted.has("ObjectParts") ? await partsMembers(view, { bucket, object, page }) : undefined;
    const versionId = shownVersionId(bucket, object.versionId);
    return {
      LastModified: new Date(object.lastModifiedMs),
      ...(versionId === undefined ? undefined : { VersionId: versionId }),
      // Alone of all answers this one has no quotes around it.
      ...(wanted.has("ETag") ? { ETag: object.etag } : undefined),
      ...(wanted.has("Checksum") ? checksumMember(object) : undefined),
      ...(parts === undefined ? undefined : { ObjectParts: parts }),
      ...(wanted.has("StorageClass") ? { StorageClass: object.storageClass } : undefined),
      ...(wanted.has("ObjectSize") ? { ObjectSize: object.sizeBytes } : undefined),
    };
  });
};

const isAttribute = (name: string): name is Attribute => (ATTRIBUTES as readonly string[]).includes(name);

/** Errors: InvalidRequest for none, InvalidArgument for one that S3 does not know. */
const readAttributes = ({ ObjectAttributes: names }: Input): ReadonlySet<Attribute> => {
  if (names.length === 0) {
    throw invalidRequest(MISSING_ATTRIBUTES);
  }
  const wanted = new Set<Attribute>();
  for (const name of names) {
    if (!isAttribute(name)) {
      throw invalidArgument("Invalid attribute name specified.", { name: "x-amz-object-attributes", value: name });
    }
    wanted.add(name);
  }
  return wanted;
};

type Page = { readonly limit: number; readonly after: number };

/** S3 does not look at a size that is none. Errors: InvalidArgument for a marker that is none. */
const readPage = ({ world }: S3Context, { MaxParts: size, PartNumberMarker: marker }: Input): Page => {
  const limitMax = pageEntriesMax(world, PAGE_ENTRIES_MAX);
  return {
    limit: size !== undefined && isPageSize(size) ? Math.min(size, limitMax) : limitMax,
    after: readPartNumberMarker(marker, { name: "x-amz-part-number-marker" }),
  };
};

const checksumMember = ({ checksum }: ObjectVersion): Pick<Output, "Checksum"> | undefined =>
  checksum === undefined
    ? undefined
    : { Checksum: checksumMembers({ ...checksum, value: withoutPartCount(checksum.value) }) };

/** How many parts the object was made of, and, where their checksums make up its own, each of them. */
const partsMembers = async (
  view: View,
  { bucket, object, page: { limit, after } }: { bucket: Bucket; object: ObjectVersion; page: Page },
): Promise<ObjectParts | undefined> => {
  const { checksum, partCount } = object;
  if (partCount === 0) return undefined;
  if (checksum?.type !== "COMPOSITE") return { TotalPartsCount: partCount };
  const rest = (await readManifest(view, bucket, object)).filter(({ partNumber }) => partNumber > after);
  const shown = rest.slice(0, limit);
  return {
    TotalPartsCount: partCount,
    PartNumberMarker: String(after),
    NextPartNumberMarker: String(shown.at(-1)?.partNumber ?? 0),
    MaxParts: limit,
    // As other lists: a page of none is never cut.
    IsTruncated: shown.length > 0 && rest.length > shown.length,
    Parts: shown.map((part) => partMembers(part, checksum.algorithm)),
  };
};

const partMembers = ({ partNumber, sizeBytes, checksum }: ManifestPart, algorithm: string) => ({
  PartNumber: partNumber,
  Size: sizeBytes,
  ...(checksum === undefined ? undefined : checksumValue(algorithm, checksum)),
});
