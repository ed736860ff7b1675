/** Action and Resource, and what is everything but them: NotAction, NotResource. */
import type { ConditionValues } from "../question.ts";
import { resourceGlobMatcher, resourceMatcher } from "./arn-patterns.ts";
import { compileText, type TextRules } from "./compiled-text.ts";
import { keysOfTemplate, templateOf } from "./variables.ts";
import { wildcardMatcher } from "./wildcards.ts";

export type Patterns = {
  /** As they stand in the policy. */
  readonly texts: readonly string[];
  /** True for NotAction and NotResource. */
  readonly except: boolean;
  /** The keys of the variables in them, in lower case. */
  readonly keys: readonly string[];
  /** `text` is an action, in any case, or a resource. */
  readonly matches: (text: string, values: ConditionValues) => boolean;
};

/**
 * Actions, which have no case and no variables.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
 */
export const actionPatterns = (texts: readonly string[], { except }: { readonly except: boolean }): Patterns => {
  const matchers = texts.map((text) => wildcardMatcher(text.toLowerCase()));
  return {
    texts,
    except,
    keys: [],
    matches: (action) => {
      const lower = action.toLowerCase();
      return matchers.some((matches) => matches(lower)) !== except;
    },
  };
};

/**
 * Resources. One with a variable that stands for nothing fits nothing.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value
 */
export const resourcePatterns = (
  texts: readonly string[],
  { except, variables }: { readonly except: boolean; readonly variables: boolean },
): Patterns => {
  const rules: TextRules = {
    variables,
    wildcards: true,
    fold: (text) => text,
    fixed: resourceMatcher,
    resolved: resourceGlobMatcher,
  };
  const compiled = texts.flatMap((text) => compileText(text, rules) ?? []);
  return {
    texts,
    except,
    keys: variables ? texts.flatMap((text) => keysOfTemplate(templateOf(text) ?? [])) : [],
    matches: (resource, values) => compiled.some((text) => text.resolve(values)?.(resource) === true) !== except,
  };
};
