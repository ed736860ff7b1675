/** Reading AWS's schemas: what the generator asks of them, each question once. */
import { NormalizedSchema } from "@smithy/core/schema";

/** A schema of the SDK, with its traits in reach. */
export type Schema = NormalizedSchema;
/** What Smithy says of a shape or a member, by the trait's name. */
export type Traits = Readonly<Record<string, unknown>>;

/** A service as it is generated. */
export type Service = {
  /** Name of the generated file. */
  readonly file: string;
  /** The SDK's package. */
  readonly packageName: string;
  /** What that package exports. */
  readonly sdk: Readonly<Record<string, unknown>>;
  /** The client's class in it. */
  readonly client: string;
  readonly protocol: "rest-xml" | "query";
  /** Those to generate; absent: all. */
  readonly operations?: readonly string[];
};

/** An operation of a service's model. */
export type Operation = {
  readonly name: string;
  readonly http: readonly [method: string, uri: string, status: number];
  /** True when the model says something of checksums. */
  readonly hasChecksum: boolean;
  readonly input: Schema;
  readonly output: Schema;
};

type OperationTuple = readonly [
  kind: 9,
  namespace: string,
  name: string,
  traits: Traits,
  input: unknown,
  output: unknown,
];
const isOperation = (value: unknown): value is OperationTuple => Array.isArray(value) && value[0] === 9;

/** Orders pairs by their names. */
export const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);

/** The operations of a service in order of their names. */
export const operationsOf = ({ sdk }: Service): readonly Operation[] =>
  Object.values(sdk)
    .filter(isOperation)
    .map(([, , name, traits, input, output]) => ({
      name,
      http: (traits["http"] ?? ["POST", "/", 200]) as Operation["http"],
      hasChecksum: traits["httpChecksum"] !== undefined,
      input: NormalizedSchema.of(input as never),
      output: NormalizedSchema.of(output as never),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** A shape's name without its namespace. */
export const nameOf = (schema: Schema): string => schema.getName()?.replace(/^.*#/, "") ?? "";
/** True for structures and unions. */
export const isStructure = (schema: Schema): boolean => schema.isStructSchema() || schema.isUnionSchema();
/** True for a union whose members are sent one after another. */
export const isEventStream = (schema: Schema): boolean => isStructure(schema) && schema.isStreaming();
/** The members of a structure in the model's order: the required ones come first. */
export const membersOf = (schema: Schema): readonly (readonly [string, Schema])[] => [...schema.structIterator()];

/** A structure's static form ends with how many of its members, which come first, are required. */
export const requiredCount = (schema: Schema): number => {
  const tuple = schema.getSchema();
  const count = Array.isArray(tuple) ? (tuple[6] as unknown) : undefined;
  return typeof count === "number" ? count : 0;
};

/** A trait that is a text; throws a TypeError for any other. */
export const textTrait = (traits: Traits, name: string): string | undefined => {
  const value = traits[name];
  if (value === undefined || typeof value === "string") return value;
  throw new TypeError(`the trait ${name} is no text`);
};

/** Traits that the generator knows, whether it uses them or not; any other stops it. */
const KNOWN_TRAITS: ReadonlySet<string> = new Set([
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
  "eventPayload",
  "hostLabel",
]);

/** All traits of a member, its target's too. */
export const traitsOf = (member: Schema): Traits => {
  const traits: Traits = member.getMergedTraits();
  for (const name of Object.keys(traits)) if (!KNOWN_TRAITS.has(name)) throw new Error(`unknown trait ${name}`);
  return traits;
};

/** Whose value a schema is: sent by clients, or answered to them. */
export type Role = "input" | "output";

/** All shapes of a service. */
export type Shapes = {
  readonly structures: readonly (readonly [name: string, shape: { readonly schema: Schema; readonly role: Role }])[];
  readonly lists: readonly (readonly [name: string, schema: Schema])[];
  readonly maps: readonly (readonly [name: string, schema: Schema])[];
};

/** Every structure, list and map that the operations reach, each in order of names. */
export const shapesOf = (operations: readonly Operation[]): Shapes => {
  const structures = new Map<string, { readonly schema: Schema; readonly role: Role }>();
  const lists = new Map<string, Schema>();
  const maps = new Map<string, Schema>();
  const visit = (schema: Schema, role: Role): void => {
    const name = nameOf(schema);
    if (isStructure(schema)) {
      if (structures.has(name)) return;
      structures.set(name, { schema, role });
      for (const [, member] of membersOf(schema)) visit(member, role);
    } else if (schema.isListSchema() || schema.isMapSchema()) {
      (schema.isListSchema() ? lists : maps).set(name, schema);
      visit(schema.getValueSchema(), role);
    }
  };
  for (const { input, output } of operations) {
    visit(input, "input");
    visit(output, "output");
  }
  return { structures: [...structures].sort(byName), lists: [...lists].sort(byName), maps: [...maps].sort(byName) };
};
