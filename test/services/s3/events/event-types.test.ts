/** Every operation that makes, changes or deletes an object sends the event that AWS sends, and none that fails does. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectAnnotationCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  DeletePublicAccessBlockCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectAclCommand,
  PutObjectAnnotationCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  RenameObjectCommand,
  RestoreObjectCommand,
  UploadPartCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { durationFromMs } from "../../../../src/control/client.ts";
import type { Event } from "../../../../src/control/generated/standin/v1/event_pb.ts";
import { postForm } from "../../../support/post-form.ts";
import { failure } from "../client.ts";
import { makeLockBucket } from "../lock-fixtures.ts";
import { configure, recordOf, start, tellQueue } from "./fixtures.ts";

const ALL = [
  "s3:ObjectCreated:*",
  "s3:ObjectRemoved:*",
  "s3:ObjectTagging:*",
  "s3:ObjectAcl:Put",
  "s3:ObjectAnnotation:*",
  "s3:ObjectRestore:*",
];
const DAY_MS = 86_400_000;

const put = (s3: S3Client, Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));

const namesOf = (events: readonly Event[]) => events.map(({ eventName, key }) => [eventName, key]);
const objectsOf = (events: readonly Event[]) => events.map((event) => recordOf(event).s3.object);

test("what makes an object says by which operation", async (t) => {
  const { server, s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "put");
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copied", CopySource: `${Bucket}/put` }));
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const part = { Bucket, Key: "parts", UploadId, PartNumber: 1, Body: "a part" };
  const { ETag } = await s3.send(new UploadPartCommand(part));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "parts", UploadId, MultipartUpload }));
  t.is((await postForm(server, Bucket, { fields: { key: "form" }, file: { content: "by a form" } })).status, 204);

  const events = await reader.read(4);
  t.deepEqual(namesOf(events), [
    ["s3:ObjectCreated:Put", "put"],
    ["s3:ObjectCreated:Copy", "copied"],
    ["s3:ObjectCreated:CompleteMultipartUpload", "parts"],
    ["s3:ObjectCreated:Post", "form"],
  ]);
  const objects = objectsOf(events);
  t.deepEqual(
    objects.map(({ size }) => size),
    [4, 4, 6, 9],
  );
  t.regex(objects[2]?.eTag ?? "", /^[0-9a-f]{32}-1$/);
});

test("what deletes an object says so once for each key that was there", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(["s3:ObjectRemoved:*"]));
  for (const key of ["a", "b", "c"]) await put(s3, Bucket, key);
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "not there" }));
  const Objects = ["b", "not there either", "c"].map((Key) => ({ Key }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));

  const events = await reader.read(3);
  t.deepEqual(namesOf(events), [
    ["s3:ObjectRemoved:Delete", "a"],
    ["s3:ObjectRemoved:Delete", "b"],
    ["s3:ObjectRemoved:Delete", "c"],
  ]);
  for (const object of objectsOf(events)) t.deepEqual(Object.keys(object), ["key", "sequencer"]);
});

test("in a bucket with versions an event names the version, and a delete marker is one of its own", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  const versioning = (Status: "Enabled" | "Suspended") =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  await versioning("Enabled");
  await configure(s3, Bucket, tellQueue(ALL));
  const { VersionId: first } = await put(s3, Bucket, "k");
  const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: marker }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: first }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k", VersionId: first }));
  await versioning("Suspended");
  await put(s3, Bucket, "k");

  const events = await reader.read(5);
  t.deepEqual(
    events.map((event) => [event.eventName, recordOf(event).s3.object.versionId]),
    [
      ["s3:ObjectCreated:Put", first],
      ["s3:ObjectRemoved:DeleteMarkerCreated", marker],
      ["s3:ObjectRemoved:Delete", marker],
      ["s3:ObjectRemoved:Delete", first],
      ["s3:ObjectCreated:Put", undefined],
    ],
  );
  t.is(objectsOf(events)[1]?.eTag, "d41d8cd98f00b204e9800998ecf8427e");
});

test("tags, annotations and a changed ACL are told of, an ACL that stays as it was is not", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  const Ownership = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: Ownership }));
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
  await put(s3, Bucket, "k");
  await configure(s3, Bucket, tellQueue(ALL));
  const k = { Bucket, Key: "k" };
  await s3.send(new PutObjectAclCommand({ ...k, ACL: "private" }));
  await s3.send(new PutObjectTaggingCommand({ ...k, Tagging: { TagSet: [{ Key: "team", Value: "a" }] } }));
  await s3.send(new DeleteObjectTaggingCommand(k));
  await s3.send(new PutObjectAclCommand({ ...k, ACL: "authenticated-read" }));
  await s3.send(new PutObjectAnnotationCommand({ ...k, AnnotationName: "note", AnnotationPayload: "text" }));
  await s3.send(new DeleteObjectAnnotationCommand({ ...k, AnnotationName: "note" }));
  await s3.send(new DeleteObjectAnnotationCommand({ ...k, AnnotationName: "note" }));
  await put(s3, Bucket, "last");

  const events = await reader.readUntil("s3:ObjectCreated:Put");
  t.deepEqual(
    events.map(({ eventName }) => eventName),
    [
      "s3:ObjectTagging:Put",
      "s3:ObjectTagging:Delete",
      "s3:ObjectAcl:Put",
      "s3:ObjectAnnotation:Put",
      "s3:ObjectAnnotation:Delete",
      "s3:ObjectCreated:Put",
    ],
  );
  for (const object of objectsOf(events.slice(0, 5))) t.deepEqual(Object.keys(object), ["key", "eTag"]);
  t.deepEqual(
    events.map((event) => recordOf(event).eventVersion),
    Array.from({ length: 6 }, () => "2.6"),
  );
});

test("a restore is told of when it begins, when it is done and when its copy goes, by the world's clock", async (t) => {
  const { control, s3, Bucket, reader } = await start(t, { restoreSeconds: 3_600 });
  await configure(s3, Bucket, tellQueue(["s3:ObjectRestore:*"]));
  await control.clock.freezeClock({});
  const k = { Bucket, Key: "k" };
  await s3.send(new PutObjectCommand({ ...k, Body: "body", StorageClass: "GLACIER" }));
  await s3.send(new RestoreObjectCommand({ ...k, RestoreRequest: { Days: 1 } }));
  const [posted] = await reader.read(1);
  t.is(posted?.eventName, "s3:ObjectRestore:Post");

  await control.clock.advanceClock({ by: durationFromMs(3_600_000), atOnce: true });
  const [completed] = await reader.read(1);
  t.is(completed?.eventName, "s3:ObjectRestore:Completed");
  const { glacierEventData, userIdentity } = JSON.parse(completed?.message ?? "").Records[0];
  const expiry = glacierEventData.restoreEventData.lifecycleRestorationExpiryTime;
  t.regex(expiry, /T00:00:00\.000Z$/);
  t.is(glacierEventData.restoreEventData.lifecycleRestoreStorageClass, "GLACIER");
  t.regex(userIdentity.principalId, /^AmazonCustomer:A[0-9A-Z]{13}$/);

  // It stays longer: the end that was to come does not.
  await s3.send(new RestoreObjectCommand({ ...k, RestoreRequest: { Days: 3 } }));
  await control.clock.advanceClock({ by: durationFromMs(5 * DAY_MS), atOnce: true });
  const [expired] = await reader.read(1);
  t.is(expired?.eventName, "s3:ObjectRestore:Delete");
  t.true(new Date(recordOf(expired ?? posted!).eventTime).getTime() > new Date(expiry).getTime());
  const { events } = await control.events.listEvents({ filter: { eventName: "s3:ObjectRestore:Delete" } });
  t.is(events.length, 1);
});

test("retention is told of by its own name, and a legal hold and a rename not at all", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  const Locked = await makeLockBucket(s3);
  for (const name of [Locked, Bucket]) await configure(s3, name, tellQueue([...ALL, "s3:ObjectRetention:Put"]));
  await put(s3, Locked, "k");
  const Retention = { Mode: "GOVERNANCE" as const, RetainUntilDate: new Date(Date.now() + DAY_MS) };
  await s3.send(new PutObjectRetentionCommand({ Bucket: Locked, Key: "k", Retention }));
  await s3.send(new PutObjectLegalHoldCommand({ Bucket: Locked, Key: "k", LegalHold: { Status: "ON" } }));
  await put(s3, Bucket, "old");
  await s3.send(new RenameObjectCommand({ Bucket, Key: "new", RenameSource: `/${Bucket}/old` }));
  await put(s3, Bucket, "last");
  t.deepEqual(namesOf(await reader.read(4)), [
    ["s3:ObjectCreated:Put", "k"],
    ["s3:ObjectRetention:Put", "k"],
    ["s3:ObjectCreated:Put", "old"],
    ["s3:ObjectCreated:Put", "last"],
  ]);
});

test("a request that fails sends nothing", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(ALL));
  await put(s3, Bucket, "k");
  t.is(
    (await failure(s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "x", IfNoneMatch: "*" })))).name,
    "PreconditionFailed",
  );
  t.is(
    (await failure(s3.send(new PutObjectTaggingCommand({ Bucket, Key: "none", Tagging: { TagSet: [] } })))).name,
    "NoSuchKey",
  );
  t.is(
    (await failure(s3.send(new CopyObjectCommand({ Bucket, Key: "c", CopySource: `${Bucket}/none` })))).name,
    "NoSuchKey",
  );
  t.is(
    (await failure(s3.send(new RestoreObjectCommand({ Bucket, Key: "k", RestoreRequest: { Days: 1 } })))).name,
    "InvalidObjectState",
  );
  await put(s3, Bucket, "last");
  t.deepEqual(namesOf(await reader.read(2)), [
    ["s3:ObjectCreated:Put", "k"],
    ["s3:ObjectCreated:Put", "last"],
  ]);
});
