/** Checks an input against the constraints of its operation. */
import { violationsMessage } from "../query/validate.ts";
import { CONSTRAINTS } from "./constraints.ts";
import type { StsOperationName } from "./context.ts";
import { StsError } from "./errors.ts";

/** Throws `ValidationError` naming every member of `input` that breaks a constraint of `operation`. */
export const validateInput = (operation: StsOperationName, input: object): void => {
  const message = violationsMessage(CONSTRAINTS[operation], input);
  if (message !== undefined) throw new StsError("ValidationError", { message });
};
