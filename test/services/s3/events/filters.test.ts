/** Who is told: by type, prefix and suffix; and the order that sequencers give. */
import {
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { assert, constantFrom, property, string } from "fast-check";
import test from "ava";
import { isTold, targetsOf } from "../../../../src/services/s3/events/targets.ts";
import { configure, FUNCTION, QUEUE, recordOf, start, tellQueue, TOPIC } from "./fixtures.ts";

const RUNS = Number(process.env["RUNS"] ?? 200);

const put = (s3: S3Client, Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "body" }));

test("a destination is told of its types alone", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, {
    QueueConfigurations: [{ Id: "q", QueueArn: QUEUE, Events: ["s3:ObjectCreated:Copy", "s3:ObjectRemoved:Delete"] }],
    TopicConfigurations: [{ Id: "t", TopicArn: TOPIC, Events: ["s3:ObjectCreated:Put"] }],
    LambdaFunctionConfigurations: [{ Id: "f", LambdaFunctionArn: FUNCTION, Events: ["s3:ObjectTagging:*"] }],
  });
  await put(s3, Bucket, "k");
  await s3.send(new PutObjectTaggingCommand({ Bucket, Key: "k", Tagging: { TagSet: [] } }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  const events = await reader.read(3);
  t.deepEqual(
    events.map(({ eventName, destinationArn, configurationId }) => [eventName, destinationArn, configurationId]),
    [
      ["s3:ObjectCreated:Put", TOPIC, "t"],
      ["s3:ObjectTagging:Put", FUNCTION, "f"],
      ["s3:ObjectRemoved:Delete", QUEUE, "q"],
    ],
  );
  t.is(new Set(events.map(({ id }) => id)).size, 3);
});

test("prefix and suffix, written as in a form, choose the keys", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*"], { prefix: "my+photos/%5Bold%5D", suffix: ".jpg" }));
  const keys = ["my photos/[old]/a.jpg", "my+photos/[old]/a.jpg", "my photos/[old]/a.png", "my photos/a.jpg"];
  for (const key of [...keys, "my photos/[old].jpg"]) await put(s3, Bucket, key);
  t.deepEqual(
    (await reader.read(2)).map(({ key }) => key),
    ["my photos/[old]/a.jpg", "my photos/[old].jpg"],
  );
});

test("what a configuration says is what a plain comparison says", (t) => {
  const texts = string({ unit: constantFrom("a", "b", "/", ".", " ", "é"), maxLength: 4 });
  assert(
    property(texts, texts, texts, (prefix, suffix, key) => {
      const [target] = targetsOf({
        QueueConfigurations: [
          {
            QueueArn: QUEUE,
            Events: ["s3:ObjectCreated:*"],
            Filter: {
              Key: {
                FilterRules: [
                  { Name: "Prefix", Value: encodeURIComponent(prefix) },
                  { Name: "suffix", Value: encodeURIComponent(suffix).replaceAll("%20", "+") },
                ],
              },
            },
          },
        ],
      }).configured;
      if (target === undefined) throw new Error("there is a target");
      const wanted = key.startsWith(prefix) && key.endsWith(suffix);
      t.is(isTold(target, { event: "ObjectCreated:Put", key }), wanted);
      t.false(isTold(target, { event: "ObjectRemoved:Delete", key }));
    }),
    { numRuns: RUNS },
  );
});

test("sequencers order what happened to a key, though the world's clock stands still or goes back", async (t) => {
  const { control, s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]));
  await control.clock.freezeClock({ at: timestampFromMs(Date.UTC(2030, 0, 1)), atOnce: true });
  for (let round = 0; round < 5; round += 1) {
    await put(s3, Bucket, "k");
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "k" }));
  }
  await control.clock.setClock({ at: timestampFromMs(Date.UTC(2027, 0, 1)), atOnce: true });
  await put(s3, Bucket, "k");
  const events = await reader.read(11);
  const sequencers = events.map((event) => recordOf(event).s3.object.sequencer ?? "");
  t.is(new Set(sequencers).size, 11);
  const inOrder = events.toSorted((one, other) => (one.sequencer < other.sequencer ? -1 : 1));
  t.deepEqual(
    inOrder.map(({ eventName }) => eventName),
    [
      ...Array.from({ length: 5 }, () => ["s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete"]).flat(),
      "s3:ObjectCreated:Put",
    ],
  );
  t.is(recordOf(inOrder[10]!).eventTime, "2027-01-01T00:00:00.000Z");
});

test("a configuration that is taken away ends it, and one that is put anew holds from the next change on", async (t) => {
  const { s3, Bucket, reader } = await start(t);
  await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*"]));
  await put(s3, Bucket, "a");
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: {} }));
  await put(s3, Bucket, "b");
  await configure(s3, Bucket, tellQueue(["s3:ObjectCreated:*"], { prefix: "c" }));
  for (const key of ["b", "c"]) await put(s3, Bucket, key);
  t.deepEqual(
    (await reader.read(2)).map(({ key }) => key),
    ["a", "c"],
  );
});
