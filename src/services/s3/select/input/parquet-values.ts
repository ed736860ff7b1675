/** What hyparquet reads -> values, by the file's schema. */
import { parquetSchema, type FileMetaData, type ParquetParsers, type SchemaElement, type SchemaTree } from "hyparquet";
import { decimal } from "../values/decimal.ts";
import type { Timestamp } from "../values/timestamp.ts";
import { isTimestamp, type Value } from "../values/values.ts";

const isDecimalElement = ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean =>
  converted === "DECIMAL" || logical?.type === "DECIMAL";

/** The metadata without the decimals' types: hyparquet would make JavaScript numbers of them, which hold 15 digits. */
export const withPlainDecimals = (metadata: FileMetaData): FileMetaData => ({
  ...metadata,
  schema: metadata.schema.map((element) => {
    if (!isDecimalElement(element)) return element;
    const { converted_type: _converted, logical_type: _logical, ...plain } = element;
    return plain;
  }),
});

const NS_PER_MS = 1_000_000n;
const NS_PER_US = 1_000n;
const MS_PER_DAY = 86_400_000;

const moment = (epochNs: bigint, fractionDigits: number): Timestamp => ({
  kind: "timestamp",
  epochNs,
  precision: "second",
  fractionDigits,
  offsetMinutes: 0,
});

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();

/** How hyparquet makes values of what it reads. */
export const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: (millis) => moment(millis * NS_PER_MS, 3),
  timestampFromMicroseconds: (micros) => moment(micros * NS_PER_US, 6),
  timestampFromNanoseconds: (nanos) => moment(nanos, 9),
  dateFromDays: (days): Timestamp => ({
    kind: "timestamp",
    epochNs: BigInt(days * MS_PER_DAY) * NS_PER_MS,
    precision: "day",
    fractionDigits: 0,
    offsetMinutes: undefined,
  }),
  jsonFromBytes: textOf,
};

/** A two's complement of any length, its highest byte first. */
const signedOf = (bytes: Uint8Array): bigint => {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
};

const leafOf =
  (element: SchemaElement) =>
  (read: unknown): Value => {
    const scale = isDecimalElement(element) ? (element.scale ?? 0) : undefined;
    if (typeof read === "bigint") return scale === undefined ? read : decimal(read, -scale);
    if (typeof read === "number") {
      const whole = element.type === "INT32" || element.type === "INT64";
      if (!whole) return read;
      return scale === undefined ? BigInt(read) : decimal(BigInt(read), -scale);
    }
    if (read instanceof Uint8Array) return scale === undefined ? textOf(read) : decimal(signedOf(read), -scale);
    if (typeof read === "boolean" || typeof read === "string") return read;
    return isTimestamp(read as Value) ? (read as Timestamp) : null;
  };

type Convert = (read: unknown) => Value;

const orNull =
  (convert: Convert): Convert =>
  (read) =>
    read === undefined || read === null ? null : convert(read);

/** Lists and maps have one or two levels of groups that are only there for the format. */
const innermostList = ({ children, element }: SchemaTree): SchemaTree | undefined => {
  const [only] = children;
  if (element.converted_type !== "LIST" && element.logical_type?.type !== "LIST") return undefined;
  return only?.children.length === 1 ? only.children[0] : only;
};

const isMap = ({ element }: SchemaTree): boolean =>
  element.converted_type === "MAP" || element.logical_type?.type === "MAP";

const converterOf = (tree: SchemaTree): Convert => {
  const item = innermostList(tree);
  if (item !== undefined) return listOf(converterOf(item));
  if (tree.element.repetition_type === "REPEATED") return listOf(oneOf(tree));
  return orNull(oneOf(tree));
};

const listOf = (convert: Convert): Convert =>
  orNull((read) => (Array.isArray(read) ? read.map(orNull(convert)) : convert(read)));

const oneOf = (tree: SchemaTree): Convert => {
  if (tree.children.length === 0) return leafOf(tree.element);
  const valueOfMap = isMap(tree) ? tree.children[0]?.children[1] : undefined;
  if (valueOfMap !== undefined) {
    const convert = converterOf(valueOfMap);
    return (read) => structOf(Object.entries(read as object), () => convert);
  }
  const members = new Map(tree.children.map((child) => [child.element.name, converterOf(child)]));
  return (read) => structOf(Object.entries(read as object), (name) => members.get(name));
};

const structOf = (
  entries: readonly (readonly [string, unknown])[],
  converterFor: (name: string) => Convert | undefined,
): Value => ({
  kind: "struct",
  names: entries.map(([name]) => name),
  values: entries.map(([name, value]) => converterFor(name)?.(value) ?? null),
});

/** The columns of a file, with what makes values of what is read of each. */
export const columnsOf = (metadata: FileMetaData): readonly { readonly name: string; readonly convert: Convert }[] =>
  parquetSchema(metadata).children.map((tree) => ({ name: tree.element.name, convert: converterOf(tree) }));

/** Whether a file has a column of the type that S3 Select does not know. */
export const hasInt96 = ({ schema }: FileMetaData): boolean => schema.some(({ type }) => type === "INT96");
