/** Checks an input against the constraints of IAM's model, as AWS words them. */
import { description } from "../../protocol/generated/iam.ts";
import type { Member, Shape } from "../query/shapes.ts";
import { ruleMessage, violationsMessage } from "../query/validate.ts";
import type { IamOperationName } from "./context.ts";
import { IamError } from "./errors.ts";
import { MEMBER_SHAPES, STRICTER_SHAPES } from "./shapes.ts";

type Members = Readonly<Record<string, Member>>;

const SHAPES: Readonly<Record<string, Shape | undefined>> = MEMBER_SHAPES;
/** Anything goes, but it has to be there. */
const ANYTHING: Shape = { kind: "structure", members: {} };

const membersOf = (operation: IamOperationName): Members => {
  const structure = description.structures[description.operations[operation].input];
  if (structure === undefined) return {};
  const stricter: Readonly<Record<string, Shape>> = STRICTER_SHAPES[operation] ?? {};
  const members = structure.members.map(([name], at): [string, Member] => [
    name,
    { shape: stricter[name] ?? SHAPES[name] ?? ANYTHING, required: at < structure.required },
  ]);
  // AWS tells what is wrong in the order of the members' names.
  return Object.fromEntries(members.toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

const known = new Map<IamOperationName, Members>();

const constraintsOf = (operation: IamOperationName): Members => {
  const members = known.get(operation) ?? membersOf(operation);
  known.set(operation, members);
  return members;
};

/** Throws `ValidationError` in AWS's words for an input that breaks a constraint of `operation`. */
export const validateInput = (operation: IamOperationName, input: object): void => {
  const members = constraintsOf(operation);
  const message = violationsMessage(members, input, { values: "kept" }) ?? ruleMessage(members, input);
  if (message !== undefined) throw new IamError("ValidationError", message);
};
