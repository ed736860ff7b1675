/** Object lock of a bucket, and what it gives new versions by default. */
import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  UploadPartCommand,
  type DefaultRetention,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure, outcome } from "./client.ts";
import { DAY_MS, makeLockBucket, makePlainBucket, putVersion, sendDocument, startAtTime } from "./lock-fixtures.ts";

const server = await startTestServer();
const s3 = server.s3();
test.after.always(() => server.close());

const configure = (Bucket: string, retention?: DefaultRetention) =>
  s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        ...(retention === undefined ? {} : { Rule: { DefaultRetention: retention } }),
      },
    }),
  );

const configurationOf = async (Bucket: string) =>
  (await s3.send(new GetObjectLockConfigurationCommand({ Bucket }))).ObjectLockConfiguration;

test("fact 8: a bucket without object lock answers ObjectLockConfigurationNotFoundError and its name", async (t) => {
  const Bucket = await makePlainBucket(s3, "Enabled");
  const error = await failure(s3.send(new GetObjectLockConfigurationCommand({ Bucket })));
  t.is(error.name, "ObjectLockConfigurationNotFoundError");
  t.is(error.$metadata.httpStatusCode, 404);
  t.is(error.message, "Object Lock configuration does not exist for this bucket");
  t.is(error["BucketName"], Bucket);
});

test("a bucket that was created with object lock has it, and no rule", async (t) => {
  const Bucket = await makeLockBucket(s3);
  t.deepEqual(await configurationOf(Bucket), { ObjectLockEnabled: "Enabled" });
  t.is((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Enabled");
});

test("a rule is kept until a configuration without one takes its place", async (t) => {
  const Bucket = await makeLockBucket(s3);
  for (const retention of [
    { Mode: "GOVERNANCE", Days: 36_500 },
    { Mode: "COMPLIANCE", Years: 100 },
    { Mode: "COMPLIANCE", Days: 1, DefaultEventHold: { Years: 2 } },
    { Mode: "GOVERNANCE", DefaultEventHold: { Days: 30 } },
  ] as const) {
    await configure(Bucket, retention);
    t.deepEqual(await configurationOf(Bucket), {
      ObjectLockEnabled: "Enabled",
      Rule: { DefaultRetention: retention },
    });
  }
  await configure(Bucket);
  t.deepEqual(await configurationOf(Bucket), { ObjectLockEnabled: "Enabled" });
});

test("fact 49: object lock cannot be turned on without versioning", async (t) => {
  for (const versioning of [undefined, "Suspended"] as const) {
    const Bucket = await makePlainBucket(s3, versioning);
    const error = await failure(configure(Bucket, { Mode: "GOVERNANCE", Days: 1 }));
    t.is(error.name, "InvalidBucketState");
    t.is(error.$metadata.httpStatusCode, 409);
    t.is(error.message, "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
    t.is((await failure(configurationOf(Bucket))).name, "ObjectLockConfigurationNotFoundError");
  }
});

test("fact 14: object lock is turned on for a versioned bucket, whose versioning then cannot be suspended", async (t) => {
  const Bucket = await makePlainBucket(s3, "Enabled");
  const before = await putVersion(s3, { Bucket, Key: "k" });
  await s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      Token: "a token of long ago",
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "GOVERNANCE", Days: 1 } },
      },
    }),
  );
  const suspension = new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } });
  t.deepEqual(await outcome(s3.send(suspension)), ["InvalidBucketState", 409]);
  // Versions of before are as they were.
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "k", VersionId: before }))).ObjectLockMode, undefined);
  await putVersion(s3, { Bucket, Key: "k" });
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).ObjectLockMode, "GOVERNANCE");
});

const document = (content: string) => `<ObjectLockConfiguration>${content}</ObjectLockConfiguration>`;
const rule = (content: string) =>
  document(
    `<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>${content}</DefaultRetention></Rule>`,
  );

for (const [what, body] of [
  ["days and years", rule("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>")],
  ["no mode", rule("<Days>1</Days>")],
  ["an unknown mode", rule("<Mode>governance</Mode><Days>1</Days>")],
  ["a mode and no period", rule("<Mode>GOVERNANCE</Mode>")],
  ["an empty retention", rule("")],
  ["an empty rule", document("<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule/>")],
  ["another word than Enabled", document("<ObjectLockEnabled>Disabled</ObjectLockEnabled>")],
  ["nothing at all", document("")],
  [
    "an event hold of days and years",
    rule("<Mode>GOVERNANCE</Mode><DefaultEventHold><Days>1</Days><Years>1</Years></DefaultEventHold>"),
  ],
  ["an empty event hold", rule("<Mode>GOVERNANCE</Mode><DefaultEventHold/>")],
  ["no document", ""],
] as const) {
  test(`fact 43: a lock configuration with ${what} is MalformedXML`, async (t) => {
    const Bucket = await makeLockBucket(s3);
    const answer = await sendDocument(server, `/${Bucket}?object-lock`, { body });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "MalformedXML");
    t.is(
      element(answer, "Message"),
      "The XML you provided was not well-formed or did not validate against our published schema",
    );
  });
}

test("a default period has its limits, and the error names the element alone", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const small = "Default retention period must be a positive integer value.";
  const large = "Default retention period too large.";
  for (const [retention, name, message] of [
    [{ Days: 0 }, "Days", small],
    [{ Days: -1 }, "Days", small],
    [{ Years: 0 }, "Years", small],
    [{ Days: 36_501 }, "Days", large],
    [{ Years: 101 }, "Years", large],
    [{ DefaultEventHold: { Days: 0 } }, "Days", "Default event hold duration must be a positive integer value."],
    [{ DefaultEventHold: { Years: 101 } }, "Years", "Default event hold duration too large."],
  ] as const) {
    const error = await failure(configure(Bucket, { Mode: "COMPLIANCE", ...retention }));
    t.is(error.name, "InvalidArgument");
    t.is(error.message, message);
    t.is(error["ArgumentName"], name);
    t.is(error["ArgumentValue"], undefined);
  }
});

test("a lock configuration needs a digest", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const answer = await server.request("PUT", `/${Bucket}?object-lock`, {
    body: document("<ObjectLockEnabled>Enabled</ObjectLockEnabled>"),
  });
  t.is(element(answer, "Code"), "InvalidRequest");
  t.is(element(answer, "Message"), "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
});

test("the default retention counts from each version's own time, however it comes about", async (t) => {
  const createdAtMs = Date.UTC(2027, 0, 31, 10, 20, 30, 40);
  const { server, time } = await startAtTime(createdAtMs);
  t.teardown(() => server.close());
  const s3 = server.s3();
  const Bucket = await makeLockBucket(s3);
  await s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Mode: "COMPLIANCE", Years: 1 } },
      },
    }),
  );
  const lockOf = async (Key: string) => {
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    return [head.ObjectLockMode, head.ObjectLockRetainUntilDate?.getTime(), head.ObjectLockLegalHoldStatus];
  };
  const oneYear = 365 * DAY_MS;

  await s3.send(new PutObjectCommand({ Bucket, Key: "put", Body: "b" }));
  t.deepEqual(await lockOf("put"), ["COMPLIANCE", createdAtMs + oneYear, undefined]);

  time.nowMs += 1_000;
  await s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/put` }));
  t.deepEqual(await lockOf("copy"), ["COMPLIANCE", createdAtMs + 1_000 + oneYear, undefined]);

  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
  const part = { Bucket, Key: "parts", UploadId, PartNumber: 1 };
  const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: "b" }));
  time.nowMs += 60_000;
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "parts", UploadId, MultipartUpload }));
  t.deepEqual(await lockOf("parts"), ["COMPLIANCE", createdAtMs + 61_000 + oneYear, undefined]);

  const hold = { Bucket, Key: "hold", Body: "b", ObjectLockLegalHoldStatus: "ON" } as const;
  await s3.send(new PutObjectCommand(hold));
  t.deepEqual(await lockOf("hold"), ["COMPLIANCE", createdAtMs + 61_000 + oneYear, "ON"], "a legal hold beside it");

  const ObjectLockRetainUntilDate = new Date(time.nowMs + 5_000);
  const own = { Bucket, Key: "own", Body: "b", ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate } as const;
  await s3.send(new PutObjectCommand(own));
  t.deepEqual(await lockOf("own"), ["GOVERNANCE", time.nowMs + 5_000, undefined], "one's own retention wins");
});

test("a default retention asks uploads for a digest, and then nothing is stored without one", async (t) => {
  const Bucket = await makeLockBucket(s3);
  await configure(Bucket, { Mode: "GOVERNANCE", Days: 1 });
  const answer = await server.request("PUT", `/${Bucket}/k`, { body: "v" });
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "InvalidRequest");
  t.is(
    element(answer, "Message"),
    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters",
  );
  t.is((await failure(s3.send(new HeadObjectCommand({ Bucket, Key: "k" })))).$metadata.httpStatusCode, 404);
  t.is((await sendDocument(server, `/${Bucket}/k`, { body: "v" })).status, 200);
});

test("a browser's form gets the default retention too, and needs a digest for it", async (t) => {
  const Bucket = await makeLockBucket(s3);
  await configure(Bucket, { Mode: "GOVERNANCE", Days: 1 });
  const post = (fields: Readonly<Record<string, string>>) => {
    const form = Object.entries({ key: "k", ...fields, file: "v" }).map(
      ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    return server.request("POST", `/${Bucket}`, { headers, body: `${form.join("")}--b--\r\n` });
  };
  t.is(element(await post({}), "Code"), "InvalidRequest");
  t.is((await post({ "Content-MD5": createHash("md5").update("v").digest("base64") })).status, 204);
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }))).ObjectLockMode, "GOVERNANCE");
});

test("a copy takes no lock from its source, but what its headers say", async (t) => {
  const Bucket = await makeLockBucket(s3);
  await putVersion(s3, { Bucket, Key: "source", ObjectLockLegalHoldStatus: "ON" });
  const copy = { Bucket, Key: "copy", CopySource: `${Bucket}/source` };
  await s3.send(new CopyObjectCommand(copy));
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }))).ObjectLockLegalHoldStatus, undefined);
  const ObjectLockRetainUntilDate = new Date(Date.now() + DAY_MS);
  await s3.send(new CopyObjectCommand({ ...copy, ObjectLockMode: "GOVERNANCE", ObjectLockRetainUntilDate }));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "copy" }));
  t.is(head.ObjectLockMode, "GOVERNANCE");
  t.deepEqual(head.ObjectLockRetainUntilDate, ObjectLockRetainUntilDate);
});

test("an upload keeps the lock of its beginning, and its parts need digests", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const ObjectLockRetainUntilDate = new Date(Date.now() + DAY_MS);
  const lock = { ObjectLockMode: "COMPLIANCE", ObjectLockRetainUntilDate, ObjectLockLegalHoldStatus: "OFF" } as const;
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "k", ...lock }));
  const bare = await server.request("PUT", `/${Bucket}/k?partNumber=1&uploadId=${UploadId}`, { body: "v" });
  t.is(element(bare, "Code"), "InvalidRequest");
  t.is(
    element(bare, "Message"),
    "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Part requests with Object Lock parameters",
  );
  const { ETag } = await s3.send(new UploadPartCommand({ Bucket, Key: "k", UploadId, PartNumber: 1, Body: "v" }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ Bucket, Key: "k", UploadId, MultipartUpload }));
  t.like(await s3.send(new HeadObjectCommand({ Bucket, Key: "k" })), lock);
});

test("fact 50: the headers of a lock are refused one by one", async (t) => {
  const Bucket = await makeLockBucket(s3);
  const mode = "x-amz-object-lock-mode";
  const until = "x-amz-object-lock-retain-until-date";
  const future = new Date(Date.now() + DAY_MS).toISOString();
  const both = `${until} and ${mode} must both be supplied`;
  for (const [headers, name, value, message] of [
    [{ [mode]: "GOVERNANCE" }, until, "", both],
    [{ [until]: future }, mode, "", both],
    [{ [mode]: "FOREVER", [until]: future }, mode, "FOREVER", "Unknown wormMode directive."],
    [
      { [mode]: "GOVERNANCE", [until]: "abc" },
      until,
      "abc",
      "The retain until date must be provided in ISO 8601 format",
    ],
    [
      { [mode]: "GOVERNANCE", [until]: "2025-12-25T12:00:00Z" },
      until,
      "2025-12-25T12:00:00Z",
      "The retain until date must be in the future!",
    ],
    [
      { "x-amz-object-lock-legal-hold": "on" },
      "x-amz-object-lock-legal-hold",
      "on",
      "Legal Hold must be either of 'ON' or 'OFF'",
    ],
  ] as const) {
    for (const path of [`/${Bucket}/k`, `/${Bucket}/k?uploads`]) {
      const method = path.endsWith("?uploads") ? "POST" : "PUT";
      const answer = await server.request(method, path, { headers });
      t.is(element(answer, "Code"), "InvalidArgument", path);
      t.is(element(answer, "ArgumentName"), name);
      t.is(element(answer, "ArgumentValue") ?? "", value);
      t.is(element(answer, "Message"), message);
    }
  }
});

test("fact 49: a bypass is refused where there is no object lock, whatever it says", async (t) => {
  const Bucket = await makePlainBucket(s3, "Enabled");
  for (const BypassGovernanceRetention of [true, false]) {
    const one = await failure(s3.send(new DeleteObjectCommand({ Bucket, Key: "k", BypassGovernanceRetention })));
    const Delete = { Objects: [{ Key: "k" }] };
    const many = await failure(s3.send(new DeleteObjectsCommand({ Bucket, Delete, BypassGovernanceRetention })));
    for (const error of [one, many]) {
      t.is(error.name, "InvalidArgument");
      t.is(error.message, "x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.");
      t.is(error["ArgumentName"], "x-amz-bypass-governance-retention");
      t.is(error["ArgumentValue"], undefined);
    }
  }
});
