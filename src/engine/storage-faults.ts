/** What a failed read or write of the disk says, whoever tells of it: Node by codes, LevelDB by the system's words. */

/** `full` and `tooManyFiles` pass, as others give back what they hold; the rest need somebody to see to them. */
export type StorageFault = "full" | "tooManyFiles" | "readOnly" | "broken" | "damaged";

const BY_CODE: Readonly<Record<string, StorageFault>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EFBIG: "full",
  EMFILE: "tooManyFiles",
  ENFILE: "tooManyFiles",
  EROFS: "readOnly",
  EIO: "broken",
  LEVEL_CORRUPTION: "damaged",
};

const BY_WORDS: readonly (readonly [words: RegExp, fault: StorageFault])[] = [
  [/no space left|disk quota exceeded|file too large/i, "full"],
  [/too many open files/i, "tooManyFiles"],
  [/read-only file system/i, "readOnly"],
  [/^corruption\b/i, "damaged"],
  [/./s, "broken"],
];

const ofOne = (error: Error): StorageFault | undefined => {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code === "LEVEL_IO_ERROR") return BY_WORDS.find(([words]) => words.test(error.message))?.[1];
  return BY_CODE[code];
};

/** What is the matter with the disk, if that is why an error came to be: its causes are looked at too. */
export const storageFaultOf = (error: unknown): StorageFault | undefined => {
  for (let each = error; each instanceof Error; each = each.cause) {
    const found = ofOne(each);
    if (found !== undefined) return found;
  }
  return undefined;
};
