/** Makes deterministic inputs and outputs from AWS's own schemas, every member filled with what its place can carry. */
import { NormalizedSchema } from "@smithy/core/schema";
import { wordOf } from "../support/fixed.ts";

export type Values = Record<string, unknown>;

/**
 * `rich`: every member, with hostile texts; `branch` picks the member of each union.
 * `required`: only what a client must give and, of an answer, its payload. `empty`: texts and lists of documents without content.
 */
export type Filling = { readonly style: "rich" | "required" | "empty"; readonly branch: number };
type Role = "input" | "output";

/** Everything that text in a document or an escaped parameter has to survive. */
const HOSTILE = ` \t& < > " ' ]]> &amp; &#65; %41+%2F \r\n \r \n \u{1F600}\uFF21\u00e9 \u0085\u2028 `;
/** What a header can carry. */
const HOSTILE_HEADER = `& < > " ' ]]> &amp; %41+%2F; \t= ~`;
const HOSTILE_KEY = `/lead//double/./../a b+c%2F?d#e&f=g<>"'*()!~\r\n\u{1F600}\uFF21\u00e9/`;

/** Members that the SDK itself reads: they need values that it takes. */
const FIXED: Readonly<Record<string, string>> = {
  Bucket: "amzn-s3-demo-bucket",
  ChecksumAlgorithm: "SHA256",
  SSECustomerKey: Buffer.alloc(32, 7).toString("base64"),
  CopySourceSSECustomerKey: Buffer.alloc(32, 8).toString("base64"),
  RequestRoute: "route-1",
};

/** What the SDK makes up itself from another member. */
const MADE_UP = new Set(["ExpiresString"]);
/** Texts that are a whole body, or all of an answer: the SDK leaves them out when they are empty. */
const isWholeBody = (name: string, schema: NormalizedSchema): boolean =>
  schema.getMergedTraits().httpPayload !== undefined || name === "LocationConstraint";

const FIRST_TIME_MS = Date.UTC(2024, 1, 29, 23, 59, 58);
const LIST_ITEMS = 2;

/** How many of a structure's members, which come first, are required: the end of its static form. */
const requiredCount = (schema: NormalizedSchema): number => {
  const tuple = schema.getSchema();
  const count: unknown = Array.isArray(tuple) ? tuple[6] : undefined;
  return typeof count === "number" ? count : 0;
};

type Place = "attribute" | "document" | "header" | "label" | "query";

const placeOf = (schema: NormalizedSchema): Place => {
  const traits = schema.getMergedTraits();
  if (traits.httpHeader !== undefined || traits.httpPrefixHeaders !== undefined) return "header";
  if (traits.httpLabel !== undefined) return "label";
  if (traits.xmlAttribute !== undefined) return "attribute";
  const parameter = traits.httpQuery;
  if (typeof parameter !== "string") return "document";
  // These become headers of the answer.
  return parameter.startsWith("response-") ? "header" : "query";
};

/** Numbers, times and texts differ from member to member, so that two that change places are noticed. */
const createFiller = ({ style, branch }: Filling, role: Role) => {
  let count = 0;

  const text = (name: string, schema: NormalizedSchema, place: Place): string => {
    const fixed = FIXED[name];
    if (fixed !== undefined) return fixed;
    if (place === "label") return name === "Key" ? HOSTILE_KEY : `label-${count}`;
    // The SDK writes line ends of attributes as they are, and a reader has to take them for blanks.
    if (place === "header" || place === "attribute") return `${count} ${HOSTILE_HEADER}`;
    if (style === "empty" && !isWholeBody(name, schema)) return "";
    return `${HOSTILE}${count}${HOSTILE}`;
  };

  const list = (name: string, schema: NormalizedSchema, place: Place): unknown => {
    if (place === "header") return [`Item${(count += 1)}`, `Item${(count += 1)}`];
    // A flat list without items leaves no trace on the wire.
    if (style === "empty" && schema.getMergedTraits().xmlFlattened === undefined) return [];
    return Array.from({ length: LIST_ITEMS }, () => value(name, schema.getValueSchema(), place));
  };

  const value = (name: string, schema: NormalizedSchema, place: Place): unknown => {
    if (schema.isUnionSchema()) return union(schema);
    if (schema.isStructSchema()) return structure(schema);
    if (schema.isListSchema()) return list(name, schema, place);
    if (schema.isMapSchema()) return { first: `a${(count += 1)} ${HOSTILE_HEADER}`, "second-key": `b${(count += 1)}` };
    count += 1;
    if (schema.isBlobSchema()) return Uint8Array.of(0, 255, 13, 10, count % 256);
    if (schema.isTimestampSchema()) return new Date(FIRST_TIME_MS + count * 1_000);
    if (schema.isBooleanSchema()) return count % 2 === 0;
    if (schema.isNumericSchema()) return count;
    return text(name, schema, place);
  };

  const union = (schema: NormalizedSchema): Values => {
    const members = [...schema.structIterator()];
    const member = members[branch % members.length];
    if (member === undefined) throw new Error(`${schema.getName()} has no members`);
    const [name, memberSchema] = member;
    return { [name]: value(name, memberSchema, "document") };
  };

  /** Documents admit only the words of a member's set, where it has one. */
  const wordIn = (schema: NormalizedSchema, { name, member }: { name: string; member: NormalizedSchema }): unknown => {
    // The one word of EncodingType makes the codec encode the rest.
    if (placeOf(member) === "header" || placeOf(member) === "query" || name === "EncodingType") return undefined;
    const nameOf = (named: NormalizedSchema): string => named.getName()?.replace(/^.*#/, "") ?? "";
    if (!member.isListSchema()) return wordOf(nameOf(schema), name);
    const word = style === "empty" ? undefined : wordOf(nameOf(member), "member");
    return word === undefined ? undefined : [word, word];
  };

  const structure = (schema: NormalizedSchema): Values => {
    const filled: Values = {};
    let at = 0;
    for (const [name, member] of schema.structIterator()) {
      at += 1;
      if (MADE_UP.has(name)) continue;
      const isPayload = role === "output" && member.getMergedTraits().httpPayload !== undefined;
      if (style === "required" && at > requiredCount(schema) && !isPayload) continue;
      const word = wordIn(schema, { name, member });
      filled[name] = word ?? value(name, member, placeOf(member));
    }
    return filled;
  };

  return (schema: NormalizedSchema): Values => (schema.isUnitSchema() ? {} : structure(schema));
};

export const fillInput = (schema: NormalizedSchema, filling: Filling): Values => createFiller(filling, "input")(schema);
export const fillOutput = (schema: NormalizedSchema, filling: Filling): Values =>
  createFiller(filling, "output")(schema);
