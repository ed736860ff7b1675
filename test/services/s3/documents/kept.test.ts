import {
  CreateBucketMetadataConfigurationCommand,
  DeleteBucketCorsCommand,
  DeleteBucketMetricsConfigurationCommand,
  PutBucketAbacCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketAnalyticsConfigurationCommand,
  PutBucketCorsCommand,
  PutBucketIntelligentTieringConfigurationCommand,
  PutBucketInventoryConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketMetricsConfigurationCommand,
  PutBucketNotificationConfigurationCommand,
  PutBucketPolicyCommand,
  PutBucketReplicationCommand,
  PutBucketRequestPaymentCommand,
  PutBucketVersioningCommand,
  PutBucketWebsiteCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { createControlClient, type ControlClient } from "../../../../src/control/client.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";

/** How each document is read. */
const QUERIES = [
  "abac",
  "accelerate",
  "analytics",
  "analytics&id=a",
  "cors",
  "intelligent-tiering",
  "intelligent-tiering&id=a",
  "inventory",
  "inventory&id=a",
  "lifecycle",
  "logging",
  "metadataConfiguration",
  "metrics",
  "metrics&id=a",
  "metrics&id=b",
  "notification",
  "policy",
  "replication",
  "requestPayment",
  "website",
];

/** A document of every kind. */
const putAll = async (s3: S3Client, Bucket: string, target: string): Promise<void> => {
  const reports = "arn:aws:s3:::reports";
  const statement = { Resource: `arn:aws:s3:::${Bucket}/*`, Action: "s3:GetObject", Principal: "*", Effect: "Deny" };
  const calls: Promise<unknown>[] = [
    // It is given back as it was sent, blanks and order too.
    s3.send(
      new PutBucketPolicyCommand({
        Bucket,
        Policy: JSON.stringify({ Version: "2012-10-17", Statement: [statement] }, null, 2),
      }),
    ),
    s3.send(new PutBucketAbacCommand({ Bucket, AbacStatus: { Status: "Enabled" } })),
    s3.send(new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status: "Suspended" } })),
    s3.send(
      new PutBucketCorsCommand({
        Bucket,
        CORSConfiguration: { CORSRules: [{ AllowedMethods: ["GET"], AllowedOrigins: ["*"] }] },
      }),
    ),
    s3.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket,
        LifecycleConfiguration: {
          Rules: [
            {
              Status: "Enabled",
              Filter: { Prefix: "a/" },
              Expiration: { Date: new Date("2040-01-01T00:00:00Z") },
            },
          ],
        },
      }),
    ),
    s3.send(
      new PutBucketLoggingCommand({
        Bucket,
        BucketLoggingStatus: { LoggingEnabled: { TargetBucket: target, TargetPrefix: "logs/" } },
      }),
    ),
    s3.send(
      new CreateBucketMetadataConfigurationCommand({
        Bucket,
        MetadataConfiguration: {
          JournalTableConfiguration: { RecordExpiration: { Expiration: "DISABLED" } },
        },
      }),
    ),
    s3.send(
      new PutBucketNotificationConfigurationCommand({
        Bucket,
        NotificationConfiguration: { EventBridgeConfiguration: {} },
      }),
    ),
    s3.send(
      new PutBucketReplicationCommand({
        Bucket,
        ReplicationConfiguration: {
          Role: "arn:aws:iam::123456789012:role/replication",
          Rules: [{ Status: "Enabled", Prefix: "a/", Destination: { Bucket: `arn:aws:s3:::${target}` } }],
        },
      }),
    ),
    s3.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: "Requester" } })),
    s3.send(new PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration: { IndexDocument: { Suffix: "index.html" } } })),
    s3.send(
      new PutBucketAnalyticsConfigurationCommand({
        Bucket,
        Id: "a",
        AnalyticsConfiguration: { Id: "a", StorageClassAnalysis: {} },
      }),
    ),
    s3.send(
      new PutBucketIntelligentTieringConfigurationCommand({
        Bucket,
        Id: "a",
        IntelligentTieringConfiguration: {
          Id: "a",
          Status: "Enabled",
          Tierings: [{ AccessTier: "ARCHIVE_ACCESS", Days: 90 }],
        },
      }),
    ),
    s3.send(
      new PutBucketInventoryConfigurationCommand({
        Bucket,
        Id: "a",
        InventoryConfiguration: {
          Id: "a",
          IsEnabled: false,
          IncludedObjectVersions: "All",
          Schedule: { Frequency: "Daily" },
          Destination: { S3BucketDestination: { Bucket: reports, Format: "CSV" } },
        },
      }),
    ),
    ...["a", "b"].map((Id) =>
      s3.send(new PutBucketMetricsConfigurationCommand({ Bucket, Id, MetricsConfiguration: { Id } })),
    ),
  ];
  await Promise.all(calls);
};

/** Every document as it is read, and the status that it is read with. */
const readAll = async (server: TestServer, Bucket: string): Promise<Record<string, string>> => {
  const entries = QUERIES.map(async (query) => {
    const { status, body } = await server.request("GET", `/${Bucket}?${query}`);
    return [query, `${status} ${String(body)}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
};

const start = async (): Promise<{ server: TestServer; control: ControlClient }> => {
  const server = await startTestServer();
  return { server, control: createControlClient({ baseUrl: server.running.controlUrl }) };
};

const prepare = async (server: TestServer): Promise<string> => {
  const s3 = server.s3();
  const VersioningConfiguration = { Status: "Enabled" } as const;
  const [Bucket, target] = [await makeBucket(s3, "kept"), await makeBucket(s3, "target")];
  for (const name of [Bucket, target]) {
    await s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration }));
  }
  await putAll(s3, Bucket, target);
  return Bucket;
};

test("a document of every kind goes through export and import", async (t) => {
  const from = await start();
  t.teardown(() => from.server.close());
  const Bucket = await prepare(from.server);
  const documents = await readAll(from.server, Bucket);
  for (const [query, document] of Object.entries(documents)) t.regex(document, /^200 /, query);

  const to = await start();
  t.teardown(() => to.server.close());
  const archive = async (url: string) => Buffer.from(await (await fetch(`${url}/state/archive`)).arrayBuffer());
  const exported = await archive(from.server.running.controlUrl);
  const imported = await fetch(`${to.server.running.controlUrl}/state/archive`, { method: "PUT", body: exported });
  t.is(imported.status, 200, await imported.text());
  // Before it is read, which is logged.
  t.true((await archive(to.server.running.controlUrl)).equals(exported));
  t.deepEqual(await readAll(to.server, Bucket), documents);
});

test("a document of every kind goes through snapshots, and is forgotten by a reset", async (t) => {
  const { server, control } = await start();
  t.teardown(() => server.close());
  const Bucket = await prepare(server);
  const documents = await readAll(server, Bucket);
  await control.state.createSnapshot({ name: "base" });
  const s3 = server.s3();
  await s3.send(new DeleteBucketCorsCommand({ Bucket }));
  await s3.send(new DeleteBucketMetricsConfigurationCommand({ Bucket, Id: "a" }));
  const { cors, ...rest } = await readAll(server, Bucket);
  t.regex(cors ?? "", /^404 /);
  t.regex(rest["metrics&id=a"] ?? "", /^404 /);
  await control.state.restoreSnapshot({ name: "base" });
  t.deepEqual(await readAll(server, Bucket), documents);
  await control.state.reset({});
  for (const document of Object.values(await readAll(server, Bucket))) t.regex(document, /^404 .*NoSuchBucket/s);
});
