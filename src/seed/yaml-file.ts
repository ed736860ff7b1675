/** YAML files of a seed directory, and readers of what stands in them. */
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { UsageError } from "../config-values.ts";

/** A field of a file: what its value is, and how to say what is wrong with it. */
export type Field = { readonly value: unknown; readonly wrong: (problem: string) => UsageError };

/** The fields of a YAML file, each by its reader; a field without one is refused. An empty file has none. */
export const readYaml = async <T extends object>(
  file: string,
  readers: { readonly [Name in keyof T]-?: (field: Field) => T[Name] },
): Promise<Partial<T>> => {
  const document = parseYaml(file, await readFile(file, "utf8"));
  const fields: Partial<T> = {};
  for (const [name, value] of Object.entries(document)) {
    const wrong = (problem: string): UsageError => new UsageError(`${file}: ${name}: ${problem}`);
    if (!Object.hasOwn(readers, name))
      throw wrong(`a seed cannot say this; it can say ${Object.keys(readers).join(", ")}`);
    const known = name as keyof T;
    fields[known] = readers[known]({ value, wrong });
  }
  return fields;
};

const parseYaml = (file: string, text: string): object => {
  let document: unknown;
  try {
    document = parse(text) ?? {};
  } catch (error) {
    const [line = ""] = (error as Error).message.split("\n");
    throw new UsageError(`${file}: ${line.replace(/:$/, "")}`, { cause: error });
  }
  if (typeof document !== "object" || Array.isArray(document) || document === null)
    throw new UsageError(`${file}: is not a mapping of names to values`);
  return document;
};

export const toText = ({ value, wrong }: Field): string => {
  if (typeof value !== "string") throw wrong("must be a text; put quotes around it");
  return value;
};

export const toTime = (field: Field): number => {
  const time = Date.parse(toText(field));
  if (Number.isNaN(time)) throw field.wrong("must be a time like 2026-01-02T03:04:05Z");
  return time;
};

/** A mapping of names to texts. */
export const toTexts = ({ value, wrong }: Field): Readonly<Record<string, string>> => {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("must be a mapping");
  for (const [name, text] of Object.entries(value))
    if (typeof text !== "string") throw wrong(`${name} must be a text; put quotes around it`);
  return value as Record<string, string>;
};

/** What `check` makes of a value in S3's own shape; its refusal names the field. */
export const checked = <T>(field: Field, check: () => T): T => {
  try {
    return check();
  } catch (error) {
    const isOurs = error instanceof Error && "code" in error;
    throw field.wrong(isOurs ? `${String(error.code)}: ${error.message}` : "is not as S3's API writes it");
  }
};
