/**
 * The query protocol: flat parameters -> typed inputs, typed outputs -> XML.
 * https://smithy.io/2.0/aws/protocols/aws-query-protocol.html
 */
import { AwsError } from "../aws-error.ts";
import type { ServiceDescription } from "../model/description.ts";
import { QUERY_SERVICES, type QueryService } from "../model/overlay.ts";
import type { Parameters } from "../query-string.ts";
import { isoSeconds, parseTime } from "./times.ts";
import { membersOf, parseKind, type Kind } from "./wire-types.ts";
import { createXmlWriters, escapeXml } from "./xml-writer.ts";

/** Items of one list that are read; a gap ends it. */
const LIST_ITEMS_MAX = 1_000;

/** Reads the requests and writes the answers of one query service. */
export type QueryCodec = {
  /** Errors: MalformedInput for numbers, booleans and times that are none. */
  decodeInput(operation: string, parameters: Parameters): unknown;
  encodeOutput(operation: string, output: unknown, options: { readonly requestId: string }): string;
};

const malformed = (name: string, value: string): AwsError =>
  new AwsError("MalformedInput", {}, { status: 400, message: `${value} is not a valid value for ${name}` });

const readText = (kind: Kind, name: string, text: string): unknown => {
  switch (kind.kind) {
    case "number":
      if (/^-?\d{1,15}$/.test(text)) return Number(text);
      throw malformed(name, text);
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw malformed(name, text);
    case "time": {
      const time = parseTime(text);
      if (time !== undefined) return time;
      throw malformed(name, text);
    }
    case "blob":
      return Buffer.from(text, "base64");
    default:
      return text;
  }
};

/** Makes the codec of a service from its description. Required members are the handlers' to demand: each has words of its own. */
export const createQueryCodec = (service: QueryService, description: ServiceDescription): QueryCodec => {
  const { xmlNamespace } = QUERY_SERVICES[service];
  const writers = createXmlWriters(description, { writeTime: isoSeconds });

  const hasAny = (parameters: Parameters, prefix: string): boolean => {
    for (const name of parameters.keys()) if (name.startsWith(prefix)) return true;
    return false;
  };

  const read = (kind: Kind, name: string, parameters: Parameters): unknown => {
    if (kind.kind === "struct") {
      return hasAny(parameters, `${name}.`) ? readStructure(kind.name, `${name}.`, parameters) : undefined;
    }
    if (kind.kind === "list") return readList(kind.name, name, parameters);
    const text = parameters.get(name);
    return text === undefined ? undefined : readText(kind, name, text);
  };

  const readList = (list: string, name: string, parameters: Parameters): unknown[] | undefined => {
    const { of, member = "member" } = description.lists[list] ?? { of: "string" };
    const kind = parseKind(of);
    const items: unknown[] = [];
    for (let at = 1; at <= LIST_ITEMS_MAX; at += 1) {
      const item = read(kind, `${name}.${member}.${at}`, parameters);
      if (item === undefined) break;
      items.push(item);
    }
    // An empty list is written as a parameter without a value.
    return items.length > 0 || parameters.has(name) ? items : undefined;
  };

  const readStructure = (structure: string, prefix: string, parameters: Parameters): Record<string, unknown> => {
    const value: Record<string, unknown> = {};
    for (const { name, kind, xml } of membersOf(description, structure)) {
      const member = read(kind, prefix + (xml.name ?? name), parameters);
      if (member !== undefined) value[name] = member;
    }
    return value;
  };

  return {
    decodeInput: (operation, parameters) =>
      readStructure(description.operations[operation]?.input ?? "", "", parameters),
    encodeOutput: (operation, output, { requestId }) => {
      const structure = description.operations[operation]?.output ?? "";
      // Operations that answer nothing have no element for it.
      const hasResult = description.structures[structure] !== undefined;
      return [
        `<${operation}Response xmlns="${xmlNamespace}">`,
        hasResult ? `<${operation}Result>${writers.content(structure)(output)}</${operation}Result>` : "",
        `<ResponseMetadata><RequestId>${escapeXml(requestId)}</RequestId></ResponseMetadata>`,
        `</${operation}Response>`,
      ].join("");
    },
  };
};
