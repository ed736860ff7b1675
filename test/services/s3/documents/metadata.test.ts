import {
  CreateBucketMetadataConfigurationCommand,
  CreateBucketMetadataTableConfigurationCommand,
  DeleteBucketMetadataConfigurationCommand,
  DeleteBucketMetadataTableConfigurationCommand,
  GetBucketMetadataConfigurationCommand,
  GetBucketMetadataTableConfigurationCommand,
  UpdateBucketMetadataInventoryTableConfigurationCommand,
  UpdateBucketMetadataJournalTableConfigurationCommand,
  type MetadataConfiguration,
} from "@aws-sdk/client-s3";
import test from "ava";
import { createControlClient, durationFromMs } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket, outcome } from "../client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const create = (Bucket: string, configuration: MetadataConfiguration) =>
  s3.send(new CreateBucketMetadataConfigurationCommand({ Bucket, MetadataConfiguration: configuration }));
const get = async (Bucket: string) => {
  const answer = await s3.send(new GetBucketMetadataConfigurationCommand({ Bucket }));
  return answer.GetBucketMetadataConfigurationResult?.MetadataConfigurationResult;
};
const remove = (Bucket: string) => s3.send(new DeleteBucketMetadataConfigurationCommand({ Bucket }));

const TableBucketArn = "arn:aws:s3tables:us-east-1:123456789012:bucket/my-tables";
const createFirst = (Bucket: string) =>
  s3.send(
    new CreateBucketMetadataTableConfigurationCommand({
      Bucket,
      MetadataTableConfiguration: { S3TablesDestination: { TableBucketArn, TableName: "my_table" } },
    }),
  );
const getFirst = async (Bucket: string) => {
  const answer = await s3.send(new GetBucketMetadataTableConfigurationCommand({ Bucket }));
  return answer.GetBucketMetadataTableConfigurationResult;
};
const removeFirst = (Bucket: string) => s3.send(new DeleteBucketMetadataTableConfigurationCommand({ Bucket }));

const JOURNAL: MetadataConfiguration = {
  JournalTableConfiguration: { RecordExpiration: { Expiration: "ENABLED", Days: 7 } },
};
const MANAGED = "arn:aws:s3tables:us-east-1:123456789012:bucket/aws-s3";
const TABLE = /\/table\/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a configuration tells of its tables: where they are, and that they are being made", async (t) => {
  const Bucket = await makeBucket(s3, "metadata.with.periods");
  await create(Bucket, {
    ...JOURNAL,
    InventoryTableConfiguration: {
      ConfigurationState: "ENABLED",
      EncryptionConfiguration: { SseAlgorithm: "aws:kms", KmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/k" },
    },
  });
  const result = await get(Bucket);
  t.deepEqual(result?.DestinationResult, {
    TableBucketType: "aws",
    TableBucketArn: MANAGED,
    TableNamespace: `b_${Bucket.replaceAll(".", "_")}`,
  });
  const journal = result?.JournalTableConfigurationResult;
  t.like(journal, {
    TableStatus: "CREATING",
    TableName: "journal",
    RecordExpiration: { Expiration: "ENABLED", Days: 7 },
  });
  t.regex(journal?.TableArn ?? "", TABLE);
  t.true(journal?.TableArn?.startsWith(MANAGED));
  const inventory = result?.InventoryTableConfigurationResult;
  t.like(inventory, { ConfigurationState: "ENABLED", TableStatus: "CREATING", TableName: "inventory" });
  t.not(inventory?.TableArn, journal?.TableArn);
});

test("tables are ready as the world's time goes by", async (t) => {
  const moved = await startTestServer();
  t.teardown(() => moved.close());
  const clock = createControlClient({ baseUrl: moved.running.controlUrl }).clock;
  const client = moved.s3();
  const Bucket = await makeBucket(client, "metadata");
  await clock.freezeClock({});
  await client.send(
    new CreateBucketMetadataConfigurationCommand({
      Bucket,
      MetadataConfiguration: { ...JOURNAL, InventoryTableConfiguration: { ConfigurationState: "ENABLED" } },
    }),
  );
  const statuses = async () => {
    const answer = await client.send(new GetBucketMetadataConfigurationCommand({ Bucket }));
    const result = answer.GetBucketMetadataConfigurationResult?.MetadataConfigurationResult;
    return [
      result?.JournalTableConfigurationResult?.TableStatus,
      result?.InventoryTableConfigurationResult?.TableStatus,
    ];
  };
  const advance = (ms: number) => clock.advanceClock({ by: durationFromMs(ms) });
  t.deepEqual(await statuses(), ["CREATING", "CREATING"]);
  await advance(59_999);
  t.deepEqual(await statuses(), ["CREATING", "CREATING"]);
  await advance(1);
  t.deepEqual(await statuses(), ["ACTIVE", "BACKFILLING"]);
  await advance(15 * 60_000 - 1);
  t.deepEqual(await statuses(), ["ACTIVE", "BACKFILLING"]);
  await advance(1);
  t.deepEqual(await statuses(), ["ACTIVE", "ACTIVE"]);
});

test("updates change a table's configuration; one that is turned on again is another table", async (t) => {
  const Bucket = await makeBucket(s3, "metadata");
  await create(Bucket, JOURNAL);
  const before = await get(Bucket);
  t.deepEqual(before?.InventoryTableConfigurationResult, { ConfigurationState: "DISABLED" });
  const inventory = async (ConfigurationState: "DISABLED" | "ENABLED") => {
    await s3.send(
      new UpdateBucketMetadataInventoryTableConfigurationCommand({
        Bucket,
        InventoryTableConfiguration: { ConfigurationState },
      }),
    );
    return (await get(Bucket))?.InventoryTableConfigurationResult;
  };
  const first = await inventory("ENABLED");
  t.like(first, { ConfigurationState: "ENABLED", TableStatus: "CREATING" });
  t.deepEqual(await inventory("ENABLED"), first);
  t.deepEqual(await inventory("DISABLED"), { ConfigurationState: "DISABLED" });
  t.not((await inventory("ENABLED"))?.TableArn, first?.TableArn);

  const RecordExpiration = { Expiration: "DISABLED" } as const;
  await s3.send(
    new UpdateBucketMetadataJournalTableConfigurationCommand({
      Bucket,
      JournalTableConfiguration: { RecordExpiration },
    }),
  );
  const after = await get(Bucket);
  t.deepEqual(after?.JournalTableConfigurationResult?.RecordExpiration, RecordExpiration);
  t.is(after?.JournalTableConfigurationResult?.TableArn, before?.JournalTableConfigurationResult?.TableArn);
});

test("a configuration of the first version is one table in a bucket of the customer's", async (t) => {
  const Bucket = await makeBucket(s3, "metadata");
  await createFirst(Bucket);
  const result = await getFirst(Bucket);
  t.is(result?.Status, "CREATING");
  const { TableArn = "", ...place } = result?.MetadataTableConfigurationResult?.S3TablesDestinationResult ?? {};
  t.deepEqual(place, { TableBucketArn, TableName: "my_table", TableNamespace: "aws_s3_metadata" });
  t.true(TableArn.startsWith(`${TableBucketArn}/table/`));
  const second = await get(Bucket);
  t.deepEqual(second?.DestinationResult, {
    TableBucketType: "customer",
    TableBucketArn,
    TableNamespace: "aws_s3_metadata",
  });
  t.like(second?.JournalTableConfigurationResult, { TableName: "my_table", TableArn });
  await removeFirst(Bucket);
  t.deepEqual(await outcome(getFirst(Bucket)), ["MetadataConfigurationNotFound", 404]);
});

test("operations of the first version do not know the second, and those of the second delete either", async (t) => {
  const Bucket = await makeBucket(s3, "metadata");
  await create(Bucket, JOURNAL);
  t.deepEqual(await outcome(getFirst(Bucket)), ["MethodNotAllowed", 405]);
  t.deepEqual(await outcome(removeFirst(Bucket)), ["MethodNotAllowed", 405]);
  t.truthy(await get(Bucket));
  await remove(Bucket);
  await createFirst(Bucket);
  const update = new UpdateBucketMetadataInventoryTableConfigurationCommand({
    Bucket,
    InventoryTableConfiguration: { ConfigurationState: "ENABLED" },
  });
  const refused = await failure(s3.send(update));
  t.is(refused.name, "MethodNotAllowed");
  t.is(refused["Method"], "PUT");
  t.is(refused["ResourceType"], "METADATAINVENTORYTABLE");
  await remove(Bucket);
  t.deepEqual(await outcome(getFirst(Bucket)), ["MetadataConfigurationNotFound", 404]);
});

test("there is one configuration at most, and what is not there is neither got nor updated nor deleted", async (t) => {
  const Bucket = await makeBucket(s3, "metadata");
  const update = () =>
    s3.send(
      new UpdateBucketMetadataJournalTableConfigurationCommand({
        Bucket,
        JournalTableConfiguration: { RecordExpiration: { Expiration: "DISABLED" } },
      }),
    );
  for (const call of [get, remove, getFirst, removeFirst, update]) {
    const error = await failure(call(Bucket));
    t.is(error.name, "MetadataConfigurationNotFound");
    t.is(error["BucketName"], Bucket);
    t.is(error.$metadata.httpStatusCode, 404);
  }
  await create(Bucket, JOURNAL);
  const before = await get(Bucket);
  for (const call of [create(Bucket, JOURNAL), createFirst(Bucket)]) {
    const error = await failure(call);
    t.is(error.name, "MetadataConfigurationAlreadyExists");
    t.is(error["BucketName"], Bucket);
    t.is(error.$metadata.httpStatusCode, 409);
  }
  t.deepEqual(await get(Bucket), before);
});
