/** Lists of 10,000 keys, cut anywhere, against the same lists computed here: entries, order, truncation and markers. */
import {
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import * as fc from "fast-check";
import { startTestServer } from "../../support/server.ts";
import { makeBucket } from "./client.ts";

const KEYS_COUNT = 10_000;
const RUNS = 100;
/** Requests on their way at a time while the bucket is filled. */
const CONCURRENCY = 16;

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "large");
await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

/** Pieces whose orders by UTF-8 and by UTF-16 differ, with delimiters among them. */
const PIECES = ["a", "b", "/", "//", "\u{1F600}", "\uFF21", "é", "%2F", "+", " ", "&", "\n", "z", "0"];
const keyOf = fc.array(fc.constantFrom(...PIECES), { minLength: 2, maxLength: 7 }).map((pieces) => pieces.join(""));
const sampled = fc.sample(keyOf, { numRuns: 3 * KEYS_COUNT, seed: 7 });
const KEYS = [...new Set(sampled)].slice(0, KEYS_COUNT).toSorted(byBytes);

type Version = {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
};

const send = async (method: "PUT" | "DELETE", key: string): Promise<string> => {
  const path = key.split("/").map(encodeURIComponent).join("/");
  const response = await fetch(`${server.endpoint}/${Bucket}/${path}`, { method });
  await response.arrayBuffer();
  return response.headers.get("x-amz-version-id") ?? "";
};

/** Newest first, as S3 lists them: every fourth key has two versions, every tenth a delete marker on top. */
const fill = async (key: string, at: number): Promise<Version[]> => {
  const made = [{ versionId: await send("PUT", key), isMarker: false }];
  if (at % 4 === 0) made.push({ versionId: await send("PUT", key), isMarker: false });
  if (at % 10 === 0) made.push({ versionId: await send("DELETE", key), isMarker: true });
  return made.toReversed().map((version, place) => ({ ...version, key, isLatest: place === 0 }));
};

const versionsOf: Version[][] = [];
const queue = KEYS.entries();
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (const [at, key] of queue) versionsOf[at] = await fill(key, at);
  }),
);
const VERSIONS = versionsOf.flat();
const CURRENT = VERSIONS.filter(({ isLatest, isMarker }) => isLatest && !isMarker).map(({ key }) => key);

const UPLOADS = await Promise.all(
  KEYS.filter((_, at) => at % 50 === 0).map(async (Key) => {
    const { UploadId: uploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
    return { key: Key, uploadId };
  }),
);

test.after.always(() => server.close());

type Cut<Item> = { readonly items: readonly (Item | string)[]; readonly isTruncated: boolean };

/** What a list of sorted `all` shows: items, and common prefixes as texts; `isAfter` says what is behind the marker. */
const cut = <Item extends { readonly key: string }>(
  all: readonly Item[],
  options: {
    prefix: string;
    delimiter: string | undefined;
    max: number;
    isAfter: (item: Item) => boolean;
    marker: string;
  },
): Cut<Item> => {
  const { prefix, delimiter, max, isAfter, marker } = options;
  const items: (Item | string)[] = [];
  for (const item of all) {
    if (!item.key.startsWith(prefix) || !isAfter(item)) continue;
    const found = delimiter === undefined ? -1 : item.key.indexOf(delimiter, prefix.length);
    const commonPrefix = found < 0 ? undefined : item.key.slice(0, found + (delimiter?.length ?? 0));
    // A marker within a common prefix is past all of it.
    if (commonPrefix !== undefined && (items.at(-1) === commonPrefix || marker.startsWith(commonPrefix))) continue;
    if (items.length === max) return { items, isTruncated: true };
    items.push(commonPrefix ?? item);
  }
  return { items, isTruncated: false };
};

const objects = CURRENT.map((key) => ({ key }));
const cutObjects = ({ prefix, delimiter, max, marker }: Asked): Cut<{ key: string }> =>
  cut(objects, { prefix, delimiter, max, marker, isAfter: ({ key }) => byBytes(key, marker) > 0 });

const decode = (text: string | undefined): string => decodeURIComponent((text ?? "").replaceAll("+", " "));

type Asked = { prefix: string; delimiter: string | undefined; max: number; marker: string };
// A marker that is no key is as good as one that is.
const asked = fc.record<Asked>({
  prefix: fc.constantFrom("", "", "", "a", "a/", "/", "\u{1F600}", "\uFF21", "zz", "none"),
  delimiter: fc.constantFrom(undefined, "/", "//", "a", "\u{1F600}", "\n"),
  max: fc.constantFrom(1, 2, 13, 100, 999, 1_000),
  marker: fc.oneof(fc.constantFrom("", "a/", "\u{10FFFF}"), fc.constantFrom(...KEYS), keyOf),
});

const keysAndPrefixes = (cutOff: Cut<{ key: string }>) => ({
  keys: cutOff.items.flatMap((item) => (typeof item === "string" ? [] : [item.key])),
  prefixes: cutOff.items.filter((item) => typeof item === "string"),
});

test("ListObjectsV2 of 10,000 keys shows at any cut what a plain computation shows, and goes on from there", async (t) => {
  await fc.assert(
    fc.asyncProperty(asked, async (wanted) => {
      const { prefix: Prefix, delimiter: Delimiter, max: MaxKeys, marker } = wanted;
      const input = { Bucket, Prefix, Delimiter, MaxKeys, EncodingType: "url" as const };
      const first = await s3.send(new ListObjectsV2Command({ ...input, StartAfter: marker }));
      const expected = cutObjects(wanted);
      const { keys, prefixes } = keysAndPrefixes(expected);
      t.deepEqual(
        (first.Contents ?? []).map(({ Key }) => decode(Key)),
        keys,
      );
      t.deepEqual(
        (first.CommonPrefixes ?? []).map((entry) => decode(entry.Prefix)),
        prefixes,
      );
      t.is(first.KeyCount, expected.items.length);
      t.is(first.IsTruncated, expected.isTruncated);
      if (!expected.isTruncated) return;
      const ContinuationToken = first.NextContinuationToken;
      const second = await s3.send(new ListObjectsV2Command({ ...input, ContinuationToken }));
      const last = expected.items.at(-1);
      const next = keysAndPrefixes(
        cutObjects({ ...wanted, marker: typeof last === "object" ? last.key : (last ?? "") }),
      );
      t.deepEqual(
        (second.Contents ?? []).map(({ Key }) => decode(Key)),
        next.keys,
      );
      t.deepEqual(
        (second.CommonPrefixes ?? []).map((entry) => decode(entry.Prefix)),
        next.prefixes,
      );
    }),
    { numRuns: RUNS },
  );
});

test("ListObjects of 10,000 keys shows the same, and names its next marker only with a delimiter", async (t) => {
  await fc.assert(
    fc.asyncProperty(asked, async (wanted) => {
      const { prefix: Prefix, delimiter: Delimiter, max: MaxKeys, marker: Marker } = wanted;
      const input = { Bucket, Prefix, Delimiter, MaxKeys, Marker, EncodingType: "url" as const };
      const page = await s3.send(new ListObjectsCommand(input));
      const expected = cutObjects(wanted);
      const { keys, prefixes } = keysAndPrefixes(expected);
      t.deepEqual(
        (page.Contents ?? []).map(({ Key }) => decode(Key)),
        keys,
      );
      t.deepEqual(
        (page.CommonPrefixes ?? []).map((entry) => decode(entry.Prefix)),
        prefixes,
      );
      t.is(page.IsTruncated, expected.isTruncated);
      const last = expected.items.at(-1);
      const next = typeof last === "object" ? last.key : last;
      const NextMarker = page.NextMarker === undefined ? undefined : decode(page.NextMarker);
      t.is(NextMarker, expected.isTruncated && Delimiter !== undefined ? next : undefined);
    }),
    { numRuns: RUNS },
  );
});

const placed = new Map(VERSIONS.map((version, place) => [version.versionId, place]));

test("ListObjectVersions of 10,000 keys shows at any cut, within a key too, what a plain computation shows", async (t) => {
  const wish = fc.record({ wanted: asked, from: fc.option(fc.constantFrom(...VERSIONS), { nil: undefined }) });
  await fc.assert(
    fc.asyncProperty(wish, async ({ wanted: { prefix, delimiter, max, marker: anyKey }, from }) => {
      const marker = from?.key ?? anyKey;
      const page = await s3.send(
        new ListObjectVersionsCommand({
          Bucket,
          Prefix: prefix,
          Delimiter: delimiter,
          MaxKeys: max,
          EncodingType: "url",
          KeyMarker: marker,
          VersionIdMarker: from?.versionId,
        }),
      );
      const place = from === undefined ? undefined : placed.get(from.versionId);
      const isAfter = (version: Version): boolean =>
        place === undefined ? byBytes(version.key, marker) > 0 : (placed.get(version.versionId) ?? 0) > place;
      const expected = cut(VERSIONS, { prefix, delimiter, max, marker, isAfter });
      const entries = expected.items.filter((item) => typeof item === "object");
      const shown = (wantMarkers: boolean) =>
        entries.flatMap(({ key, versionId, isLatest, isMarker }) =>
          isMarker === wantMarkers ? [`${key} ${versionId} ${isLatest}`] : [],
        );
      type Shown = Partial<Record<"Key" | "VersionId", string | undefined>> & { IsLatest?: boolean | undefined };
      const text = ({ Key, VersionId, IsLatest }: Shown): string => `${decode(Key)} ${VersionId} ${IsLatest}`;
      t.deepEqual((page.Versions ?? []).map(text), shown(false));
      t.deepEqual((page.DeleteMarkers ?? []).map(text), shown(true));
      t.deepEqual(
        (page.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix)),
        expected.items.filter((item) => typeof item === "string"),
      );
      t.is(page.IsTruncated, expected.isTruncated);
      if (!expected.isTruncated) return;
      const last = expected.items.at(-1);
      t.is(decode(page.NextKeyMarker), typeof last === "object" ? last.key : (last ?? ""));
      t.is(page.NextVersionIdMarker, typeof last === "object" ? last.versionId : undefined);
    }),
    { numRuns: RUNS },
  );
});

test("ListMultipartUploads shows at any cut what a plain computation shows", async (t) => {
  await fc.assert(
    fc.asyncProperty(asked, async ({ prefix, delimiter, max, marker }) => {
      const page = await s3.send(
        new ListMultipartUploadsCommand({
          Bucket,
          Prefix: prefix,
          Delimiter: delimiter,
          MaxUploads: max,
          EncodingType: "url",
          KeyMarker: marker,
        }),
      );
      const isAfter = ({ key }: { key: string }): boolean => byBytes(key, marker) > 0;
      const expected = cut(UPLOADS, { prefix, delimiter, max, marker, isAfter });
      t.deepEqual(
        (page.Uploads ?? []).map(({ Key, UploadId }) => ({ key: decode(Key), uploadId: UploadId })),
        expected.items.filter((item) => typeof item === "object"),
      );
      t.deepEqual(
        (page.CommonPrefixes ?? []).map(({ Prefix }) => decode(Prefix)),
        expected.items.filter((item) => typeof item === "string"),
      );
      t.is(page.IsTruncated, expected.isTruncated);
    }),
    { numRuns: RUNS },
  );
});
