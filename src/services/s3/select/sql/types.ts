/** The names of types. https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-data-types.html */
import type { TypeName } from "./ast.ts";
import type { Cursor } from "./cursor.ts";

const TYPES: ReadonlyMap<string, TypeName> = new Map<string, TypeName>([
  ["BOOL", "BOOL"],
  ["BOOLEAN", "BOOL"],
  ["INT", "INT"],
  ["INTEGER", "INT"],
  ["SMALLINT", "INT"],
  ["BIGINT", "INT"],
  ["STRING", "STRING"],
  ["CHAR", "STRING"],
  ["CHARACTER", "STRING"],
  ["VARCHAR", "STRING"],
  ["FLOAT", "FLOAT"],
  ["REAL", "FLOAT"],
  ["DOUBLE", "FLOAT"],
  ["DECIMAL", "DECIMAL"],
  ["DEC", "DECIMAL"],
  ["NUMERIC", "DECIMAL"],
  ["TIMESTAMP", "TIMESTAMP"],
]);

/** Reads a type. Its parameters, `DECIMAL(10, 2)`, are read and ignored, as by S3. Errors: ParseExpectedTypeName, InvalidDataType. */
export const readTypeName = (cursor: Cursor): TypeName => {
  const token = cursor.peek();
  if (token.kind !== "name" && token.kind !== "keyword") throw cursor.fail("ParseExpectedTypeName");
  const type = TYPES.get(token.text.toUpperCase());
  if (type === undefined) throw cursor.fail(token.kind === "name" ? "InvalidDataType" : "ParseExpectedTypeName");
  cursor.next();
  // `DOUBLE PRECISION`.
  cursor.accept("PRECISION");
  if (cursor.accept("(")) skipParameters(cursor);
  return type;
};

const skipParameters = (cursor: Cursor): void => {
  do {
    const token = cursor.next();
    if (token.kind !== "literal" || typeof token.value !== "bigint") throw cursor.fail("ParseInvalidTypeParam");
  } while (cursor.accept(","));
  cursor.expect(")", "ParseInvalidTypeParam");
};
