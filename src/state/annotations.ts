/** Annotations of objects: named texts that are attached to one version and go with it. */
import { compareKeys } from "../engine/keys.ts";
import { readAnnotations, writeAnnotation } from "./annotation-records.ts";
import { adoptBody, releaseExtents } from "./bodies/references.ts";
import type { ReceivedBody } from "./bodies/receive.ts";
import { count } from "./counters.ts";
import { layered, prefixRange } from "./keys.ts";
import type { Annotation, Bucket, ObjectVersion } from "./model.ts";
import { updateObject } from "./objects.ts";
import { decodeAnnotation } from "./records.ts";
import { deleteLayered, getLayered, scanLayered } from "./stack.ts";
import type { Tx, View } from "./view.ts";

/** One annotation of a version. */
type Named = { readonly object: ObjectVersion; readonly name: string };

export const findAnnotation = async (
  view: View,
  bucket: Bucket,
  { object, name }: Named,
): Promise<Annotation | undefined> => {
  if (object.annotationCount === 0) return undefined;
  const record = await getLayered(view.reader, await view.stackOf(bucket), layered.annotation(bucket.id, object, name));
  return record === undefined ? undefined : decodeAnnotation(name, record);
};

export type NewAnnotation = Omit<Annotation, "extents"> & { readonly body: ReceivedBody };

/** Attaches an annotation to a version that was found in this transaction; one of its name before it is replaced. */
export const putAnnotation = async (
  tx: Tx,
  bucket: Bucket,
  { object, annotation: { body, ...wanted } }: { object: ObjectVersion; annotation: NewAnnotation },
): Promise<Annotation> => {
  const before = await findAnnotation(tx, bucket, { object, name: wanted.name });
  const stack = await tx.writableStack(bucket.accountId);
  const annotation: Annotation = { ...wanted, extents: adoptBody(tx, stack, body) };
  if (before !== undefined) await releaseExtents(tx, stack, before.extents);
  else await updateObject(tx, bucket, { object, change: { annotationCount: object.annotationCount + 1 } });
  writeAnnotation(tx, { bucket, stack }, { version: object, annotation });
  count(tx, stack, { bucketId: bucket.id, deltas: { bytes: annotation.sizeBytes - (before?.sizeBytes ?? 0) } });
  return annotation;
};

/** Removes an annotation for good. Answers whether there was one. */
export const deleteAnnotation = async (tx: Tx, bucket: Bucket, { object, name }: Named): Promise<boolean> => {
  const found = await findAnnotation(tx, bucket, { object, name });
  if (found === undefined) return false;
  const stack = await tx.writableStack(bucket.accountId);
  await releaseExtents(tx, stack, found.extents);
  deleteLayered(tx.tx, stack, layered.annotation(bucket.id, object, name));
  await updateObject(tx, bucket, { object, change: { annotationCount: object.annotationCount - 1 } });
  count(tx, stack, { bucketId: bucket.id, deltas: { bytes: -found.sizeBytes } });
  return true;
};

/** Annotations whose names begin with `prefix`, in the order of their names' UTF-8 bytes, behind `after`. */
export const listAnnotations = async (
  view: View,
  bucket: Bucket,
  options: { object: ObjectVersion; prefix: string; after?: string | undefined; limit: number },
): Promise<{ entries: Annotation[]; truncated: boolean }> => {
  const { object, prefix, after, limit } = options;
  if (object.annotationCount === 0) return { entries: [], truncated: false };
  const { start, end } = prefixRange(layered.annotation(bucket.id, object, prefix));
  const behind = after === undefined ? start : `${layered.annotation(bucket.id, object, after)}\0`;
  const range = { start: compareKeys(behind, start) > 0 ? behind : start, end };
  const entries = await scanLayered(view.reader, await view.stackOf(bucket), { range, limit: limit + 1 });
  return {
    entries: entries
      .slice(0, limit)
      .map(([subkey, record]) => decodeAnnotation(layered.annotationName(bucket.id, object, subkey), record)),
    truncated: entries.length > limit,
  };
};

/** All annotations of a version by name. */
export const readAllAnnotations = async (
  view: View,
  bucket: Bucket,
  object: ObjectVersion,
): Promise<readonly Annotation[]> =>
  object.annotationCount === 0 ? [] : readAnnotations(view, { bucket, stack: await view.stackOf(bucket) }, object);
