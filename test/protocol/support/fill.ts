/** Rich values for AWS's own schemas: every member filled, with texts that only a careful codec brings through. */
import { NormalizedSchema } from "@smithy/core/schema";

type Traits = Readonly<Record<string, unknown>>;
/** Where a text travels: what may stand in it depends on that. */
type Place = "document" | "header" | "query" | "label" | "form";

const HOSTILE = " &<>\"' ]]> &amp; &#x0D; %41+ \t\r\n é 日本 \u{1F600} \u2028 ";

const TEXTS: Readonly<Record<Place, string>> = {
  document: HOSTILE,
  form: HOSTILE,
  query: " &=+%2F?#/;é \u{1F600}\r\n",
  label: "//a b/../c+d&<e>\"'%2F?#é/\u{1F600}/",
  header: ' x=y;z, "q" & <r>',
};

export type FillOptions = {
  readonly protocol: "rest-xml" | "query";
  /** Values that a client or the codec checks, by member (`Grantee.Type`, or `Type` for all). */
  readonly fixed: (structure: string, member: string) => unknown;
  readonly streamText: string;
};

const nameOf = (schema: NormalizedSchema): string => schema.getName()?.replace(/^.*#/, "") ?? "";

const placeOf = (traits: Traits, { protocol }: FillOptions): Place => {
  if (protocol === "query") return "form";
  if (traits["httpLabel"] !== undefined) return "label";
  const parameter = traits["httpQuery"];
  // Parameters with this prefix become headers of the answer.
  if (typeof parameter === "string") return parameter.startsWith("response-") ? "header" : "query";
  return traits["httpHeader"] === undefined && traits["httpPrefixHeaders"] === undefined ? "document" : "header";
};

/** A time with milliseconds where the place can say them. */
const timeFor = (schema: NormalizedSchema, place: Place): Date => {
  const wholeSeconds = place === "header" || place === "form" || schema.getSchema() === 6;
  return new Date(Date.UTC(2031, 1, 3, 4, 5, 6, wholeSeconds ? 0 : 789));
};

const fillMember = (schema: NormalizedSchema, path: { name: string; place: Place; options: FillOptions }): unknown => {
  const { name, place, options } = path;
  if (schema.isUnionSchema()) {
    const [first] = [...schema.structIterator()];
    return first === undefined ? {} : { [first[0]]: fillMember(first[1], { ...path, name: first[0] }) };
  }
  if (schema.isStructSchema()) return fillStructure(schema, options);
  if (schema.isListSchema()) {
    const value = schema.getValueSchema();
    const fixed = options.fixed(nameOf(schema), "member");
    const item = (at: number): unknown => fixed ?? fillMember(value, { ...path, name: `${name}${at}` });
    return place === "header" ? ["first", "second"] : [item(1), item(2), item(3)];
  }
  if (schema.isMapSchema()) {
    return { plain: "value", "with-dash": fillMember(schema.getValueSchema(), path), "0": "number", "x.y": "dotted" };
  }
  if (schema.isBlobSchema()) {
    if (schema.isStreaming()) return Buffer.from(options.streamText);
    return Uint8Array.from([0, 1, 2, 250, 255, name.length]);
  }
  if (schema.isTimestampSchema()) return timeFor(schema, place);
  if (schema.isBooleanSchema()) return name.length % 2 === 0;
  if (schema.isNumericSchema()) return 1000 + name.length;
  return place === "label" ? TEXTS.label : name + TEXTS[place];
};

/** A value with every member of a structure, except streams of events. */
export const fillStructure = (schema: NormalizedSchema, options: FillOptions): Record<string, unknown> => {
  const value: Record<string, unknown> = {};
  for (const [name, member] of schema.structIterator()) {
    if (member.isUnionSchema() && member.isStreaming()) continue;
    const fixed = options.fixed(nameOf(schema), name);
    if (fixed === null) continue;
    const place = placeOf(member.getMergedTraits(), options);
    value[name] = fixed ?? fillMember(member, { name, place, options });
  }
  return value;
};

/** An operation of the SDK's model. */
export type SdkOperation = {
  readonly name: string;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
};

type OperationTuple = readonly [
  kind: 9,
  namespace: string,
  name: string,
  traits: unknown,
  input: unknown,
  output: unknown,
];
const isOperation = (value: unknown): value is OperationTuple => Array.isArray(value) && value[0] === 9;

/** Every operation whose schema a client's package exports, in order of their names. */
export const operationsOf = (sdk: Readonly<Record<string, unknown>>): readonly SdkOperation[] =>
  Object.values(sdk)
    .filter(isOperation)
    .map(([, , name, , input, output]) => ({
      name,
      input: NormalizedSchema.of(input as never),
      output: NormalizedSchema.of(output as never),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
