/**
 * Writes src/protocol/generated/<service>.ts from the schemas of AWS's own SDK: the types of every operation's input and
 * output, and the description of its wire format.
 *
 * Usage: npm run model            writes the files
 *        npm run model -- --check fails, naming the file, when one would change
 */
import { readFile, writeFile } from "node:fs/promises";
import * as s3 from "@aws-sdk/client-s3";
import * as sts from "@aws-sdk/client-sts";
import { NormalizedSchema } from "@smithy/core/schema";

type Service = {
  readonly file: string;
  readonly module: Readonly<Record<string, unknown>>;
  readonly protocol: "rest-xml" | "query";
};

const SERVICES: readonly Service[] = [
  { file: "s3", module: s3, protocol: "rest-xml" },
  { file: "sts", module: sts, protocol: "query" },
];

type Schema = NormalizedSchema;
type Role = "input" | "output";

/** The static form of an operation's schema: kind, namespace, name, traits, input, output. */
type OperationTuple = [
  kind: 9,
  namespace: string,
  name: string,
  traits: { http?: [string, string, number] },
  input: unknown,
  output: unknown,
];
const isOperation = (value: unknown): value is OperationTuple => Array.isArray(value) && value[0] === 9;

/** A structure's static form ends with how many of its members, which come first, are required. */
const requiredCount = (schema: Schema): number => {
  const tuple = schema.getSchema();
  const count = Array.isArray(tuple) ? (tuple[6] as unknown) : undefined;
  return typeof count === "number" ? count : 0;
};

const nameOf = (schema: Schema): string => schema.getName()?.replace(/^.*#/, "") ?? "";

const isStructure = (schema: Schema): boolean => schema.isStructSchema() || schema.isUnionSchema();

/** The default timestamp format of each place, by the protocol. */
const timestampFormat = (member: Schema): string => {
  const code = member.getSchema();
  if (code === 5) return "iso";
  if (code === 6) return "http";
  if (code === 7) return "epoch";
  const traits = member.getMergedTraits();
  return traits.httpHeader === undefined ? "iso" : "http";
};

type Found = { readonly schema: Schema; readonly role: Role };

class ServiceModel {
  readonly structures = new Map<string, Found>();
  readonly lists = new Map<string, Schema>();
  readonly maps = new Map<string, Schema>();

  visit(schema: Schema, role: Role): void {
    if (isStructure(schema)) {
      if (this.structures.has(nameOf(schema))) return;
      this.structures.set(nameOf(schema), { schema, role });
      for (const [, member] of schema.structIterator()) this.visit(member, role);
    } else if (schema.isListSchema()) {
      this.lists.set(nameOf(schema), schema);
      this.visit(schema.getValueSchema(), role);
    } else if (schema.isMapSchema()) {
      this.maps.set(nameOf(schema), schema);
      this.visit(schema.getValueSchema(), role);
    }
  }
}

/** The type of a member in the wire description. */
const wireType = (schema: Schema): string => {
  if (isStructure(schema)) return schema.isStreaming() ? `event ${nameOf(schema)}` : `struct ${nameOf(schema)}`;
  if (schema.isListSchema()) return `list ${nameOf(schema)}`;
  if (schema.isMapSchema()) return `map ${nameOf(schema)}`;
  if (schema.isBlobSchema()) return schema.isStreaming() ? "stream" : "blob";
  if (schema.isTimestampSchema()) return `time ${timestampFormat(schema)}`;
  if (schema.isBooleanSchema()) return "boolean";
  if (schema.isNumericSchema()) return "number";
  return "string";
};

const tsType = (schema: Schema, role: Role): string => {
  if (isStructure(schema)) return schema.isStreaming() ? `AsyncIterable<${nameOf(schema)}>` : nameOf(schema);
  if (schema.isListSchema()) return `readonly ${parenthesised(tsType(schema.getValueSchema(), role))}[]`;
  if (schema.isMapSchema()) return `Readonly<Record<string, ${tsType(schema.getValueSchema(), role)}>>`;
  if (schema.isBlobSchema()) {
    if (!schema.isStreaming()) return "Uint8Array";
    return role === "input" ? "Readable" : "Readable | Uint8Array";
  }
  if (schema.isTimestampSchema()) return "Date";
  if (schema.isBooleanSchema()) return "boolean";
  return schema.isNumericSchema() ? "number" : "string";
};

const parenthesised = (type: string): string =>
  /[ |]/.test(type) && !type.startsWith("Readonly<") ? `(${type})` : type;

const KNOWN_TRAITS = new Set([
  "httpLabel",
  "httpHeader",
  "httpQuery",
  "httpPayload",
  "httpPrefixHeaders",
  "httpResponseCode",
  "xmlName",
  "xmlFlattened",
  "xmlAttribute",
  "xmlNamespace",
  "streaming",
  "sensitive",
  "idempotencyToken",
  "eventHeader",
  "eventPayload",
  "hostLabel",
  "mediaType",
  "jsonName",
  "httpQueryParams",
  "error",
  "httpError",
  "awsQueryError",
]);

/** The text of a trait that is a name. */
const nameIn = (traits: Readonly<Record<string, unknown>>, trait: string): string => {
  const name = traits[trait];
  if (typeof name !== "string") throw new Error(`trait ${trait} is no name`);
  return name;
};

/** Where a member stands on the wire: `header x-amz-acl`, `query partNumber`, `payload` ... Empty: in the document. */
const bindingOf = (traits: Readonly<Record<string, unknown>>): string => {
  for (const trait of Object.keys(traits)) if (!KNOWN_TRAITS.has(trait)) throw new Error(`unknown trait ${trait}`);
  if (traits["httpLabel"] !== undefined) return "label";
  if (traits["httpHeader"] !== undefined) return `header ${nameIn(traits, "httpHeader")}`;
  if (traits["httpPrefixHeaders"] !== undefined) return `prefix ${nameIn(traits, "httpPrefixHeaders")}`;
  if (traits["httpQuery"] !== undefined) return `query ${nameIn(traits, "httpQuery")}`;
  if (traits["httpPayload"] !== undefined) return "payload";
  if (traits["httpResponseCode"] !== undefined) return "status";
  return "";
};

type XmlTraits = { name?: string; flat?: true; attribute?: true; namespace?: readonly [string, string] };

const xmlTraits = (traits: Readonly<Record<string, unknown>>): XmlTraits | undefined => {
  const namespace = traits["xmlNamespace"] as readonly [string, string] | undefined;
  const xml: XmlTraits = {
    ...(traits["xmlName"] === undefined ? {} : { name: nameIn(traits, "xmlName") }),
    ...(traits["xmlFlattened"] === undefined ? {} : { flat: true as const }),
    ...(traits["xmlAttribute"] === undefined ? {} : { attribute: true as const }),
    ...(namespace === undefined ? {} : { namespace: [namespace[0] ?? "", namespace[1] ?? ""] as const }),
  };
  return Object.keys(xml).length === 0 ? undefined : xml;
};

const memberRow = (name: string, member: Schema): unknown[] => {
  const traits = member.getMergedTraits() as Readonly<Record<string, unknown>>;
  const own = member.getMemberTraits() as Readonly<Record<string, unknown>>;
  const row: unknown[] = [name, wireType(member), bindingOf(traits), xmlTraits(own)];
  while (row.at(-1) === undefined || row.at(-1) === "") row.pop();
  return row;
};

const structureRow = ({ schema }: Found): unknown => {
  const members = [...schema.structIterator()].map(([name, member]) => memberRow(name, member));
  const xml = xmlTraits(schema.getOwnTraits());
  return { required: requiredCount(schema), members, ...(xml === undefined ? {} : { xml }) };
};

const listRow = (schema: Schema): unknown => {
  const value = schema.getValueSchema();
  const xml = xmlTraits(value.getMemberTraits());
  return { of: wireType(value), ...(xml?.name === undefined ? {} : { member: xml.name }) };
};

const mapRow = (schema: Schema): unknown => ({ of: wireType(schema.getValueSchema()) });

const typeOf = (found: Found): string => {
  const { schema, role } = found;
  const required = requiredCount(schema);
  const members = [...schema.structIterator()].map(([name, member], at) => {
    const type = tsType(member, role);
    return at < required ? `  readonly ${name}: ${type};` : `  readonly ${name}?: ${type} | undefined;`;
  });
  if (members.length === 0) return `export type ${nameOf(schema)} = Readonly<Record<string, never>>;`;
  return `export type ${nameOf(schema)} = {\n${members.join("\n")}\n};`;
};

const row = (name: string, value: unknown): string => `    ${JSON.stringify(name)}: ${JSON.stringify(value)},`;

const generate = ({ module, protocol }: Service): string => {
  const operations = Object.values(module)
    .filter(isOperation)
    .sort((a, b) => (a[2] < b[2] ? -1 : 1));
  const model = new ServiceModel();
  const operationTypes: string[] = [];
  const operationRows: string[] = [];
  for (const [, , name, traits, input, output] of operations) {
    const schemas = [NormalizedSchema.of(input as never), NormalizedSchema.of(output as never)] as const;
    model.visit(schemas[0], "input");
    model.visit(schemas[1], "output");
    const [inputName, outputName] = [nameOf(schemas[0]), nameOf(schemas[1])];
    const named = (schema: Schema): string => (isStructure(schema) ? nameOf(schema) : "Unit");
    operationTypes.push(
      `  readonly ${name}: { readonly input: ${named(schemas[0])}; readonly output: ${named(schemas[1])} };`,
    );
    operationRows.push(row(name, { http: traits.http ?? ["POST", "/", 200], input: inputName, output: outputName }));
  }
  const structures = [...model.structures].sort(([a], [b]) => (a < b ? -1 : 1));
  const usesReadable = structures.some(([, { schema }]) =>
    [...schema.structIterator()].some(([, member]) => member.isBlobSchema() && member.isStreaming()),
  );
  return [
    "// Generated by scripts/generate-model.ts from AWS's own schemas. Do not edit: run `make model`.",
    ...(usesReadable ? [`import type { Readable } from "node:stream";`] : []),
    `import type { ServiceDescription } from "../model/description.ts";`,
    "",
    "export type Unit = Readonly<Record<string, never>>;",
    ...structures.map(([, found]) => `\n${typeOf(found)}`),
    "",
    "export type Operations = {",
    ...operationTypes,
    "};",
    "",
    "export const description: ServiceDescription<keyof Operations> = {",
    `  protocol: ${JSON.stringify(protocol)},`,
    "  operations: {",
    ...operationRows,
    "  },",
    "  structures: {",
    ...structures.map(([name, found]) => row(name, structureRow(found))),
    "  },",
    "  lists: {",
    ...[...model.lists].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, schema]) => row(name, listRow(schema))),
    "  },",
    "  maps: {",
    ...[...model.maps].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, schema]) => row(name, mapRow(schema))),
    "  },",
    "};",
    "",
  ].join("\n");
};

const main = async (): Promise<void> => {
  const check = process.argv.includes("--check");
  for (const service of SERVICES) {
    const path = new URL(`../src/protocol/generated/${service.file}.ts`, import.meta.url);
    const text = generate(service);
    if (!check) await writeFile(path, text);
    else if (text !== (await readFile(path, "utf8").catch(() => ""))) {
      process.stderr.write(`src/protocol/generated/${service.file}.ts is out of date: run make model\n`);
      process.exitCode = 1;
    }
  }
};

await main();
