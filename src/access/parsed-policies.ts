/** Policies as they are asked, each parsed once: what stands in the state is text. */
import { MIB } from "../platform/limits.ts";
import type { PolicyInPlay } from "./decision.ts";
import { parsePolicy } from "./policy/parse-policy.ts";
import type { Policy, PolicyKind } from "./policy/policy.ts";
import { PolicySyntaxError } from "./policy/syntax-error.ts";

/** Texts of policies that are remembered with what was made of them, and their length together; all go when it is full. */
const PARSED_MAX = 5_000;
/** Blanks do not count where AWS limits a policy: a text may be as long as a request. */
const PARSED_CHARS_MAX = 8 * MIB;

/** A text that is no policy: nothing follows from it. */
const NO_POLICY: Policy = { version: "2012-10-17", statements: [], conditionKeys: new Set() };

type Kept = { readonly texts: Map<string, Policy>; chars: number };

const newKept = (): Kept => ({ texts: new Map(), chars: 0 });

const kept: Readonly<Record<PolicyKind, Kept>> = {
  resource: newKept(),
  identity: newKept(),
  session: newKept(),
  trust: newKept(),
};

const keep = (ofKind: Kept, document: string, policy: Policy): void => {
  if (ofKind.texts.size >= PARSED_MAX || ofKind.chars + document.length > PARSED_CHARS_MAX) {
    ofKind.texts.clear();
    ofKind.chars = 0;
  }
  ofKind.texts.set(document, policy);
  ofKind.chars += document.length;
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
  const known = kept[kind].texts.get(document);
  if (known !== undefined) return known;
  const policy = parse(document, kind);
  keep(kept[kind], document, policy);
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
