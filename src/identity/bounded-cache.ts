/** A map that forgets what was used longest ago. */

export type BoundedCache<V> = {
  /** The value kept for `key`, made by `make` where there is none. */
  getOrMake(key: string, make: () => V): V;
};

/** Keeps at most `entriesMax` entries. */
export const createBoundedCache = <V>(options: { readonly entriesMax: number }): BoundedCache<V> => {
  const entries = new Map<string, { readonly value: V }>();
  return {
    getOrMake(key, make) {
      const found = entries.get(key);
      if (found !== undefined) {
        // A map keeps the order of insertion: the first entry is then the one used longest ago.
        entries.delete(key);
        entries.set(key, found);
        return found.value;
      }
      const value = make();
      entries.set(key, { value });
      if (entries.size > options.entriesMax) {
        for (const oldest of entries.keys()) {
          entries.delete(oldest);
          break;
        }
      }
      return value;
    },
  };
};
