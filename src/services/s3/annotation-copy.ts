/**
 * Annotations of an object that is copied: they go with it unless the request excludes them.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html#annotations-copy-behavior
 */
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { encodeChecksum, type ChecksumAlgorithm } from "../../protocol/checksums/algorithms.ts";
import { digestOf, loadHashers } from "../../protocol/checksums/hasher.ts";
import type { AnnotationSource } from "../../state/annotation-records.ts";
import { findAnnotation, readAllAnnotations } from "../../state/annotations.ts";
import type { Annotation, Bucket, ObjectAttributes, ObjectVersion } from "../../state/model.ts";
import { assertAnnotatable } from "./annotations.ts";
import type { S3Context } from "./context.ts";
import { invalidArgument } from "./errors.ts";
import { etagOfBytes, hidesMd5 } from "./etags.ts";

/** Whether the annotations are copied; undefined stands for the default, COPY. Errors: InvalidArgument. */
export const copiesAnnotations = (directive: string | undefined): boolean => {
  if (directive === undefined || directive === "COPY") return true;
  if (directive === "EXCLUDE") return false;
  throw invalidArgument("Unknown annotation directive.", {
    name: "x-amz-object-annotation-directive",
    value: directive,
  });
};

type Copied = {
  readonly bucket: Bucket;
  readonly object: ObjectVersion;
  /** How the copy is encrypted. */
  readonly encryption: ObjectAttributes["encryption"];
  /** The algorithm that the request names for the copy, and so for its annotations; undefined: each keeps its own. */
  readonly algorithm: ChecksumAlgorithm | undefined;
};

type Change = NonNullable<AnnotationSource["change"]>;

/** Tells one text from another even under the same name: a body never changes. */
const bodyOf = ({ extents }: Annotation): string => extents[0]?.bodyId ?? "";

/**
 * What the copies do not keep of the annotations: their checksums where the request names another algorithm, their ETags where
 * encryption makes or made them something else than an MD5. Undefined: nothing, and no byte is read.
 * Errors: InvalidRequest for a copy that cannot have annotations.
 */
export const describeAnnotationCopies = async (context: S3Context, copied: Copied): Promise<Change | undefined> => {
  const { bucket, object, encryption, algorithm } = copied;
  if (object.annotationCount === 0) return undefined;
  assertAnnotatable(encryption);
  const keepsEtags = !hidesMd5(object.attributes.encryption) && !hidesMd5(encryption);
  if (keepsEtags && algorithm === undefined) return undefined;
  if (algorithm !== undefined) await loadHashers([algorithm]);
  const changes = new Map<string, ReturnType<Change>>();
  for (const { name } of await context.world.read((view) => readAllAnnotations(view, bucket, object))) {
    const read = await readText(context, { bucket, object, name });
    if (read === undefined) continue;
    const { annotation, text } = read;
    const checksum =
      algorithm === undefined ? annotation.checksum : { algorithm, value: encodeChecksum(digestOf(algorithm, text)) };
    changes.set(bodyOf(annotation), { etag: etagOfBytes(digestOf("MD5", text), encryption), checksum });
  }
  return (annotation) => changes.get(bodyOf(annotation)) ?? {};
};

const readText = async (
  { world, bodies }: S3Context,
  { bucket, object, name }: { bucket: Bucket; object: ObjectVersion; name: string },
): Promise<{ annotation: Annotation; text: Uint8Array } | undefined> => {
  const found = await world.read(async (view) => {
    const annotation = await findAnnotation(view, bucket, { object, name });
    return annotation && { annotation, content: await bodies.openExtents(view, annotation.extents) };
  });
  return found && { annotation: found.annotation, text: await wholeOf(found.content) };
};

const wholeOf = (content: Uint8Array | Readable): Uint8Array | Promise<Uint8Array> =>
  content instanceof Uint8Array ? content : buffer(content);
