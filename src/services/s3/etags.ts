/** ETags: stored without quotes, sent with them. */
import { hash } from "node:crypto";
import type { Bucket, ObjectAttributes, ObjectVersion } from "../../state/model.ts";
import { bucketOf, type S3Context } from "./context.ts";
import { isDirectoryBucketName } from "./directory-buckets/directory-name.ts";

/** The form that goes out. */
export const quoteEtag = (etag: string): string => `"${etag}"`;

/** Clients may leave the quotes out. */
export const unquoteEtag = (text: string): string =>
  text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;

/** Whether the ETags of what is encrypted so are not MD5s. */
export const hidesMd5 = (encryption: ObjectAttributes["encryption"]): boolean =>
  encryption !== undefined && (encryption.algorithm !== "AES256" || encryption.customerKeyMd5 !== undefined);

/**
 * The ETag of bytes that were put at once: their MD5 in hex, but something else that looks like it where they are encrypted
 * with a key of KMS or of the customer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
 */
export const etagOfBytes = (md5: Uint8Array, encryption: ObjectAttributes["encryption"]): string => {
  const hex = Buffer.from(md5.buffer, md5.byteOffset, md5.byteLength).toString("hex");
  return hidesMd5(encryption) ? hash("md5", `${hex}/${encryption?.algorithm}/${encryption?.customerKeyMd5}`) : hex;
};

const ETAG_BYTES = 16;

/** The ETag of what is stored in a directory bucket: it tells nothing of the bytes, and is unique to the object. */
const newEtag = ({ draw }: S3Context): string => draw.bytes("etag", ETAG_BYTES).toString("hex");

/** The ETag of what a request stores at once in its bucket: an object, a part, a copy of one. */
export const etagOfWrite = (
  context: S3Context,
  { md5, encryption }: { readonly md5: Uint8Array; readonly encryption: ObjectAttributes["encryption"] },
): string => (isDirectoryBucketName(bucketOf(context).name) ? newEtag(context) : etagOfBytes(md5, encryption));

/** The MD5 of an object's bytes where its ETag tells it. */
export const md5OfObject = (bucket: Bucket, { etag, partCount, attributes }: ObjectVersion): Buffer | undefined =>
  partCount > 0 || hidesMd5(attributes.encryption) || isDirectoryBucketName(bucket.name)
    ? undefined
    : Buffer.from(etag, "hex");

/** The ETag of an object made of parts: the MD5 of their ETags' bytes, and how many they are. */
export const etagOfParts = (parts: readonly { readonly etag: string }[]): string => {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, "hex")));
  return `${hash("md5", digests)}-${parts.length}`;
};
