import {
  DeleteBucketLifecycleCommand,
  GetBucketLifecycleConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  type LifecycleRule,
  type TransitionDefaultMinimumObjectSize,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket, outcome } from "../client.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const put = (Bucket: string, Rules: LifecycleRule[], minimum?: TransitionDefaultMinimumObjectSize) =>
  s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules },
      ...(minimum === undefined ? {} : { TransitionDefaultMinimumObjectSize: minimum }),
    }),
  );
const get = (Bucket: string) => s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }));

const RULES: LifecycleRule[] = [
  {
    ID: "waterfall",
    Status: "Enabled",
    Filter: { Prefix: "logs/" },
    Transitions: [
      { Days: 30, StorageClass: "STANDARD_IA" },
      { Days: 60, StorageClass: "GLACIER" },
      { Days: 150, StorageClass: "DEEP_ARCHIVE" },
    ],
    Expiration: { Days: 365 },
  },
  {
    ID: "by date",
    Status: "Disabled",
    Filter: { Tag: { Key: "color", Value: "red" } },
    Transitions: [{ Date: new Date("2030-01-01T00:00:00Z"), StorageClass: "GLACIER_IR" }],
    Expiration: { Date: new Date("2031-01-01T00:00:00Z") },
  },
  {
    ID: "noncurrent",
    Status: "Enabled",
    Filter: {
      And: {
        Prefix: "a/",
        Tags: [
          { Key: "k", Value: "" },
          { Key: "l", Value: "v" },
        ],
        ObjectSizeGreaterThan: 0,
        ObjectSizeLessThan: 1_000,
      },
    },
    NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: "ONEZONE_IA", NewerNoncurrentVersions: 2 }],
    NoncurrentVersionExpiration: { NoncurrentDays: 60, NewerNoncurrentVersions: 100 },
  },
  {
    ID: "clean up",
    Status: "Enabled",
    Filter: {},
    Expiration: { ExpiredObjectDeleteMarker: true },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
  },
  { ID: "at once", Status: "Enabled", Filter: { Prefix: "" }, Transitions: [{ Days: 0, StorageClass: "GLACIER" }] },
];

test("lifecycle rules come back as they were put, in their order", async (t) => {
  const Bucket = await makeBucket(s3, "lifecycle");
  await put(Bucket, RULES);
  t.deepEqual((await get(Bucket)).Rules, RULES);
});

test("fact 44: both answers say below which size objects keep their class", async (t) => {
  const Bucket = await makeBucket(s3, "lifecycle");
  const rules = RULES.slice(0, 1);
  t.is((await put(Bucket, rules)).TransitionDefaultMinimumObjectSize, "all_storage_classes_128K");
  t.is((await get(Bucket)).TransitionDefaultMinimumObjectSize, "all_storage_classes_128K");
  const other = "varies_by_storage_class";
  t.is((await put(Bucket, rules, other)).TransitionDefaultMinimumObjectSize, other);
  t.is((await get(Bucket)).TransitionDefaultMinimumObjectSize, other);
  const unknown = await failure(put(Bucket, rules, "none" as typeof other));
  t.is(unknown.name, "InvalidRequest");
  t.is(unknown.message, "Invalid TransitionDefaultMinimumObjectSize found: none");
  t.is((await get(Bucket)).TransitionDefaultMinimumObjectSize, other);
});

test("rules that come without an id get one each, which stays", async (t) => {
  const Bucket = await makeBucket(s3, "lifecycle");
  const rule: LifecycleRule = { Status: "Enabled", Filter: { Prefix: "a" }, Expiration: { Days: 1 } };
  await put(Bucket, [rule, { ...rule, ID: "" }, { ...rule, ID: "mine" }]);
  const ids = (await get(Bucket)).Rules?.map(({ ID }) => ID) ?? [];
  t.is(new Set(ids).size, 3);
  t.is(ids[2], "mine");
  for (const id of ids.slice(0, 2)) {
    t.is(id?.length, 48);
    const uuid = Buffer.from(id ?? "", "base64").toString();
    t.regex(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  t.deepEqual(
    (await get(Bucket)).Rules?.map(({ ID }) => ID),
    ids,
  );
});

test("rules in the old form, by prefixes of their own, come back so", async (t) => {
  const Bucket = await makeBucket(s3, "lifecycle");
  const rules: LifecycleRule[] = [
    { ID: "a", Status: "Enabled", Prefix: "a/", Expiration: { Days: 1 } },
    { ID: "b", Status: "Enabled", Prefix: "b/", Expiration: { Days: 1 } },
    { ID: "c", Status: "Enabled", Prefix: "", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
  ];
  await put(Bucket, rules);
  t.deepEqual((await get(Bucket)).Rules, rules);
});

test("1,000 lifecycle rules are fine, one more is not", async (t) => {
  const Bucket = await makeBucket(s3, "lifecycle");
  const rules = Array.from({ length: 1_001 }, (_, at): LifecycleRule => {
    return { ID: `rule ${at}`, Status: "Enabled", Filter: { Prefix: `${at}/` }, Expiration: { Days: 1 } };
  });
  await put(Bucket, rules.slice(1));
  t.is((await get(Bucket)).Rules?.length, 1_000);
  t.deepEqual(await outcome(put(Bucket, rules)), ["MalformedXML", 400]);
  t.is((await get(Bucket)).Rules?.length, 1_000);
});

test("fact 4: a bucket has no lifecycle until it is put, and none once it is deleted", async (t) => {
  const Bucket = await makeBucket(s3, "lifecycle");
  const assertNone = async () => {
    const error = await failure(get(Bucket));
    t.is(error.name, "NoSuchLifecycleConfiguration");
    t.is(error["BucketName"], Bucket);
    t.is(error.$metadata.httpStatusCode, 404);
  };
  await assertNone();
  await put(Bucket, RULES);
  for (const _ of [1, 2]) {
    const { $metadata } = await s3.send(new DeleteBucketLifecycleCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    await assertNone();
  }
});
