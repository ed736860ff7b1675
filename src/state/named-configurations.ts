/**
 * Configurations of which a bucket may have many, each with an id: `f<bucket><kind>/<id>`. A bucket that has any of a kind
 * has the kind among its `configurations`, as it has those of which there is one.
 */
import { noteChanged, writeBucket } from "./bucket-record.ts";
import { layered } from "./keys.ts";
import type { Bucket, NamedConfigurationKind } from "./model.ts";
import { deleteLayered, getLayered, putLayered, scanAllLayered, scanLayered, type Stack } from "./stack.ts";
import type { Tx, View } from "./view.ts";

/** Which one is meant. */
export type ConfigurationName = { readonly kind: NamedConfigurationKind; readonly id: string };

/** One of a list. */
export type NamedConfiguration = { readonly id: string; readonly document: string };

/** The document of a kind and id; undefined where the bucket has none. */
export const getNamedConfiguration = async (
  view: View,
  bucket: Bucket,
  { kind, id }: ConfigurationName,
): Promise<string | undefined> => {
  if (!bucket.configurations.includes(kind)) return undefined;
  return getLayered(view.reader, await view.stackOf(bucket), layered.namedConfiguration(bucket.id, kind, id));
};

type ListOptions = {
  readonly kind: NamedConfigurationKind;
  readonly after?: string | undefined;
  readonly limit?: number | undefined;
};

/** A kind's documents in the order of their ids' UTF-8 bytes, those behind `after`, at most `limit`; absent: all of them. */
export const listNamedConfigurations = async (
  view: View,
  bucket: Bucket,
  { kind, after, limit }: ListOptions,
): Promise<NamedConfiguration[]> => {
  if (!bucket.configurations.includes(kind)) return [];
  return listOf(view, await view.stackOf(bucket), { bucket, kind, after, limit });
};

const listOf = async (
  view: View,
  stack: Stack,
  { bucket, kind, after, limit }: ListOptions & { readonly bucket: Bucket },
): Promise<NamedConfiguration[]> => {
  const whole = layered.namedConfigurations(bucket.id, kind);
  const start = after === undefined ? whole.start : `${layered.namedConfiguration(bucket.id, kind, after)}\0`;
  const range = { start, end: whole.end };
  const entries = await (limit === undefined
    ? scanAllLayered(view.reader, stack, range)
    : scanLayered(view.reader, stack, { range, limit }));
  return entries.map(([subkey, document]) => ({ id: subkey.slice(whole.start.length), document }));
};

/**
 * Keeps a document under its kind and id, which contains no NUL; it must not be empty. `bucket` is as `requireBucket` gave it.
 */
export const putNamedConfiguration = async (
  tx: Tx,
  bucket: Bucket,
  { kind, id, document }: ConfigurationName & { readonly document: string },
): Promise<Bucket> => {
  const stack = await tx.writableStack(bucket.accountId);
  putLayered(tx.tx, stack, [layered.namedConfiguration(bucket.id, kind, id), document]);
  noteChanged(tx, bucket);
  if (bucket.configurations.includes(kind)) return bucket;
  const updated = { ...bucket, configurations: [...bucket.configurations, kind] };
  writeBucket(tx, stack, updated);
  return updated;
};

/** Forgets a document, if there is one. `bucket` is as `requireBucket` gave it. */
export const deleteNamedConfiguration = async (
  tx: Tx,
  bucket: Bucket,
  { kind, id }: ConfigurationName,
): Promise<Bucket> => {
  if (!bucket.configurations.includes(kind)) return bucket;
  const stack = await tx.writableStack(bucket.accountId);
  deleteLayered(tx.tx, stack, layered.namedConfiguration(bucket.id, kind, id));
  noteChanged(tx, bucket);
  const left = await listOf(tx, stack, { bucket, kind, limit: 1 });
  if (left.length > 0) return bucket;
  const updated = { ...bucket, configurations: bucket.configurations.filter((other) => other !== kind) };
  writeBucket(tx, stack, updated);
  return updated;
};
