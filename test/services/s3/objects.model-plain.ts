/** A plain in-memory model of one bucket's objects, and what S3 must answer about them. Written for the test alone. */
import { hash } from "node:crypto";

export type PlainObject = {
  readonly marker: false;
  versionId: string;
  readonly bytes: Buffer;
  readonly etag: string;
  readonly note: string;
  tags: Readonly<Record<string, string>>;
};
export type PlainMarker = { readonly marker: true; versionId: string };
export type PlainVersion = PlainObject | PlainMarker;

export type Status = "Unversioned" | "Enabled" | "Suspended";

export const etagOf = (bytes: Buffer): string => hash("md5", bytes);
export const etagOfParts = (parts: readonly Buffer[]): string =>
  `${hash("md5", Buffer.concat(parts.map((part) => hash("md5", part, "buffer"))))}-${parts.length}`;

export const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** A code and a status: how a call must fail. */
export type Refusal = readonly [code: string, status: number];

export class PlainBucket {
  status: Status = "Unversioned";
  /** Versions of each key, newest first. */
  readonly keys = new Map<string, PlainVersion[]>();

  /** Writes a version; the ids before it that it replaces go. `versionId` is what S3 answered. */
  write(key: string, version: PlainVersion): void {
    const before = this.keys.get(key) ?? [];
    const kept = this.status === "Enabled" ? before : before.filter(({ versionId }) => versionId !== "null");
    this.keys.set(key, [version, ...kept]);
  }

  delete(key: string, markerId: string): void {
    if (this.status === "Unversioned") this.keys.delete(key);
    else this.write(key, { marker: true, versionId: markerId });
  }

  deleteVersion(key: string, versionId: string): void {
    const kept = (this.keys.get(key) ?? []).filter((version) => version.versionId !== versionId);
    if (kept.length === 0) this.keys.delete(key);
    else this.keys.set(key, kept);
  }

  current(key: string): PlainObject | undefined {
    const latest = this.keys.get(key)?.[0];
    return latest === undefined || latest.marker ? undefined : latest;
  }

  /** What a read of a key, or of a version of it, finds. */
  read(key: string, versionId: string | undefined): PlainObject | Refusal {
    if (versionId === undefined) return this.current(key) ?? ["NoSuchKey", 404];
    const found = this.keys.get(key)?.find((version) => version.versionId === versionId);
    if (found === undefined) return ["NoSuchVersion", 404];
    return found.marker ? ["MethodNotAllowed", 405] : found;
  }

  /** Keys in the order of their bytes. */
  sortedKeys(prefix: string): string[] {
    return [...this.keys.keys()].filter((key) => key.startsWith(prefix)).sort(byBytes);
  }

  /** The entries that ListObjectsV2 shows: keys, and common prefixes once. */
  listed(prefix: string, delimiter: string | undefined): { keys: string[]; prefixes: string[] } {
    const current = this.sortedKeys(prefix).filter((key) => this.current(key) !== undefined);
    return rollUp(current, prefix, delimiter);
  }

  /** What ListObjectVersions shows: `[key, version id, whether it is the latest]`, and common prefixes. */
  listedVersions(prefix: string, delimiter: string | undefined) {
    const { keys, prefixes } = rollUp(this.sortedKeys(prefix), prefix, delimiter);
    const all = keys.flatMap((key) =>
      (this.keys.get(key) ?? []).map((version, at) => ({ key, version, isLatest: at === 0 })),
    );
    const rowOf = ({ key, version, isLatest }: (typeof all)[number]) => [key, version.versionId, isLatest] as const;
    return {
      versions: all.filter(({ version }) => !version.marker).map(rowOf),
      markers: all.filter(({ version }) => version.marker).map(rowOf),
      prefixes,
    };
  }
}

const rollUp = (keys: readonly string[], prefix: string, delimiter: string | undefined) => {
  const plain: string[] = [];
  const prefixes: string[] = [];
  for (const key of keys) {
    const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (at < 0) plain.push(key);
    else {
      const common = key.slice(0, at + delimiter!.length);
      if (prefixes.at(-1) !== common) prefixes.push(common);
    }
  }
  return { keys: plain, prefixes };
};

/** What a range asks for: bytes, or the refusal of a range that there is none of. */
export const rangeOf = (
  bytes: Buffer,
  { from, to }: { from: number | undefined; to: number | undefined },
): Buffer | Refusal => {
  const refused: Refusal = ["InvalidRange", 416];
  if (from === undefined) return bytes.length === 0 || to === 0 ? refused : bytes.subarray(-(to ?? 0));
  if (from >= bytes.length) return refused;
  return bytes.subarray(from, to === undefined ? undefined : to + 1);
};
