/** What each SDK is made to do against a strict server, in this order. A program prints `ok` and the name after each. */
export const SDK_STEPS = [
  "put",
  "get",
  "ranged get",
  "multipart",
  "checksums",
  "conditional put",
  "list pages",
  "presigned get and put",
  "copy",
  "delete many",
  "assume role",
] as const;
