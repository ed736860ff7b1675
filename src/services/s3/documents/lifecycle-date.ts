import { javaDate } from "../retention.ts";
import { argumentError } from "./checks.ts";

const DAY_MS = 86_400_000;

/** Errors: InvalidArgument for a date that is not at midnight, GMT. */
export const assertMidnight = (date: Date | undefined): void => {
  if (date === undefined || date.getTime() % DAY_MS === 0) return;
  throw argumentError("Date", javaDate(date), "'Date' must be at midnight GMT");
};
