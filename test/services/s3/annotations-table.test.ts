import {
  CreateBucketMetadataConfigurationCommand,
  GetBucketMetadataConfigurationCommand,
  UpdateBucketMetadataAnnotationTableConfigurationCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import type { AnnotationTableConfigurationUpdates } from "@aws-sdk/client-s3";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const update = (Bucket: string, updates: Partial<AnnotationTableConfigurationUpdates> = {}) =>
  s3.send(
    new UpdateBucketMetadataAnnotationTableConfigurationCommand({
      Bucket,
      AnnotationTableConfiguration: { ConfigurationState: "ENABLED", ...updates },
    }),
  );

const get = async (Bucket: string) => {
  const answer = await s3.send(new GetBucketMetadataConfigurationCommand({ Bucket }));
  return answer.GetBucketMetadataConfigurationResult?.MetadataConfigurationResult;
};

test("a bucket without a metadata configuration has no table of annotations to change", async (t) => {
  const Bucket = await makeBucket(s3, "table");
  const error = await failure(update(Bucket));
  t.is(error.name, "MetadataConfigurationNotFound");
  t.is(error.$metadata.httpStatusCode, 404);
  t.is(error["BucketName"], Bucket);
  t.deepEqual(await outcome(update("no-such-bucket-of-anyone")), ["NoSuchBucket", 404]);
});

test("what no table can be is refused first", async (t) => {
  const Bucket = await makeBucket(s3, "table");
  t.deepEqual(await outcome(update(Bucket, { ConfigurationState: "ON" as "ENABLED" })), ["MalformedXML", 400]);
  t.deepEqual(await outcome(update(Bucket, { Role: "not-a-role" })), ["InvalidRequest", 400]);
  const kms = { SseAlgorithm: "aws:kms" } as const;
  t.deepEqual(await outcome(update(Bucket, { EncryptionConfiguration: kms })), ["InvalidRequest", 400]);
  const KmsKeyArn = "arn:aws:kms:us-east-1:123456789012:key/k";
  const plain = { SseAlgorithm: "AES256", KmsKeyArn } as const;
  t.deepEqual(await outcome(update(Bucket, { EncryptionConfiguration: plain })), ["InvalidRequest", 400]);
  const right = { Role: "arn:aws:iam::123456789012:role/reader", EncryptionConfiguration: { ...kms, KmsKeyArn } };
  t.deepEqual(await outcome(update(Bucket, right)), ["MetadataConfigurationNotFound", 404]);
});

test("updates change what they name and nothing else", async (t) => {
  const Bucket = await makeBucket(s3, "table");
  const Role = "arn:aws:iam::123456789012:role/reader";
  await s3.send(
    new CreateBucketMetadataConfigurationCommand({
      Bucket,
      MetadataConfiguration: {
        JournalTableConfiguration: { RecordExpiration: { Expiration: "DISABLED" } },
        AnnotationTableConfiguration: { ConfigurationState: "ENABLED", Role },
      },
    }),
  );
  const before = await get(Bucket);
  t.is(before?.AnnotationTableConfigurationResult?.TableStatus, "CREATING");
  await update(Bucket, { ConfigurationState: "DISABLED" });
  t.deepEqual(await get(Bucket), {
    ...before,
    AnnotationTableConfigurationResult: { ConfigurationState: "DISABLED", Role },
  });
});
