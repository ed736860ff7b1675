/** Every operation of S3 through the AWS SDK, once each: it does what AWS's does, or refuses as AWS does. */
import * as sdk from "@aws-sdk/client-s3";
import test from "ava";
import { S3_OPERATIONS } from "../../../src/services/s3/handlers.ts";
import { runOperation } from "../../support/operation-rows.ts";
import { startTestServer } from "../../support/server.ts";
import { BUCKET_ROWS } from "./every-operation-buckets.ts";
import { OBJECT_ROWS } from "./every-operation-objects.ts";
import { Key, TEXT, type S3Rows, type Stage } from "./every-operation-rows.ts";

const server = await startTestServer();
test.after.always(() => server.close());

const ROWS: S3Rows = { ...BUCKET_ROWS, ...OBJECT_ROWS };
const FIRST_ACCOUNT = 300_000_000_000;

const prepare = async (index: number): Promise<Stage> => {
  const accountId = String(FIRST_ACCOUNT + index);
  // Object Lambda's operation goes to a host of its own otherwise.
  const s3 = server.s3({ accountId, disableHostPrefix: true });
  const [Bucket, Other] = [`every-${index}`, `every-${index}-other`];
  for (const name of [Bucket, Other]) await s3.send(new sdk.CreateBucketCommand({ Bucket: name }));
  await s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body: TEXT }));
  return { s3, accountId, Bucket, Other };
};

for (const [index, name] of S3_OPERATIONS.entries()) {
  test(`${name} answers the SDK as AWS does`, async (t) => {
    const stage = await prepare(index);
    await runOperation(t, name, { client: stage.s3, sdk, rows: ROWS, stage });
  });
}
