/** What AWS's models demand of the members of requests to query services, as data. */

/** A pattern as AWS prints it in its answers, and the expression that decides. */
export type Pattern = { readonly text: string; readonly expression: RegExp };

export type StringShape = {
  readonly kind: "string";
  /** Lengths count UTF-16 units, as AWS's own validation does. */
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  readonly pattern?: Pattern;
  /** The words that it may be, in AWS's order. */
  readonly words?: readonly string[];
  /** A rule that AWS checks once the model's constraints are met, with what it says of it. */
  readonly rule?: Pattern;
  /** The value is a credential and never repeated in an answer. */
  readonly sensitive?: boolean;
};
export type IntegerShape = { readonly kind: "integer"; readonly valueMin: number; readonly valueMax: number };
export type ListShape = {
  readonly kind: "list";
  readonly lengthMin?: number;
  readonly lengthMax?: number;
  readonly member: Shape;
  /** Whether AWS tells that no member may be null when one breaks another demand. */
  readonly membersNotNull?: true;
};
export type StructureShape = { readonly kind: "structure"; readonly members: Readonly<Record<string, Member>> };
export type Shape = StringShape | IntegerShape | ListShape | StructureShape;

export type Member = { readonly shape: Shape; readonly required: boolean };

/** A member that must be given. */
export const required = (shape: Shape): Member => ({ shape, required: true });
/** A member that may be left out. */
export const optional = (shape: Shape): Member => ({ shape, required: false });

/** A pattern that JavaScript reads as AWS prints it, unless `expression` says it. */
export const pattern = (text: string, expression = new RegExp(`^(?:${text})$`, "u")): Pattern => ({ text, expression });

/** A text. Lengths count UTF-16 units. */
export const string = (options: Omit<StringShape, "kind">): StringShape => ({ kind: "string", ...options });
/** A whole number from `valueMin` to `valueMax`. */
export const integer = (valueMin: number, valueMax: number): IntegerShape => ({ kind: "integer", valueMin, valueMax });
