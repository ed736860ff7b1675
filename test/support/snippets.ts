/** The code in our documents, so that tests can run it as a reader would. */
import { readFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "../..");

export type Snippet = {
  /** As the fence names it: `sh`, `python`, `js`, `ts`. */
  readonly language: string;
  readonly code: string;
  /** What its comments say that it prints. */
  readonly prints: readonly string[];
};

const FENCE = /^```(\w+)\n(.*?)^```$/gms;
const PRINTED = /^(?:print|console\.log)\(.*\);? *(?:#|\/\/) *(\[.*\])$/gm;

/** The fenced pieces of code of a document, in their order. `document`: its path from the top of the project. */
export const snippetsOf = (document: string): Snippet[] => {
  const text = readFileSync(path.join(ROOT, document), "utf8");
  return [...text.matchAll(FENCE)].map(([, language = "", code = ""]) => ({
    language,
    code,
    prints: [...code.matchAll(PRINTED)].map(([, printed = ""]) => printed),
  }));
};
