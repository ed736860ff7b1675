/**
 * Texts with policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and `${*}`, `${?}`, `${$}` for those characters.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
import type { ConditionValues } from "../question.ts";

/** A piece of a text: what stands there, or a variable, its key in lower case. */
export type Piece = string | { readonly key: string; readonly fallback?: string };

/** A text that holds variables. Escaped characters are pieces of their own, so that `${*}` is no wildcard. */
export type Template = readonly { readonly piece: Piece; readonly escaped: boolean }[];

const VARIABLE = /\$\{([^{}]*)\}/g;
const NAME = /^\s*([^,'\s]+)\s*(?:,\s*'([^']*)'\s*)?$/;
const ESCAPES = new Set(["*", "?", "$"]);

const pieceOf = (inside: string): { piece: Piece; escaped: boolean } | undefined => {
  if (ESCAPES.has(inside)) return { piece: inside, escaped: true };
  const found = NAME.exec(inside);
  if (found === null) return undefined;
  const [, name = "", fallback] = found;
  return { piece: { key: name.toLowerCase(), ...(fallback === undefined ? {} : { fallback }) }, escaped: false };
};

/** The pieces of a text that has variables or escaped characters; undefined for any other. */
export const templateOf = (text: string): Template | undefined => {
  if (!text.includes("${")) return undefined;
  const template: { piece: Piece; escaped: boolean }[] = [];
  let from = 0;
  for (const found of text.matchAll(VARIABLE)) {
    const piece = pieceOf(found[1] ?? "");
    if (piece === undefined) continue;
    if (found.index > from) template.push({ piece: text.slice(from, found.index), escaped: false });
    template.push(piece);
    from = found.index + found[0].length;
  }
  if (from === 0) return undefined;
  if (from < text.length) template.push({ piece: text.slice(from), escaped: false });
  return template;
};

/** The keys of a template's variables. */
export const keysOfTemplate = (template: Template): string[] =>
  template.flatMap(({ piece }) => (typeof piece === "string" ? [] : [piece.key]));

/**
 * What a variable stands for in a request; undefined where it stands for nothing: its key is not there and it has no default, or
 * the key has several values, which AWS takes for no variable.
 */
export const resolveVariable = (
  { key, fallback }: { readonly key: string; readonly fallback?: string },
  values: ConditionValues,
): string | undefined => {
  const found = values(key);
  return found?.length === 1 ? found[0] : fallback;
};
