/**
 * Where the annotations of a version are kept: a record each, by the version's sequence number, so that they stay where they
 * are when their version is retired or becomes current again. Their bytes are bodies like those of objects.
 */
import { extentsOf, releaseExtents, shareParts } from "./bodies/references.ts";
import { count } from "./counters.ts";
import { layered } from "./keys.ts";
import type { Annotation, Bucket, ObjectVersion } from "./model.ts";
import { decodeAnnotation, encodeAnnotation } from "./records.ts";
import { deleteLayered, putLayered, scanAllLayered, type Stack } from "./stack.ts";
import type { Tx, View } from "./view.ts";

/** A version by its place. */
type Version = Pick<ObjectVersion, "key" | "seq">;

/** A bucket with the stack that its records are read from or written to. */
type Place = { readonly bucket: Bucket; readonly stack: Stack };

export const writeAnnotation = (
  tx: Tx,
  { bucket, stack }: Place,
  { version, annotation }: { version: Version; annotation: Annotation },
): void =>
  putLayered(tx.tx, stack, [layered.annotation(bucket.id, version, annotation.name), encodeAnnotation(annotation)]);

/** All annotations of a version by name. S3 lets a version have 1,000. */
export const readAnnotations = async (
  view: View,
  { bucket, stack }: Place,
  version: Version,
): Promise<readonly Annotation[]> => {
  const entries = await scanAllLayered(view.reader, stack, layered.annotations(bucket.id, version));
  return entries.map(([subkey, record]) => {
    return decodeAnnotation(layered.annotationName(bucket.id, version, subkey), record);
  });
};

const bytesOf = (annotations: readonly Annotation[]): number =>
  annotations.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** Removes the annotations of a version that goes, with their references. */
export const eraseAnnotations = async (tx: Tx, place: Place, version: Version): Promise<void> => {
  const { bucket, stack } = place;
  const annotations = await readAnnotations(tx, place, version);
  await releaseExtents(tx, stack, extentsOf(annotations));
  for (const { name } of annotations) deleteLayered(tx.tx, stack, layered.annotation(bucket.id, version, name));
  count(tx, stack, { bucketId: bucket.id, deltas: { bytes: -bytesOf(annotations) } });
};

/** The version whose annotations a new object gets. */
export type AnnotationSource = {
  readonly bucket: Bucket;
  readonly object: ObjectVersion;
  /** What is not kept of an annotation as it is. */
  readonly change?: ((annotation: Annotation) => Partial<Pick<Annotation, "etag" | "checksum">>) | undefined;
};

/** Copies the annotations of `source` to a version that is about to be written; no byte is. Answers how many there are. */
export const copyAnnotations = async (
  tx: Tx,
  place: Place & { readonly key: string },
  { seq, source }: { seq: number; source: AnnotationSource },
): Promise<number> => {
  const { bucket, stack, key } = place;
  const { object, change } = source;
  if (object.annotationCount === 0) return 0;
  const from = { bucket: source.bucket, stack: await tx.stackOf(source.bucket) };
  const annotations = await readAnnotations(tx, from, object);
  for (const annotation of annotations) {
    const { sizeBytes, extents } = annotation;
    const shared = extentsOf(await shareParts(tx, stack, [{ partNumber: 0, sizeBytes, extents }]));
    writeAnnotation(tx, place, {
      version: { key, seq },
      annotation: { ...annotation, ...change?.(annotation), extents: shared },
    });
  }
  count(tx, stack, { bucketId: bucket.id, deltas: { bytes: bytesOf(annotations) } });
  return annotations.length;
};
