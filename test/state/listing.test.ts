/** Lists against plain sorted lists, cut wherever a client may cut them, over several layers with deletions. */
import test from "ava";
import * as fc from "fast-check";
import { listObjects, listUploads, listVersions } from "../../src/state/listing.ts";
import type { Bucket, ListedVersion, ObjectVersion, Upload } from "../../src/state/model.ts";
import { createSnapshot } from "../../src/state/snapshots.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import { abortUpload } from "../../src/state/uploads.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";
import { begin, newBucket, put, remove, setVersioning, type Place } from "./fixtures.ts";

const CHARS = ["a", "b", "/", "\0", "\u0001", "\uFFFD", "\u{1F600}", "\u{10FFFF}"];
const text = (maxLength: number) =>
  fc.array(fc.constantFrom(...CHARS), { maxLength }).map((characters) => characters.join(""));
const key = fc
  .array(fc.constantFrom(...CHARS), { minLength: 1, maxLength: 4 })
  .map((characters) => characters.join(""));

const rounds = fc.array(
  fc.array(fc.record({ kind: fc.constantFrom("put", "put", "delete", "upload", "abort"), key, pick: fc.nat(1_000) }), {
    maxLength: 12,
  }),
  { minLength: 1, maxLength: 5 },
);
const query = fc.record({
  prefix: fc.oneof({ weight: 2, arbitrary: fc.constant("") }, text(2)),
  delimiter: fc.constantFrom(undefined, "", "/", "a", "\0", "\u{10FFFF}", "/b"),
  marker: fc.option(text(4), { nil: undefined }),
  pick: fc.nat(1_000),
  limit: fc.integer({ min: 1, max: 5 }),
});
type Query = typeof query extends fc.Arbitrary<infer T> ? T : never;
type Steps = typeof rounds extends fc.Arbitrary<infer T> ? T : never;

const compare = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** One record of a list: its key and, where a key may have several, which. */
type Row = { readonly key: string; readonly id: string };
/** What is listed, in order. */
type Rows = readonly Row[];

class Plain {
  readonly objects = new Set<string>();
  /** By key, newest first. */
  readonly versions = new Map<string, string[]>();
  readonly uploads: Row[] = [];

  get objectRows(): Rows {
    return [...this.objects].sort(compare).map((of) => ({ key: of, id: "" }));
  }

  get versionRows(): Rows {
    const keys = [...this.versions.keys()].sort(compare);
    return keys.flatMap((of) => this.versions.get(of)!.map((id) => ({ key: of, id })));
  }

  get uploadRows(): Rows {
    return [...this.uploads].sort((a, b) => compare(a.key, b.key) || compare(a.id, b.id));
  }
}

const rolledUp = (of: string, { prefix, delimiter }: Pick<Query, "prefix" | "delimiter">): string | undefined => {
  const at = delimiter ? of.indexOf(delimiter, prefix.length) : -1;
  return at < 0 ? undefined : of.slice(0, at + delimiter!.length);
};

/** The entries that follow the marker; `goesOn` says of the marker's own key's rows which do. */
const expected = (rows: Rows, { query, goesOn }: { query: Query; goesOn: (row: Row) => boolean }): string[] => {
  const { prefix, marker } = query;
  const shown: string[] = [];
  for (const row of rows.filter(({ key: of }) => of.startsWith(prefix))) {
    const common = rolledUp(row.key, query);
    if (common === undefined) {
      const order = marker === undefined ? 1 : compare(row.key, marker);
      if (order > 0 || (order === 0 && goesOn(row))) shown.push(`${row.key}|${row.id}`);
    } else if (marker === undefined || compare(common, marker) > 0) {
      if (shown.at(-1) !== `prefix ${common}`) shown.push(`prefix ${common}`);
    }
  }
  return shown;
};

const pageOf = <T extends object>(
  entries: readonly (T | { readonly commonPrefix: string })[],
  name: (entry: T) => string,
): string[] => entries.map((entry) => ("commonPrefix" in entry ? `prefix ${entry.commonPrefix}` : name(entry)));

const optional = ({ delimiter }: Query) => (delimiter === undefined ? {} : { delimiter });

const takeStep = async (
  place: Place,
  { bucket, plain }: { bucket: Bucket; plain: Plain },
  step: { kind: string; key: string; pick: number; id: string },
): Promise<void> => {
  const { world } = place;
  const { id } = step;
  switch (step.kind) {
    case "put":
      await put(place, bucket, { key: step.key, bytes: "x", versionId: id });
      plain.objects.add(step.key);
      plain.versions.set(step.key, [id, ...(plain.versions.get(step.key) ?? [])]);
      return;
    case "delete": {
      const of = [...plain.objects][step.pick % (plain.objects.size || 1)] ?? step.key;
      await remove(world, bucket, { key: of, markerId: id });
      plain.objects.delete(of);
      plain.versions.set(of, [id, ...(plain.versions.get(of) ?? [])]);
      return;
    }
    case "upload":
      await begin(world, bucket, { key: step.key, uploadId: id });
      plain.uploads.push({ key: step.key, id });
      return;
    default: {
      const [aborted] = plain.uploads.splice(step.pick % (plain.uploads.length || 1), 1);
      if (aborted === undefined) return;
      const upload = { uploadId: aborted.id, key: aborted.key } as Parameters<typeof abortUpload>[2];
      await world.transact((tx) => abortUpload(tx, bucket, upload));
    }
  }
};

const build = async (place: Place, { bucket, plain, steps }: { bucket: Bucket; plain: Plain; steps: Steps }) => {
  let drawn = 0;
  for (const [at, round] of steps.entries()) {
    for (const step of round) {
      const id = `id${String((drawn += 1)).padStart(4, "0")}`;
      await takeStep(place, { bucket, plain }, { ...step, id });
    }
    // The next round goes to a layer of its own.
    await createSnapshot(place.world, { name: `round-${at}`, nowMs: 0 });
  }
};
const compareLists = async (
  t: { deepEqual: (actual: unknown, wanted: unknown, message?: string) => unknown },
  { world, bucket, plain, query }: { world: World; bucket: Bucket; plain: Plain; query: Query },
): Promise<void> => {
  const { prefix, limit, marker } = query;
  const shared = { prefix, limit, ...optional(query) };
  const check = (page: { truncated: boolean }, { shown, wanted }: { shown: string[]; wanted: string[] }): void => {
    t.deepEqual(shown, wanted.slice(0, limit), JSON.stringify(query));
    t.deepEqual(page.truncated, wanted.length > limit, JSON.stringify(query));
  };

  const objects = await world.read((view) =>
    listObjects(view, bucket, { ...shared, ...(marker !== undefined && { after: marker }) }),
  );
  check(objects, {
    shown: pageOf<{ object: ObjectVersion }>(objects.entries, ({ object }) => `${object.key}|`),
    wanted: expected(plain.objectRows, { query, goesOn: () => false }),
  });

  const keyMarker = marker === undefined ? {} : { keyMarker: marker };
  // One of the key's own, or one that is not there any more.
  const ids = [...(plain.versions.get(marker ?? "") ?? []), "id9999", undefined];
  const versionIdMarker = ids[query.pick % ids.length];
  const markerAt = ids.indexOf(versionIdMarker);
  const versions = await world.read((view) =>
    listVersions(view, bucket, {
      ...shared,
      ...keyMarker,
      ...(marker !== undefined && versionIdMarker !== undefined && { versionIdMarker }),
    }),
  );
  check(versions, {
    shown: pageOf<{ version: ListedVersion }>(versions.entries, ({ version }) => `${version.key}|${version.versionId}`),
    wanted: expected(plain.versionRows, {
      query,
      goesOn: ({ id }) => versionIdMarker === "id9999" || (versionIdMarker !== undefined && ids.indexOf(id) > markerAt),
    }),
  });
  for (const entry of versions.entries) {
    if (!("version" in entry)) continue;
    const { key: of, versionId, isLatest } = entry.version;
    t.deepEqual(isLatest, plain.versions.get(of)?.[0] === versionId, `${of} ${versionId} ${JSON.stringify(query)}`);
  }

  const uploadIdMarker = query.pick % 3 === 0 ? undefined : `id${String(query.pick % 60).padStart(4, "0")}`;
  const uploads = await world.read((view) =>
    listUploads(view, bucket, {
      ...shared,
      ...keyMarker,
      ...(marker !== undefined && uploadIdMarker !== undefined && { uploadIdMarker }),
    }),
  );
  check(uploads, {
    shown: pageOf<{ upload: Upload }>(uploads.entries, ({ upload }) => `${upload.key}|${upload.uploadId}`),
    wanted: expected(plain.uploadRows, {
      query,
      goesOn: ({ id }) => uploadIdMarker !== undefined && compare(id, uploadIdMarker) > 0,
    }),
  });
};

test("lists that are cut anywhere show what a plain sorted list shows", async (t) => {
  t.timeout(300_000);
  await fc.assert(
    fc.asyncProperty(rounds, fc.array(query, { minLength: 1, maxLength: 15 }), async (steps, queries) => {
      await withState(async (state) => {
        const world = state.world(DEFAULT_WORLD)!;
        const plain = new Plain();
        const created = await newBucket(world, "bucket");
        const bucket = await setVersioning(world, created, "Enabled");
        await build({ state, world }, { bucket, plain, steps });
        const known = [...plain.versions.keys(), ...plain.uploads.map((upload) => upload.key)];
        for (const asked of queries) {
          // Half of the markers are keys that are there.
          const of = asked.pick % 2 === 0 ? known[asked.pick % (known.length || 1)] : undefined;
          await compareLists(t, { world, bucket, plain, query: of === undefined ? asked : { ...asked, marker: of } });
        }
      });
    }),
    { numRuns: Number(process.env["STANDIN_TEST_RUNS"] ?? 40) },
  );
});

test("versions that are deleted page by page, as the list goes on, are all deleted", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    const bucket = await setVersioning(world, await newBucket(world, "bucket"), "Enabled");
    for (let at = 0; at < 25; at += 1)
      await put({ state, world }, bucket, { key: "k", bytes: "x", versionId: `v${at}` });
    let marker = {};
    for (;;) {
      const page = await world.read((view) => listVersions(view, bucket, { prefix: "", limit: 10, ...marker }));
      for (const entry of page.entries) {
        if (!("version" in entry)) continue;
        const { versionId } = entry.version;
        await remove(world, bucket, { key: "k", versionId });
        marker = { keyMarker: "k", versionIdMarker: versionId };
      }
      if (!page.truncated) break;
    }
    t.deepEqual((await world.read((view) => listVersions(view, bucket, { prefix: "", limit: 10 }))).entries, []);
  });
});
