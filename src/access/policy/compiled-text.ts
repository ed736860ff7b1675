/** Texts of a policy made ready once: a function where nothing in them depends on the request. */
import type { ConditionValues } from "../question.ts";
import { resolveVariable, templateOf, type Template } from "./variables.ts";
import { globOf, literalGlob, type Glob } from "./wildcards.ts";

/** How texts of one kind are read and compared. */
export type TextRules = {
  /** False for policies of 2008 and for operators that take none: `${...}` is text like any other. */
  readonly variables: boolean;
  /** False where `*` and `?` stand for themselves. */
  readonly wildcards: boolean;
  /** What both sides are made before they are compared. */
  readonly fold: (text: string) => string;
  /** What fits a folded text; undefined where it is no text of this kind. */
  readonly fixed: (text: string) => ((actual: string) => boolean) | undefined;
  /** What fits a folded text whose variables were resolved. */
  readonly resolved: (glob: Glob) => (actual: string) => boolean;
};

export type CompiledText = {
  /** True where nothing in it depends on the request. */
  readonly fixed: boolean;
  /** What fits it in a request; undefined where a variable in it stands for nothing. */
  readonly resolve: (values: ConditionValues) => ((actual: string) => boolean) | undefined;
};

const globOfTemplate = (
  template: Template,
  { rules: { wildcards, fold }, values }: { readonly rules: TextRules; readonly values: ConditionValues },
): Glob | undefined => {
  const glob: number[] = [];
  for (const { piece, escaped } of template) {
    if (typeof piece === "string") {
      glob.push(...(escaped || !wildcards ? literalGlob(fold(piece)) : globOf(fold(piece))));
      continue;
    }
    const value = resolveVariable(piece, values);
    if (value === undefined) return undefined;
    // What a variable stands for has no wildcards.
    glob.push(...literalGlob(fold(value)));
  }
  return glob;
};

/** Compiles one text; undefined where it is no text of this kind. */
export const compileText = (text: string, rules: TextRules): CompiledText | undefined => {
  const { fold, variables } = rules;
  const template = variables ? templateOf(text) : undefined;
  if (template === undefined) {
    const fits = rules.fixed(fold(text));
    return fits === undefined ? undefined : { fixed: true, resolve: () => fits };
  }
  const resolve: CompiledText["resolve"] = (values) => {
    const glob = globOfTemplate(template, { rules, values });
    return glob === undefined ? undefined : rules.resolved(glob);
  };
  return { fixed: false, resolve };
};
