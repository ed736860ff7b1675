import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeletePublicAccessBlockCommand,
  ListMultipartUploadsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  AbortMultipartUploadCommand,
  type EncodingType,
} from "@aws-sdk/client-s3";
import test from "ava";
import { registerKeys } from "../../access/fixtures.ts";
import { ALICE } from "../../support/accounts.ts";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "listings");
const KEYS = ["a/1", "a/2", "b", "c/1", "d", "e f", "\u{1F600}", "\uFF21"];
for (const Key of KEYS) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
/** Keys are ordered by their UTF-8 bytes, where U+FF21 comes before U+1F600. */
const SORTED = ["a/1", "a/2", "b", "c/1", "d", "e f", "\uFF21", "\u{1F600}"];

const keysOf = (entries: readonly { Key?: string | undefined }[] | undefined) => entries?.map(({ Key }) => Key) ?? [];
const prefixesOf = (entries: readonly { Prefix?: string | undefined }[] | undefined) =>
  entries?.map(({ Prefix }) => Prefix) ?? [];

/** For comparing what came in any order. */
const inOrder = (texts: readonly (string | undefined)[]) =>
  texts.map(String).toSorted((one, other) => one.localeCompare(other));

const versioned = await makeBucket(s3, "versions");
await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } }));
for (const Key of ["a/1", "a/2", "b", "b", "c"])
  await s3.send(new PutObjectCommand({ Bucket: versioned, Key, Body: "" }));
await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "c" }));

test.after.always(() => server.close());

test("keys are listed in the order of their UTF-8 bytes", async (t) => {
  const { Contents, KeyCount, IsTruncated } = await s3.send(new ListObjectsV2Command({ Bucket }));
  t.deepEqual(keysOf(Contents), SORTED);
  t.is(KeyCount, SORTED.length);
  t.false(IsTruncated);
});

for (const MaxKeys of [1, 2, 3, 7, 8]) {
  test(`pages of ${MaxKeys} give every entry once, with and without a delimiter`, async (t) => {
    for (const Delimiter of [undefined, "/"]) {
      const seen: (string | undefined)[] = [];
      let ContinuationToken: string | undefined;
      do {
        const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys, Delimiter, ContinuationToken }));
        seen.push(...keysOf(page.Contents), ...prefixesOf(page.CommonPrefixes));
        t.true((page.KeyCount ?? 0) <= MaxKeys);
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
      const wanted = Delimiter === undefined ? SORTED : ["a/", "b", "c/", "d", "e f", "\uFF21", "\u{1F600}"];
      t.deepEqual(inOrder(seen), inOrder(wanted));
    }
  });
}

test("a prefix and a start bound the list", async (t) => {
  t.deepEqual(keysOf((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "a/" }))).Contents), ["a/1", "a/2"]);
  const after = await s3.send(new ListObjectsV2Command({ Bucket, StartAfter: "d" }));
  t.deepEqual(keysOf(after.Contents), SORTED.slice(5));
  t.is(after.StartAfter, "d");
});

test("a page of none is not truncated", async (t) => {
  const page = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }));
  t.is(page.KeyCount, 0);
  t.false(page.IsTruncated);
});

test("fact 1: owners have an id and no display name", async (t) => {
  const v1 = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1 }));
  t.regex(v1.Contents?.[0]?.Owner?.ID ?? "", /^[0-9a-f]{64}$/);
  t.is(v1.Contents?.[0]?.Owner?.DisplayName, undefined);
});

test("lists of objects name the bucket's region in a header, as AWS was recorded to", async (t) => {
  for (const query of ["", "?list-type=2"]) {
    const { headers } = await server.request("GET", `/${Bucket}${query}`);
    t.is(headers["x-amz-bucket-region"], "us-east-1");
  }
});

test("who signs nothing is not told owners by the first version of the list, as AWS was recorded to", async (t) => {
  const strict = await startTestServer({ authMode: "strict" });
  t.teardown(() => strict.close());
  const s3 = strict.s3({ credentials: await registerKeys(strict, { accountId: ALICE }) });
  const Bucket = await makeBucket(s3, "public");
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
  await s3.send(new PutBucketAclCommand({ Bucket, ACL: "public-read" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x" }));
  const unsigned = await strict.request("GET", `/${Bucket}`);
  t.is(unsigned.status, 200);
  t.regex(unsigned.body.toString(), /<Key>k<\/Key>/);
  t.notRegex(unsigned.body.toString(), /<Owner>/);
  const signed = await s3.send(new ListObjectsCommand({ Bucket }));
  t.truthy(signed.Contents?.[0]?.Owner?.ID);
});

test("fact 3: lists show algorithm and type of checksums", async (t) => {
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  t.deepEqual(Contents?.[0]?.ChecksumAlgorithm, ["CRC32"]);
  t.is(Contents?.[0]?.ChecksumType, "FULL_OBJECT");
});

test("fact 40: the first version has an empty marker, and a next one only with a delimiter", async (t) => {
  const plain = await server.request("GET", `/${Bucket}?max-keys=1`);
  t.regex(String(plain.body), /<Prefix><\/Prefix>|<Prefix\/>/);
  t.regex(String(plain.body), /<Marker><\/Marker>|<Marker\/>/);
  t.false(String(plain.body).includes("NextMarker"));
  const delimited = await s3.send(new ListObjectsCommand({ Bucket, MaxKeys: 1, Delimiter: "/" }));
  t.is(delimited.NextMarker, "a/");
  const next = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: "/", Marker: delimited.NextMarker }));
  t.deepEqual(prefixesOf(next.CommonPrefixes), ["c/"]);
});

test("fact 40: the second version shows owners only on demand", async (t) => {
  const plain = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1 }));
  t.is(plain.Contents?.[0]?.Owner, undefined);
  const fetched = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, FetchOwner: true }));
  t.truthy(fetched.Contents?.[0]?.Owner?.ID);
  const next = await s3.send(
    new ListObjectsV2Command({ Bucket, MaxKeys: 1, ContinuationToken: fetched.NextContinuationToken }),
  );
  t.is(next.ContinuationToken, fetched.NextContinuationToken);
});

test("fact 40: with encoding-type=url names are encoded, and slashes stay", async (t) => {
  const encoded = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url", Prefix: "e" }));
  t.deepEqual(keysOf(encoded.Contents), ["e+f"]);
  const delimited = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url", Delimiter: "%2F" }));
  t.is(delimited.Delimiter, "%252F");
  const slashes = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: "url", Prefix: "a/" }));
  t.deepEqual(keysOf(slashes.Contents), ["a/1", "a/2"]);
});

test("fact 41: another encoding is refused by all four lists", async (t) => {
  for (const text of ["", "base64"]) {
    const input = { Bucket, EncodingType: text as EncodingType };
    for (const call of [
      () => s3.send(new ListObjectsCommand(input)),
      () => s3.send(new ListObjectsV2Command(input)),
      () => s3.send(new ListObjectVersionsCommand(input)),
      () => s3.send(new ListMultipartUploadsCommand(input)),
    ]) {
      const error = await failure(call());
      t.is(error.name, "InvalidArgument");
      t.is(error["ArgumentName"], "encoding-type");
      t.is(error.message, "Invalid Encoding Method specified in Request");
    }
  }
});

test("fact 41: a token that is none is refused", async (t) => {
  const error = await failure(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "nonsense" })));
  t.is(error.name, "InvalidArgument");
  t.is(error["ArgumentName"], "continuation-token");
  t.is(error["ArgumentValue"], undefined);
  t.is(error.message, "The continuation token provided is incorrect");
  t.is((await failure(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: "" })))).name, "InvalidArgument");
});

test("a token decides where a list goes on, and a start beside it is not even echoed", async (t) => {
  const first = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 2, StartAfter: "a/1" }));
  t.is(first.StartAfter, "a/1");
  const ContinuationToken = first.NextContinuationToken;
  const second = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 1, StartAfter: "e f", ContinuationToken }));
  t.deepEqual(keysOf(second.Contents), [SORTED[3]]);
  t.is(second.ContinuationToken, ContinuationToken);
  t.is(second.StartAfter, undefined);
});

test("a page size that is empty is the default", async (t) => {
  const begun = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "page-size" }));
  for (const [path, element] of [
    [`/${Bucket}?max-keys=`, "MaxKeys"],
    [`/${Bucket}?list-type=2&max-keys=`, "MaxKeys"],
    [`/${Bucket}?versions&max-keys=`, "MaxKeys"],
    [`/${Bucket}?uploads&max-uploads=`, "MaxUploads"],
    [`/${Bucket}/page-size?uploadId=${begun.UploadId}&max-parts=&part-number-marker=`, "MaxParts"],
  ] as const) {
    const { body } = await server.request("GET", path);
    t.true(String(body).includes(`<${element}>1000</${element}>`), path);
  }
  await s3.send(new AbortMultipartUploadCommand({ Bucket, Key: "page-size", UploadId: begun.UploadId }));
});

test("versions and delete markers are listed newest first, and pages give each once", async (t) => {
  const whole = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned }));
  t.deepEqual(keysOf(whole.Versions), ["a/1", "a/2", "b", "b", "c"]);
  t.deepEqual(keysOf(whole.DeleteMarkers), ["c"]);
  t.deepEqual(
    whole.Versions?.map(({ IsLatest }) => IsLatest),
    [true, true, true, false, false],
  );
  const seen: (string | undefined)[] = [];
  let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
  for (let more = true; more;) {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned, MaxKeys: 1, ...markers }));
    seen.push(...[...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId));
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
    more = page.IsTruncated === true;
  }
  const all = [...(whole.Versions ?? []), ...(whole.DeleteMarkers ?? [])].map(({ VersionId }) => VersionId);
  t.deepEqual(inOrder(seen), inOrder(all));
});

test("fact 41: a version's marker needs its key's", async (t) => {
  const input = { Bucket: versioned, VersionIdMarker: "null" };
  const error = await failure(s3.send(new ListObjectVersionsCommand(input)));
  t.is(error.message, "A version-id marker cannot be specified without a key marker.");
});

test("fact 42: a page of versions that is cut at a common prefix names no version", async (t) => {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket: versioned, Delimiter: "/", MaxKeys: 1 }));
  t.deepEqual(prefixesOf(page.CommonPrefixes), ["a/"]);
  t.is(page.NextKeyMarker, "a/");
  t.is(page.NextVersionIdMarker, undefined);
});

test("fact 42: a page of uploads that holds only common prefixes has empty next markers, even when there is more", async (t) => {
  const uploading = await makeBucket(s3, "prefixes");
  for (const Key of ["a/1", "a/2", "b"]) await s3.send(new CreateMultipartUploadCommand({ Bucket: uploading, Key }));
  const list = (markers = {}) =>
    s3.send(new ListMultipartUploadsCommand({ Bucket: uploading, Delimiter: "/", MaxUploads: 1, ...markers }));
  const first = await list();
  t.deepEqual(prefixesOf(first.CommonPrefixes), ["a/"]);
  t.true(first.IsTruncated);
  t.is(first.NextKeyMarker, "");
  t.is(first.NextUploadIdMarker, "");
  t.is(first.Prefix, undefined, "a prefix that was not asked for is not echoed");
  for (const KeyMarker of ["a/", "a/1"]) {
    const second = await list({ KeyMarker });
    t.deepEqual(keysOf(second.Uploads), ["b"]);
    t.is(second.NextKeyMarker, "b");
  }
});

test("fact 42: lists of uploads always have their next markers", async (t) => {
  const uploading = await makeBucket(s3, "uploads");
  const none = await server.request("GET", `/${uploading}?uploads`);
  t.regex(String(none.body), /<NextKeyMarker><\/NextKeyMarker>|<NextKeyMarker\/>/);
  const ids: (string | undefined)[] = [];
  for (const Key of ["a/1", "b", "b"]) {
    ids.push((await s3.send(new CreateMultipartUploadCommand({ Bucket: uploading, Key }))).UploadId);
  }
  const whole = await s3.send(new ListMultipartUploadsCommand({ Bucket: uploading }));
  t.deepEqual(
    whole.Uploads?.map(({ UploadId }) => UploadId),
    ids,
    "uploads of one key come in the order in which they began",
  );
  t.is(whole.NextKeyMarker, "b");
  t.is(whole.NextUploadIdMarker, ids[2]);
  t.is(whole.Uploads?.[0]?.Owner?.DisplayName, undefined);
  t.truthy(whole.Uploads?.[0]?.Initiator?.DisplayName);

  const second = await s3.send(
    new ListMultipartUploadsCommand({ Bucket: uploading, KeyMarker: "b", UploadIdMarker: ids[1] }),
  );
  t.deepEqual(
    second.Uploads?.map(({ UploadId }) => UploadId),
    [ids[2]],
  );
  const error = await failure(
    s3.send(new ListMultipartUploadsCommand({ Bucket: uploading, KeyMarker: "a/1", UploadIdMarker: ids[1] })),
  );
  t.is(error.name, "InvalidArgument");
  t.is(error.message, "Invalid uploadId marker");
});

test("a list of uploads goes on after one that was aborted meanwhile", async (t) => {
  const uploading = await makeBucket(s3, "uploads");
  for (const Key of ["a", "b"]) await s3.send(new CreateMultipartUploadCommand({ Bucket: uploading, Key }));
  const first = await s3.send(new ListMultipartUploadsCommand({ Bucket: uploading, MaxUploads: 1 }));
  const UploadId = first.NextUploadIdMarker;
  await s3.send(new AbortMultipartUploadCommand({ Bucket: uploading, Key: "a", UploadId }));
  const markers = { KeyMarker: first.NextKeyMarker, UploadIdMarker: UploadId };
  const second = await s3.send(new ListMultipartUploadsCommand({ Bucket: uploading, ...markers }));
  t.deepEqual(keysOf(second.Uploads), ["b"]);
});
