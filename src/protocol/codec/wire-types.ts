/** The kinds of members in the model's wire description, parsed. */
import type { MemberRow, ServiceDescription, WireType, XmlTraits } from "../model/description.ts";

export type Kind =
  | { readonly kind: "string" | "number" | "boolean" | "blob" | "stream" }
  | { readonly kind: "time"; readonly format: "iso" | "http" | "epoch" }
  | { readonly kind: "struct" | "list" | "map" | "event" | "enum"; readonly name: string };

export const parseKind = (type: WireType): Kind => {
  const [kind = "", argument = ""] = type.split(" ");
  switch (kind) {
    case "time":
      return { kind, format: argument as "iso" | "http" | "epoch" };
    case "struct":
    case "list":
    case "map":
    case "event":
    case "enum":
      return { kind, name: argument };
    case "number":
    case "boolean":
    case "blob":
    case "stream":
      return { kind };
    default:
      return { kind: "string" };
  }
};

/** A member of a structure with everything that the codec asks of it. */
export type Member = {
  readonly name: string;
  readonly kind: Kind;
  readonly required: boolean;
  /** `header`, `query`, `prefix`, `payload`, `label`, `status`, or empty for the document. */
  readonly place: string;
  /** The header's, parameter's or prefix's name. */
  readonly placeName: string;
  readonly xml: XmlTraits;
};

const NO_XML: XmlTraits = {};

export const memberOf = (
  [name, type, binding = "", xml = NO_XML]: MemberRow,
  { required }: { readonly required: boolean },
): Member => {
  const space = binding.indexOf(" ");
  return {
    name,
    kind: parseKind(type),
    required,
    place: space < 0 ? binding : binding.slice(0, space),
    placeName: space < 0 ? "" : binding.slice(space + 1),
    xml,
  };
};

export const membersOf = (description: ServiceDescription, structure: string): readonly Member[] => {
  const row = description.structures[structure];
  return (row?.members ?? []).map((member, at) => memberOf(member, { required: at < (row?.required ?? 0) }));
};
