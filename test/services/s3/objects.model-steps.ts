/** The steps of the model test of objects, and the keys that they are about. */
import * as fc from "fast-check";

// Keys that meet each other: as prefixes, beside a delimiter, by bytes and not by units, and where paths and XML are escaped.
export const KEYS = [
  "a",
  "a/",
  "a/b",
  "a//b",
  "a/b/c",
  "/",
  "/a",
  "a b+c%2F%",
  "a?b&c=d#e",
  "<&>'\"",
  "../a",
  "ü",
  "\u{1F600}",
  "\uFF21",
  " a ",
  "x".repeat(1_024),
];
export const PREFIXES = ["", "a", "a/", "/", "\u{1F600}", "nothing"];

/** What to do, and numbers that choose on what. */
export type Step = { readonly kind: string; readonly picks: readonly number[] };

export const step = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constant("put") },
    { weight: 4, arbitrary: fc.constant("putIf") },
    { weight: 5, arbitrary: fc.constantFrom("get", "head") },
    { weight: 3, arbitrary: fc.constant("range") },
    { weight: 5, arbitrary: fc.constant("copy") },
    { weight: 5, arbitrary: fc.constant("delete") },
    { weight: 4, arbitrary: fc.constant("deleteVersion") },
    { weight: 4, arbitrary: fc.constantFrom("putTags", "getTags", "deleteTags") },
    { weight: 2, arbitrary: fc.constantFrom("list", "listVersions") },
    { weight: 2, arbitrary: fc.constant("versioning") },
    { weight: 3, arbitrary: fc.constant("multipart") },
  ),
  picks: fc.array(fc.nat(1_000_000), { minLength: 6, maxLength: 6 }),
});
