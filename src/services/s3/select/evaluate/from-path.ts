/** The path of FROM: which values within a JSON value are the rows. */
import type { FromStep } from "../sql/ast.ts";
import { isList, isStruct, MISSING, type Value } from "../values/values.ts";
import { takeStep } from "./names.ts";

/**
 * The rows within one value of the document. A wildcard that finds nothing emits one that is MISSING.
 * `steps` are those after `S3Object[*]`. Errors: AmbiguousFieldName.
 */
export const rowsWithin = function* (value: Value, steps: readonly FromStep[], at = 0): Generator<Value> {
  const step = steps[at];
  if (step === undefined) {
    yield value;
    return;
  }
  if (step.kind === "name" || step.kind === "index") {
    yield* rowsWithin(takeStep(value, step), steps, at + 1);
    return;
  }
  const inner = step.kind === "elements" ? (isList(value) ? value : []) : isStruct(value) ? value.values : [];
  if (inner.length === 0) yield* rowsWithin(MISSING, steps, at + 1);
  for (const each of inner) yield* rowsWithin(each, steps, at + 1);
};
