import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { TRANSITION_BYTES_MIN } from "../../../../src/services/s3/limits.ts";
import { contents, DAY, HOUR, makeBucket, put, putRules, startSuite, START } from "./suite.ts";

const LARGE = { Body: Buffer.alloc(TRANSITION_BYTES_MIN) };
const SMALL = { Body: Buffer.alloc(TRANSITION_BYTES_MIN - 1) };

test("objects go down class by class at their times, and read as archives do", async (t) => {
  const suite = await startSuite(t);
  const { s3 } = suite;
  await makeBucket(suite, "box");
  await putRules(suite, "box", [
    {
      ID: "down",
      Transitions: [
        { Days: 30, StorageClass: "STANDARD_IA" },
        { Days: 90, StorageClass: "GLACIER" },
      ],
      Expiration: { Days: 400 },
    },
  ]);
  await put(suite, "box", "k", LARGE);
  const { LastModified } = await s3.send(new HeadObjectCommand({ Bucket: "box", Key: "k" }));
  t.deepEqual(await suite.pass(31 * DAY), ["moved to STANDARD_IA by rule down s3://box/k"]);
  const head = await s3.send(new HeadObjectCommand({ Bucket: "box", Key: "k" }));
  t.deepEqual([head.StorageClass, head.LastModified], ["STANDARD_IA", LastModified]);
  t.deepEqual(await suite.pass(60 * DAY), ["moved to GLACIER by rule down s3://box/k"]);
  await t.throwsAsync(s3.send(new GetObjectCommand({ Bucket: "box", Key: "k" })), { name: "InvalidObjectState" });
  t.deepEqual(await suite.pass(310 * DAY), ["deleted by rule down s3://box/k"]);
});

test("small objects stay where they are, unless the bucket lets archives have them or the rule names a size", async (t) => {
  const suite = await startSuite(t);
  const transitions = (StorageClass: "GLACIER" | "STANDARD_IA", Prefix: string) => ({
    Filter: { Prefix },
    Transitions: [{ Days: StorageClass === "GLACIER" ? 1 : 30, StorageClass }],
  });
  const rules = [
    transitions("GLACIER", "g/"),
    transitions("STANDARD_IA", "i/"),
    {
      Filter: { And: { Prefix: "s/", ObjectSizeGreaterThan: 10 } },
      Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" as const }],
    },
  ];
  for (const [bucket, minimum] of [
    ["box", undefined],
    ["varies", "varies_by_storage_class"],
  ] as const) {
    await makeBucket(suite, bucket);
    await putRules(suite, bucket, rules, minimum);
    for (const key of ["g/", "i/"]) {
      await put(suite, bucket, `${key}large`, LARGE);
      await put(suite, bucket, `${key}small`, SMALL);
    }
    await put(suite, bucket, "s/tiny", { Body: "x" });
    await put(suite, bucket, "s/small", SMALL);
  }
  await suite.pass(40 * DAY);
  const moved = ["g/large:GLACIER", "i/large:STANDARD_IA", "i/small", "s/small:STANDARD_IA", "s/tiny"];
  t.deepEqual(await contents(suite, "box"), [...moved.slice(0, 1), "g/small", ...moved.slice(1)]);
  t.deepEqual(await contents(suite, "varies"), [...moved.slice(0, 1), "g/small:GLACIER", ...moved.slice(1)]);
});

test("of several classes at one time the cheaper is taken, but intelligent tiering before all but archives, and never one further up", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [
    { ID: "ia", Transitions: [{ Days: 30, StorageClass: "STANDARD_IA" }] },
    { ID: "it", Transitions: [{ Days: 30, StorageClass: "INTELLIGENT_TIERING" }] },
    { ID: "gir", Filter: { Prefix: "one" }, Transitions: [{ Days: 30, StorageClass: "GLACIER_IR" }] },
    { ID: "flexible", Filter: { Prefix: "two" }, Transitions: [{ Days: 30, StorageClass: "GLACIER" }] },
  ]);
  await put(suite, "box", "a", LARGE);
  await put(suite, "box", "deep", { ...LARGE, StorageClass: "DEEP_ARCHIVE" });
  await put(suite, "box", "one", { ...LARGE, StorageClass: "ONEZONE_IA" });
  await put(suite, "box", "one more", LARGE);
  await put(suite, "box", "two", LARGE);
  await suite.pass(31 * DAY);
  t.deepEqual(await contents(suite, "box"), [
    "a:INTELLIGENT_TIERING",
    "deep:DEEP_ARCHIVE",
    "one:ONEZONE_IA",
    "one more:INTELLIGENT_TIERING",
    "two:GLACIER",
  ]);
});

test("deleting for good comes before a change of class, that before a delete marker, and the shorter life holds", async (t) => {
  const suite = await startSuite(t);
  const rules = [
    { ID: "long", Expiration: { Days: 9 } },
    { ID: "short", Expiration: { Days: 2 } },
    { ID: "move", Transitions: [{ Days: 2, StorageClass: "GLACIER" as const }] },
  ];
  await makeBucket(suite, "box");
  await makeBucket(suite, "versions", { versioning: "Enabled" });
  for (const bucket of ["box", "versions"]) {
    await putRules(suite, bucket, rules);
    await put(suite, bucket, "k", LARGE);
  }
  const done = await suite.pass(3 * DAY);
  t.deepEqual(
    done.map((text) => text.replace(/ \(version .*\)/, "")),
    [
      "deleted by rule short s3://box/k",
      "moved to GLACIER by rule move s3://versions/k",
      "expired by rule short s3://versions/k",
    ],
  );
  t.deepEqual(await contents(suite, "versions"), ["k!", "(k:GLACIER)"]);
});

test("noncurrent versions change their class by when they were replaced, all but the newest", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box", { versioning: "Enabled" });
  await putRules(suite, "box", [
    {
      NoncurrentVersionTransitions: [{ NoncurrentDays: 30, StorageClass: "STANDARD_IA", NewerNoncurrentVersions: 1 }],
      NoncurrentVersionExpiration: { NoncurrentDays: 60 },
    },
  ]);
  await put(suite, "box", "k", LARGE);
  await suite.pass(20 * DAY);
  await put(suite, "box", "k", LARGE);
  await suite.pass(HOUR);
  await put(suite, "box", "k", LARGE);
  t.deepEqual(await suite.pass(29 * DAY), []);
  await suite.pass(2 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k", "(k)", "(k:STANDARD_IA)"]);
  await suite.pass(30 * DAY);
  t.deepEqual(await contents(suite, "box"), ["k"]);
});

test("a noncurrent version that is locked stays until its lock ends, its hold is off", async (t) => {
  const suite = await startSuite(t);
  const { s3 } = suite;
  await makeBucket(suite, "box", { lock: true });
  await putRules(suite, "box", [{ NoncurrentVersionExpiration: { NoncurrentDays: 1 } }]);
  const retained = await put(suite, "box", "retained");
  const held = await put(suite, "box", "held");
  await put(suite, "box", "free");
  const RetainUntilDate = new Date(START + 5 * DAY);
  const Retention = { Mode: "GOVERNANCE", RetainUntilDate } as const;
  await s3.send(new PutObjectRetentionCommand({ Bucket: "box", Key: "retained", VersionId: retained, Retention }));
  const hold = (Status: "ON" | "OFF") =>
    s3.send(new PutObjectLegalHoldCommand({ Bucket: "box", Key: "held", VersionId: held, LegalHold: { Status } }));
  await hold("ON");
  for (const Key of ["retained", "held", "free"]) await s3.send(new DeleteObjectCommand({ Bucket: "box", Key }));
  await suite.pass(4 * DAY);
  t.deepEqual(await contents(suite, "box"), ["free!", "held!", "(held)", "retained!", "(retained)"]);
  await suite.pass(2 * DAY);
  t.deepEqual(await contents(suite, "box"), ["free!", "held!", "(held)", "retained!"]);
  await suite.pass(30 * DAY);
  await hold("OFF");
  await suite.pass(DAY);
  t.deepEqual(await contents(suite, "box"), ["free!", "held!", "retained!"]);
});

test("a copy of an object begins its own life, in the class that it is given", async (t) => {
  const suite = await startSuite(t);
  await makeBucket(suite, "box");
  await putRules(suite, "box", [{ Transitions: [{ Days: 30, StorageClass: "ONEZONE_IA" }] }]);
  await put(suite, "box", "a", LARGE);
  await suite.pass(31 * DAY);
  await suite.s3.send(new CopyObjectCommand({ Bucket: "box", Key: "b", CopySource: "box/a" }));
  t.deepEqual(await contents(suite, "box"), ["a:ONEZONE_IA", "b"]);
  await suite.pass(31 * DAY);
  t.deepEqual(await contents(suite, "box"), ["a:ONEZONE_IA", "b:ONEZONE_IA"]);
});
