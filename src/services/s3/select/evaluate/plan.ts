/** A query over rows of known names -> what makes results of rows. */
import { SelectError } from "../errors.ts";
import type { Expression, FromStep, PathStep, Projection, Query } from "../sql/ast.ts";
import { isStruct, isUnknown, type Struct, type Value } from "../values/values.ts";
import { compile, type Aggregate, type CompileScope } from "./compile.ts";
import { rowsWithin } from "./from-path.ts";
import type { Names } from "./names.ts";
import { hasPlainColumn, isAggregated } from "./walk.ts";

export type Plan = {
  /** The results of one value of the object. */
  results(value: Value): Iterable<Struct>;
  /** What is there once all rows have been seen: the one result of aggregates. */
  last(): Struct | undefined;
};

type Column = (row: Value, into: { readonly names: string[]; readonly values: Value[] }) => void;

/** The name of a column without an alias: the path's last name, or its place counted from 1. */
const nameOf = (expression: Expression, place: number): string => {
  const number = `_${place + 1}`;
  if (expression.kind !== "path") return number;
  const last: PathStep | undefined = expression.steps.at(-1);
  if (last === undefined) return expression.name.text;
  return last.kind === "name" ? last.name.text : number;
};

const compileColumn = (projection: Projection, place: number, scope: CompileScope): Column => {
  if (projection.kind === "all") {
    const value = scope.names.resolve(projection.name, projection.steps);
    return (row, { names, values }) => {
      const { names: more, values: others } = asStruct(value(row));
      names.push(...more);
      values.push(...others);
    };
  }
  const value = compile(projection.expression, scope);
  const name = projection.alias ?? nameOf(projection.expression, place);
  return (row, { names, values }) => {
    names.push(name);
    values.push(value(row));
  };
};

const EMPTY: Struct = { kind: "struct", names: [], values: [] };
const SINGLE = ["_1"];

/** What `*` gives of a row: one that is no object becomes its only column. */
const asStruct = (row: Value): Struct => {
  const values: readonly Value[] = [row];
  if (isStruct(row)) return row;
  return isUnknown(row) ? EMPTY : { kind: "struct", names: SINGLE, values };
};

type PlanOptions = {
  readonly names: Names;
  /** The steps of FROM after `S3Object[*]`. */
  readonly path: readonly FromStep[];
  readonly nowMs: number;
};

/** Compiles a query. Errors: those of names that mean nothing, UnsupportedSqlStructure, UnsupportedSqlOperation. */
export const planQuery = ({ projections, where }: Query, { names, path, nowMs }: PlanOptions): Plan => {
  const scope: CompileScope = { names, aggregates: undefined, nowMs };
  const condition = where && compile(where, scope);
  const rows = function* (value: Value): Generator<Value> {
    for (const row of rowsWithin(value, path)) {
      if (condition === undefined || condition(row) === true) yield row;
    }
  };
  if (projections !== undefined && isAggregated(projections)) return aggregatePlan(projections, { scope, rows });
  const project = projections === undefined ? asStruct : compileProjections(projections, scope);
  return {
    results: function* (value) {
      for (const row of rows(value)) yield project(row);
    },
    last: () => undefined,
  };
};

const compileProjections = (projections: readonly Projection[], scope: CompileScope): ((row: Value) => Struct) => {
  const columns = projections.map((projection, place) => compileColumn(projection, place, scope));
  return (row) => {
    const names: string[] = [];
    const values: Value[] = [];
    for (const column of columns) column(row, { names, values });
    return { kind: "struct", names, values };
  };
};

const aggregatePlan = (
  projections: readonly Projection[],
  { scope, rows }: { readonly scope: CompileScope; readonly rows: (value: Value) => Iterable<Value> },
): Plan => {
  // There is no GROUP BY that would say which row a column beside an aggregate is of.
  if (hasPlainColumn(projections)) throw new SelectError("UnsupportedSqlStructure");
  const aggregates: Aggregate[] = [];
  const project = compileProjections(projections, { ...scope, aggregates });
  return {
    results: (value) => {
      for (const row of rows(value)) for (const { accumulator, operand } of aggregates) accumulator.add(operand(row));
      return [];
    },
    last: () => project(null),
  };
};
