/** Tags of objects and buckets. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html */
import type { Tag as ShownTag, Tagging } from "../../protocol/generated/s3.ts";
import { deleteConfiguration, getConfiguration, putConfiguration } from "../../state/buckets.ts";
import type { Bucket } from "../../state/model.ts";
import type { Tx, View } from "../../state/view.ts";
import { BUCKET_TAGS_MAX, OBJECT_TAGS_MAX, TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX } from "./limits.ts";
import { invalidArgument, S3Error } from "./errors.ts";

/** A tag as state keeps it. */
export type Tag = { readonly key: string; readonly value: string };

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const SYSTEM_PREFIX = "aws:";

const invalidTag = (message: string, fields: Readonly<Record<string, string>>): S3Error =>
  new S3Error("InvalidTag", fields, { message });

/** Holds a set of tags to S3's rules. Errors: InvalidTag, BadRequest for too many. */
export const assertTags = (tags: readonly Tag[], { owner }: { readonly owner: "bucket" | "object" }): void => {
  const seen = new Set<string>();
  for (const { key, value } of tags) {
    if (key === "" || key.length > TAG_KEY_CHARS_MAX || !TAG_TEXT.test(key)) {
      throw invalidTag("The TagKey you have provided is invalid", { TagKey: key });
    }
    if (value.length > TAG_VALUE_CHARS_MAX || !TAG_TEXT.test(value)) {
      throw invalidTag("The TagValue you have provided is invalid", { TagKey: key, TagValue: value });
    }
    if (key.startsWith(SYSTEM_PREFIX)) {
      const message =
        owner === "bucket"
          ? "System tags cannot be added/updated by requester"
          : "Your TagKey cannot be prefixed with aws:";
      throw invalidTag(message, { TagKey: key });
    }
    if (seen.has(key)) throw invalidTag("Cannot provide multiple Tags with the same key", { TagKey: key });
    seen.add(key);
  }
  const most = owner === "bucket" ? BUCKET_TAGS_MAX : OBJECT_TAGS_MAX;
  if (tags.length > most) {
    const noun = owner === "bucket" ? "Bucket tag count" : "Object tags";
    throw new S3Error("BadRequest", {}, { message: `${noun} cannot be greater than ${most}` });
  }
};

const malformedHeader = (header: string): S3Error =>
  invalidArgument(
    "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    { name: "x-amz-tagging", value: header },
  );

const decodePart = (text: string): string => decodeURIComponent(text.replaceAll("+", " "));

/** Reads `x-amz-tagging`: tags as query parameters. Errors: InvalidArgument, and those of {@link assertTags}. */
export const parseTaggingHeader = (header: string): Tag[] => {
  if (header.includes(",")) throw malformedHeader(header);
  const tags: Tag[] = [];
  for (const pair of header.split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const [key, value] = equals < 0 ? [pair, ""] : [pair.slice(0, equals), pair.slice(equals + 1)];
    try {
      tags.push({ key: decodePart(key), value: decodePart(value) });
    } catch {
      throw malformedHeader(header);
    }
  }
  if (new Set(tags.map(({ key }) => key)).size < tags.length) throw malformedHeader(header);
  assertTags(tags, { owner: "object" });
  return tags;
};

/** The tags of a document. Errors: those of {@link assertTags}. */
export const tagsOfDocument = (
  { TagSet: shown }: Tagging,
  { owner }: { readonly owner: "bucket" | "object" },
): readonly Tag[] => {
  const tags = shown.map(({ Key, Value }) => ({ key: Key, value: Value }));
  assertTags(tags, { owner });
  return tags;
};

/** Tags as answers show them. */
export const shownTags = (tags: readonly Tag[]): ShownTag[] =>
  tags.map(({ key, value }) => ({ Key: key, Value: value }));

type Document = { readonly TagSet: readonly Tag[] };

/** A bucket's tags; undefined where it has no set of them. */
export const readBucketTags = async (view: View, bucket: Bucket): Promise<readonly Tag[] | undefined> => {
  const document = await getConfiguration(view, bucket, "tagging");
  return document === undefined ? undefined : (JSON.parse(document) as Document).TagSet;
};

/** Keeps a bucket's tags; none of them is as no set. `bucket` is as `requireBucket` gave it. */
export const storeBucketTags = (tx: Tx, bucket: Bucket, tags: readonly Tag[]): Promise<Bucket> => {
  if (tags.length === 0) return deleteConfiguration(tx, bucket, "tagging");
  const document: Document = { TagSet: tags };
  return putConfiguration(tx, bucket, { kind: "tagging", document: JSON.stringify(document) });
};
