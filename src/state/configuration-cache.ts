/**
 * What was made of a bucket's configuration documents, kept as long as the bucket itself is kept in memory: whoever writes a
 * document drops the bucket from there, and the next request has another object for it.
 */
import { getConfiguration } from "./buckets.ts";
import type { Bucket, ConfigurationKind } from "./model.ts";
import type { World } from "./world.ts";

const kept = new WeakMap<Bucket, Map<ConfigurationKind, unknown>>();

const keptOf = (bucket: Bucket): Map<ConfigurationKind, unknown> => {
  const known = kept.get(bucket);
  if (known !== undefined) return known;
  const fresh = new Map<ConfigurationKind, unknown>();
  kept.set(bucket, fresh);
  return fresh;
};

/**
 * A bucket's document of a kind as `parse` has made something of it; at once where that is known or the bucket has none of the
 * kind. `bucket` is as it was looked up, `parse` always the same for a kind and pure.
 */
export const parsedConfiguration = <T>(
  world: World,
  bucket: Bucket,
  { kind, parse }: { readonly kind: ConfigurationKind; readonly parse: (document: string) => T },
): T | undefined | Promise<T | undefined> => {
  if (!bucket.configurations.includes(kind)) return undefined;
  const known = keptOf(bucket);
  if (known.has(kind)) return known.get(kind) as T | undefined;
  return world
    .read((view) => getConfiguration(view, bucket, kind))
    .then((document) => {
      const parsed = document === undefined ? undefined : parse(document);
      known.set(kind, parsed);
      return parsed;
    });
};
