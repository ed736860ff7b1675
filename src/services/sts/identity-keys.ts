/** Condition keys that the word of an identity provider fills. */

type Found = readonly string[] | undefined;

/** Keys by their names in lower case, without those that have no value. */
export const conditionKeys = (keys: Readonly<Record<string, string | Found>>): Record<string, readonly string[]> => {
  const found: Record<string, readonly string[]> = {};
  for (const [name, value] of Object.entries(keys)) {
    if (value === undefined) continue;
    found[name.toLowerCase()] = typeof value === "string" ? [value] : value;
  }
  return found;
};
