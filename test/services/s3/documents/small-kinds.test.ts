import {
  GetBucketAbacCommand,
  GetBucketAccelerateConfigurationCommand,
  GetBucketRequestPaymentCommand,
  PutBucketAbacCommand,
  PutBucketAccelerateConfigurationCommand,
  PutBucketRequestPaymentCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket, outcome } from "../client.ts";
import { invalidRequest } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const withBucket = (prefix: string) => ({ server, makeBucket: () => makeBucket(s3, prefix) });

test("whether tags decide on access is off until it is put", async (t) => {
  const Bucket = await makeBucket(s3, "abac");
  const status = async () => (await s3.send(new GetBucketAbacCommand({ Bucket }))).AbacStatus?.Status;
  t.is(await status(), "Disabled");
  for (const Status of ["Enabled", "Disabled"] as const) {
    await s3.send(new PutBucketAbacCommand({ Bucket, AbacStatus: { Status } }));
    t.is(await status(), Status);
  }
});

test("acceleration has no status until it is put", async (t) => {
  const Bucket = await makeBucket(s3, "accelerate");
  const status = async () => (await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status;
  t.is(await status(), undefined);
  for (const Status of ["Enabled", "Suspended"] as const) {
    await s3.send(new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration: { Status } }));
    t.is(await status(), Status);
  }
});

test("the owner pays for requests until it is put otherwise", async (t) => {
  const Bucket = await makeBucket(s3, "payment");
  const payer = async () => (await s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer;
  t.is(await payer(), "BucketOwner");
  for (const Payer of ["Requester", "BucketOwner"] as const) {
    await s3.send(new PutBucketRequestPaymentCommand({ Bucket, RequestPaymentConfiguration: { Payer } }));
    t.is(await payer(), Payer);
  }
});

test("a bucket that is not there has no configuration either", async (t) => {
  const Bucket = "no-such-bucket-of-anyone";
  t.deepEqual(await outcome(s3.send(new GetBucketAbacCommand({ Bucket }))), ["NoSuchBucket", 404]);
  const AccelerateConfiguration = { Status: "Enabled" } as const;
  const put = new PutBucketAccelerateConfigurationCommand({ Bucket, AccelerateConfiguration });
  t.deepEqual(await outcome(s3.send(put)), ["NoSuchBucket", 404]);
});

test("fact 18: a bucket with periods in its name is not accelerated", async (t) => {
  const Bucket = await makeBucket(s3, "with.periods");
  const body = "<AccelerateConfiguration><Status>Enabled</Status></AccelerateConfiguration>";
  const answer = await server.request("PUT", `/${Bucket}?accelerate`, { body });
  t.is(answer.status, 400);
  t.true(String(answer.body).includes("<Code>InvalidRequest</Code>"));
  const { Message = "" } = invalidRequest(
    "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
  );
  t.true(String(answer.body).includes(Message));
  t.is((await s3.send(new GetBucketAccelerateConfigurationCommand({ Bucket }))).Status, undefined);
});

testRejections(
  {
    operation: "PutBucketAbac",
    query: "abac",
    root: "AbacStatus",
    content: "<Status>Enabled</Status>",
    once: "Status",
    rejections: [
      { what: "a status in lower case", content: "<Status>enabled</Status>", error: malformed() },
      { what: "no word as status", content: "<Status/>", error: malformed() },
      { what: "an element within the status", content: "<Status><On/></Status>", error: malformed() },
    ],
  },
  withBucket("abac"),
);

testRejections(
  {
    operation: "PutBucketAccelerateConfiguration",
    query: "accelerate",
    root: "AccelerateConfiguration",
    content: "<Status>Enabled</Status>",
    once: "Status",
    rejections: [
      { what: "an unknown status", content: "<Status>Disabled</Status>", error: malformed() },
      { what: "no word as status", content: "<Status/>", error: malformed() },
    ],
  },
  withBucket("accelerate"),
);

testRejections(
  {
    operation: "PutBucketRequestPayment",
    query: "requestPayment",
    root: "RequestPaymentConfiguration",
    content: "<Payer>Requester</Payer>",
    once: "Payer",
    rejections: [
      { what: "an unknown payer", fact: 43, content: "<Payer>Nobody</Payer>", error: malformed() },
      { what: "a payer in lower case", content: "<Payer>requester</Payer>", error: malformed() },
    ],
  },
  withBucket("payment"),
);
