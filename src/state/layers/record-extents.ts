/** Which layered records say where bytes are: those that hold references to bodies. */
import type { Extent } from "../model.ts";
import {
  decodeAnnotation,
  decodeManifestChunk,
  decodePart,
  decodeVersion,
  encodeAnnotation,
  encodeAttributes,
  encodeManifestChunk,
  encodeObject,
  encodePart,
} from "../records.ts";

type Rewrite = (extents: readonly Extent[]) => Promise<readonly Extent[]>;

/** The extents that a layered record holds; none for a tombstone and for records of other kinds. */
export const extentsIn = (subkey: string, record: string): readonly Extent[] => {
  if (record === "") return [];
  switch (subkey[0]) {
    case "o":
    case "v": {
      const { version } = decodeVersion("", record);
      return version.kind === "object" ? version.extents : [];
    }
    case "m":
      return decodeManifestChunk(record).flatMap((part) => part.extents);
    case "p":
      return decodePart(record).extents;
    case "a":
      return decodeAnnotation("", record).extents;
    default:
      return [];
  }
};

/** The record with other extents; the same for one that has none. */
export const withExtents = async (subkey: string, record: string, rewrite: Rewrite): Promise<string> => {
  if (record === "") return record;
  switch (subkey[0]) {
    case "o":
    case "v": {
      const { version, attributesApart } = decodeVersion("", record);
      if (version.kind === "deleteMarker" || version.extents.length === 0) return record;
      const attributes = attributesApart ? undefined : encodeAttributes(version.attributes);
      return encodeObject({ ...version, extents: await rewrite(version.extents) }, attributes);
    }
    case "m": {
      const parts = [];
      for (const part of decodeManifestChunk(record)) parts.push({ ...part, extents: await rewrite(part.extents) });
      return encodeManifestChunk(parts);
    }
    case "p": {
      const part = decodePart(record);
      return encodePart({ ...part, extents: await rewrite(part.extents) });
    }
    case "a": {
      const annotation = decodeAnnotation("", record);
      return encodeAnnotation({ ...annotation, extents: await rewrite(annotation.extents) });
    }
    default:
      return record;
  }
};
