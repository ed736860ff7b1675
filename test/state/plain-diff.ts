/** The difference of two plain models: maps of everything by its name, compared name by name. */
import { hash } from "node:crypto";
import type { Difference, DifferenceKind } from "../../src/state/diff/difference.ts";
import type { PlainAccounts, PlainBucket, PlainVersion } from "./plain-model.ts";

/** What a diff says, without what the models do not know. */
type PlainDifference = Omit<Difference, "partition">;

type Thing = Omit<PlainDifference, "change" | "fields"> & { readonly fields: Readonly<Record<string, unknown>> };

const contentOf = (bytes: string) => ({ etag: hash("md5", bytes), sizeBytes: bytes.length });

const thingsOfKey = (
  place: { accountId: string; bucket: string },
  [key, versions]: [string, PlainVersion[]],
  { versioned }: { versioned: boolean },
): Thing[] => {
  const things: Thing[] = [];
  for (const [at, { versionId, marker, bytes, note, annotations }] of versions.entries()) {
    const current = at === 0 && !marker;
    const fields = { ...contentOf(bytes), "metadata.note": note };
    if (current) things.push({ kind: "object", ...place, key, versionId, fields: { versionId, ...fields } });
    if (versioned) {
      const deleteMarker = marker;
      const seen = marker ? { deleteMarker } : { deleteMarker, ...fields };
      things.push({ kind: "version", ...place, key, versionId, deleteMarker, current, fields: seen });
    }
    for (const [name, text] of annotations)
      things.push({ kind: "annotation", ...place, key, versionId, name, fields: contentOf(text) });
  }
  return things;
};

const thingsOf = (accounts: PlainAccounts, isVersioned: (accountId: string, bucket: string) => boolean): Thing[] => {
  const things: Thing[] = [];
  for (const [accountId, { buckets }] of accounts) {
    if (buckets.size > 0) things.push({ kind: "account", accountId, fields: {} });
    for (const { name: bucket, versioning, keys, uploads } of buckets.values()) {
      const place = { accountId, bucket };
      things.push({ kind: "bucket", ...place, fields: { versioning } });
      const versioned = isVersioned(accountId, bucket);
      for (const entry of keys) things.push(...thingsOfKey(place, entry, { versioned }));
      for (const { key, uploadId, parts } of uploads.values()) {
        things.push({ kind: "upload", ...place, key, uploadId, fields: {} });
        for (const [partNumber, bytes] of parts)
          things.push({ kind: "part", ...place, key, uploadId, partNumber, fields: contentOf(bytes) });
      }
    }
  }
  return things;
};

const KINDS_BY_KEY: ReadonlySet<DifferenceKind> = new Set(["object", "version", "upload", "part", "annotation"]);

/** What names a thing of its kind. */
const nameOf = ({ kind, accountId, bucket, key, versionId, uploadId, partNumber, name }: Thing): string =>
  JSON.stringify([kind, accountId, bucket, key, kind === "object" ? "" : versionId, uploadId, partNumber, name]);

const withFields = (thing: Thing, change: Pick<Difference, "change" | "fields">): PlainDifference => ({
  ...thing,
  ...change,
});

const changedFields = (from: Thing, to: Thing): string[] => {
  // An object and a delete marker have nothing else to compare.
  if (from.fields["deleteMarker"] !== to.fields["deleteMarker"]) return ["deleteMarker"];
  return Object.keys(to.fields).filter((field) => from.fields[field] !== to.fields[field]);
};

/** Compares the accounts that are in both `from` and `to` of a snapshot of named accounts, else all. */
export const plainDiff = (
  { from, to }: { from: PlainAccounts; to: PlainAccounts },
  { bucket, prefix }: { bucket?: string; prefix?: string } = {},
): PlainDifference[] => {
  const bucketOf = (accounts: PlainAccounts, accountId: string, name: string): PlainBucket | undefined =>
    accounts.get(accountId)?.buckets.get(name);
  const isVersioned = (accountId: string, name: string): boolean =>
    [from, to].some((accounts) => (bucketOf(accounts, accountId, name)?.versioning ?? "Unversioned") !== "Unversioned");
  const before = new Map(thingsOf(from, isVersioned).map((thing) => [nameOf(thing), thing]));
  const after = new Map(thingsOf(to, isVersioned).map((thing) => [nameOf(thing), thing]));
  const found: PlainDifference[] = [];
  for (const [name, thing] of after) {
    const was = before.get(name);
    if (was === undefined) found.push(withFields(thing, { change: "added", fields: [] }));
    else {
      const fields = changedFields(was, thing);
      if (fields.length > 0) found.push(withFields(thing, { change: "changed", fields }));
    }
  }
  for (const [name, thing] of before)
    if (!after.has(name)) found.push(withFields(thing, { change: "removed", fields: [] }));
  return found.filter((each) => {
    if (bucket !== undefined && each.bucket !== bucket) return false;
    return prefix === undefined || (KINDS_BY_KEY.has(each.kind) && each.key?.startsWith(prefix) === true);
  });
};

/** A diff without what the models do not know; an object's parts they do not count. */
export const withoutUnknown = (differences: readonly Difference[]): PlainDifference[] =>
  differences
    .map(({ partition: _partition, ...rest }) => ({
      ...rest,
      fields: rest.fields.filter((field) => field !== "partCount"),
    }))
    .filter(({ change, fields }) => change !== "changed" || fields.length > 0);
