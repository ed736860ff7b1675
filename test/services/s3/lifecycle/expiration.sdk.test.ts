import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteBucketLifecycleCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  CompleteMultipartUploadCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { LIFECYCLE_PAGE } from "../../../../src/services/s3/limits.ts";
import { postForm } from "../../../support/post-form.ts";
import { contents, DAY, HOUR, makeBucket, put, putRules, setVersioning, startSuite } from "./suite.ts";

const UNTIL_MIDNIGHT = 13.5 * HOUR;

test("an object expires at the midnight after its days, not before, and the advance tells of it", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [{ ID: "three days", Filter: { Prefix: "logs/" }, Expiration: { Days: 3 } }]);
  await put(suite, "box", "logs/a");
  await put(suite, "box", "other");
  // From 15 January, half past ten, three days lead into the 18th.
  t.deepEqual(await suite.pass(3 * DAY + UNTIL_MIDNIGHT - 1), []);
  t.deepEqual(await contents(suite, "box"), ["logs/a", "other"]);
  t.deepEqual(await suite.pass(1), ["deleted by rule three days s3://box/logs/a"]);
  t.deepEqual(await contents(suite, "box"), ["other"]);
});

test("an object that is written again begins anew, and one that is gone is no trouble", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [{ Expiration: { Days: 2 } }]);
  await put(suite, "box", "again");
  await put(suite, "box", "gone");
  await suite.pass(DAY);
  await put(suite, "box", "again");
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "gone" }));
  t.deepEqual(await suite.pass(2 * DAY), []);
  t.deepEqual(await contents(suite, "box"), ["again"]);
  t.is((await suite.pass(DAY)).length, 1);
  t.deepEqual(await contents(suite, "box"), []);
});

test("rules hold for what is there already; what is old enough goes at the next midnight", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  for (const key of ["a", "b", "c"]) await put(suite, "box", key);
  await suite.pass(10 * DAY);
  await put(suite, "box", "young");
  await putRules(suite, "box", [{ ID: "r", Expiration: { Days: 5 } }]);
  t.deepEqual(await suite.pass(UNTIL_MIDNIGHT - 1), []);
  t.deepEqual(
    await suite.pass(1),
    ["a", "b", "c"].map((key) => `deleted by rule r s3://box/${key}`),
  );
  t.deepEqual(await contents(suite, "box"), ["young"]);
});

test("rules that are replaced or taken away before their time do nothing", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [{ Expiration: { Days: 2 } }]);
  await put(suite, "box", "a");
  await putRules(suite, "box", [{ Expiration: { Days: 9 } }]);
  t.deepEqual(await suite.pass(5 * DAY), []);
  await suite.s3.send(new DeleteBucketLifecycleCommand({ Bucket: "box" }));
  t.deepEqual(await suite.pass(50 * DAY), []);
  t.deepEqual(await contents(suite, "box"), ["a"]);
  await putRules(suite, "box", [{ Expiration: { Days: 9 } }]);
  t.is((await suite.pass(DAY)).length, 1);
});

test("a date holds for what is there, and for what comes later at the midnight after", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await put(suite, "box", "a");
  await putRules(suite, "box", [{ Expiration: { Date: new Date("2026-01-20T00:00:00Z") } }]);
  t.deepEqual(await suite.pass(4 * DAY), []);
  t.is((await suite.pass(DAY)).length, 1);
  await put(suite, "box", "late");
  t.deepEqual(await contents(suite, "box"), ["late"]);
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), []);
});

test("filters by prefix, tags and size decide; tags that come later count", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [
    {
      Filter: {
        And: {
          Prefix: "t/",
          Tags: [
            { Key: "a", Value: "1" },
            { Key: "b", Value: "2" },
          ],
        },
      },
      Expiration: { Days: 1 },
    },
    { Filter: { And: { ObjectSizeGreaterThan: 2, ObjectSizeLessThan: 5 } }, Expiration: { Days: 1 } },
  ]);
  await put(suite, "box", "t/both", { Tagging: "b=2&a=1&c=3" });
  await put(suite, "box", "t/one", { Tagging: "a=1" });
  await put(suite, "box", "u/both", { Tagging: "b=2&a=1" });
  for (const size of [2, 3, 4, 5]) await put(suite, "box", `s/${size}`, { Body: "x".repeat(size) });
  await suite.pass(2 * DAY);
  t.deepEqual(await contents(suite, "box"), ["s/2", "s/5", "t/one", "u/both"]);
  const TagSet = [
    { Key: "a", Value: "1" },
    { Key: "b", Value: "2" },
  ];
  await suite.s3.send(new PutObjectTaggingCommand({ Bucket: "box", Key: "t/one", Tagging: { TagSet } }));
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["s/2", "s/5", "u/both"]);
});

test("with versions a delete marker comes; old versions go, newer ones stay, and the marker goes when it is alone", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await putRules(suite, "box", [
    {
      Expiration: { Days: 10 },
      NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 },
    },
  ]);
  for (let version = 0; version < 4; version += 1) {
    await put(suite, "box", "k");
    await suite.pass(HOUR);
  }
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)", "(k)", "(k)"]);
  await suite.pass(2 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)"]);
  await suite.pass(8 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k!", "(k)"]);
  // The one newer that is kept stays for good.
  await suite.pass(100 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k!", "(k)"]);
  await putRules(suite, "box", [
    { NoncurrentVersionExpiration: { NoncurrentDays: 2 }, Expiration: { ExpiredObjectDeleteMarker: true } },
  ]);
  t.is((await suite.pass(DAY)).length, 2);
  t.deepEqual(await contents(suite, "box"), []);
});

test("a version that was kept, and whose successor a client deleted, goes once it is old enough by the one that came after", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  const rule = { NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 1 } };
  await putRules(suite, "box", [rule]);
  await put(suite, "box", "k");
  await suite.pass(HOUR);
  const VersionId = await put(suite, "box", "k");
  // Old enough by now, but there is no newer one.
  await suite.pass(4 * DAY);
  await put(suite, "box", "k");
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "k", VersionId }));
  await put(suite, "box", "k");
  await suite.pass(2 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)", "(k)"]);
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)"]);
});

test("many versions of one key come down to those that are kept, page by page", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  for (let version = 0; version < 2 * LIFECYCLE_PAGE + 10; version += 1) await put(suite, "box", "k");
  await put(suite, "box", "other");
  await suite.pass(5 * DAY);
  await putRules(suite, "box", [
    { NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 100 }, Filter: { Prefix: "k" } },
    { NoncurrentVersionExpiration: { NoncurrentDays: 9, NewerNoncurrentVersions: 2 }, Filter: { Prefix: "k" } },
  ]);
  await suite.pass(DAY);
  t.is((await contents(suite, "box")).length, 102);
  await suite.pass(5 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)", "(k)", "other"]);
  // With one more the oldest of those that were kept goes, when the new one has come of age to be counted.
  await put(suite, "box", "k");
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)", "(k)", "other"]);
});

test("a delete marker that a client leaves alone goes; one before versions stays", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await putRules(suite, "box", [{ Expiration: { ExpiredObjectDeleteMarker: true } }]);
  const VersionId = await put(suite, "box", "k");
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "k" }));
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "never was" }));
  await suite.pass(3 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k!", "(k)"]);
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "k", VersionId }));
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), []);
});

test("a version that is current again counts from when it was made", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await putRules(suite, "box", [{ Expiration: { Days: 5 } }]);
  await put(suite, "box", "k");
  await suite.pass(DAY);
  const VersionId = await put(suite, "box", "k");
  await suite.pass(6 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k!", "(k)", "(k)"]);
  const { DeleteMarkers: [marker] = [] } = await suite.s3.send(new ListObjectVersionsCommand({ Bucket: "box" }));
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "k", VersionId: marker?.VersionId }));
  await suite.s3.send(new DeleteObjectCommand({ Bucket: "box", Key: "k", VersionId }));
  t.deepEqual(await contents(suite, "box"), ["k"]);
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["k!", "(k)"]);
});

test("while versioning is suspended the marker takes the place of the version without an id", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await put(suite, "box", "old");
  await setVersioning(suite.s3, "box", "Suspended");
  await put(suite, "box", "null");
  await putRules(suite, "box", [{ Expiration: { Days: 1 } }]);
  await suite.pass(2 * DAY);
  t.deepEqual(await contents(suite, "box"), ["null!", "old!", "(old)"]);
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["old!", "(old)"]);
});

test("uploads are aborted after their days, and say so beforehand", async (t) => {
  const suite = await startSuite(t);
  const { s3 } = suite;
  await makeBucket(suite, "box");
  const begin = (Key: string) => s3.send(new CreateMultipartUploadCommand({ Bucket: "box", Key }));
  const before = await begin("up/before");
  await putRules(suite, "box", [
    { ID: "seven", Filter: { Prefix: "" }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } },
    { ID: "two days", Filter: { Prefix: "up/" }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
  ]);
  const begun = await begin("up/a");
  t.is(begun.AbortDate?.toISOString(), "2026-01-18T00:00:00.000Z");
  t.is(begun.AbortRuleId, "two days");
  t.is((await begin("other")).AbortRuleId, "seven");
  const parts = await s3.send(new ListPartsCommand({ Bucket: "box", Key: "up/before", UploadId: before.UploadId }));
  t.deepEqual([parts.AbortDate?.toISOString(), parts.AbortRuleId], ["2026-01-18T00:00:00.000Z", "two days"]);
  await s3.send(
    new UploadPartCommand({ Bucket: "box", Key: "up/a", UploadId: begun.UploadId, PartNumber: 1, Body: "x" }),
  );
  await suite.pass(3 * DAY);
  const uploads = async (): Promise<(string | undefined)[]> =>
    ((await s3.send(new ListMultipartUploadsCommand({ Bucket: "box" }))).Uploads ?? []).map(({ Key }) => Key);
  t.deepEqual(await uploads(), ["other"]);
  const third = await begin("up/c");
  await s3.send(new AbortMultipartUploadCommand({ Bucket: "box", Key: "up/c", UploadId: third.UploadId }));
  await suite.pass(10 * DAY);
  t.deepEqual(await uploads(), []);
});

test("fact 44: PUT, POST, copy, complete, GET and HEAD of a matching object say when it expires and by which rule", async (t) => {
  const suite = await startSuite(t);
  const { s3 } = suite;
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await putRules(suite, "box", [
    { ID: "sp\u00e4ter & mehr", Filter: { Prefix: "a" }, Expiration: { Days: 30 } },
    { ID: "first", Filter: { Prefix: "a" }, Expiration: { Days: 3 } },
    { ID: "markers", Filter: { Prefix: "c" }, Expiration: { ExpiredObjectDeleteMarker: true } },
    { ID: 'sp\u00e4ter & "mehr"', Filter: { Prefix: "d" }, Expiration: { Days: 30 } },
  ]);
  const first = 'expiry-date="Mon, 19 Jan 2026 00:00:00 GMT", rule-id="first"';
  const old = await put(suite, "box", "a");
  const send = (Key: string) => s3.send(new PutObjectCommand({ Bucket: "box", Key, Body: "x" }));
  t.is((await send("a")).Expiration, first);
  t.is((await send("b")).Expiration, undefined);
  t.is((await send("c")).Expiration, undefined);
  t.is(
    (await send("d")).Expiration,
    'expiry-date="Sun, 15 Feb 2026 00:00:00 GMT", rule-id="sp%C3%A4ter%20%26%20%22mehr%22"',
  );
  t.is((await s3.send(new CopyObjectCommand({ Bucket: "box", Key: "a2", CopySource: "box/b" }))).Expiration, first);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: "box", Key: "a" }))).Expiration, first);
  const got = await s3.send(new GetObjectCommand({ Bucket: "box", Key: "a" }));
  t.is(got.Expiration, first);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: "box", Key: "a", VersionId: got.VersionId }))).Expiration, first);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: "box", Key: "a", VersionId: old }))).Expiration, undefined);
  const upload = {
    Bucket: "box",
    Key: "a3",
    UploadId: (await s3.send(new CreateMultipartUploadCommand({ Bucket: "box", Key: "a3" }))).UploadId,
  };
  const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: "x" }));
  const whole = { ...upload, MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] } };
  t.is((await s3.send(new CompleteMultipartUploadCommand(whole))).Expiration, first);
  const file = { content: "by form" };
  const posted = await postForm(suite.server, "box", { fields: { key: "a4" }, file });
  t.is(posted.headers["x-amz-expiration"], first);
});
