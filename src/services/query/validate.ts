/** Checks an input against its constraints and, as AWS does, tells all violations at once. */
import type { IntegerShape, ListShape, Member, Shape, StringShape, StructureShape } from "./shapes.ts";

/** A member that breaks a constraint: `said` repeats its value, where that may be told. */
type Violation = { readonly said: string; readonly path: string; readonly demand: string };

type Members = Readonly<Record<string, Member>>;

/**
 * AWS's message for all members of `input` that break a constraint; undefined where none does. `values`: whether it repeats what
 * was sent, as STS does, or keeps it, as IAM does.
 */
export const violationsMessage = (
  members: Members,
  input: object,
  { values = "told" }: { readonly values?: "told" | "kept" } = {},
): string | undefined => {
  const violations = membersViolations(members, input, "");
  if (violations.length === 0) return undefined;
  const noun = violations.length === 1 ? "validation error" : "validation errors";
  const texts = violations.map(
    ({ said, path, demand }) =>
      `${values === "told" ? said : "Value"} at '${path}' failed to satisfy constraint: ${demand}`,
  );
  return `${violations.length} ${noun} detected: ${texts.join("; ")}`;
};

/** What AWS says of the first member with a rule of its own that it breaks; undefined where none does. */
export const ruleMessage = (members: Members, input: object): string | undefined => {
  for (const [name, { shape }] of Object.entries(members)) {
    const value = (input as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== "string" || shape.kind !== "string" || shape.rule === undefined) continue;
    if (!shape.rule.expression.test(value))
      return `The specified value for ${lowerCamelCase(name)} is invalid. ${shape.rule.text}`;
  }
  return undefined;
};

const membersViolations = (members: Members, input: object, prefix: string): Violation[] =>
  Object.entries(members).flatMap(([name, { shape, required }]) => {
    const path = prefix + lowerCamelCase(name);
    const value = (input as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) return shapeViolations(shape, value, path);
    return required ? [violation("Value null", path, "Member must not be null")] : [];
  });

const shapeViolations = (shape: Shape, value: unknown, path: string): Violation[] => {
  if (shape.kind === "string") return stringViolations(shape, value as string, path);
  if (shape.kind === "integer") return integerViolations(shape, value as number, path);
  if (shape.kind === "list") return listViolations(shape, value as readonly unknown[], path);
  return structureViolations(shape, value as object, path);
};

const stringViolations = (shape: StringShape, value: string, path: string): Violation[] =>
  stringDemands(shape, value).map((demand) => violation(shape.sensitive ? "Value" : `Value '${value}'`, path, demand));

const integerViolations = ({ valueMin, valueMax }: IntegerShape, value: number, path: string): Violation[] => {
  const said = `Value '${value}'`;
  if (value < valueMin) return [violation(said, path, `Member must have value greater than or equal to ${valueMin}`)];
  if (value > valueMax) return [violation(said, path, `Member must have value less than or equal to ${valueMax}`)];
  return [];
};

const listViolations = (shape: ListShape, value: readonly unknown[], path: string): Violation[] => {
  const own = lengthDemands(shape, value.length).map((demand) => violation("Value", path, demand));
  if (shape.member.kind !== "string") {
    return [
      ...own,
      ...value.flatMap((member, index) => shapeViolations(shape.member, member, `${path}.${index + 1}.member`)),
    ];
  }
  // AWS names the whole list when a plain member of it is wrong.
  const memberShape = shape.member;
  const wrong = value.find((member) => stringDemands(memberShape, member as string).length > 0);
  if (wrong === undefined) return own;
  const said = `Value '[${value.join(", ")}]'`;
  const demands = [...allDemands(memberShape), ...(shape.membersNotNull ? ["Member must not be null"] : [])];
  return [...own, violation(said, path, `Member must satisfy constraint: [${demands.join(", ")}]`)];
};

const structureViolations = (shape: StructureShape, value: object, path: string): Violation[] =>
  membersViolations(shape.members, value, `${path}.`);

const lengthDemands = (
  { lengthMin = 0, lengthMax = Infinity }: { lengthMin?: number; lengthMax?: number },
  length: number,
) => {
  if (length > lengthMax) return [`Member must have length less than or equal to ${lengthMax}`];
  if (length < lengthMin) return [`Member must have length greater than or equal to ${lengthMin}`];
  return [];
};

/** The demands of `shape` that `value` does not meet. */
const stringDemands = (shape: StringShape, value: string): string[] => {
  const demands = lengthDemands(shape, value.length);
  if (shape.pattern && !shape.pattern.expression.test(value)) demands.push(patternDemand(shape.pattern.text));
  if (shape.words?.includes(value) === false) demands.push(wordsDemand(shape.words));
  return demands;
};

/** All demands of `shape`, met or not. */
const allDemands = (shape: StringShape): string[] => {
  const demands: string[] = [];
  if (shape.lengthMax !== undefined) demands.push(`Member must have length less than or equal to ${shape.lengthMax}`);
  if (shape.lengthMin !== undefined)
    demands.push(`Member must have length greater than or equal to ${shape.lengthMin}`);
  if (shape.pattern) demands.push(patternDemand(shape.pattern.text));
  if (shape.words) demands.push(wordsDemand(shape.words));
  return demands;
};

const patternDemand = (text: string): string => `Member must satisfy regular expression pattern: ${text}`;

const wordsDemand = (words: readonly string[]): string => `Member must satisfy enum value set: [${words.join(", ")}]`;

const violation = (said: string, path: string, demand: string): Violation => ({ said, path, demand });

/** AWS writes members so in its messages: `RoleArn` is `roleArn`, `SAMLAssertion` is `sAMLAssertion`. */
const lowerCamelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
