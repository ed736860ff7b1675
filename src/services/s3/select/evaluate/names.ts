/** What the names in a query mean: columns of a table, or members of JSON values. */
import { SelectError } from "../errors.ts";
import type { Identifier, PathStep } from "../sql/ast.ts";
import { isList, isStruct, MISSING, type Value } from "../values/values.ts";

export type Evaluate = (row: Value) => Value;

/** Gives each path of a query its meaning. */
export type Names = {
  /** What the path leads to in a row. Errors: MissingHeaders, InvalidColumnIndex, AmbiguousFieldName and their kin. */
  resolve(name: Identifier, steps: readonly PathStep[]): Evaluate;
  /** Columns are texts that nobody has given a type: they are read as numbers where they meet one. */
  readonly untyped: boolean;
};

/** Whether `name` is what the query calls `wanted`: by its letters alone unless it is quoted. */
const isNamed = (name: string, { text, quoted }: Identifier): boolean =>
  name === text || (!quoted && name.length === text.length && name.toLowerCase() === text.toLowerCase());

/** The place of a name among others, or -1. Errors: AmbiguousFieldName. */
const placeOf = (names: readonly string[], wanted: Identifier): number => {
  let place = -1;
  for (let at = 0; at < names.length; at += 1) {
    if (!isNamed(names[at] ?? "", wanted)) continue;
    if (place >= 0) throw new SelectError("AmbiguousFieldName");
    place = at;
  }
  return place;
};

/** What is there may be NULL; what is not is MISSING. */
const valueAt = (values: readonly Value[], place: number): Value => {
  const value = values[place];
  return value === undefined ? MISSING : value;
};

/** The member of a JSON object; MISSING if there is none. Errors: AmbiguousFieldName. */
export const memberOf = (value: Value, name: Identifier): Value => {
  if (!isStruct(value)) return MISSING;
  const place = placeOf(value.names, name);
  return place < 0 ? MISSING : (value.values[place] ?? null);
};

/** One step of a path. Errors: AmbiguousFieldName. */
export const takeStep = (value: Value, step: PathStep): Value => {
  if (step.kind === "name") return memberOf(value, step.name);
  return isList(value) ? valueAt(value, step.at) : MISSING;
};

const follow = (start: Evaluate, steps: readonly PathStep[]): Evaluate => {
  if (steps.length === 0) return start;
  return (row) => steps.reduce(takeStep, start(row));
};

const itself: Evaluate = (row) => row;

/** Names of rows that are any JSON values: the row's alias, or a member of the row. */
export const jsonNames = (alias: Identifier): Names => ({
  untyped: false,
  resolve: (name, steps) => {
    const start: Evaluate = isNamed(name.text, alias) ? itself : (row) => memberOf(row, name);
    return follow(start, steps);
  },
});

const POSITION = /^_(\d{1,9})$/;

export type TableOptions = {
  readonly alias: Identifier;
  /** The columns' names; undefined where they have only numbers. */
  readonly columns: readonly string[] | undefined;
  /** `csv` values are untyped texts; those of `parquet` may have members. */
  readonly format: "csv" | "parquet";
};

/** Names of the columns of a table: by header, or `_1` and so on. */
export const tableNames = ({ alias, columns, format }: TableOptions): Names => {
  const column = (name: Identifier): Evaluate => {
    const named = columns === undefined ? -1 : placeOf(columns, name);
    const place = named >= 0 ? named : placeByNumber(name);
    return (row) => (isStruct(row) ? valueAt(row.values, place) : MISSING);
  };

  const placeByNumber = ({ text }: Identifier): number => {
    const position = POSITION.exec(text)?.[1];
    if (position === undefined)
      throw new SelectError(format === "csv" ? "MissingHeaders" : "EvaluatorBindingDoesNotExist");
    if (Number(position) === 0) throw new SelectError("InvalidColumnIndex");
    return Number(position) - 1;
  };

  return {
    untyped: format === "csv",
    resolve: (name, steps) => {
      const [first, ...rest] = steps;
      if (isNamed(name.text, alias) && first === undefined) return itself;
      const qualified = isNamed(name.text, alias) && first?.kind === "name";
      const within = qualified ? rest : steps;
      if (format === "csv" && within.length > 0) {
        // `x.y` with an `x` that names no row, or something within a text.
        throw new SelectError(qualified || within[0]?.kind === "index" ? "InvalidKeyPath" : "InvalidTableAlias");
      }
      return follow(column(qualified ? first.name : name), within);
    },
  };
};
