/** On which terms a bucket serves: requester pays, and the accelerated endpoint. */
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketRequestPaymentCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketAccelerateConfigurationCommand,
  PutBucketRequestPaymentCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { outcome } from "./client.ts";

const server = await startTestServer({ authMode: "lenient" });
test.after.always(() => server.close());
const owner = server.s3();
const other = server.s3({ accountId: "111122223333" });

const paidBucket = async (Bucket: string): Promise<{ Bucket: string; Key: string }> => {
  await owner.send(new CreateBucketCommand({ Bucket }));
  await owner.send(new PutObjectCommand({ Bucket, Key: "a", Body: "paid for" }));
  await owner.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer: "Requester" } }));
  return { Bucket, Key: "a" };
};

test("where the requester pays, it must say that it does, and is told that it did", async (t) => {
  const object = await paidBucket("requester-pays");
  t.deepEqual(await outcome(other.send(new GetObjectCommand(object))), ["AccessDenied", 403]);
  t.is((await server.request("GET", "/requester-pays/a")).status, 403);
  const got = await other.send(new GetObjectCommand({ ...object, RequestPayer: "requester" }));
  t.is(await got.Body?.transformToString(), "paid for");
  t.is(got.RequestCharged, "requester");
  const put = new PutObjectCommand({ ...object, Key: "b", Body: "x", RequestPayer: "requester" });
  t.is((await other.send(put)).RequestCharged, "requester");
  const list = { Bucket: object.Bucket };
  t.deepEqual(await outcome(other.send(new ListObjectsV2Command(list))), ["AccessDenied", 403]);
  t.is((await other.send(new ListObjectsV2Command({ ...list, RequestPayer: "requester" }))).KeyCount, 2);
});

test("the bucket's own account pays for itself, and nobody does where the owner pays", async (t) => {
  const object = await paidBucket("owner-pays");
  t.is((await owner.send(new HeadObjectCommand(object))).RequestCharged, undefined);
  await owner.send(
    new PutBucketRequestPaymentCommand({
      Bucket: object.Bucket,
      RequestPaymentConfiguration: { Payer: "BucketOwner" },
    }),
  );
  t.is((await owner.send(new GetBucketRequestPaymentCommand({ Bucket: object.Bucket }))).Payer, "BucketOwner");
  const got = await other.send(new GetObjectCommand({ ...object, RequestPayer: "requester" }));
  t.is(got.RequestCharged, undefined);
});

test("a copy out of a bucket where the requester pays must say that it does", async (t) => {
  const { Bucket, Key } = await paidBucket("source-pays");
  await other.send(new CreateBucketCommand({ Bucket: "source-pays-target" }));
  const copy = { Bucket: "source-pays-target", Key: "copy", CopySource: `${Bucket}/${Key}` };
  t.deepEqual(await outcome(other.send(new CopyObjectCommand(copy))), ["AccessDenied", 403]);
  await other.send(new CopyObjectCommand({ ...copy, RequestPayer: "requester" }));
  const got = await other.send(new GetObjectCommand({ Bucket: "source-pays-target", Key: "copy" }));
  t.is(await got.Body?.transformToString(), "paid for");
});

test("the accelerated endpoint serves where it is enabled, and says why it does not elsewhere", async (t) => {
  const Bucket = "accelerated";
  await owner.send(new CreateBucketCommand({ Bucket }));
  const list = (host: string) =>
    server.request("GET", "/?list-type=2", {
      headers: { host, authorization: "AWS 123456789012:c2ln", date: new Date().toUTCString() },
    });
  const endpoint = `${Bucket}.s3-accelerate.amazonaws.com`;
  const set = (Status: "Enabled" | "Suspended") =>
    owner.send(new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status } }));
  const refused = async (message: string) => {
    const answer = await list(endpoint);
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "InvalidRequest");
    t.is(element(answer, "Message"), message);
  };
  await refused("S3 Transfer Acceleration is not configured on this bucket");
  await set("Enabled");
  t.is((await list(endpoint)).status, 200);
  t.is((await list(`${Bucket}.s3-accelerate.dualstack.amazonaws.com`)).status, 200);
  await set("Suspended");
  await refused("S3 Transfer Acceleration is disabled on this bucket");
  t.is((await owner.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status, "Suspended");
  t.is((await list(`${Bucket}.s3.amazonaws.com`)).status, 200);
});
