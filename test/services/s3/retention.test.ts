/** Retention of single versions: what is set, who may change it, and what it keeps from being deleted. */
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectRetentionCommand,
  type ObjectLockRetention,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { element } from "../../support/signed.ts";
import { failure, outcome } from "./client.ts";
import { DAY_MS, makeLockBucket, makePlainBucket, putVersion, sendDocument, startAtTime } from "./lock-fixtures.ts";

const START_MS = Date.UTC(2027, 2, 1, 12, 30, 15, 250);
const { server } = await startAtTime(START_MS);
const s3 = server.s3();
test.after.always(() => server.close());

const inDays = (days: number) => new Date(START_MS + days * DAY_MS);

type Version = { readonly Bucket: string; readonly Key: string; readonly VersionId?: string };
type Options = { readonly bypass?: boolean; readonly client?: S3Client };

const retain = (version: Version, Retention: ObjectLockRetention, { bypass, client = s3 }: Options = {}) =>
  client.send(
    new PutObjectRetentionCommand({
      ...version,
      Retention,
      ...(bypass === undefined ? {} : { BypassGovernanceRetention: bypass }),
    }),
  );

const retentionOf = async (version: Version, client = s3) =>
  (await client.send(new GetObjectRetentionCommand(version))).Retention;

const remove = (version: Version, { bypass, client = s3 }: Options = {}) =>
  client.send(
    new DeleteObjectCommand({ ...version, ...(bypass === undefined ? {} : { BypassGovernanceRetention: bypass }) }),
  );

const LOCKED = "Access Denied because object protected by object lock.";

const newVersion = async (): Promise<Version & { VersionId: string }> => {
  const Bucket = await makeLockBucket(s3);
  return { Bucket, Key: "k", VersionId: await putVersion(s3, { Bucket, Key: "k" }) };
};

test("a retention is answered as it was set, by GET, by HEAD and by itself", async (t) => {
  const version = await newVersion();
  const retention = { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) } as const;
  await retain(version, retention);
  t.deepEqual(await retentionOf(version), retention);
  t.deepEqual(await retentionOf({ Bucket: version.Bucket, Key: "k" }), retention, "of the current version");
  for (const answer of [await s3.send(new HeadObjectCommand(version)), await s3.send(new GetObjectCommand(version))]) {
    t.is(answer.ObjectLockMode, "GOVERNANCE");
    t.deepEqual(answer.ObjectLockRetainUntilDate, inDays(1));
    t.is(answer.ObjectLockLegalHoldStatus, undefined);
  }
});

test("a retention changes neither bytes nor the time of a version, and no other version", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const old = await putVersion(s3, { Bucket, Key: "k", Body: "old", Metadata: { kept: "yes" } });
  const current = await putVersion(s3, { Bucket, Key: "k", Body: "new" });
  const before = await s3.send(new HeadObjectCommand({ Bucket, Key: "k", VersionId: old }));
  await retain({ Bucket, Key: "k", VersionId: old }, { Mode: "COMPLIANCE", RetainUntilDate: inDays(1) });
  const after = await s3.send(new GetObjectCommand({ Bucket, Key: "k", VersionId: old }));
  t.is(await after.Body?.transformToString(), "old");
  t.deepEqual(after.LastModified, before.LastModified);
  t.is(after.ETag, before.ETag);
  t.deepEqual(after.Metadata, { kept: "yes" });
  t.is((await failure(retentionOf({ Bucket, Key: "k", VersionId: current }))).name, "NoSuchObjectLockConfiguration");
});

test("fact 50: a version whose retention was never set has none to answer", async (t) => {
  const error = await failure(retentionOf(await newVersion()));
  t.is(error.name, "NoSuchObjectLockConfiguration");
  t.is(error.$metadata.httpStatusCode, 404);
  t.is(error.message, "The specified object does not have a ObjectLock configuration");
});

test("fact 49: on a bucket without object lock there is no retention", async (t) => {
  const Bucket = await makePlainBucket(s3, "Enabled");
  const version = { Bucket, Key: "k", VersionId: await putVersion(s3, { Bucket, Key: "k" }) };
  for (const call of [
    retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) }),
    retentionOf(version),
    retentionOf({ Bucket, Key: "missing" }),
  ]) {
    const error = await failure(call);
    t.is(error.name, "InvalidRequest");
    t.is(error.$metadata.httpStatusCode, 400);
    t.is(error.message, "Bucket is missing Object Lock Configuration");
  }
  // What is wrong with the document comes first.
  const answer = await sendDocument(server, `/${Bucket}/k?retention`, { body: "" });
  t.is(element(answer, "Code"), "MalformedXML");
});

test("a retention of what is not there", async (t) => {
  const { Bucket } = await newVersion();
  const retention = { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) } as const;
  const gone = await newVersion();
  for (const call of [retain({ Bucket, Key: "missing" }, retention), retentionOf({ Bucket, Key: "missing" })]) {
    const error = await failure(call);
    t.is(error.name, "NoSuchKey");
    t.is(error["Key"], "missing");
  }
  for (const call of [
    retain({ Bucket, Key: "k", VersionId: gone.VersionId }, retention),
    retentionOf({ Bucket, Key: "k", VersionId: gone.VersionId }),
  ]) {
    const error = await failure(call);
    t.is(error.name, "NoSuchVersion");
    t.is(error["VersionId"], gone.VersionId);
  }
});

test("fact 23: a delete marker has no retention", async (t) => {
  const { Bucket, Key } = await newVersion();
  const { VersionId } = await remove({ Bucket, Key });
  const marker = { Bucket, Key, VersionId: VersionId ?? "" };
  for (const [method, call] of [
    ["PUT", retain(marker, { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) })],
    ["GET", retentionOf(marker)],
  ] as const) {
    const error = await failure(call);
    t.is(error.name, "MethodNotAllowed");
    t.is(error.$metadata.httpStatusCode, 405);
    t.is(error["Method"], method);
    t.is(error["ResourceType"], "DeleteMarker");
  }
});

const body = (content: string) => `<Retention>${content}</Retention>`;

test("fact 50: a date that has passed is named as Java prints it, in Seattle's time", async (t) => {
  const { Bucket } = await newVersion();
  for (const [date, shown] of [
    ["2020-01-01T00:00:00Z", "Tue Dec 31 16:00:00 PST 2019"],
    ["2021-07-04T07:08:09Z", "Sun Jul 04 00:08:09 PDT 2021"],
  ] as const) {
    const answer = await sendDocument(server, `/${Bucket}/k?retention`, {
      body: body(`<Mode>GOVERNANCE</Mode><RetainUntilDate>${date}</RetainUntilDate>`),
    });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "InvalidArgument");
    t.is(element(answer, "Message"), "The retain until date must be in the future!");
    t.is(element(answer, "ArgumentName"), "RetainUntilDate");
    t.is(element(answer, "ArgumentValue"), shown);
  }
});

for (const [what, content] of [
  ["a mode alone", "<Mode>GOVERNANCE</Mode>"],
  ["a date alone", "<RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate>"],
  ["an unknown mode", "<Mode>x</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate>"],
  ["a date that is none", "<Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate>"],
] as const) {
  test(`a retention of ${what} is MalformedXML`, async (t) => {
    const { Bucket } = await newVersion();
    const answer = await sendDocument(server, `/${Bucket}/k?retention`, { body: body(content) });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "MalformedXML");
  });
}

test("retention and legal hold need a digest", async (t) => {
  const { Bucket } = await newVersion();
  const retention = body("<Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate>");
  for (const [query, document] of [
    ["retention", retention],
    ["legal-hold", "<LegalHold><Status>ON</Status></LegalHold>"],
  ] as const) {
    const bare = await server.request("PUT", `/${Bucket}/k?${query}`, { body: document });
    t.is(element(bare, "Code"), "InvalidRequest");
    t.is(element(bare, "Message"), "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
    t.is((await sendDocument(server, `/${Bucket}/k?${query}`, { body: document })).status, 200);
  }
});

test("fact 50: governance is extended by everyone, shortened, lifted and turned into compliance by a bypass alone", async (t) => {
  const version = await newVersion();
  await retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(10) });
  await t.notThrowsAsync(retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(10) }), "the same again");
  await t.notThrowsAsync(retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(20) }));
  const weaker = [
    { Mode: "GOVERNANCE", RetainUntilDate: inDays(19) },
    { Mode: "COMPLIANCE", RetainUntilDate: inDays(30) },
    {},
  ] as const;
  for (const retention of weaker) {
    for (const bypass of [undefined, false]) {
      const error = await failure(retain(version, retention, bypass === undefined ? {} : { bypass }));
      t.is(error.name, "AccessDenied");
      t.is(error.$metadata.httpStatusCode, 403);
      t.is(error.message, LOCKED);
    }
  }
  t.deepEqual(await retentionOf(version), { Mode: "GOVERNANCE", RetainUntilDate: inDays(20) });
  await retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) }, { bypass: true });
  t.deepEqual(await retentionOf(version), { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) });
  await retain(version, {}, { bypass: true });
  t.is((await failure(retentionOf(version))).name, "NoSuchObjectLockConfiguration");
  await t.notThrowsAsync(remove(version));
});

test("fact 50: compliance is extended and nothing else, whoever asks", async (t) => {
  const version = await newVersion();
  await retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) });
  await retain(version, { Mode: "COMPLIANCE", RetainUntilDate: inDays(10) }, { bypass: true });
  await t.notThrowsAsync(retain(version, { Mode: "COMPLIANCE", RetainUntilDate: inDays(20) }));
  for (const bypass of [false, true]) {
    for (const retention of [
      { Mode: "COMPLIANCE", RetainUntilDate: inDays(19) },
      { Mode: "GOVERNANCE", RetainUntilDate: inDays(30) },
      {},
    ] as const) {
      t.deepEqual(await outcome(retain(version, retention, { bypass })), ["AccessDenied", 403]);
    }
    t.deepEqual(await outcome(remove(version, { bypass })), ["AccessDenied", 403]);
  }
  t.deepEqual(await retentionOf(version), { Mode: "COMPLIANCE", RetainUntilDate: inDays(20) });
});

test("fact 50: a locked version is deleted by a bypass of governance alone, one by one and many at once", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const locked = await putVersion(s3, { Bucket, Key: "locked" });
  const free = await putVersion(s3, { Bucket, Key: "free" });
  await retain({ Bucket, Key: "locked" }, { Mode: "GOVERNANCE", RetainUntilDate: inDays(1) });
  const error = await failure(remove({ Bucket, Key: "locked", VersionId: locked }));
  t.is(error.name, "AccessDenied");
  t.is(error.message, LOCKED);
  const Delete = {
    Objects: [
      { Key: "locked", VersionId: locked },
      { Key: "free", VersionId: free },
    ],
  };
  const many = await s3.send(new DeleteObjectsCommand({ Bucket, Delete }));
  t.deepEqual(many.Errors, [{ Key: "locked", VersionId: locked, Code: "AccessDenied", Message: LOCKED }]);
  t.deepEqual(many.Deleted, [{ Key: "free", VersionId: free }]);
  const bypassed = await s3.send(new DeleteObjectsCommand({ Bucket, Delete, BypassGovernanceRetention: true }));
  t.is(bypassed.Errors, undefined);
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "locked" }))), ["NotFound", 404]);
});

test("a locked key may be overwritten, copied over and deleted: the locked version stays beneath", async (t) => {
  const version = await newVersion();
  const { Bucket, Key, VersionId } = version;
  await retain(version, { Mode: "COMPLIANCE", RetainUntilDate: inDays(1) });
  await putVersion(s3, { Bucket, Key, Body: "over" });
  await putVersion(s3, { Bucket, Key: "other", Body: "other" });
  await s3.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/other` }));
  t.true((await remove({ Bucket, Key })).DeleteMarker);
  const many = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key }] } }));
  t.true(many.Deleted?.[0]?.DeleteMarker);
  const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: Key }));
  t.is(Versions?.length, 3);
  t.is(Versions?.at(-1)?.VersionId, VersionId);
  t.is(DeleteMarkers?.length, 2);
  const kept = await s3.send(new GetObjectCommand(version));
  t.is(await kept.Body?.transformToString(), "body");
  t.is(kept.ObjectLockMode, "COMPLIANCE");
  // Markers are never locked.
  await t.notThrowsAsync(remove({ Bucket, Key, VersionId: DeleteMarkers?.[0]?.VersionId ?? "" }));
});

test("a retention ends at its date: the version is then changed and deleted like any other", async (t) => {
  const { server, time } = await startAtTime(START_MS);
  t.teardown(() => server.close());
  const client = server.s3();
  const Bucket = await makeLockBucket(client);
  const version = { Bucket, Key: "k", VersionId: await putVersion(client, { Bucket, Key: "k" }) };
  const retention = { Mode: "COMPLIANCE", RetainUntilDate: inDays(1) } as const;
  await retain(version, retention, { client });
  time.nowMs = START_MS + DAY_MS - 1;
  t.deepEqual(await outcome(remove(version, { client })), ["AccessDenied", 403]);
  time.nowMs = START_MS + DAY_MS;
  t.deepEqual(await retentionOf(version, client), retention, "what has ended is still shown");
  await retain(version, { Mode: "GOVERNANCE", RetainUntilDate: inDays(2) }, { client });
  t.deepEqual(await outcome(remove(version, { client })), ["AccessDenied", 403]);
  time.nowMs = START_MS + 2 * DAY_MS;
  await retain(version, {}, { client });
  await t.notThrowsAsync(remove(version, { client }));
});

test("several versions of a key have each their own retention", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const versions = [];
  for (const days of [1, 2, 3]) {
    const VersionId = await putVersion(s3, { Bucket, Key: "k", Body: `v${days}` });
    versions.push({ Bucket, Key: "k", VersionId });
    await retain({ Bucket, Key: "k" }, { Mode: "GOVERNANCE", RetainUntilDate: inDays(days) });
  }
  for (const [index, version] of versions.entries()) {
    t.deepEqual(await retentionOf(version), { Mode: "GOVERNANCE", RetainUntilDate: inDays(index + 1) });
  }
});
