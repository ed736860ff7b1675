/** A version and what stands beside it in records of their own: its manifest, long attributes, annotations. */
import type { Reader } from "../../engine/port.ts";
import { layered, layerPrefix, prefixRange } from "../keys.ts";
import type { Version } from "../model.ts";
import { decodeManifestChunk, decodeVersion } from "../records.ts";
import { scanAllLayered, TOMBSTONE, type Stack } from "../stack.ts";
import { fault, quoted, type Found } from "./finding.ts";
import { objectKeyOf, type Facts } from "./record-facts.ts";

const SEQ_DIGITS = 11;

/** Where a record stands, and the stack that it is read through. */
type Place = { readonly reader: Reader; readonly stack: Stack; readonly layerId: string };

/** As a read through the stack finds it; a tombstone in the bottom layer counts as one. */
export const getThrough = async (reader: Reader, { layers }: Stack, subkey: string): Promise<string | undefined> => {
  for (const layer of layers) {
    const record = await reader.get(layerPrefix(layer) + subkey);
    if (record !== undefined) return record === TOMBSTONE ? undefined : record;
  }
  return undefined;
};

/** Whether all that belongs to a version is there. */
export const checkVersion = async (
  { reader, stack, layerId }: Place,
  { subkey, facts, bucketName }: { subkey: string; facts: Facts & { kind: "version" }; bucketName: string },
): Promise<Found[]> => {
  const findings: Found[] = [];
  const { version, seq, apart } = facts;
  const key = objectKeyOf(subkey);
  const bucketId = layered.bucketIdOf(subkey);
  const wrong = (what: string): void =>
    void findings.push(fault("version", `${bucketName}/${quoted(key)}, version ${seq} (layer ${layerId}): ${what}`));
  if (subkey.startsWith("v") && layered.version(bucketId, key, seq) !== subkey) wrong("it stands under another number");
  if (version === undefined) return findings;
  const { sizeBytes, hasManifest, partCount, annotationCount, extents } = version;
  if (apart && (await getThrough(reader, stack, layered.attributes(bucketId, key, seq))) === undefined)
    wrong("its attributes are missing");
  if (annotationCount > 0) {
    const { length } = await scanAllLayered(reader, stack, layered.annotations(bucketId, { key, seq }));
    if (length !== annotationCount) wrong(`it has ${length} annotations, not ${annotationCount}`);
  }
  if (!hasManifest) {
    const bytes = extents.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
    if (bytes !== sizeBytes) wrong(`it has ${bytes} bytes, not ${sizeBytes}`);
    return findings;
  }
  const chunks = await scanAllLayered(reader, stack, prefixRange(layered.manifest(bucketId, key, seq)));
  const parts = chunks.flatMap(([, record]) => decodeManifestChunk(record));
  const bytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  if (bytes !== sizeBytes) wrong(`its parts have ${bytes} bytes, not ${sizeBytes}`);
  if (partCount > 0 && parts.length !== partCount) wrong(`it has ${parts.length} parts, not ${partCount}`);
  return findings;
};

/** The version that a manifest, attributes or an annotation are of. Throws where it cannot be read. */
export const versionBeside = async ({ reader, stack }: Place, subkey: string): Promise<Version | undefined> => {
  const bucketId = layered.bucketIdOf(subkey);
  const { key, rest } = layered.objectPlace(subkey);
  const seq = Number.parseInt(rest.slice(0, SEQ_DIGITS), 16);
  const older = await getThrough(reader, stack, layered.version(bucketId, key, seq));
  if (older !== undefined) return decodeVersion(key, older).version;
  const live = await getThrough(reader, stack, layered.live(bucketId, key));
  const current = live === undefined ? undefined : decodeVersion(key, live).version;
  return current?.seq === seq ? current : undefined;
};
