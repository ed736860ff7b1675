/** From the text of a policy to what can be asked. */
import { readDocument, readStatement, readStatements, readVersion, type StatementForm } from "./grammar.ts";
import type { Policy, PolicyKind, Statement } from "./policy.ts";
import { KIND_RULES, type RuleOptions } from "./rules.ts";
import { PolicySyntaxError } from "./syntax-error.ts";

export type ParseOptions = RuleOptions & { readonly kind: PolicyKind };

const checkSids = (statements: readonly StatementForm[], message: string): void => {
  const sids = statements.flatMap(({ sid }) => (sid === undefined || sid === "" ? [] : sid));
  if (new Set(sids).size < sids.length) throw new PolicySyntaxError(message);
};

/** A key as it is, and, of one with a name of the user's in it, what comes before that name. */
const withPrefix = (key: string): string[] => {
  const slash = key.indexOf("/");
  return slash < 0 ? [key] : [key, key.slice(0, slash + 1)];
};

const keysOf = (statements: readonly Statement[]): ReadonlySet<string> =>
  new Set(
    statements.flatMap(({ resources, conditions }) =>
      [...(resources?.keys ?? []), ...conditions.flatMap(({ name, keys }) => [name, ...keys])].flatMap(withPrefix),
    ),
  );

/**
 * Reads a policy and holds it against the rules of its kind. Made once and kept by the caller; asking it is cheap.
 * Errors: PolicySyntaxError with AWS's words, to be answered as MalformedPolicy (a resource's) or MalformedPolicyDocument.
 */
export const parsePolicy = (text: string, options: ParseOptions): Policy => {
  const { words, checkDocument, requireStatement } = KIND_RULES[options.kind];
  const document = readDocument(text, words);
  checkDocument(document, text);
  const version = readVersion(document, words);
  const { id, elements } = readStatements(document, words);
  const variables = version === "2012-10-17";
  const forms = elements.map((element, index) => readStatement(element, { index, variables, words }));
  if (words.doubledSid !== undefined) checkSids(forms, words.doubledSid);
  const statements = forms.map((form) => requireStatement(form, options));
  return { version, ...(id === undefined ? {} : { id }), statements, conditionKeys: keysOf(statements) };
};
