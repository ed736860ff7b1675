/** The TypeScript types of inputs and outputs. */
import { isEventStream, isStructure, membersOf, nameOf, requiredCount, type Role, type Schema } from "./schema.ts";

const parenthesised = (type: string): string =>
  /[ |]/.test(type) && !type.startsWith("Readonly<") ? `(${type})` : type;

const typeOf = (schema: Schema, role: Role): string => {
  if (isEventStream(schema)) return `AsyncIterable<${nameOf(schema)}>`;
  if (isStructure(schema)) return nameOf(schema);
  if (schema.isListSchema()) return `readonly ${parenthesised(typeOf(schema.getValueSchema(), role))}[]`;
  if (schema.isMapSchema()) return `Readonly<Record<string, ${typeOf(schema.getValueSchema(), role)}>>`;
  if (schema.isBlobSchema()) {
    if (!schema.isStreaming()) return "Uint8Array";
    return role === "input" ? "Readable" : "Readable | Uint8Array";
  }
  if (schema.isTimestampSchema()) return "Date";
  if (schema.isBooleanSchema()) return "boolean";
  return schema.isNumericSchema() ? "number" : "string";
};

/** The declaration of a structure. Words of a set stay plain texts: clients send others, and handlers say what is wrong. */
export const declarationOf = (schema: Schema, role: Role): string => {
  const required = requiredCount(schema);
  const members = membersOf(schema).map(([name, member], at) => {
    const type = typeOf(member, role);
    return at < required ? `  readonly ${name}: ${type};` : `  readonly ${name}?: ${type} | undefined;`;
  });
  if (members.length === 0) return `export type ${nameOf(schema)} = Readonly<Record<string, never>>;`;
  return `export type ${nameOf(schema)} = {\n${members.join("\n")}\n};`;
};

/** The name of an input's or an output's type. */
export const typeNameOf = (schema: Schema): string => (isStructure(schema) ? nameOf(schema) : "Unit");

/** True when a structure's type needs `Readable`. */
export const hasStream = (schema: Schema): boolean =>
  membersOf(schema).some(([, member]) => member.isBlobSchema() && member.isStreaming());
