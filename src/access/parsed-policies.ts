/** Policies as they are asked, each parsed once: what stands in the state is text. */
import type { PolicyInPlay } from "./decision.ts";
import { parsePolicy } from "./policy/parse-policy.ts";
import type { Policy, PolicyKind } from "./policy/policy.ts";
import { PolicySyntaxError } from "./policy/syntax-error.ts";

/** Texts of policies that are remembered with what was made of them; all go when it is full. */
const PARSED_MAX = 5_000;

/** A text that is no policy: nothing follows from it. */
const NO_POLICY: Policy = { version: "2012-10-17", statements: [], conditionKeys: new Set() };

const kept: Readonly<Record<PolicyKind, Map<string, Policy>>> = {
  resource: new Map(),
  identity: new Map(),
  session: new Map(),
  trust: new Map(),
};

const parse = (document: string, kind: PolicyKind): Policy => {
  try {
    return parsePolicy(document, { kind });
  } catch (error) {
    if (error instanceof PolicySyntaxError) return NO_POLICY;
    throw error;
  }
};

/**
 * A policy by its text, which was held against the rules of its kind when it was put; one that an older server let in and that is
 * none now has no statements.
 */
export const parsedPolicy = (document: string, kind: PolicyKind): Policy => {
  const texts = kept[kind];
  const known = texts.get(document);
  if (known !== undefined) return known;
  const policy = parse(document, kind);
  if (texts.size >= PARSED_MAX) texts.clear();
  texts.set(document, policy);
  return policy;
};

type Named = { readonly name: string; readonly document: string };

const inPlay = new WeakMap<Named, PolicyInPlay>();

/** A named policy as it is asked; the same object for the same one. */
export const policyInPlay = (named: Named, kind: PolicyKind): PolicyInPlay => {
  const known = inPlay.get(named);
  if (known !== undefined) return known;
  const made: PolicyInPlay = { name: named.name, policy: parsedPolicy(named.document, kind) };
  inPlay.set(named, made);
  return made;
};
