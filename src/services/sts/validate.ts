/** Checks an input against its constraints and, as AWS does, tells all violations at once. */
import { CONSTRAINTS } from "./constraints.ts";
import type { BuiltOperationName } from "./constraints.ts";
import { StsError } from "./errors.ts";
import type { IntegerShape, ListShape, Member, Shape, StringShape, StructureShape } from "./shapes.ts";

/** Throws `ValidationError` naming every member of `input` that breaks a constraint of `operation`. */
export const validateInput = (operation: BuiltOperationName, input: object): void => {
  const violations = membersViolations(CONSTRAINTS[operation], input, "");
  if (violations.length === 0) return;
  const noun = violations.length === 1 ? "validation error" : "validation errors";
  throw new StsError("ValidationError", {
    message: `${violations.length} ${noun} detected: ${violations.join("; ")}`,
  });
};

const membersViolations = (members: Readonly<Record<string, Member>>, input: object, prefix: string): string[] =>
  Object.entries(members).flatMap(([name, { shape, required }]) => {
    const path = prefix + lowerCamelCase(name);
    const value = (input as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) return shapeViolations(shape, value, path);
    return required ? [violation("Value null", path, "Member must not be null")] : [];
  });

const shapeViolations = (shape: Shape, value: unknown, path: string): string[] => {
  if (shape.kind === "string") return stringViolations(shape, value as string, path);
  if (shape.kind === "integer") return integerViolations(shape, value as number, path);
  if (shape.kind === "list") return listViolations(shape, value as readonly unknown[], path);
  return structureViolations(shape, value as object, path);
};

const stringViolations = (shape: StringShape, value: string, path: string): string[] =>
  stringDemands(shape, value).map((demand) => violation(shape.sensitive ? "Value" : `Value '${value}'`, path, demand));

const integerViolations = ({ valueMin, valueMax }: IntegerShape, value: number, path: string): string[] => {
  const said = `Value '${value}'`;
  if (value < valueMin) return [violation(said, path, `Member must have value greater than or equal to ${valueMin}`)];
  if (value > valueMax) return [violation(said, path, `Member must have value less than or equal to ${valueMax}`)];
  return [];
};

const listViolations = (shape: ListShape, value: readonly unknown[], path: string): string[] => {
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
  return [...own, violation(said, path, `Member must satisfy constraint: [${allDemands(memberShape).join(", ")}]`)];
};

const structureViolations = (shape: StructureShape, value: object, path: string): string[] =>
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
  return demands;
};

/** All demands of `shape`, met or not. */
const allDemands = (shape: StringShape): string[] => {
  const demands: string[] = [];
  if (shape.lengthMax !== undefined) demands.push(`Member must have length less than or equal to ${shape.lengthMax}`);
  if (shape.lengthMin !== undefined)
    demands.push(`Member must have length greater than or equal to ${shape.lengthMin}`);
  if (shape.pattern) demands.push(patternDemand(shape.pattern.text));
  return demands;
};

const patternDemand = (text: string): string => `Member must satisfy regular expression pattern: ${text}`;

const violation = (said: string, path: string, demand: string): string =>
  `${said} at '${path}' failed to satisfy constraint: ${demand}`;

/** AWS writes members so in its messages: `RoleArn` is `roleArn`, `SAMLAssertion` is `sAMLAssertion`. */
const lowerCamelCase = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);
