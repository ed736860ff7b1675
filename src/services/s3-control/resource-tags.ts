/**
 * Tags of what an ARN names: a bucket, whose tags are those of its tagging configuration, or an access point.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html
 */
import type { Tag as ShownTag } from "../../protocol/generated/s3-control.ts";
import {
  putAccessPointDocument,
  readAccessPoint,
  readAccessPointDocument,
  type AccessPoint,
} from "../../state/access-points.ts";
import { requireBucket } from "../../state/buckets.ts";
import type { Bucket } from "../../state/model.ts";
import type { Tx, View } from "../../state/view.ts";
import { S3Error } from "../s3/errors.ts";
import { TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX } from "../s3/limits.ts";
import { readBucketTags, storeBucketTags, type Tag } from "../s3/tagging.ts";
import type { S3ControlContext } from "./context.ts";
import { RESOURCE_TAGS_MAX } from "./limits.ts";
import { parseAccessPointArn } from "./names.ts";

/** What can have tags. */
export type Resource =
  | { readonly kind: "bucket"; readonly bucket: Bucket }
  | { readonly kind: "accessPoint"; readonly point: AccessPoint };

const BUCKET_ARN = /^arn:(?:aws|aws-cn|aws-us-gov):s3(?::::|express:[a-z0-9-]+:\d{12}:bucket\/)([a-z0-9.-]{3,63})$/;
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const BAD_TEXT =
  "This request contains a tag key or value that isn't valid. Valid characters include the following: [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 characters.";

const invalidTag = (message: string): S3Error => new S3Error("InvalidTag", {}, { message });

/** The tags of a request. Errors: InvalidTag, TooManyTags. */
export const tagsOfRequest = (shown: readonly ShownTag[]): readonly Tag[] => {
  const seen = new Set<string>();
  for (const { Key, Value } of shown) {
    if (Key.startsWith("aws:")) {
      throw invalidTag(
        'User-defined tag keys can\'t start with "aws:". This prefix is reserved for system tags. Remove "aws:" from your tag keys and try again.',
      );
    }
    if (seen.has(Key)) {
      throw invalidTag("There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.");
    }
    seen.add(Key);
    const fits = Key !== "" && Key.length <= TAG_KEY_CHARS_MAX && Value.length <= TAG_VALUE_CHARS_MAX;
    if (!fits || !TAG_TEXT.test(Key) || !TAG_TEXT.test(Value)) throw invalidTag(BAD_TEXT);
  }
  assertCount(shown);
  return shown.map(({ Key, Value }) => ({ key: Key, value: Value }));
};

const assertCount = (tags: readonly unknown[]): void => {
  if (tags.length > RESOURCE_TAGS_MAX) throw new S3Error("TooManyTags");
};

/** What an ARN names. Errors: NoSuchResource, AccessDenied for what is another account's. */
export const findResource = async (context: S3ControlContext, arn: string): Promise<Resource> => {
  const { world, accountId } = context;
  const id = parseAccessPointArn(arn);
  if (id !== undefined) {
    if (id.accountId !== accountId) throw new S3Error("AccessDenied");
    const point = await world.read((view) => readAccessPoint(view, id));
    if (point === undefined) throw new S3Error("NoSuchResource");
    return { kind: "accessPoint", point };
  }
  const name = BUCKET_ARN.exec(arn)?.[1];
  const bucket = name === undefined ? undefined : await context.findBucket(name);
  if (bucket === undefined) throw new S3Error("NoSuchResource");
  if (bucket.accountId !== accountId) throw new S3Error("AccessDenied");
  return { kind: "bucket", bucket };
};

/** The tags of a resource. */
export const readTags = async (view: View, resource: Resource): Promise<readonly Tag[]> => {
  if (resource.kind === "bucket") return (await readBucketTags(view, resource.bucket)) ?? [];
  const document = await readAccessPointDocument(view, resource.point, "tags");
  return document === undefined ? [] : (JSON.parse(document) as readonly Tag[]);
};

/** Changes the tags of a resource that is still there. Errors: NoSuchResource, TooManyTags. */
export const changeTags = async (
  tx: Tx,
  resource: Resource,
  change: (tags: readonly Tag[]) => readonly Tag[],
): Promise<void> => {
  if (resource.kind === "bucket") {
    const bucket = await requireBucket(tx, resource.bucket);
    const tags = change((await readBucketTags(tx, bucket)) ?? []);
    assertCount(tags);
    await storeBucketTags(tx, bucket, tags);
    return;
  }
  if ((await readAccessPoint(tx, resource.point)) === undefined) throw new S3Error("NoSuchResource");
  const tags = change(await readTags(tx, resource));
  assertCount(tags);
  await storePointTags(tx, resource.point, tags);
};

/** Keeps the tags of an access point. */
export const storePointTags = (tx: Tx, point: AccessPoint, tags: readonly Tag[]): Promise<void> =>
  putAccessPointDocument(tx, point, {
    kind: "tags",
    document: tags.length === 0 ? undefined : JSON.stringify(tags),
  });
