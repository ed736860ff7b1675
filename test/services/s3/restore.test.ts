/** RestoreObject: 202, then 200; what GET, HEAD and lists say of it; and its end. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  RestoreObjectCommand,
  type RestoreRequest,
  type S3Client,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import type { Config } from "../../../src/config.ts";
import { element } from "../../support/signed.ts";
import { failure, makeBucket, outcome } from "./client.ts";
import { DAY_MS, makePlainBucket, putVersion, startAtTime } from "./lock-fixtures.ts";

const START_MS = Date.UTC(2026, 9, 15, 10, 30);
const HOUR_MS = 3_600_000;

type Named = { readonly Key: string; readonly VersionId?: string };

const setUp = async (t: ExecutionContext, settings: Partial<Config> = {}) => {
  const { server, time } = await startAtTime(START_MS, settings);
  t.teardown(() => server.close());
  const s3 = server.s3();
  const Bucket = await makeBucket(s3, "restores");
  return {
    server,
    time,
    s3,
    Bucket,
    put: (Key: string, StorageClass: "GLACIER" | "DEEP_ARCHIVE" | "INTELLIGENT_TIERING" | "STANDARD" = "GLACIER") =>
      s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", StorageClass })),
    restore: (named: Named, request: RestoreRequest = { Days: 3 }) => restoreIn(s3, Bucket, { named, request }),
    restored: async (named: Named) => (await s3.send(new HeadObjectCommand({ Bucket, ...named }))).Restore,
    read: async (named: Named) => (await s3.send(new GetObjectCommand({ Bucket, ...named }))).Body?.transformToString(),
  };
};

const restoreIn = async (
  s3: S3Client,
  Bucket: string,
  { named, request }: { named: Named; request: RestoreRequest },
): Promise<number | undefined> =>
  (await s3.send(new RestoreObjectCommand({ Bucket, ...named, RestoreRequest: request }))).$metadata.httpStatusCode;

const until = (date: string) => `ongoing-request="false", expiry-date="${date}"`;

test("fact 25: a restore answers 202, and the object is read until the midnight after its days", async (t) => {
  const { put, restore, restored, read, time } = await setUp(t);
  const k = { Key: "k" };
  await put("k");
  t.is(await restored(k), undefined);
  t.is(await restore(k, { Days: 3, GlacierJobParameters: { Tier: "Bulk" } }), 202);
  t.is(await restored(k), until("Mon, 19 Oct 2026 00:00:00 GMT"));
  t.is(await read(k), "body");
  time.nowMs = Date.UTC(2026, 9, 19) - 1;
  t.is(await read(k), "body");
  time.nowMs = Date.UTC(2026, 9, 19);
  t.deepEqual(await outcome(read(k)), ["InvalidObjectState", 403], "archived again");
  t.is(await restored(k), undefined);
  t.is(await restore(k, { Days: 1 }), 202, "and restored anew");
  t.is(await read(k), "body");
});

test("a restored object keeps its class, its time and its bytes", async (t) => {
  const { put, restore, s3, Bucket, time } = await setUp(t);
  await put("k", "DEEP_ARCHIVE");
  const before = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  time.nowMs += HOUR_MS;
  await restore({ Key: "k" });
  const after = await s3.send(new GetObjectCommand({ Bucket, Key: "k" }));
  t.is(after.StorageClass, "DEEP_ARCHIVE");
  t.deepEqual(after.LastModified, before.LastModified);
  t.is(after.ETag, before.ETag);
  t.is(after.Restore, until("Mon, 19 Oct 2026 00:00:00 GMT"));
});

test("a restore of what is restored answers 200 and counts its days from then", async (t) => {
  const { put, restore, restored, time } = await setUp(t);
  await put("k");
  t.is(await restore({ Key: "k" }, { Days: 1 }), 202);
  time.nowMs += 5 * HOUR_MS;
  t.is(await restore({ Key: "k" }, { Days: 10 }), 200);
  t.is(await restored({ Key: "k" }), until("Mon, 26 Oct 2026 00:00:00 GMT"));
  t.is(await restore({ Key: "k" }, { Days: 1 }), 200);
  t.is(await restored({ Key: "k" }), until("Sat, 17 Oct 2026 00:00:00 GMT"), "for less, too");
});

test("while a restore is under way, the object is not read; a second one is RestoreAlreadyInProgress, but for a faster one", async (t) => {
  const { put, restore, restored, read, time } = await setUp(t, { restoreSeconds: 3_600 });
  const k = { Key: "k" };
  await put("k");
  t.is(await restore(k, { Days: 1, GlacierJobParameters: { Tier: "Standard" } }), 202);
  t.is(await restored(k), 'ongoing-request="true"');
  t.deepEqual(await outcome(read(k)), ["InvalidObjectState", 403]);
  for (const Tier of ["Standard", "Bulk"] as const) {
    const error = await failure(restore(k, { Days: 5, GlacierJobParameters: { Tier } }));
    t.is(error.name, "RestoreAlreadyInProgress");
    t.is(error.$metadata.httpStatusCode, 409);
    t.is(error.message, "Object restore is already in progress");
  }
  time.nowMs += HOUR_MS / 2;
  t.is(await restore(k, { Days: 1, GlacierJobParameters: { Tier: "Expedited" } }), 202);
  t.is(await restored(k), 'ongoing-request="true"');
  time.nowMs = START_MS + HOUR_MS - 1;
  t.is(await restored(k), 'ongoing-request="true"');
  time.nowMs = START_MS + HOUR_MS;
  t.is(await restored(k), until("Sat, 17 Oct 2026 00:00:00 GMT"));
  t.is(await read(k), "body");
});

test("days count from the end of a restore, not from its request", async (t) => {
  const { put, restore, restored, time } = await setUp(t, { restoreSeconds: 48 * 3_600 });
  await put("k");
  await restore({ Key: "k" }, { Days: 1 });
  time.nowMs += 2 * DAY_MS;
  t.is(await restored({ Key: "k" }), until("Mon, 19 Oct 2026 00:00:00 GMT"));
});

test("what is no archive is not restored", async (t) => {
  const { put, restore } = await setUp(t);
  for (const name of ["STANDARD", "INTELLIGENT_TIERING"] as const) {
    await put(name, name);
    const error = await failure(restore({ Key: name }));
    t.is(error.name, "InvalidObjectState");
    t.is(error.$metadata.httpStatusCode, 403);
    t.is(error.message, "Restore is not allowed for the object's current storage class");
    t.is(error["StorageClass"], undefined);
  }
});

test("a version is restored for itself, and neither a marker nor a missing key", async (t) => {
  const { s3 } = await setUp(t);
  const Bucket = await makePlainBucket(s3, "Enabled");
  const put = (Body: string) => putVersion(s3, { Bucket, Key: "k", Body, StorageClass: "GLACIER" });
  const [first, second] = [await put("1"), await put("2")];
  const restore = (named: Named) => restoreIn(s3, Bucket, { named, request: { Days: 1 } });
  const read = async (VersionId: string) =>
    (await s3.send(new GetObjectCommand({ Bucket, Key: "k", VersionId }))).Body?.transformToString();
  t.is(await restore({ Key: "k", VersionId: first }), 202);
  t.is(await read(first), "1");
  t.deepEqual(await outcome(read(second)), ["InvalidObjectState", 403]);
  t.is(await restore({ Key: "k" }), 202);
  t.is(await read(second), "2");

  const { VersionId = "" } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  t.deepEqual(await outcome(restore({ Key: "k" })), ["NoSuchKey", 404]);
  const error = await failure(restore({ Key: "k", VersionId }));
  t.is(error.name, "MethodNotAllowed");
  t.is(error["Method"], "POST");
  t.is(error["ResourceType"], "DeleteMarker");
  t.deepEqual(await outcome(restore({ Key: "missing" })), ["NoSuchKey", 404]);
});

test("an expedited restore is not for DEEP_ARCHIVE", async (t) => {
  const { put, restore } = await setUp(t);
  await put("k", "DEEP_ARCHIVE");
  const error = await failure(restore({ Key: "k" }, { Days: 1, GlacierJobParameters: { Tier: "Expedited" } }));
  t.is(error.name, "InvalidArgument");
  t.is(error.message, "Retrieval option is not supported by this storage class");
  t.is(await restore({ Key: "k" }, { Days: 1, GlacierJobParameters: { Tier: "Standard" } }), 202);
});

test("the document of a restore", async (t) => {
  const { server, put, Bucket } = await setUp(t);
  await put("k");
  const post = (content: string) => server.request("POST", `/${Bucket}/k?restore`, { body: content });
  const request = (content: string) => post(`<RestoreRequest>${content}</RestoreRequest>`);
  for (const [answer, status, code] of [
    [await post(""), 400, "MalformedXML"],
    [await request(""), 400, "MalformedXML"],
    [await request("<Days>x</Days>"), 400, "MalformedXML"],
    [await request("<Days>1</Days><Hours>1</Hours>"), 400, "MalformedXML"],
    [await request("<Days>1</Days><GlacierJobParameters/>"), 400, "MalformedXML"],
    [
      await request("<Days>1</Days><GlacierJobParameters><Tier>Fast</Tier></GlacierJobParameters>"),
      400,
      "MalformedXML",
    ],
    [await request("<Type>OTHER</Type><Days>1</Days>"), 400, "MalformedXML"],
    [await request("<Type>SELECT</Type>"), 405, "MethodNotAllowed"],
    [await request("<Days>0</Days>"), 400, "InvalidArgument"],
    [await request("<Days>36501</Days>"), 400, "InvalidArgument"],
    [await request("<Days>36500</Days>"), 202, undefined],
  ] as const) {
    t.is(answer.status, status, String(answer.body));
    t.is(element(answer, "Code"), code);
  }
  t.is(element(await request("<Days>0</Days>"), "ArgumentName"), "Days");
});

test("a restored object is copied, to live on in another class, and its copy has no restore", async (t) => {
  const { put, restore, restored, read, s3, Bucket, time } = await setUp(t);
  await put("k");
  await restore({ Key: "k" });
  await s3.send(new CopyObjectCommand({ Bucket, Key: "k", CopySource: `${Bucket}/k`, StorageClass: "STANDARD" }));
  time.nowMs += 100 * DAY_MS;
  t.is(await read({ Key: "k" }), "body");
  t.is(await restored({ Key: "k" }), undefined);
});

test("lists show restores to those who ask, of every version and however much metadata it has", async (t) => {
  const { s3, time } = await setUp(t, { restoreSeconds: 3_600 });
  const Bucket = await makePlainBucket(s3, "Enabled");
  const StorageClass = "GLACIER";
  const long = { long: "x".repeat(1_900) };
  await putVersion(s3, { Bucket, Key: "a", StorageClass, Metadata: long });
  await putVersion(s3, { Bucket, Key: "b", StorageClass });
  await putVersion(s3, { Bucket, Key: "c" });
  for (const Key of ["a", "b"]) await restoreIn(s3, Bucket, { named: { Key }, request: { Days: 1 } });
  await putVersion(s3, { Bucket, Key: "b", StorageClass });

  const OptionalObjectAttributes = ["RestoreStatus"] as ["RestoreStatus"];
  const lists = {
    v1: async (asked: object) => (await s3.send(new ListObjectsCommand({ Bucket, ...asked }))).Contents,
    v2: async (asked: object) => (await s3.send(new ListObjectsV2Command({ Bucket, ...asked }))).Contents,
    versions: async (asked: object) => (await s3.send(new ListObjectVersionsCommand({ Bucket, ...asked }))).Versions,
  };
  const statuses = async (asked: object = { OptionalObjectAttributes }) => ({
    v1: (await lists.v1(asked))?.map((entry) => entry.RestoreStatus),
    v2: (await lists.v2(asked))?.map((entry) => entry.RestoreStatus),
    versions: (await lists.versions(asked))?.map((entry) => entry.RestoreStatus),
  });
  const ongoing = { IsRestoreInProgress: true };
  t.deepEqual(await statuses(), {
    v1: [ongoing, undefined, undefined],
    v2: [ongoing, undefined, undefined],
    versions: [ongoing, undefined, ongoing, undefined],
  });
  time.nowMs += HOUR_MS;
  const done = { IsRestoreInProgress: false, RestoreExpiryDate: new Date(Date.UTC(2026, 9, 17)) };
  t.deepEqual(await statuses(), {
    v1: [done, undefined, undefined],
    v2: [done, undefined, undefined],
    versions: [done, undefined, done, undefined],
  });
  const none = [undefined, undefined, undefined];
  t.deepEqual(await statuses({}), { v1: none, v2: none, versions: [...none, undefined] }, "nobody asked");
  time.nowMs = Date.UTC(2026, 9, 17);
  t.deepEqual((await statuses()).versions, [...none, undefined], "the copies are gone");
  const asked = { OptionalObjectAttributes: ["Owner"] as unknown as ["RestoreStatus"] };
  t.deepEqual(await outcome(lists.v2(asked)), ["InvalidArgument", 400]);
});
