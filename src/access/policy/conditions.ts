/** One condition of a statement: an operator, a key and the values that are wanted of it. */
import type { ConditionValues } from "../question.ts";
import { compileText, type CompiledText } from "./compiled-text.ts";
import { OPERATORS, type OperatorName } from "./operators.ts";
import { keysOfTemplate, templateOf } from "./variables.ts";

export type Condition = {
  /** As it stands in the policy: `ForAnyValue:StringLikeIfExists`. */
  readonly operator: string;
  /** As it stands in the policy: `aws:SourceIp`. */
  readonly key: string;
  readonly wanted: readonly string[];
  /** The key in lower case, as {@link ConditionValues} takes it. */
  readonly name: string;
  /** The keys of the variables in the wanted values, in lower case. */
  readonly keys: readonly string[];
  readonly holds: (values: ConditionValues) => boolean;
};

type Quantifier = "ForAllValues" | "ForAnyValue";

/** An operator taken apart. `name` is `Null` or one with a row. */
export type OperatorParts = {
  readonly name: OperatorName | "Null";
  readonly quantifier?: Quantifier;
  readonly ifExists: boolean;
};

const OPERATOR = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/;

const isOperatorName = (name: string): name is OperatorName => Object.hasOwn(OPERATORS, name);

/** Takes an operator apart; undefined for one that AWS does not have. */
export const readOperator = (operator: string): OperatorParts | undefined => {
  const [, quantifier, name = "", suffix] = OPERATOR.exec(operator) ?? [];
  const ifExists = suffix !== undefined;
  if (name === "Null") return ifExists || quantifier !== undefined ? undefined : { name, ifExists };
  if (!isOperatorName(name)) return undefined;
  return quantifier === undefined ? { name, ifExists } : { name, ifExists, quantifier: quantifier as Quantifier };
};

const BOOLEANS = new Set(["true", "false"]);

type Fits = (actual: string) => boolean;

const fitsOf = (compiled: readonly CompiledText[], values: ConditionValues): readonly Fits[] =>
  compiled.flatMap((text) => text.resolve(values) ?? []);

/** What fits the wanted values in a request; found once where none of them depends on it. */
const fitsFinder = (compiled: readonly CompiledText[]): ((values: ConditionValues) => readonly Fits[]) => {
  if (compiled.some(({ fixed }) => !fixed)) return (values) => fitsOf(compiled, values);
  const fits = fitsOf(compiled, () => undefined);
  return () => fits;
};

/**
 * Whether a condition holds where the request does not have its key. IfExists is about one value: of none ForAnyValue fits none, as
 * those found who tried it.
 */
const holdsWithout = ({ quantifier, ifExists }: OperatorParts, { negated }: { readonly negated: boolean }): boolean =>
  quantifier === undefined ? ifExists || negated : quantifier === "ForAllValues";

const isAbsent = (actual: readonly string[] | undefined): actual is undefined | readonly [] =>
  actual === undefined || actual.length === 0;

/**
 * Whether values fit. Several wanted values mean any of them, of a negated operator none of them. A value with a variable that
 * stands for nothing fits nothing, so that a negated operator holds.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 */
const compile = (parts: OperatorParts, name: OperatorName, compiled: readonly CompiledText[]) => {
  const { negated } = OPERATORS[name];
  const fitsIn = fitsFinder(compiled);
  return (actual: readonly string[] | undefined, values: ConditionValues): boolean => {
    if (isAbsent(actual)) return holdsWithout(parts, { negated });
    const fits = fitsIn(values);
    const holdsFor = (value: string): boolean => fits.some((fit) => fit(value)) !== negated;
    if (parts.quantifier === "ForAnyValue") return actual.some(holdsFor);
    // "... or if the context key value resolves to a null dataset, such as an empty string"
    if (parts.quantifier === "ForAllValues") return actual.every((value) => value === "") || actual.every(holdsFor);
    return negated ? actual.every(holdsFor) : actual.some(holdsFor);
  };
};

type ConditionInput = {
  readonly operator: string;
  readonly parts: OperatorParts;
  readonly key: string;
  readonly wanted: readonly string[];
  /** False for policies of 2008. */
  readonly variables: boolean;
};

const nullCondition = (name: string, wanted: readonly string[]): Condition["holds"] | undefined => {
  const lower: readonly string[] = wanted.map((value) => value.toLowerCase());
  if (!lower.every((value) => BOOLEANS.has(value))) return undefined;
  return (values) => lower.includes(isAbsent(values(name)) ? "true" : "false");
};

/** Makes a condition; undefined where a wanted value is none that the operator takes. */
export const conditionOf = ({ operator, parts, key, wanted, variables }: ConditionInput): Condition | undefined => {
  const name = key.toLowerCase();
  if (parts.name === "Null") {
    const holds = nullCondition(name, wanted);
    return holds === undefined ? undefined : { operator, key, wanted, name, keys: [], holds };
  }
  const row = OPERATORS[parts.name];
  const rules = { ...row.rules, variables: variables && row.rules.variables };
  const compiled = wanted.flatMap((text) => compileText(text, rules) ?? []);
  if (compiled.length < wanted.length) return undefined;
  const holds = compile(parts, parts.name, compiled);
  return {
    operator,
    key,
    wanted,
    name,
    keys: rules.variables ? wanted.flatMap((text) => keysOfTemplate(templateOf(text) ?? [])) : [],
    holds: (values) => holds(values(name), values),
  };
};
