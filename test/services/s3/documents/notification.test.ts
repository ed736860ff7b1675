import {
  GetBucketNotificationConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const put = (Bucket: string, configuration: NotificationConfiguration) =>
  s3.send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: configuration }));
const get = async (Bucket: string) => {
  const { $metadata: _, ...configuration } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return configuration;
};

const QUEUE = "arn:aws:sqs:us-east-1:111111111111:my-queue";
const TOPIC = "arn:aws:sns:us-east-1:111111111111:my-topic";
const FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:my-function:live";

test("notifications come back as they were put, and none once none are put", async (t) => {
  const Bucket = await makeBucket(s3, "notified");
  t.deepEqual(await get(Bucket), {});
  const all: NotificationConfiguration = {
    QueueConfigurations: [
      {
        Id: "queue",
        QueueArn: QUEUE,
        Events: ["s3:ObjectCreated:*", "s3:ObjectRemoved:Delete"],
        Filter: {
          Key: {
            FilterRules: [
              { Name: "Prefix" as "prefix", Value: "images/" },
              { Name: "Suffix" as "suffix", Value: ".jpg" },
            ],
          },
        },
      },
      {
        Id: "other keys",
        QueueArn: QUEUE,
        Events: ["s3:ObjectCreated:Put"],
        Filter: { Key: { FilterRules: [{ Name: "Prefix" as "prefix", Value: "texts/" }] } },
      },
    ],
    TopicConfigurations: [{ Id: "topic", TopicArn: TOPIC, Events: ["s3:ObjectTagging:Put"] }],
    LambdaFunctionConfigurations: [
      { Id: "function", LambdaFunctionArn: FUNCTION, Events: ["s3:LifecycleExpiration:*"] },
    ],
    EventBridgeConfiguration: {},
  };
  await put(Bucket, all);
  t.deepEqual(await get(Bucket), all);
  await put(Bucket, { EventBridgeConfiguration: {} });
  t.deepEqual(await get(Bucket), { EventBridgeConfiguration: {} });
  await put(Bucket, {});
  t.deepEqual(await get(Bucket), {});
});

test("names of filters are read whatever their case, and shown in S3's", async (t) => {
  const Bucket = await makeBucket(s3, "notified");
  const filter = (Name: string, Value: string) => ({ Name: Name as "prefix", Value });
  await put(Bucket, {
    QueueConfigurations: [
      {
        Id: "id",
        QueueArn: QUEUE,
        Events: ["s3:ObjectCreated:*"],
        Filter: { Key: { FilterRules: [filter("suffix", ".txt"), filter("PREFIX", "notif-")] } },
      },
    ],
  });
  t.deepEqual((await get(Bucket)).QueueConfigurations?.[0]?.Filter, {
    Key: { FilterRules: [filter("Suffix", ".txt"), filter("Prefix", "notif-")] },
  });
});

test("notifications that come without an id get one, and a filter without rules is none", async (t) => {
  const Bucket = await makeBucket(s3, "notified");
  await put(Bucket, {
    TopicConfigurations: [{ TopicArn: TOPIC, Events: ["s3:ObjectCreated:Put"], Filter: { Key: { FilterRules: [] } } }],
    QueueConfigurations: [{ QueueArn: QUEUE, Events: ["s3:ObjectCreated:Copy"] }],
  });
  const { TopicConfigurations: [topic] = [], QueueConfigurations: [queue] = [] } = await get(Bucket);
  t.is(topic?.Id?.length, 48);
  t.is(queue?.Id?.length, 48);
  t.not(topic?.Id, queue?.Id);
  t.is(topic?.Filter, undefined);
});

const EVENT = "<Event>s3:ObjectCreated:Put</Event>";
const queue = (content: string): string => `<QueueConfiguration>${content}</QueueConfiguration>`;
const toQueue = (rest = EVENT, arn = QUEUE): string => queue(`<Queue>${arn}</Queue>${rest}`);
const topic = (arn: string): string => `<TopicConfiguration><Topic>${arn}</Topic>${EVENT}</TopicConfiguration>`;
const cloudFunction = (arn: string): string =>
  `<CloudFunctionConfiguration><CloudFunction>${arn}</CloudFunction>${EVENT}</CloudFunctionConfiguration>`;
const filtered = (...rules: (readonly [name: string, value: string])[]): string => {
  const content = rules.map(([name, value]) => `<FilterRule><Name>${name}</Name><Value>${value}</Value></FilterRule>`);
  return `${EVENT}<Filter><S3Key>${content.join("")}</S3Key></Filter>`;
};
const UNPARSED = "The ARN could not be parsed";
const OVERLAP = {
  Code: "InvalidArgument",
  Message: "Configurations overlap. Configurations on the same bucket cannot share a common event type.",
};
const AMBIGUOUS = {
  Code: "InvalidArgument",
  Message:
    "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
};

testRejections(
  {
    operation: "PutBucketNotificationConfiguration",
    query: "notification",
    root: "NotificationConfiguration",
    content: queue(`<Id>only</Id><Queue>${QUEUE}</Queue>${EVENT}`),
    once: "Id",
    emptyRoot: "accepted",
    rejections: [
      { what: "a queue without an ARN", content: queue(EVENT), error: malformed() },
      { what: "a queue without events", content: toQueue(""), error: malformed() },
      {
        what: "an unknown event",
        content: toQueue("<Event>s3:ObjectRead</Event>"),
        error: invalidArgument("A specified event is not supported for notifications.", "Event", "s3:ObjectRead"),
      },
      {
        what: "a queue that is no ARN",
        content: toQueue(EVENT, "invalid-queue"),
        error: invalidArgument(UNPARSED, "Queue", "invalid-queue"),
      },
      { what: "a queue as a topic", content: topic(QUEUE), error: invalidArgument(UNPARSED, "Topic", QUEUE) },
      {
        what: "a function that is no ARN",
        content: cloudFunction("invalid-queue"),
        error: invalidArgument(UNPARSED, "CloudFunction", "invalid-queue"),
      },
      {
        what: "a queue of another region",
        content: toQueue(EVENT, QUEUE.replace("us-east-1", "eu-west-1")),
        error: invalidArgument(
          "The notification destination service region is not valid for the bucket location constraint",
          "Queue",
          QUEUE.replace("us-east-1", "eu-west-1"),
        ),
      },
      {
        what: "a queue that keeps order",
        content: toQueue(EVENT, `${QUEUE}.fifo`),
        error: invalidArgument("FIFO SQS queues are not supported.", "Queue", `${QUEUE}.fifo`),
      },
      {
        what: "a filter of another name",
        content: toQueue(filtered(["INVALID", "a"])),
        error: invalidArgument("filter rule name must be either prefix or suffix", "FilterRule.Name", "INVALID"),
      },
      {
        what: "two prefixes",
        content: toQueue(filtered(["prefix", "a"], ["Prefix", "b"])),
        error: invalidArgument("Cannot specify more than one prefix rule in a filter.", "FilterRule.Name", "prefix"),
      },
      {
        what: "a filter that is longer than a key",
        content: toQueue(filtered(["suffix", "s".repeat(1_025)])),
        error: invalidArgument(
          "Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
          "FilterRule.Value",
          "s".repeat(1_025),
        ),
      },
      {
        what: "a filter without a value",
        content: toQueue(`${EVENT}<Filter><S3Key><FilterRule><Name>prefix</Name></FilterRule></S3Key></Filter>`),
        error: malformed(),
      },
      {
        what: "an id that is too long",
        content: toQueue(`${EVENT}<Id>${"i".repeat(256)}</Id>`),
        error: invalidArgument("ID length exceeded allowed limit of 255", "Id", "i".repeat(256)),
      },
      {
        what: "one id for two notifications",
        content: toQueue(`<Id>x</Id>${filtered(["prefix", "a"])}`) + toQueue(`<Id>x</Id>${filtered(["prefix", "b"])}`),
        error: invalidArgument("Same ID used for multiple configurations. IDs must be unique.", "Id", "x"),
      },
      { what: "one event twice", content: toQueue(EVENT + EVENT), error: OVERLAP },
      {
        what: "an event beside all of its kind",
        content: toQueue(`${EVENT}<Event>s3:ObjectCreated:*</Event>`),
        error: OVERLAP,
      },
      { what: "one event for two targets", content: toQueue() + topic(TOPIC), error: OVERLAP },
      {
        what: "one event for two targets by keys that overlap",
        content: toQueue(filtered(["prefix", "a/"], ["suffix", ".jpg"])) + toQueue(filtered(["prefix", "a/b/"])),
        error: AMBIGUOUS,
      },
      {
        what: "one event for all keys and for some",
        content: toQueue(filtered(["suffix", ".jpg"])) + topic(TOPIC),
        error: AMBIGUOUS,
      },
      {
        what: "101 notifications",
        content: Array.from({ length: 101 }, (_, at) => toQueue(filtered(["prefix", `${at}/`]))).join(""),
        error: invalidRequest("Too many configurations submitted. The maximum number of configurations is 100"),
      },
    ],
  },
  { server, makeBucket: () => makeBucket(s3, "notified") },
);
