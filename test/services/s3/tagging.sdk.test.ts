/** Tags of objects and buckets through the AWS SDK. */
import { createHash } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteBucketTaggingCommand,
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  GetBucketTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type Tag,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const bucket = await makeBucket(s3, "tags");
const versioned = await makeBucket(s3, "tags-versions");
await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } }));
test.after.always(() => server.close());

const numbered = (count: number): Tag[] =>
  Array.from({ length: count }, (_, at) => ({ Key: `k${at}`, Value: `v${at}` }));
const tagObject = (Key: string, TagSet: Tag[]) =>
  s3.send(new PutObjectTaggingCommand({ Bucket: bucket, Key, Tagging: { TagSet } }));
const tagsOf = async (Key: string): Promise<Tag[] | undefined> =>
  (await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key }))).TagSet;
const tagBucket = (TagSet: Tag[], Bucket = bucket) =>
  s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));

test("an object's tags are put, counted, replaced as a whole and taken away", async (t) => {
  const written = await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "life", Body: "x", Tagging: "a=1&b=2" }));
  t.is(written.VersionId, undefined);
  t.deepEqual(await tagsOf("life"), [
    { Key: "a", Value: "1" },
    { Key: "b", Value: "2" },
  ]);
  const before = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "life" }));
  t.is(before.TagCount, 2);
  const put = await tagObject("life", [{ Key: "c", Value: "" }]);
  t.is(put.$metadata.httpStatusCode, 200);
  t.is(put.VersionId, undefined);
  t.deepEqual(await tagsOf("life"), [{ Key: "c", Value: "" }]);
  const got = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: "life" }));
  t.is(got.TagCount, 1);
  t.deepEqual([got.ETag, got.LastModified], [before.ETag, before.LastModified]);
  t.is(await got.Body?.transformToString(), "x");
  const gone = await s3.send(new DeleteObjectTaggingCommand({ Bucket: bucket, Key: "life" }));
  t.is(gone.$metadata.httpStatusCode, 204);
  t.deepEqual(await tagsOf("life"), []);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "life" }))).TagCount, undefined);
});

test("an empty set of tags takes an object's tags away", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "emptied", Body: "x", Tagging: "a=1" }));
  await tagObject("emptied", []);
  t.deepEqual(await tagsOf("emptied"), []);
});

test("each version has its own tags", async (t) => {
  const at = { Bucket: versioned, Key: "versions" };
  const first = await s3.send(new PutObjectCommand({ ...at, Body: "x", Tagging: "which=first" }));
  const second = await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
  const [VersionId, current] = [first.VersionId, second.VersionId];
  const put = await s3.send(
    new PutObjectTaggingCommand({ ...at, Tagging: { TagSet: [{ Key: "which", Value: "2" }] } }),
  );
  t.is(put.VersionId, current);
  const old = await s3.send(new GetObjectTaggingCommand({ ...at, VersionId }));
  t.deepEqual([old.VersionId, old.TagSet], [VersionId, [{ Key: "which", Value: "first" }]]);
  const gone = await s3.send(new DeleteObjectTaggingCommand({ ...at, VersionId }));
  t.is(gone.VersionId, VersionId);
  t.deepEqual((await s3.send(new GetObjectTaggingCommand({ ...at, VersionId }))).TagSet, []);
  t.deepEqual((await s3.send(new GetObjectTaggingCommand(at))).TagSet, [{ Key: "which", Value: "2" }]);
});

test("fact 19: GetObjectTagging of a missing key names bucket and key, the others the key", async (t) => {
  const at = { Bucket: bucket, Key: "missing" };
  const Tagging = { TagSet: [] };
  for (const [call, key] of [
    [s3.send(new GetObjectTaggingCommand(at)), `${bucket}/missing`],
    [s3.send(new PutObjectTaggingCommand({ ...at, Tagging })), "missing"],
    [s3.send(new DeleteObjectTaggingCommand(at)), "missing"],
  ] as const) {
    const error = await failure(call);
    t.is(error.name, "NoSuchKey");
    t.is(error["Key"], key);
    t.is(error.$metadata.httpStatusCode, 404);
  }
});

test("fact 23: tags of a delete marker are refused, by its version and as the latest", async (t) => {
  const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "marker" }));
  const body = "<Tagging><TagSet></TagSet></Tagging>";
  for (const query of ["tagging", `tagging&versionId=${marker}`]) {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
      const answer = await server.request(method, `/${versioned}/marker?${query}`, {
        headers: { authorization: "AWS 123456789012:sig", ...(method === "PUT" ? headers : {}) },
        ...(method === "PUT" ? { body } : {}),
      });
      t.is(answer.status, 405, `${method} ${query}: ${answer.body.toString()}`);
      t.is(element(answer, "Code"), "MethodNotAllowed");
      t.is(element(answer, "Method"), method);
      t.is(element(answer, "ResourceType"), "DeleteMarker");
      t.is(answer.headers["allow"], "DELETE");
      t.is(answer.headers["x-amz-delete-marker"], "true");
      t.is(answer.headers["x-amz-version-id"], marker);
    }
  }
});

test("fact 7: tags of a version that is no more are NoSuchVersion", async (t) => {
  const at = { Bucket: versioned, Key: "deleted-version" };
  const { VersionId } = await s3.send(new PutObjectCommand({ ...at, Body: "x" }));
  await s3.send(new DeleteObjectCommand({ ...at, VersionId }));
  const error = await failure(s3.send(new GetObjectTaggingCommand({ ...at, VersionId })));
  t.deepEqual([error.name, error["Key"], error["VersionId"]], ["NoSuchVersion", at.Key, VersionId]);
});

test("fact 45: an object has at most 10 tags, a bucket 50", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "many", Body: "x" }));
  await tagObject("many", numbered(10));
  t.deepEqual(await tagsOf("many"), numbered(10));
  const object = await failure(tagObject("many", numbered(11)));
  t.deepEqual([object.name, object.message], ["BadRequest", "Object tags cannot be greater than 10"]);
  const many = await makeBucket(s3, "many-tags");
  await tagBucket(numbered(50), many);
  const tooMany = await failure(tagBucket(numbered(51), many));
  t.deepEqual([tooMany.name, tooMany.message], ["BadRequest", "Bucket tag count cannot be greater than 50"]);
  t.is((await s3.send(new GetBucketTaggingCommand({ Bucket: many }))).TagSet?.length, 50);
});

const LONGEST = { Key: "k".repeat(128), Value: "v".repeat(256) };

test("fact 45: what is wrong with a tag is said of objects and of buckets", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "refused", Body: "x" }));
  const twice = [
    { Key: "a", Value: "1" },
    { Key: "a", Value: "2" },
  ];
  for (const [tags, fields, objectMessage, bucketMessage] of [
    [twice, { TagKey: "a" }, "Cannot provide multiple Tags with the same key"],
    [[{ Key: "a?", Value: "1" }], { TagKey: "a?" }, "The TagKey you have provided is invalid"],
    [[{ Key: "", Value: "1" }], { TagKey: "" }, "The TagKey you have provided is invalid"],
    [[{ Key: "a", Value: "1,2" }], { TagKey: "a", TagValue: "1,2" }, "The TagValue you have provided is invalid"],
    [
      [{ ...LONGEST, Key: `${LONGEST.Key}k` }],
      { TagKey: `${LONGEST.Key}k` },
      "The TagKey you have provided is invalid",
    ],
    [
      [{ ...LONGEST, Value: `${LONGEST.Value}v` }],
      { TagKey: LONGEST.Key },
      "The TagValue you have provided is invalid",
    ],
    [
      [{ Key: "aws:a", Value: "1" }],
      { TagKey: "aws:a" },
      "Your TagKey cannot be prefixed with aws:",
      "System tags cannot be added/updated by requester",
    ],
  ] as const) {
    const object = await failure(tagObject("refused", [...tags]));
    t.deepEqual([object.name, object.message], ["InvalidTag", objectMessage]);
    t.like(object, fields);
    const other = await failure(tagBucket([...tags]));
    t.deepEqual([other.name, other.message], ["InvalidTag", bucketMessage ?? objectMessage]);
    t.like(other, fields);
  }
  await tagObject("refused", [LONGEST, { Key: "ä +-=._:/@", Value: "中 1" }]);
  t.deepEqual(await tagsOf("refused"), [LONGEST, { Key: "ä +-=._:/@", Value: "中 1" }]);
});

test("fact 43: a tag without its key or its value is malformed", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "malformed", Body: "x" }));
  for (const tag of [{ Key: "a" }, { Value: "1" }]) {
    for (const call of [tagObject("malformed", [tag as Tag]), tagBucket([tag as Tag])]) {
      const error = await failure(call);
      t.is(error.name, "MalformedXML");
      t.is(error.message, "The XML you provided was not well-formed or did not validate against our published schema");
    }
  }
});

test("facts 8 and 45: a bucket's tags are put, replaced and deleted; without any it is NoSuchTagSet", async (t) => {
  const Bucket = await makeBucket(s3, "bucket-tags");
  const get = () => s3.send(new GetBucketTaggingCommand({ Bucket }));
  const none = async () => {
    const error = await failure(get());
    t.deepEqual(
      [error.name, error.message, error["BucketName"], error.$metadata.httpStatusCode],
      ["NoSuchTagSet", "The TagSet does not exist", Bucket, 404],
    );
  };
  await none();
  t.is((await tagBucket([{ Key: "a", Value: "1" }], Bucket)).$metadata.httpStatusCode, 204);
  t.deepEqual((await get()).TagSet, [{ Key: "a", Value: "1" }]);
  await tagBucket([{ Key: "b", Value: "" }], Bucket);
  t.deepEqual((await get()).TagSet, [{ Key: "b", Value: "" }]);
  for (const _ of ["first", "again"]) {
    const { $metadata } = await s3.send(new DeleteBucketTaggingCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    await none();
  }
  await tagBucket([{ Key: "a", Value: "1" }], Bucket);
  await tagBucket([], Bucket);
  await none();
});

test("tags that CreateBucket was given are the bucket's", async (t) => {
  const Bucket = `created-with-tags-${process.pid}`;
  const Tags = [{ Key: "team", Value: "x" }];
  await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { Tags } }));
  t.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, Tags);
});
