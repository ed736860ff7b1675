/** Versions: lists of them from any marker on, what brings a deleted object back, and the times that are shown. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { makeBucket, outcome } from "./client.ts";

const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const versioned = async (): Promise<string> => {
  const name = await makeBucket(s3, "versions");
  await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: "Enabled" } }));
  return name;
};
const Bucket = await versioned();

/** A version or a marker, as `key@id`. */
type Entry = { readonly key: string; readonly id: string };

// Keys in their order; each its versions, the newest first. `-` is a delete marker.
const HISTORY = { "a/1": "vv", "a/2": "v-", b: "-v-v", "c/d/e": "v", d: "vvv" };
const ALL: Entry[] = [];
for (const [key, versions] of Object.entries(HISTORY)) {
  const made: Entry[] = [];
  for (const kind of versions.split("").toReversed()) {
    const { VersionId: id = "" } = await (kind === "v"
      ? s3.send(new PutObjectCommand({ Bucket, Key: key, Body: key }))
      : s3.send(new DeleteObjectCommand({ Bucket, Key: key })));
    made.unshift({ key, id });
  }
  ALL.push(...made);
}

test.after.always(() => server.close());

const indexOf = (entry: Entry): number => ALL.findIndex(({ key, id }) => key === entry.key && id === entry.id);

/** One page, its versions and markers in their order. */
const page = async (options: {
  MaxKeys: number;
  KeyMarker?: string | undefined;
  VersionIdMarker?: string | undefined;
}) => {
  const answer = await s3.send(new ListObjectVersionsCommand({ Bucket, ...options }));
  const entries = [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])]
    .map(({ Key: key = "", VersionId: id = "" }) => ({ key, id }))
    .toSorted((one, other) => indexOf(one) - indexOf(other));
  return { entries, answer };
};

test("a list of versions goes on after any version, and after any key, whatever its pages' size", async (t) => {
  for (let from = 0; from < ALL.length; from += 1) {
    const { key = "", id = "" } = ALL[from] ?? {};
    for (const MaxKeys of [1, 2, 5, 1_000]) {
      const after = await page({ MaxKeys, KeyMarker: key, VersionIdMarker: id });
      const rest = ALL.slice(from + 1);
      t.deepEqual(after.entries, rest.slice(0, MaxKeys), `after ${key}@${id}`);
      t.is(after.answer.IsTruncated, rest.length > MaxKeys);
      t.is(after.answer.KeyMarker, key);
      t.is(after.answer.VersionIdMarker, id);
      const last = rest.length > MaxKeys ? rest[MaxKeys - 1] : undefined;
      t.is(after.answer.NextKeyMarker, last?.key);
      t.is(after.answer.NextVersionIdMarker, last?.id);
    }
    const afterKey = await page({ MaxKeys: 1_000, KeyMarker: key });
    t.deepEqual(
      afterKey.entries,
      ALL.filter((entry) => entry.key > key),
    );
  }
});

test("a list of versions with a delimiter shows each common prefix once, and is cut at any entry", async (t) => {
  const list = (options: { MaxKeys: number; KeyMarker?: string | undefined; VersionIdMarker?: string | undefined }) =>
    s3.send(new ListObjectVersionsCommand({ Bucket, Delimiter: "/", ...options }));
  for (const MaxKeys of [1, 2, 3, 1_000]) {
    const prefixes: (string | undefined)[] = [];
    const entries: Entry[] = [];
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
    while (markers !== undefined) {
      const answer: Awaited<ReturnType<typeof list>> = await list({ MaxKeys, ...markers });
      const { Versions = [], DeleteMarkers = [], CommonPrefixes = [] } = answer;
      t.true(Versions.length + DeleteMarkers.length + CommonPrefixes.length <= MaxKeys);
      prefixes.push(...CommonPrefixes.map(({ Prefix }) => Prefix));
      entries.push(...[...Versions, ...DeleteMarkers].map(({ Key: key = "", VersionId: id = "" }) => ({ key, id })));
      markers =
        answer.IsTruncated === true
          ? { KeyMarker: answer.NextKeyMarker, VersionIdMarker: answer.NextVersionIdMarker }
          : undefined;
    }
    t.deepEqual(prefixes, ["a/", "c/"]);
    t.deepEqual(
      entries.toSorted((one, other) => indexOf(one) - indexOf(other)),
      ALL.filter(({ key }) => !key.includes("/")),
    );
  }
});

test("deleting a marker brings the object back, as deleting each later version does the one before it", async (t) => {
  const at = { Bucket: await versioned(), Key: "restored" };
  const one = await s3.send(new PutObjectCommand({ ...at, Body: "one" }));
  const two = await s3.send(new PutObjectCommand({ ...at, Body: "two" }));
  const marker = await s3.send(new DeleteObjectCommand(at));
  t.deepEqual(await outcome(s3.send(new GetObjectCommand(at))), ["NoSuchKey", 404]);
  const text = async () => (await s3.send(new GetObjectCommand(at))).Body?.transformToString();
  const removed = await s3.send(new DeleteObjectCommand({ ...at, VersionId: marker.VersionId }));
  t.true(removed.DeleteMarker);
  t.is(await text(), "two");
  const version = await s3.send(new DeleteObjectCommand({ ...at, VersionId: two.VersionId }));
  t.is(version.DeleteMarker, undefined);
  t.is(version.VersionId, two.VersionId);
  t.is(await text(), "one");
  await s3.send(new DeleteObjectCommand({ ...at, VersionId: one.VersionId }));
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand(at))), ["NotFound", 404]);
});

test("a copy and a completed upload make versions, and name what they were made of", async (t) => {
  const at = { Bucket: await versioned(), Key: "made" };
  const old = await s3.send(new PutObjectCommand({ ...at, Body: "old" }));
  await s3.send(new PutObjectCommand({ ...at, Body: "new" }));
  const CopySource = `${at.Bucket}/made?versionId=${old.VersionId}`;
  const copied = await s3.send(new CopyObjectCommand({ ...at, CopySource }));
  t.is(copied.CopySourceVersionId, old.VersionId);
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  const part = await s3.send(new UploadPartCopyCommand({ ...at, UploadId, PartNumber: 1, CopySource }));
  t.is(part.CopySourceVersionId, old.VersionId);
  const Parts = [{ PartNumber: 1, ETag: part.CopyPartResult?.ETag }];
  const completed = await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: at.Bucket }));
  t.is(Versions.length, 4);
  t.is(Versions[0]?.VersionId, completed.VersionId);
  t.is(Versions[1]?.VersionId, copied.VersionId);
  t.is(await (await s3.send(new GetObjectCommand(at))).Body?.transformToString(), "old");
});

test("versions and delete markers stand among each other in the document, in the list's order", async (t) => {
  for (const encoding of ["", "&encoding-type=url"]) {
    const { body } = await server.request("GET", `/${Bucket}?versions${encoding}`);
    const entries = String(body).matchAll(
      /<(Version|DeleteMarker)>.*?<Key>(.*?)<\/Key><VersionId>(.*?)<\/VersionId>.*?<\/\1>/g,
    );
    const seen = [...entries].map(([, kind, key, id]) => ({ kind, key, id }));
    t.deepEqual(
      seen.map(({ key, id }) => ({ key, id })),
      ALL,
    );
    t.is(seen.map(({ kind }) => (kind === "Version" ? "v" : "-")).join(""), Object.values(HISTORY).join(""));
  }
});

test("times in documents are whole seconds, the same as in headers", async (t) => {
  const plain = await makeBucket(s3, "times");
  const at = { Bucket: plain, Key: "k" };
  const seen: (Date | undefined)[] = [];
  // Of ten objects not all can have been made at the beginning of a second.
  for (let round = 0; round < 10; round += 1) {
    await s3.send(new PutObjectCommand({ ...at, Body: "body" }));
    const { LastModified } = await s3.send(new HeadObjectCommand(at));
    const { Contents } = await s3.send(new ListObjectsCommand({ Bucket: plain }));
    t.deepEqual(Contents?.[0]?.LastModified, LastModified);
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket: plain }));
    t.deepEqual(Versions?.[0]?.LastModified, LastModified);
    const copied = await s3.send(new CopyObjectCommand({ ...at, Key: "later", CopySource: `${plain}/k` }));
    seen.push(copied.CopyObjectResult?.LastModified);
    await new Promise((resolve) => setTimeout(resolve, 7));
  }
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(at));
  await s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: "body" }));
  seen.push((await s3.send(new ListMultipartUploadsCommand({ Bucket: plain }))).Uploads?.[0]?.Initiated);
  seen.push((await s3.send(new ListPartsCommand({ ...at, UploadId }))).Parts?.[0]?.LastModified);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  seen.push(...Buckets.map(({ CreationDate }) => CreationDate));
  for (const time of seen) t.is(time?.getUTCMilliseconds(), 0);
});
