/** Legal holds, alone and beside a retention. */
import {
  DeleteObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure, outcome } from "./client.ts";
import { DAY_MS, makeLockBucket, makePlainBucket, putVersion, sendDocument } from "./lock-fixtures.ts";

const server = await startTestServer();
const s3 = server.s3();
test.after.always(() => server.close());

type Version = { readonly Bucket: string; readonly Key: string; readonly VersionId?: string };

const hold = (version: Version, Status: "ON" | "OFF") =>
  s3.send(new PutObjectLegalHoldCommand({ ...version, LegalHold: { Status } }));
const holdOf = async (version: Version) => (await s3.send(new GetObjectLegalHoldCommand(version))).LegalHold?.Status;

const newVersion = async (): Promise<Version & { VersionId: string }> => {
  const Bucket = await makeLockBucket(s3);
  return { Bucket, Key: "k", VersionId: await putVersion(s3, { Bucket, Key: "k" }) };
};

test("a legal hold keeps a version until it is lifted, whatever bypasses governance", async (t) => {
  const version = await newVersion();
  await hold(version, "ON");
  t.is(await holdOf(version), "ON");
  t.is((await s3.send(new HeadObjectCommand(version))).ObjectLockLegalHoldStatus, "ON");
  for (const BypassGovernanceRetention of [false, true]) {
    const error = await failure(s3.send(new DeleteObjectCommand({ ...version, BypassGovernanceRetention })));
    t.is(error.name, "AccessDenied");
    t.is(error.message, "Access Denied because object protected by object lock.");
  }
  await hold(version, "OFF");
  t.is(await holdOf(version), "OFF", "what was lifted is still shown");
  t.is((await s3.send(new HeadObjectCommand(version))).ObjectLockLegalHoldStatus, "OFF");
  await t.notThrowsAsync(s3.send(new DeleteObjectCommand(version)));
});

test("fact 50: a legal hold that was never set is NoSuchObjectLockConfiguration, also beside a retention", async (t) => {
  const version = await newVersion();
  const Retention = { Mode: "GOVERNANCE", RetainUntilDate: new Date(Date.now() + DAY_MS) } as const;
  await s3.send(new PutObjectRetentionCommand({ ...version, Retention }));
  const error = await failure(holdOf(version));
  t.is(error.name, "NoSuchObjectLockConfiguration");
  t.is(error.$metadata.httpStatusCode, 404);
  t.is(error.message, "The specified object does not have a ObjectLock configuration");
  t.is((await s3.send(new HeadObjectCommand(version))).ObjectLockLegalHoldStatus, undefined);
});

test("legal hold and retention do not touch each other", async (t) => {
  const version = await newVersion();
  await hold(version, "ON");
  const Retention = { Mode: "GOVERNANCE", RetainUntilDate: new Date(Date.now() + DAY_MS) } as const;
  await s3.send(new PutObjectRetentionCommand({ ...version, Retention }));
  t.is(await holdOf(version), "ON");
  await s3.send(new PutObjectRetentionCommand({ ...version, Retention: {}, BypassGovernanceRetention: true }));
  t.is(await holdOf(version), "ON");
  t.is(
    (await failure(s3.send(new GetObjectRetentionCommand(version)))).name,
    "NoSuchObjectLockConfiguration",
    "a legal hold is no retention",
  );
  await s3.send(new PutObjectRetentionCommand({ ...version, Retention }));
  await hold(version, "OFF");
  t.deepEqual(await outcome(s3.send(new DeleteObjectCommand(version))), ["AccessDenied", 403]);
  t.deepEqual((await s3.send(new GetObjectRetentionCommand(version))).Retention, Retention);
});

test("fact 49: on a bucket without object lock there is no legal hold", async (t) => {
  const Bucket = await makePlainBucket(s3, "Enabled");
  await putVersion(s3, { Bucket, Key: "k" });
  for (const call of [hold({ Bucket, Key: "k" }, "ON"), holdOf({ Bucket, Key: "k" })]) {
    const error = await failure(call);
    t.is(error.name, "InvalidRequest");
    t.is(error.message, "Bucket is missing Object Lock Configuration");
  }
});

for (const [what, body] of [
  ["another word", "<LegalHold><Status>on</Status></LegalHold>"],
  ["no status", "<LegalHold/>"],
  ["no document", ""],
] as const) {
  test(`a legal hold with ${what} is MalformedXML`, async (t) => {
    const { Bucket } = await newVersion();
    const answer = await sendDocument(server, `/${Bucket}/k?legal-hold`, { body });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "MalformedXML");
  });
}

test("a legal hold of a key, a version and a delete marker that cannot have one", async (t) => {
  const { Bucket, Key } = await newVersion();
  t.deepEqual(await outcome(hold({ Bucket, Key: "missing" }, "ON")), ["NoSuchKey", 404]);
  t.deepEqual(await outcome(holdOf({ Bucket, Key: "missing" })), ["NoSuchKey", 404]);
  const { VersionId = "" } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  for (const call of [hold({ Bucket, Key, VersionId }, "ON"), holdOf({ Bucket, Key, VersionId })]) {
    const error = await failure(call);
    t.is(error.name, "MethodNotAllowed");
    t.is(error["ResourceType"], "DeleteMarker");
  }
});
