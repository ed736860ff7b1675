/** Everything that the state shows, held against the plain model. */
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { listAnnotations } from "../../src/state/annotations.ts";
import { accountUsage, listAccounts } from "../../src/state/accounts.ts";
import { findBucket, listBuckets } from "../../src/state/buckets.ts";
import { listObjects, listUploads, listVersions } from "../../src/state/listing.ts";
import type { Bucket, ObjectVersion } from "../../src/state/model.ts";
import { findVersion, latestVersion } from "../../src/state/objects.ts";
import type { State } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import type { PlainBucket, PlainVersion, PlainWorld } from "./plain-model.ts";
import { ACCOUNTS, BUCKETS, KEYS } from "./twin.ts";

const PREFIXES = ["", "a", "a/", "\u{1F600}", "nothing"];
const DELIMITERS = [undefined, "/", "b"];
const LIMITS = [1, 2, 3, 100];

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const rolledUp = (key: string, prefix: string, delimiter: string | undefined): string | undefined => {
  const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter!.length);
};

/** What a list must show: names in order, common prefixes once. */
const expectedList = (
  names: { key: string; name: string }[],
  prefix: string,
  delimiter: string | undefined,
): string[] => {
  const shown: string[] = [];
  for (const { key, name } of names) {
    if (!key.startsWith(prefix)) continue;
    const common = rolledUp(key, prefix, delimiter);
    const text = common === undefined ? name : `prefix ${common}`;
    if (shown.at(-1) !== text || common === undefined) shown.push(text);
  }
  return shown;
};

const readAll = async (content: Uint8Array | Readable): Promise<string> =>
  (content instanceof Uint8Array ? Buffer.from(content) : await buffer(content)).toString();

const contentOf = async (state: State, world: World, bucket: Bucket, object: ObjectVersion): Promise<string> => {
  const range = { offsetBytes: 0, lengthBytes: object.sizeBytes };
  return readAll(await world.read((view) => state.bodies.openContent(view, { bucket, object, range })));
};

/** Names and texts, read page by page. */
const annotationsOf = async (
  { state, world }: { state: State; world: World },
  bucket: Bucket,
  { object, limit }: { object: ObjectVersion; limit: number },
): Promise<[string, string][]> => {
  const found: [string, string][] = [];
  for (let after: string | undefined; ;) {
    const page = await world.read((view) => listAnnotations(view, bucket, { object, prefix: "", after, limit }));
    for (const { name, extents } of page.entries) {
      found.push([name, await readAll(await world.read((view) => state.bodies.openExtents(view, extents)))]);
      after = name;
    }
    if (!page.truncated) return found;
  }
};

const checkBucket = async (
  t: { deepEqual: (actual: unknown, expected: unknown, message?: string) => unknown },
  {
    state,
    world,
    bucket,
    model,
    seed,
  }: { state: State; world: World; bucket: Bucket; model: PlainBucket; seed: number },
): Promise<void> => {
  const keys = [...model.keys.keys()].sort(byBytes);
  const prefix = PREFIXES[seed % PREFIXES.length]!;
  const delimiter = DELIMITERS[seed % DELIMITERS.length];
  const limit = LIMITS[seed % LIMITS.length]!;

  const objects: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await world.read((view) =>
      listObjects(view, bucket, {
        prefix,
        limit,
        ...(delimiter && { delimiter }),
        ...(after !== undefined && { after }),
      }),
    );
    for (const entry of page.entries)
      objects.push("object" in entry ? entry.object.key : `prefix ${entry.commonPrefix}`);
    if (!page.truncated) break;
    after = page.next;
  }
  const current = keys.filter((key) => !model.keys.get(key)![0]!.marker);
  t.deepEqual(
    objects,
    expectedList(
      current.map((key) => ({ key, name: key })),
      prefix,
      delimiter,
    ),
    "objects",
  );

  const describe = (key: string, version: { versionId: string }, isLatest: boolean) =>
    `${key} ${version.versionId} ${isLatest}`;
  const versions: string[] = [];
  for (let marker: { keyMarker?: string; versionIdMarker?: string } = {}; ;) {
    const page = await world.read((view) =>
      listVersions(view, bucket, { prefix, limit, ...(delimiter && { delimiter }), ...marker }),
    );
    for (const entry of page.entries) {
      if ("commonPrefix" in entry) versions.push(`prefix ${entry.commonPrefix}`);
      else versions.push(describe(entry.version.key, entry.version, entry.version.isLatest));
    }
    if (!page.truncated) break;
    const last = page.entries.at(-1)!;
    marker =
      "commonPrefix" in last
        ? { keyMarker: last.commonPrefix }
        : { keyMarker: last.version.key, versionIdMarker: last.version.versionId };
  }
  const allVersions = keys.flatMap((key) =>
    model.keys.get(key)!.map((version, at) => ({ key, name: describe(key, version, at === 0) })),
  );
  t.deepEqual(versions, expectedList(allVersions, prefix, delimiter), "versions");

  const uploads: string[] = [];
  for (let marker: { keyMarker?: string; uploadIdMarker?: string } = {}; ;) {
    const page = await world.read((view) =>
      listUploads(view, bucket, { prefix, limit, ...(delimiter && { delimiter }), ...marker }),
    );
    for (const entry of page.entries) {
      if ("commonPrefix" in entry) uploads.push(`prefix ${entry.commonPrefix}`);
      else uploads.push(`${entry.upload.key} ${entry.upload.uploadId} ${entry.upload.keyChanged}`);
    }
    if (!page.truncated) break;
    const last = page.entries.at(-1)!;
    marker =
      "commonPrefix" in last
        ? { keyMarker: last.commonPrefix }
        : { keyMarker: last.upload.key, uploadIdMarker: last.upload.uploadId };
  }
  const expectedUploads = [...model.uploads.values()]
    .sort((a, b) => byBytes(a.key, b.key) || byBytes(a.uploadId, b.uploadId))
    .map(({ key, uploadId, keyChanged }) => ({ key, name: `${key} ${uploadId} ${keyChanged}` }));
  t.deepEqual(uploads, expectedList(expectedUploads, prefix, delimiter), "uploads");

  const key = KEYS[seed % KEYS.length]!;
  const all = model.keys.get(key) ?? [];
  const latest = await world.read((view) => latestVersion(view, bucket, key));
  t.deepEqual(latest?.versionId, all[0]?.versionId, "latest");
  for (const expected of all) {
    const version = await world.read((view) => findVersion(view, bucket, { key, versionId: expected.versionId }));
    t.deepEqual(version?.kind, expected.marker ? "deleteMarker" : "object");
    if (version?.kind !== "object") continue;
    t.deepEqual(version.attributes.metadata, { note: expected.note });
    t.deepEqual(await contentOf(state, world, bucket, version), expected.bytes);
    t.deepEqual(version.annotationCount, expected.annotations.size);
    const annotations = [...expected.annotations].sort(([a], [b]) => byBytes(a, b));
    t.deepEqual(await annotationsOf({ state, world }, bucket, { object: version, limit }), annotations, "annotations");
  }
};

const plainBytes = (bucket: PlainBucket): number => {
  const all = [...bucket.keys.values()].flat();
  const versions = all.reduce((sum, { bytes }: PlainVersion) => sum + bytes.length, 0);
  const annotations = all.flatMap((version) => [...version.annotations.values()]);
  const parts = [...bucket.uploads.values()].flatMap((upload) => [...upload.parts.values()]);
  return versions + [...parts, ...annotations].reduce((sum, bytes) => sum + bytes.length, 0);
};

/** Everything that a world shows is what its model holds. `seed` chooses the lists' parameters. */
export const checkWorld = async (
  t: { deepEqual: (actual: unknown, expected: unknown, message?: string) => unknown },
  { state, world, plain, seed }: { state: State; world: World; plain: PlainWorld; seed: number },
): Promise<void> => {
  for (const accountId of ACCOUNTS) {
    const buckets = await world.read((view) => listBuckets(view, { accountId, partition: "aws", limit: 100 }));
    const models = plain.accounts.get(accountId)?.buckets ?? new Map<string, PlainBucket>();
    t.deepEqual(
      buckets.map(({ name, versioning }) => ({ name, versioning })),
      [...models.values()]
        .map(({ name, versioning }) => ({ name, versioning }))
        .sort((a, b) => byBytes(a.name, b.name)),
    );
    for (const bucket of buckets) {
      const found = await world.read((view) => findBucket(view, { partition: "aws", name: bucket.name }));
      t.deepEqual(found, bucket, "found by its name");
      await checkBucket(t, { state, world, bucket, model: models.get(bucket.name)!, seed });
    }
    const usage = await world.read((view) => accountUsage(view, accountId));
    const all = [...models.values()];
    const versions = all.flatMap((bucket) => [...bucket.keys.values()]);
    t.deepEqual(
      usage ?? { accountId, buckets: 0, objects: 0, versions: 0, uploads: 0, bytes: 0 },
      {
        accountId,
        buckets: all.length,
        objects: versions.filter(([latest]) => !latest!.marker).length,
        versions: versions.flat().length,
        uploads: all.reduce((sum, { uploads }) => sum + uploads.size, 0),
        bytes: all.reduce((sum, bucket) => sum + plainBytes(bucket), 0),
      },
      "usage",
    );
  }
  for (const name of BUCKETS) {
    const found = await world.read((view) => findBucket(view, { partition: "aws", name }));
    t.deepEqual(found?.accountId, plain.find(name)?.accountId, `the owner of ${name}`);
  }
  const listed = await world.read((view) => listAccounts(view, { limit: 100 }));
  t.deepEqual(
    listed.filter(({ buckets }) => buckets > 0).map(({ accountId }) => accountId),
    [...plain.accounts]
      .filter(([, { buckets }]) => buckets.size > 0)
      .map(([accountId]) => accountId)
      .sort(),
  );
};
