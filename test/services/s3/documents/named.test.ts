import {
  DeleteBucketAnalyticsConfigurationCommand,
  DeleteBucketIntelligentTieringConfigurationCommand,
  DeleteBucketInventoryConfigurationCommand,
  DeleteBucketMetricsConfigurationCommand,
  GetBucketAnalyticsConfigurationCommand,
  GetBucketIntelligentTieringConfigurationCommand,
  GetBucketInventoryConfigurationCommand,
  GetBucketMetricsConfigurationCommand,
  ListBucketAnalyticsConfigurationsCommand,
  ListBucketIntelligentTieringConfigurationsCommand,
  ListBucketInventoryConfigurationsCommand,
  ListBucketMetricsConfigurationsCommand,
  PutBucketAnalyticsConfigurationCommand,
  PutBucketIntelligentTieringConfigurationCommand,
  PutBucketInventoryConfigurationCommand,
  PutBucketMetricsConfigurationCommand,
  type AnalyticsConfiguration,
  type IntelligentTieringConfiguration,
  type InventoryConfiguration,
  type MetricsConfiguration,
} from "@aws-sdk/client-s3";
import test from "ava";
import { compareKeys } from "../../../../src/engine/keys.ts";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket, outcome } from "../client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

type Named = { readonly Id: string | undefined };
type Page<T> = {
  readonly entries: readonly T[] | undefined;
  readonly truncated: boolean | undefined;
  readonly token: string | undefined;
  readonly next: string | undefined;
};

/** What AWS was recorded to answer a put of every kind with, where its documentation has 200. */
const PUT_STATUS = 204;

/** The operations of a kind, and configurations of it. */
type Kind<T extends Named> = {
  readonly name: string;
  readonly samples: readonly T[];
  readonly put: (Bucket: string, configuration: T) => Promise<{ readonly $metadata: { httpStatusCode?: number } }>;
  readonly get: (Bucket: string, Id: string) => Promise<T | undefined>;
  readonly remove: (Bucket: string, Id: string) => Promise<{ readonly $metadata: { httpStatusCode?: number } }>;
  readonly list: (Bucket: string, ContinuationToken?: string) => Promise<Page<T>>;
};

const analytics: Kind<AnalyticsConfiguration> = {
  name: "analytics",
  samples: [
    { Id: "all", StorageClassAnalysis: {} },
    {
      Id: "some",
      Filter: { And: { Prefix: "a/", Tags: [{ Key: "k", Value: "v" }] } },
      StorageClassAnalysis: {
        DataExport: {
          OutputSchemaVersion: "V_1",
          Destination: {
            S3BucketDestination: {
              Format: "CSV",
              Bucket: "arn:aws:s3:::reports",
              BucketAccountId: "123456789012",
              Prefix: "analytics/",
            },
          },
        },
      },
    },
  ],
  put: (Bucket, configuration) =>
    s3.send(
      new PutBucketAnalyticsConfigurationCommand({
        Bucket,
        Id: configuration.Id,
        AnalyticsConfiguration: configuration,
      }),
    ),
  get: async (Bucket, Id) =>
    (await s3.send(new GetBucketAnalyticsConfigurationCommand({ Bucket, Id }))).AnalyticsConfiguration,
  remove: (Bucket, Id) => s3.send(new DeleteBucketAnalyticsConfigurationCommand({ Bucket, Id })),
  list: async (Bucket, ContinuationToken) => {
    const page = await s3.send(new ListBucketAnalyticsConfigurationsCommand({ Bucket, ContinuationToken }));
    return { ...pageOf(page), entries: page.AnalyticsConfigurationList };
  },
};

const tiering: Kind<IntelligentTieringConfiguration> = {
  name: "intelligent tiering",
  samples: [
    { Id: "all", Status: "Enabled", Tierings: [{ AccessTier: "ARCHIVE_ACCESS", Days: 90 }] },
    {
      Id: "some",
      Status: "Disabled",
      Filter: { Tag: { Key: "k", Value: "v" } },
      Tierings: [
        { AccessTier: "DEEP_ARCHIVE_ACCESS", Days: 730 },
        { AccessTier: "ARCHIVE_ACCESS", Days: 180 },
      ],
    },
  ],
  put: (Bucket, configuration) =>
    s3.send(
      new PutBucketIntelligentTieringConfigurationCommand({
        Bucket,
        Id: configuration.Id,
        IntelligentTieringConfiguration: configuration,
      }),
    ),
  get: async (Bucket, Id) =>
    (await s3.send(new GetBucketIntelligentTieringConfigurationCommand({ Bucket, Id })))
      .IntelligentTieringConfiguration,
  remove: (Bucket, Id) => s3.send(new DeleteBucketIntelligentTieringConfigurationCommand({ Bucket, Id })),
  list: async (Bucket, ContinuationToken) => {
    const page = await s3.send(new ListBucketIntelligentTieringConfigurationsCommand({ Bucket, ContinuationToken }));
    return { ...pageOf(page), entries: page.IntelligentTieringConfigurationList };
  },
};

const inventory: Kind<InventoryConfiguration> = {
  name: "inventory",
  samples: [
    {
      Id: "all",
      IsEnabled: true,
      IncludedObjectVersions: "All",
      Schedule: { Frequency: "Daily" },
      Destination: { S3BucketDestination: { Bucket: "arn:aws:s3:::reports", Format: "CSV" } },
    },
    {
      Id: "some",
      IsEnabled: false,
      IncludedObjectVersions: "Current",
      Schedule: { Frequency: "Weekly" },
      Filter: { Prefix: "a/" },
      OptionalFields: ["Size", "ETag", "ChecksumAlgorithm"],
      Destination: {
        S3BucketDestination: {
          Bucket: "arn:aws:s3:::reports",
          Format: "CSV",
          AccountId: "123456789012",
          Prefix: "inventory",
          Encryption: { SSEKMS: { KeyId: "arn:aws:kms:us-east-1:123456789012:key/k" } },
        },
      },
    },
  ],
  put: (Bucket, configuration) =>
    s3.send(
      new PutBucketInventoryConfigurationCommand({
        Bucket,
        Id: configuration.Id,
        InventoryConfiguration: configuration,
      }),
    ),
  get: async (Bucket, Id) =>
    (await s3.send(new GetBucketInventoryConfigurationCommand({ Bucket, Id }))).InventoryConfiguration,
  remove: (Bucket, Id) => s3.send(new DeleteBucketInventoryConfigurationCommand({ Bucket, Id })),
  list: async (Bucket, ContinuationToken) => {
    const page = await s3.send(new ListBucketInventoryConfigurationsCommand({ Bucket, ContinuationToken }));
    return { ...pageOf(page), entries: page.InventoryConfigurationList };
  },
};

const metrics: Kind<MetricsConfiguration> = {
  name: "metrics",
  samples: [
    { Id: "EntireBucket" },
    { Id: "some", Filter: { Prefix: "a/" } },
    { Id: "one.point", Filter: { AccessPointArn: "arn:aws:s3:us-east-1:123456789012:accesspoint/point" } },
  ],
  put: (Bucket, configuration) =>
    s3.send(
      new PutBucketMetricsConfigurationCommand({ Bucket, Id: configuration.Id, MetricsConfiguration: configuration }),
    ),
  get: async (Bucket, Id) =>
    (await s3.send(new GetBucketMetricsConfigurationCommand({ Bucket, Id }))).MetricsConfiguration,
  remove: (Bucket, Id) => s3.send(new DeleteBucketMetricsConfigurationCommand({ Bucket, Id })),
  list: async (Bucket, ContinuationToken) => {
    const page = await s3.send(new ListBucketMetricsConfigurationsCommand({ Bucket, ContinuationToken }));
    return { ...pageOf(page), entries: page.MetricsConfigurationList };
  },
};

const pageOf = ({
  IsTruncated,
  ContinuationToken,
  NextContinuationToken,
}: {
  IsTruncated?: boolean | undefined;
  ContinuationToken?: string | undefined;
  NextContinuationToken?: string | undefined;
}) => ({ truncated: IsTruncated, token: ContinuationToken, next: NextContinuationToken });

const idsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => `id-${String(at).padStart(4, "0")}`);

/** In pieces: a thousand connections at once are more than a machine likes. */
const batches = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / 50) }, (_, at) => ids.slice(50 * at, 50 * at + 50));

const testKind = <T extends Named>(kind: Kind<T>): void => {
  const { name, samples, put, get, remove, list } = kind;
  const [first, second] = samples;
  if (first?.Id === undefined || second?.Id === undefined) throw new Error("two samples are needed");
  const firstId = first.Id;

  test(`${name}: configurations come back as they were put, by id and in a list`, async (t) => {
    const Bucket = await makeBucket(s3, "named");
    t.deepEqual((await list(Bucket)).entries, undefined);
    for (const sample of samples) {
      t.is((await put(Bucket, sample)).$metadata.httpStatusCode, PUT_STATUS);
      t.deepEqual(await get(Bucket, sample.Id ?? ""), sample);
    }
    const page = await list(Bucket);
    const ids = samples.map(({ Id = "" }) => Id);
    t.deepEqual(
      page.entries?.map(({ Id }) => Id),
      ids.toSorted(compareKeys),
    );
    t.false(page.truncated);
    t.is(page.next, undefined);
  });

  test(`fact 47: ${name}: a configuration is replaced by the next with its id`, async (t) => {
    const Bucket = await makeBucket(s3, "named");
    await put(Bucket, first);
    const replacement = { ...second, Id: firstId };
    t.is((await put(Bucket, replacement)).$metadata.httpStatusCode, PUT_STATUS);
    t.deepEqual(await get(Bucket, firstId), replacement);
    t.is((await list(Bucket)).entries?.length, 1);
  });

  test(`fact 8: ${name}: what is not there is not found, not even to delete it again`, async (t) => {
    const Bucket = await makeBucket(s3, "named");
    await put(Bucket, first);
    await put(Bucket, second);
    t.is((await remove(Bucket, firstId)).$metadata.httpStatusCode, 204);
    for (const call of [get(Bucket, firstId), remove(Bucket, firstId)]) {
      const error = await failure(call);
      t.is(error.name, "NoSuchConfiguration");
      t.is(error.message, "The specified configuration does not exist.");
      t.is(error["BucketName"], undefined);
      t.is(error.$metadata.httpStatusCode, 404);
    }
    t.deepEqual((await list(Bucket)).entries, [second]);
  });

  test(`${name}: lists go on by tokens, 100 at a time`, async (t) => {
    const Bucket = await makeBucket(s3, "named");
    const ids = idsOf(201);
    for (const batch of batches(ids)) await Promise.all(batch.map((Id) => put(Bucket, { ...first, Id })));
    const found: (string | undefined)[][] = [];
    let token: string | undefined;
    do {
      const page: Page<T> = await list(Bucket, token);
      t.is(page.token, token);
      found.push((page.entries ?? []).map(({ Id }) => Id));
      token = page.next;
      t.is(page.truncated, token !== undefined);
    } while (token !== undefined);
    t.deepEqual(found, [ids.slice(0, 100), ids.slice(100, 200), ids.slice(200)]);
  });

  test(`${name}: a token of another list is refused`, async (t) => {
    const Bucket = await makeBucket(s3, "named");
    const error = await failure(list(Bucket, "bm8gdG9rZW4="));
    t.is(error.name, "InvalidArgument");
    t.is(error.message, "The continuation token provided is incorrect");
    t.is(error["ArgumentName"], "continuation-token");
    // AWS does not give the token back.
    t.is(error["ArgumentValue"], undefined);
  });

  test(`${name}: an id has 64 characters at most, of those that ids may have`, async (t) => {
    const Bucket = await makeBucket(s3, "named");
    await put(Bucket, { ...first, Id: "a".repeat(64) });
    for (const Id of ["a".repeat(65), "with blank", "a/b", "é"]) {
      const error = await failure(put(Bucket, { ...first, Id }));
      t.is(error.name, "InvalidArgument", Id);
      t.is(error.message, "Invalid ConfigurationId specified.");
      t.is(error["ArgumentName"], "id");
      t.is(error["ArgumentValue"], Id);
    }
    t.is((await list(Bucket)).entries?.length, 1);
  });
};

testKind(analytics);
testKind(tiering);
testKind(inventory);
testKind(metrics);

test("a bucket has 1,000 configurations of a kind at most", async (t) => {
  const Bucket = await makeBucket(s3, "named");
  const { put, get, remove, samples } = metrics;
  for (const batch of batches(idsOf(1_000))) await Promise.all(batch.map((Id) => put(Bucket, { Id })));
  t.deepEqual(await outcome(put(Bucket, { Id: "one-more" })), ["TooManyConfigurations", 400]);
  const replacement = { ...samples[1], Id: "id-0500" };
  await put(Bucket, replacement);
  t.deepEqual(await get(Bucket, "id-0500"), replacement);
  await remove(Bucket, "id-0999");
  await put(Bucket, { Id: "one-more" });
  t.deepEqual(await get(Bucket, "one-more"), { Id: "one-more" });
});

test("pages are as short as the world says", async (t) => {
  const small = await startTestServer();
  t.teardown(() => small.close());
  const control = createControlClient({ baseUrl: small.running.controlUrl });
  await control.worlds.updateWorld({ name: "default", settings: { pageEntriesMax: 2 } });
  const client = small.s3();
  const Bucket = await makeBucket(client, "named");
  for (const Id of ["a", "b", "c"]) {
    await client.send(new PutBucketMetricsConfigurationCommand({ Bucket, Id, MetricsConfiguration: { Id } }));
  }
  const page = await client.send(new ListBucketMetricsConfigurationsCommand({ Bucket }));
  t.deepEqual(page.MetricsConfigurationList, [{ Id: "a" }, { Id: "b" }]);
  const ContinuationToken = page.NextContinuationToken;
  const rest = await client.send(new ListBucketMetricsConfigurationsCommand({ Bucket, ContinuationToken }));
  t.deepEqual(rest.MetricsConfigurationList, [{ Id: "c" }]);
});
