/**
 * Which members hold one of a set of words. The schemas do not say it; the SDK's type declarations do, and the package exports
 * each set as an object.
 */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Service } from "./schema.ts";

/** The sets of words of a service. */
export type Enums = {
  readonly words: ReadonlyMap<string, readonly string[]>;
  /** The set of a member's words, or of the words in a member's list. */
  of(structure: string, member: string): string | undefined;
};

const STRUCTURE = /^export interface (\w+)[^{\n]*\{\n([\s\S]*?)^\}/gm;
const MEMBER = /^ {4}(\w+)\??: (\w+)(?:\[\])? \| undefined;$/gm;

const wordsOf = (value: unknown): readonly string[] | undefined => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const words: unknown[] = Object.values(value);
  return words.length > 0 && words.every((word) => typeof word === "string") ? words : undefined;
};

const declarationsOf = async (packageName: string): Promise<string> => {
  const root = path.dirname(fileURLToPath(import.meta.resolve(`${packageName}/package.json`)));
  const folder = path.join(root, "dist-types", "models");
  const files = (await readdir(folder)).filter((file) => file.startsWith("models_")).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), "utf8")));
  return texts.join("\n");
};

/** Reads them from the declarations of the SDK's package. */
export const readEnums = async ({ packageName, sdk }: Service): Promise<Enums> => {
  const words = new Map<string, readonly string[]>();
  const members = new Map<string, string>();
  for (const [, structure = "", body = ""] of (await declarationsOf(packageName)).matchAll(STRUCTURE)) {
    for (const [, member = "", type = ""] of body.matchAll(MEMBER)) {
      const found = wordsOf(sdk[type]);
      if (found === undefined) continue;
      words.set(type, [...found].sort());
      members.set(`${structure}.${member}`, type);
    }
  }
  return { words, of: (structure, member) => members.get(`${structure}.${member}`) };
};
