/**
 * The JSON that destinations get. What AWS was seen to send: tests/aws/services/s3/test_s3_notifications_*.snapshot.json of LocalStack;
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html and ev-events.html.
 */
import {
  CopyObjectCommand,
  DeleteObjectAnnotationCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectAnnotationCommand,
  PutObjectCommand,
  PutObjectRetentionCommand,
  PutObjectTaggingCommand,
  RestoreObjectCommand,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { durationFromMs } from "../../../../src/control/client.ts";
import { makeLockBucket } from "../lock-fixtures.ts";
import { ACCOUNT, BUS, configure, FUNCTION, QUEUE, recordOf, start, tellQueue, TOPIC, watch } from "./fixtures.ts";

const NOW_MS = Date.UTC(2026, 9, 15, 10, 30, 1, 250);
type Detail = Readonly<Record<string, unknown>> & { readonly object: object };

const MD5_OF_BODY = "841a2d689ad86bd1611447453c22c6fc";

test("a record has AWS's members in AWS's order", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await control.clock.freezeClock({ at: timestampFromMs(NOW_MS), atOnce: true });
  await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*"]));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const { $metadata, VersionId } = await s3.send(
    new PutObjectCommand({ Bucket, Key: "a folder/caf\u00e9 (1)~*'!@+.txt", Body: "body" }),
  );
  const [event] = await reader.read(1);
  const message = event?.message ?? "";
  const sequencer = /"sequencer":"([0-9A-F]{18})"/.exec(message)?.[1];
  t.is(sequencer?.toLowerCase(), event?.sequencer);
  const ownerId = /"ownerIdentity":\{"principalId":"(A[0-9A-Z]{13})"\}/.exec(message)?.[1];
  const expected = {
    Records: [
      {
        eventVersion: "2.6",
        eventSource: "aws:s3",
        awsRegion: "us-east-1",
        eventTime: "2026-10-15T10:30:01.250Z",
        eventName: "ObjectCreated:Put",
        userIdentity: { principalId: `AWS:${ACCOUNT}` },
        requestParameters: { sourceIPAddress: "127.0.0.1" },
        responseElements: {
          "x-amz-request-id": $metadata.requestId,
          "x-amz-id-2": $metadata.extendedRequestId,
        },
        s3: {
          s3SchemaVersion: "1.0",
          configurationId: "told",
          bucket: { name: Bucket, ownerIdentity: { principalId: ownerId }, arn: `arn:aws:s3:::${Bucket}` },
          object: {
            key: "a+folder/caf%C3%A9+%281%29%7E*%27%21%40%2B.txt",
            size: 4,
            eTag: MD5_OF_BODY,
            versionId: VersionId,
            sequencer,
          },
        },
      },
    ],
  };
  t.is(message, JSON.stringify(expected));
  t.is(event?.key, "a folder/caf\u00e9 (1)~*'!@+.txt");
  t.deepEqual([event?.destinationArn, event?.accountId, event?.configurationId], [QUEUE, ACCOUNT, "told"]);
});

test("a record names who sent the request, by the role and the session", async (t) => {
  const { server, s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*"]));
  const role = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/writer`, RoleSessionName: "nightly" };
  const { Credentials: issued, AssumedRoleUser } = await server.sts().send(new AssumeRoleCommand(role));
  const credentials = {
    accessKeyId: issued?.AccessKeyId ?? "",
    secretAccessKey: issued?.SecretAccessKey ?? "",
    sessionToken: issued?.SessionToken ?? "",
  };
  await server.s3({ credentials }).send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }));
  const [event] = await reader.read(1);
  t.is(event && recordOf(event).userIdentity.principalId, `AWS:${AssumedRoleUser?.AssumedRoleId}`);
});

test("queues and topics get a test event when they are configured, functions do not, nor anybody where validation is skipped", async (t) => {
  const { control, s3, Bucket } = await start(t);
  const { readUntil } = await watch(t, control, { testEvents: true });
  const Events = ["s3:ObjectCreated:*" as const];
  const { $metadata } = await s3.send(
    new PutBucketNotificationConfigurationCommand({
      Bucket,
      NotificationConfiguration: {
        QueueConfigurations: [{ QueueArn: QUEUE, Events }],
        TopicConfigurations: [{ TopicArn: TOPIC, Events: ["s3:ObjectRemoved:*"] }],
        LambdaFunctionConfigurations: [{ LambdaFunctionArn: FUNCTION, Events: ["s3:ObjectTagging:*"] }],
      },
    }),
  );
  await configure(s3, Bucket, tellQueue(Events));
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body: "body" }));
  const events = await readUntil("s3:ObjectCreated:Put");
  t.deepEqual(
    events.map(({ eventName, destinationArn, key }) => [eventName, destinationArn, key]),
    [
      ["s3:TestEvent", TOPIC, ""],
      ["s3:TestEvent", QUEUE, ""],
      ["s3:ObjectCreated:Put", QUEUE, "k"],
    ],
  );
  const { Time, ...rest } = JSON.parse(events[0]?.message ?? "") as Record<string, string>;
  t.regex(Time ?? "", /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  t.deepEqual(rest, {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Bucket,
    RequestId: $metadata.requestId,
    HostId: $metadata.extendedRequestId,
  });
});

test("with EventBridge on, its default bus gets everything in its own form, beside what others are told", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await control.clock.freezeClock({ at: timestampFromMs(NOW_MS), atOnce: true });
  await configure(s3, Bucket, { ...tellQueue(["s3:ObjectRemoved:*"]), EventBridgeConfiguration: {} });
  const k = { Bucket, Key: "a key/@" };
  const { $metadata } = await s3.send(new PutObjectCommand({ ...k, Body: "body", StorageClass: "GLACIER" }));
  await s3.send(new PutObjectTaggingCommand({ ...k, Tagging: { TagSet: [{ Key: "a", Value: "b" }] } }));
  await s3.send(new RestoreObjectCommand({ ...k, RestoreRequest: { Days: 1 } }));
  const untilRestored = await reader.readUntil("s3:ObjectRestore:Completed");
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/a%20key%2F@` }));
  await s3.send(new DeleteObjectCommand(k));

  const events = [...untilRestored, ...(await reader.read(3))];
  const bridged = events.filter(({ destinationArn }) => destinationArn === BUS);
  t.is(events.find(({ destinationArn }) => destinationArn === QUEUE)?.eventName, "s3:ObjectRemoved:Delete");
  const [created, tagged, begun, ...others] = bridged.map(({ message }) => JSON.parse(message));
  t.regex(created.id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.is(created.id, bridged[0]?.id);
  const of = { "request-id": $metadata.requestId, requester: ACCOUNT, "source-ip-address": "127.0.0.1" };
  t.is(
    bridged[0]?.message,
    JSON.stringify({
      version: "0",
      id: created.id,
      "detail-type": "Object Created",
      source: "aws.s3",
      account: ACCOUNT,
      time: "2026-10-15T10:30:01Z",
      region: "us-east-1",
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: {
        version: "0",
        "event-version": "1.2",
        bucket: { name: Bucket },
        object: { key: k.Key, size: 4, etag: MD5_OF_BODY, sequencer: created.detail.object.sequencer },
        ...of,
        reason: "PutObject",
      },
    }),
  );
  t.regex(created.detail.object.sequencer, /^[0-9A-F]{18}$/);
  t.is(tagged["detail-type"], "Object Tags Added");
  t.deepEqual(tagged.detail.object, { key: k.Key, etag: MD5_OF_BODY });
  t.is(begun["detail-type"], "Object Restore Initiated");
  t.deepEqual(begun.detail.object, { key: k.Key, size: 4, etag: MD5_OF_BODY });
  t.is(begun.detail["source-storage-class"], "GLACIER");

  const byType = new Map<string, Detail>(others.map((event) => [event["detail-type"], event.detail]));
  t.deepEqual([...byType.keys()].toSorted(), ["Object Created", "Object Deleted", "Object Restore Completed"]);
  const completed = byType.get("Object Restore Completed");
  t.is(completed?.["requester"], "s3.amazonaws.com");
  t.is(completed?.["restore-expiry-time"], "2026-10-17T00:00:00Z");
  t.is(completed?.["source-ip-address"], undefined);
  t.is(byType.get("Object Created")?.["reason"], "CopyObject");
  const deleted = byType.get("Object Deleted");
  t.deepEqual([deleted?.["reason"], deleted?.["deletion-type"]], ["DeleteObject", "Permanently Deleted"]);
  t.deepEqual(Object.keys(deleted?.object ?? {}), ["key", "sequencer"]);
});

test("an annotation is told of by its name, and a copy says whether it has any", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, {
    ...tellQueue(["s3:ObjectAnnotation:*", "s3:ObjectCreated:Copy"]),
    EventBridgeConfiguration: {},
  });
  const k = { Bucket, Key: "k" };
  const annotation = { ...k, AnnotationName: "note" };
  await s3.send(new PutObjectCommand({ ...k, Body: "body" }));
  await s3.send(new PutObjectAnnotationCommand({ ...annotation, AnnotationPayload: "body" }));
  await s3.send(new CopyObjectCommand({ Bucket, Key: "with", CopySource: `${Bucket}/k` }));
  await s3.send(
    new CopyObjectCommand({ Bucket, Key: "without", CopySource: `${Bucket}/k`, AnnotationDirective: "EXCLUDE" }),
  );
  await s3.send(new DeleteObjectAnnotationCommand(annotation));
  const events = await reader.read(9);
  const told = events
    .filter(({ destinationArn }) => destinationArn === QUEUE)
    .map(({ message }) => JSON.parse(message));
  const [put, withNote, without, removed] = told.map(({ Records: [record] }) => record);
  t.deepEqual(put.objectAnnotation, [{ name: "note", size: 4, eTag: MD5_OF_BODY }]);
  t.deepEqual(removed.objectAnnotation, [{ name: "note" }]);
  t.deepEqual(
    [withNote, without].map(({ s3 }) => s3.object.hasObjectAnnotation),
    [true, false],
  );
  const bridged = events
    .filter(({ destinationArn }) => destinationArn === BUS)
    .map(({ message }) => JSON.parse(message));
  const [, made, copied, , gone] = bridged.map(({ detail }) => detail);
  t.deepEqual(made["object-annotation"], { name: "note", size: 4, etag: MD5_OF_BODY });
  t.deepEqual([made.reason, gone.reason], ["PutObjectAnnotation", "DeleteObjectAnnotation"]);
  t.true(copied.object["has-object-annotation"]);
  t.deepEqual(
    bridged.map((event) => event["detail-type"]),
    ["Object Created", "Object Annotation Created", "Object Created", "Object Created", "Object Annotation Removed"],
  );
});

test("the event of a retention says what it is now", async (t) => {
  const { control, s3, reader } = await start(t);
  await control.clock.freezeClock({ at: timestampFromMs(NOW_MS), atOnce: true });
  const Bucket = await makeLockBucket(s3);
  await configure(s3, Bucket, { ...tellQueue(["s3:ObjectRetention:Put"]), EventBridgeConfiguration: {} });
  const k = { Bucket, Key: "k" };
  await s3.send(new PutObjectCommand({ ...k, Body: "body" }));
  const until = new Date(NOW_MS + 86_400_000);
  await s3.send(new PutObjectRetentionCommand({ ...k, Retention: { Mode: "GOVERNANCE", RetainUntilDate: until } }));
  const [, told, bridged] = await reader.read(3);
  const data = { mode: "GOVERNANCE", retainUntilDate: "2026-10-16T10:30:01.250Z" };
  t.deepEqual(JSON.parse(told?.message ?? "").Records[0].objectRetentionEventData, data);
  const { detail, "detail-type": type } = JSON.parse(bridged?.message ?? "");
  t.is(type, "Object Retention Updated");
  t.deepEqual(detail["object-retention-event-data"], { mode: data.mode, "retain-until-date": data.retainUntilDate });
});

test("what lifecycle rules do is told of in S3's own name", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await control.clock.freezeClock({ at: timestampFromMs(NOW_MS), atOnce: true });
  await configure(s3, Bucket, {
    ...tellQueue(["s3:LifecycleExpiration:*", "s3:LifecycleTransition"]),
    EventBridgeConfiguration: {},
  });
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: {
        Rules: [
          {
            ID: "all",
            Status: "Enabled",
            Filter: { Prefix: "" },
            Transitions: [{ Days: 30, StorageClass: "GLACIER" }],
            Expiration: { Days: 60 },
          },
        ],
      },
    }),
  );
  const Body = "x".repeat(200 * 1024);
  await s3.send(new PutObjectCommand({ Bucket, Key: "k", Body }));
  await reader.read(1);
  const { done } = await control.clock.advanceClock({ by: durationFromMs(70 * 86_400_000), atOnce: true });
  t.true(done.some(({ kind }) => kind === "lifecycle"));
  const events = await reader.read(4);
  t.deepEqual(
    events.map(({ eventName, destinationArn }) => [eventName, destinationArn]),
    [
      ["s3:LifecycleTransition", QUEUE],
      ["s3:LifecycleTransition", BUS],
      ["s3:LifecycleExpiration:Delete", QUEUE],
      ["s3:LifecycleExpiration:Delete", BUS],
    ],
  );
  const [transition, bridgedTransition, expiration, bridgedExpiration] = events.map(({ message }) =>
    JSON.parse(message),
  );
  const [moved, expired] = [transition.Records[0], expiration.Records[0]];
  for (const record of [moved, expired]) {
    t.is(record.userIdentity.principalId, "s3.amazonaws.com");
    t.is(record.requestParameters.sourceIPAddress, "s3.amazonaws.com");
  }
  t.deepEqual(moved.lifecycleEventData, { transitionEventData: { destinationStorageClass: "GLACIER" } });
  t.is(moved.s3.object.size, Body.length);
  t.deepEqual(Object.keys(expired.s3.object), ["key", "sequencer"]);
  t.is(bridgedTransition.detail["destination-storage-class"], "GLACIER");
  t.deepEqual(
    [bridgedExpiration.detail.requester, bridgedExpiration.detail.reason, bridgedExpiration.detail["deletion-type"]],
    ["s3.amazonaws.com", "Lifecycle Expiration", "Permanently Deleted"],
  );
});
