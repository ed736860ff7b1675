/**
 * The form of a policy, the same for every kind; what a kind asks beyond it, its rules do.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
import { conditionOf, readOperator, type Condition } from "./conditions.ts";
import { findDoubledName } from "./doubled-names.ts";
import { actionPatterns, resourcePatterns } from "./patterns.ts";
import type { PolicyVersion, Statement } from "./policy.ts";
import { isPrincipalType, principalsOf, type NamedPrincipal, type Principals } from "./principals.ts";
import { PolicySyntaxError } from "./syntax-error.ts";
import type { Words } from "./words.ts";

/** An element of a policy, as JSON has it. */
export type Element = Readonly<Record<string, unknown>>;

const isElement = (value: unknown): value is Element =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fail = (message: string): never => {
  throw new PolicySyntaxError(message);
};

/** Reads the text of a policy. Errors: PolicySyntaxError. */
export const readDocument = (text: string, words: Words): Element => {
  if (!text.startsWith("{")) return fail(words.notAnObject);
  const document = parseJson(text) ?? fail(words.invalidJson);
  const doubled = findDoubledName(text);
  return doubled === undefined ? document : fail(words.doubled(doubled));
};

/** An object from its text; undefined where that is no JSON. */
const parseJson = (text: string): Element | undefined => {
  try {
    return JSON.parse(text) as Element;
  } catch {
    return undefined;
  }
};

const VERSIONS: readonly unknown[] = ["2008-10-17", "2012-10-17"] satisfies PolicyVersion[];

const isVersion = (value: unknown): value is PolicyVersion => VERSIONS.includes(value);

/** The version of a policy; one without is of 2008. Errors: PolicySyntaxError. */
export const readVersion = ({ Version = "2008-10-17" }: Element, words: Words): PolicyVersion =>
  isVersion(Version) ? Version : fail(words.invalidVersion);

const POLICY_FIELDS = new Set(["Version", "Id", "Statement"]);
const STATEMENT_FIELDS = new Set([
  "Sid",
  "Effect",
  "Principal",
  "NotPrincipal",
  "Action",
  "NotAction",
  "Resource",
  "NotResource",
  "Condition",
]);

const requireKnown = (element: Element, known: ReadonlySet<string>, words: Words): void => {
  for (const name of Object.keys(element)) if (!known.has(name)) fail(words.unknownField(name));
};

const optionalText = (value: unknown, words: Words): string | undefined =>
  value === undefined || typeof value === "string" ? value : fail(words.syntax);

/** The statements of a document and its id. Errors: PolicySyntaxError. */
export const readStatements = (document: Element, words: Words): { id?: string; elements: readonly Element[] } => {
  requireKnown(document, POLICY_FIELDS, words);
  const id = optionalText(document["Id"], words);
  const found = document["Statement"];
  if (found === undefined) return fail(words.missing("Statement"));
  const elements = Array.isArray(found) ? (found as unknown[]) : [found];
  if (elements.length === 0) return fail(words.emptyStatement);
  if (!elements.every(isElement)) return fail(words.syntax);
  return id === undefined ? { elements } : { id, elements };
};

/** One text or a list of them. */
const textsOf = (value: unknown, words: Words): readonly string[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.every((text) => typeof text === "string") ? list : fail(words.syntax);
};

type Pair = { readonly texts: readonly string[]; readonly except: boolean };

/** An element or its opposite. */
const readPair = (element: Element, name: "Action" | "Resource", words: Words): Pair | undefined => {
  const [plain, opposite] = [element[name], element[`Not${name}`]];
  if (plain !== undefined && opposite !== undefined) return fail(words.doubled(name));
  if (plain === undefined && opposite === undefined) return undefined;
  const texts = textsOf(plain ?? opposite, words);
  return texts.length === 0 ? fail(words.empty(name)) : { texts, except: plain === undefined };
};

/** A value as a message shows it. */
const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

const namedPrincipals = (value: unknown, words: Words): readonly NamedPrincipal[] => {
  if (value === "*") return [{ type: "AWS", text: "*" }];
  if (!isElement(value)) return fail(words.invalidPrincipal("AWS", shown(value)));
  const named = Object.entries(value).flatMap(([type, texts]) => {
    if (!isPrincipalType(type)) return fail(words.invalidPrincipal(type, shown(texts)));
    return textsOf(texts, words).map((text) => ({ type, text }));
  });
  return named.length === 0 ? fail(words.empty("Principal")) : named;
};

const readPrincipals = (element: Element, words: Words): Principals | undefined => {
  const { Principal: plain, NotPrincipal: opposite } = element;
  if (plain !== undefined && opposite !== undefined) return fail(words.doubled("Principal"));
  if (plain === undefined && opposite === undefined) return undefined;
  const except = plain === undefined;
  const named = namedPrincipals(plain ?? opposite, words);
  const wrong = named.find((principal) => principalsOf([principal], { except }) === undefined);
  if (wrong !== undefined) return fail(words.invalidPrincipal(wrong.type, wrong.text));
  return principalsOf(named, { except });
};

const readEffect = ({ Effect: effect }: Element, words: Words): "Allow" | "Deny" => {
  if (effect === undefined) return fail(words.missing("Effect"));
  return effect === "Allow" || effect === "Deny" ? effect : fail(words.invalidEffect(shown(effect)));
};

const wantedOf = (value: unknown, words: Words): readonly string[] => {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const simple = list.every((each) => ["string", "number", "boolean"].includes(typeof each));
  return simple ? list.map(String) : fail(words.syntax);
};

type ConditionOptions = { readonly variables: boolean; readonly words: Words };

const isIgnored = (keys: unknown, { ignoresEmptyOperators = false }: Words): boolean =>
  ignoresEmptyOperators && isElement(keys) && Object.keys(keys).length === 0;

const readConditions = (
  { Condition: block }: Element,
  { variables, words }: ConditionOptions,
): readonly Condition[] => {
  if (block === undefined) return [];
  if (!isElement(block)) return fail(words.syntax);
  return Object.entries(block).flatMap(([operator, keys]) => {
    const parts = readOperator(operator);
    if (parts === undefined && !isIgnored(keys, words)) return fail(words.invalidOperator(operator));
    if (!isElement(keys)) return fail(words.syntax);
    if (parts === undefined) return [];
    return Object.entries(keys).map(([key, value]) => {
      const wanted = wantedOf(value, words);
      return conditionOf({ operator, parts, key, wanted, variables }) ?? fail(words.invalidValue(operator));
    });
  });
};

type StatementOptions = ConditionOptions & { readonly index: number };

/** A statement. Whether it may lack principals, actions or resources is its kind's to say. */
export type StatementForm = Omit<Statement, "actions"> & { readonly actions?: Statement["actions"] };

/** Reads a statement. Errors: PolicySyntaxError. */
export const readStatement = (element: Element, { index, variables, words }: StatementOptions): StatementForm => {
  requireKnown(element, STATEMENT_FIELDS, words);
  const sid = optionalText(element["Sid"], words);
  const effect = readEffect(element, words);
  const principals = readPrincipals(element, words);
  const action = readPair(element, "Action", words);
  const resource = readPair(element, "Resource", words);
  return {
    index,
    ...(sid === undefined ? {} : { sid }),
    effect,
    ...(principals === undefined ? {} : { principals }),
    ...(action === undefined ? {} : { actions: actionPatterns(action.texts, action) }),
    ...(resource === undefined
      ? {}
      : { resources: resourcePatterns(resource.texts, { except: resource.except, variables }) }),
    conditions: readConditions(element, { variables, words }),
  };
};
