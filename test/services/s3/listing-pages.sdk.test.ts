/** Lists of any prefix, delimiter and start, cut at any place, against what a plain computation says. */
import { ListObjectsCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import test from "ava";
import * as fc from "fast-check";
import { startTestServer } from "../../support/server.ts";
import { makeBucket } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "pages");
const RUNS = 60;

/** Pieces of keys: of one to four bytes, in an order that UTF-8 and UTF-16 disagree on, and what XML and URLs escape. */
const PIECES = ["a", "b", "/", "//", "\u{1F600}", "\uFF21", "é", "%2F", "+", " ", "&", "\n"];
const byBytes = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));
const keyOf = fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
// The JS SDK reads an element of nothing but blanks and line ends as an empty text, so no key is made of those alone.
const sampled = fc.sample(keyOf, { numRuns: 300, seed: 1 }).filter((key) => key.trim() !== "");
const KEYS = [...new Set(sampled)].toSorted(byBytes);
await Promise.all(KEYS.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(0) }))));

test.after.always(() => server.close());

type List = { readonly prefix: string; readonly delimiter: string | undefined; readonly after: string | undefined };

const expected = ({ prefix, delimiter, after }: List): string[] => {
  const found = new Set<string>();
  for (const key of KEYS) {
    if (!key.startsWith(prefix) || (after !== undefined && byBytes(key, after) <= 0)) continue;
    const at = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = at < 0 ? key : key.slice(0, at + (delimiter?.length ?? 0));
    // A start within a common prefix is past all of it.
    if (at < 0 || after?.startsWith(entry) !== true) found.add(at < 0 ? `key ${entry}` : `prefix ${entry}`);
  }
  return [...found].toSorted(byBytes);
};

type Page = {
  readonly Contents?: readonly { readonly Key?: string | undefined }[] | undefined;
  readonly CommonPrefixes?: readonly { readonly Prefix?: string | undefined }[] | undefined;
};

type Decode = (name: string | undefined) => string;
const asIs: Decode = (name = "") => name;
const fromUrl: Decode = (name = "") => decodeURIComponent(name.replaceAll("+", " "));

const entriesOf = ({ Contents = [], CommonPrefixes = [] }: Page, decode: Decode): string[] => [
  ...Contents.map(({ Key }) => `key ${decode(Key)}`),
  ...CommonPrefixes.map(({ Prefix }) => `prefix ${decode(Prefix)}`),
];

const anyList = fc.record({
  prefix: fc.constantFrom("", "", "a", "a/", "/", "\u{1F600}", "%", "none"),
  delimiter: fc.constantFrom(undefined, "/", "//", "a", "\u{1F600}", "\n"),
  after: fc.constantFrom(undefined, undefined, "", "a/", "a\u{1F600}", "\u{10FFFF}", ...KEYS.slice(0, 200)),
  EncodingType: fc.constantFrom(undefined, "url" as const),
  MaxKeys: fc.constantFrom(1, 2, 7, 50, 1_000),
});

// Nor does such a common prefix come through it, unless it is encoded.
const list = anyList.map((asked) => (asked.delimiter === "\n" ? { ...asked, EncodingType: "url" as const } : asked));

test("ListObjectsV2 gives each entry once, in pages of the size asked for", async (t) => {
  await fc.assert(
    fc.asyncProperty(list, async ({ EncodingType, MaxKeys, ...wanted }) => {
      const decode = EncodingType === undefined ? asIs : fromUrl;
      const found: string[] = [];
      let ContinuationToken: string | undefined;
      do {
        const { prefix: Prefix, delimiter: Delimiter, after: StartAfter } = wanted;
        const input = { Bucket, Prefix, Delimiter, StartAfter, EncodingType, MaxKeys, ContinuationToken };
        const page = await s3.send(new ListObjectsV2Command(input));
        const entries = entriesOf(page, decode);
        if (page.KeyCount !== entries.length) throw new Error("KeyCount counts keys and common prefixes");
        if (page.IsTruncated === true && entries.length !== MaxKeys) throw new Error("a page that is cut is full");
        found.push(...entries);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      t.deepEqual(found.toSorted(byBytes), expected(wanted));
    }),
    { numRuns: RUNS },
  );
});

test("ListObjects goes on after NextMarker, or after the last key where there is none", async (t) => {
  await fc.assert(
    fc.asyncProperty(list, async ({ EncodingType, MaxKeys, ...wanted }) => {
      const decode = EncodingType === undefined ? asIs : fromUrl;
      const found: string[] = [];
      let Marker = wanted.after;
      for (;;) {
        const { prefix: Prefix, delimiter: Delimiter } = wanted;
        const page = await s3.send(
          new ListObjectsCommand({ Bucket, Prefix, Delimiter, Marker, EncodingType, MaxKeys }),
        );
        found.push(...entriesOf(page, decode));
        if (page.IsTruncated !== true) break;
        Marker = decode(Delimiter === undefined ? page.Contents?.at(-1)?.Key : page.NextMarker);
      }
      t.deepEqual(found.toSorted(byBytes), expected(wanted));
    }),
    { numRuns: RUNS },
  );
});
