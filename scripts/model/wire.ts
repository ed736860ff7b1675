/** The description of the wire format, as rows of data. */
import type { MemberRow, XmlTraits } from "../../src/protocol/model/description.ts";
import type { Enums } from "./enums.ts";
import { isEventStream, isStructure, membersOf, nameOf, requiredCount, textTrait, traitsOf } from "./schema.ts";
import type { Schema, Traits } from "./schema.ts";

/** The code of a timestamp's format in a schema; without one the place decides. */
const TIMESTAMP_FORMATS: Readonly<Record<number, string>> = { 5: "iso", 6: "http", 7: "epoch" };

const timestampFormat = (schema: Schema): string => {
  const code = schema.getSchema();
  const explicit = typeof code === "number" ? TIMESTAMP_FORMATS[code] : undefined;
  return explicit ?? (traitsOf(schema)["httpHeader"] === undefined ? "iso" : "http");
};

/** `time iso`, `struct Tag`, `list TagSet`, `enum Payer` ... */
const wireType = (schema: Schema, enumName: string | undefined): string => {
  if (isEventStream(schema)) return `event ${nameOf(schema)}`;
  if (isStructure(schema)) return `struct ${nameOf(schema)}`;
  if (schema.isListSchema()) return `list ${nameOf(schema)}`;
  if (schema.isMapSchema()) return `map ${nameOf(schema)}`;
  if (schema.isBlobSchema()) return schema.isStreaming() ? "stream" : "blob";
  if (schema.isTimestampSchema()) return `time ${timestampFormat(schema)}`;
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  return enumName === undefined ? "string" : `enum ${enumName}`;
};

/** A header that exists in the SDKs alone: their second form of another, as it came. */
const MADE_UP_HEADERS: Readonly<Record<string, string>> = { ExpiresString: "Expires" };

/** Where a member stands; empty: in the document. */
const bindingOf = (traits: Traits): string => {
  if (traits["httpLabel"] !== undefined) return "label";
  const header = textTrait(traits, "httpHeader");
  if (header !== undefined) return `header ${MADE_UP_HEADERS[header] ?? header}`;
  const prefix = textTrait(traits, "httpPrefixHeaders");
  if (prefix !== undefined) return `prefix ${prefix}`;
  const parameter = textTrait(traits, "httpQuery");
  if (parameter !== undefined) return `query ${parameter}`;
  if (traits["httpPayload"] !== undefined) return "payload";
  return traits["httpResponseCode"] === undefined ? "" : "status";
};

const xmlTraits = (traits: Traits): XmlTraits | undefined => {
  const namespace = traits["xmlNamespace"] as readonly [prefix: string, uri: string] | undefined;
  const name = textTrait(traits, "xmlName");
  const xml: XmlTraits = {
    ...(name === undefined ? {} : { name }),
    ...(traits["xmlFlattened"] === undefined ? {} : { flat: true as const }),
    ...(traits["xmlAttribute"] === undefined ? {} : { attribute: true as const }),
    ...(namespace === undefined ? {} : { namespace }),
  };
  return Object.keys(xml).length === 0 ? undefined : xml;
};

const memberRow = (name: string, { member, enumName }: { member: Schema; enumName: string | undefined }): MemberRow => {
  const xml = xmlTraits(member.getMemberTraits());
  const binding = bindingOf(traitsOf(member));
  const type = wireType(member, enumName);
  if (xml !== undefined) return [name, type, binding, xml];
  return binding === "" ? [name, type] : [name, type, binding];
};

/** The row of a structure: its members, how many are required, and the name of its root element. */
export const structureRow = (schema: Schema, enums: Enums): unknown => {
  const xml = xmlTraits(schema.getOwnTraits());
  const enumOf = (name: string): string | undefined => enums.of(nameOf(schema), name);
  return {
    required: requiredCount(schema),
    ...(schema.isUnionSchema() ? { union: true } : {}),
    members: membersOf(schema).map(([name, member]) => memberRow(name, { member, enumName: enumOf(name) })),
    ...(xml === undefined ? {} : { xml }),
  };
};

/** The row of a list: what it is of, and the name of its elements. */
export const listRow = (schema: Schema, enumName: string | undefined): unknown => {
  const value = schema.getValueSchema();
  const xml = xmlTraits(value.getMemberTraits());
  return { of: wireType(value, enumName), ...(xml?.name === undefined ? {} : { member: xml.name }) };
};

/** The row of a map. */
export const mapRow = (schema: Schema): unknown => ({ of: wireType(schema.getValueSchema(), undefined) });
