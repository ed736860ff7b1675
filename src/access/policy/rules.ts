/** What each kind of policy asks beyond its form. */
import type { Element, StatementForm } from "./grammar.ts";
import { checkIdentityDocument, requireIdentityStatement } from "./identity-rules.ts";
import type { PolicyKind, Statement } from "./policy.ts";
import { checkResourceDocument, requireResourceStatement, type ResourceOptions } from "./resource-rules.ts";
import { requireTrustStatement } from "./trust-rules.ts";
import { IDENTITY_WORDS, RESOURCE_WORDS, SESSION_WORDS, TRUST_WORDS, type Words } from "./words.ts";

export type RuleOptions = ResourceOptions;

type KindRules = {
  readonly words: Words;
  /** Throws PolicySyntaxError. */
  readonly checkDocument: (document: Element, text: string) => void;
  /** A statement with all that its kind must have. Throws PolicySyntaxError. */
  readonly requireStatement: (form: StatementForm, options: RuleOptions) => Statement;
};

const anyDocument = (): void => {};

export const KIND_RULES: Readonly<Record<PolicyKind, KindRules>> = {
  resource: { words: RESOURCE_WORDS, checkDocument: checkResourceDocument, requireStatement: requireResourceStatement },
  identity: { words: IDENTITY_WORDS, checkDocument: checkIdentityDocument, requireStatement: requireIdentityStatement },
  session: { words: SESSION_WORDS, checkDocument: anyDocument, requireStatement: requireIdentityStatement },
  trust: { words: TRUST_WORDS, checkDocument: anyDocument, requireStatement: requireTrustStatement },
};
