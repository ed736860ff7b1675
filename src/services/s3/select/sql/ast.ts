/** An SQL expression as the parser understood it. */
import type { Value } from "../values/values.ts";
import type { DatePart } from "../values/timestamp.ts";

/** A name as it was written; one in double quotation marks is matched exactly. */
export type Identifier = { readonly text: string; readonly quoted: boolean };

/** What follows the first name of a path: `.name`, `['name']`, `[0]`. */
export type PathStep =
  | { readonly kind: "name"; readonly name: Identifier }
  | { readonly kind: "index"; readonly at: number };

/** What a path of FROM may have besides. */
export type FromStep = PathStep | { readonly kind: "elements" } | { readonly kind: "members" };

export type BinaryOperator = "OR" | "AND" | "=" | "<>" | "<" | ">" | "<=" | ">=" | "+" | "-" | "*" | "/" | "%";

export type TypeName = "BOOL" | "INT" | "STRING" | "FLOAT" | "DECIMAL" | "TIMESTAMP";

export type AggregateName = "COUNT" | "SUM" | "AVG" | "MIN" | "MAX";

/** Functions whose arguments stand between commas. */
export type FunctionName =
  | "CHAR_LENGTH"
  | "COALESCE"
  | "LOWER"
  | "NULLIF"
  | "SUBSTRING"
  | "TO_STRING"
  | "TO_TIMESTAMP"
  | "UPPER"
  | "UTCNOW";

export type ExtractPart = DatePart | "timezone_hour" | "timezone_minute";

export type TrimSide = "BOTH" | "LEADING" | "TRAILING";

export type CaseBranch = { readonly when: Expression; readonly result: Expression };

export type Expression =
  | { readonly kind: "literal"; readonly value: Value }
  | { readonly kind: "path"; readonly name: Identifier; readonly steps: readonly PathStep[] }
  | { readonly kind: "list"; readonly items: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "negative"; readonly operand: Expression }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: "is";
      readonly operand: Expression;
      readonly what: "NULL" | "MISSING" | TypeName;
      readonly negated: boolean;
    }
  | {
      readonly kind: "like";
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly escape: Expression | undefined;
      readonly negated: boolean;
    }
  | {
      readonly kind: "in";
      readonly operand: Expression;
      readonly options: readonly Expression[];
      readonly negated: boolean;
    }
  | {
      readonly kind: "between";
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    }
  | {
      readonly kind: "case";
      /** Compared with each branch's `when`; without it they are conditions. */
      readonly operand: Expression | undefined;
      readonly branches: readonly CaseBranch[];
      readonly otherwise: Expression | undefined;
    }
  | { readonly kind: "cast"; readonly operand: Expression; readonly type: TypeName }
  | { readonly kind: "call"; readonly name: FunctionName; readonly args: readonly Expression[] }
  | { readonly kind: "extract"; readonly part: ExtractPart; readonly operand: Expression }
  | {
      readonly kind: "dateAdd";
      readonly part: DatePart;
      readonly quantity: Expression;
      readonly operand: Expression;
    }
  | { readonly kind: "dateDiff"; readonly part: DatePart; readonly from: Expression; readonly to: Expression }
  | {
      readonly kind: "trim";
      readonly side: TrimSide;
      readonly characters: Expression | undefined;
      readonly operand: Expression;
    }
  /** Without an operand it is COUNT(*). */
  | { readonly kind: "aggregate"; readonly name: AggregateName; readonly operand: Expression | undefined };

/** A column of the result. Without an alias it is named for its place or the path's last name. */
export type Projection =
  | { readonly kind: "expression"; readonly expression: Expression; readonly alias: string | undefined }
  /** `s.*`: every field of what the path leads to. */
  | { readonly kind: "all"; readonly name: Identifier; readonly steps: readonly PathStep[] };

export type Query = {
  /** Undefined for `*`. */
  readonly projections: readonly Projection[] | undefined;
  readonly from: {
    readonly steps: readonly FromStep[];
    /** What names a row in the query. */
    readonly alias: Identifier;
  };
  readonly where: Expression | undefined;
  readonly limit: number | undefined;
};
