/** Server access logs: which lines buckets get, and the objects that they are delivered in. */
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetObjectAclCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { KEY_BYTES_MAX } from "../../../../src/services/s3/limits.ts";
import { canonicalOwnerId } from "../../../../src/protocol/caller.ts";
import { keysOf, presignedPath, sendSigned } from "../../../support/signed.ts";
import { ACCOUNT, HOUR_MS, linesOf, read, start } from "./suite.ts";

test("a line says who asked what, and what came of it, field by field", async (t) => {
  const suite = await start(t);
  const { server, s3 } = suite;
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a b/ü.jpg", Body: "picture" }));
  const answer = await sendSigned(server, keysOf(ACCOUNT), {
    path: "/photos/a%20b/%C3%BC.jpg?x-id=GetObject",
    headers: { "user-agent": 'agent "x"', referer: "http://page/", range: "bytes=0-3" },
  });
  const [, line] = await linesOf(suite);
  t.is(line?.count, 27);
  const { host } = new URL(server.endpoint);
  t.deepEqual(line, {
    count: 27,
    owner: canonicalOwnerId(ACCOUNT),
    bucket: "photos",
    time: "[28/Feb/2026:23:58:30 +0000]",
    requestId: String(answer.headers["x-amz-request-id"]),
    operation: "REST.GET.OBJECT",
    key: "a%2520b/%25C3%25BC.jpg",
    uri: '"GET /photos/a%20b/%C3%BC.jpg?x-id=GetObject HTTP/1.1"',
    status: "206",
    error: "-",
    sent: "4",
    size: "7",
    version: "-",
    hostId: String(answer.headers["x-amz-id-2"]),
    region: "us-east-1",
    timing: { total: "0", turnAround: "0" },
    client: {
      referrer: '"http://page/"',
      agent: '"agent %22x%22"',
      ip: "127.0.0.1",
      requester: canonicalOwnerId(ACCOUNT),
      host,
    },
    security: { signature: "SigV4", cipher: "-", auth: "AuthHeader", tls: "-", acl: "-", point: "-" },
  });
});

test("lines wait for the world's clock, and then go into one object, in their order", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  for (const Key of ["1", "2", "3"]) await s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: Key }));
  t.is((await s3.send(new ListObjectsV2Command({ Bucket: "logs" }))).KeyCount, 0);
  const objects = await suite.delivered();
  const [[key, lines] = ["", []], ...more] = objects;
  t.deepEqual(more, []);
  // The end of the five minutes in which the requests came.
  t.regex(key, /^log\/2026-03-01-00-00-00-[0-9A-F]{16}$/);
  t.deepEqual(
    lines.map((line) => read(line).key),
    ["1", "2", "3"],
  );
  t.is((await suite.delivered()).size, 1, "nothing is delivered twice");
  const log = await s3.send(new HeadObjectCommand({ Bucket: "logs", Key: key }));
  t.is(log.ContentType, "text/plain");
  t.is(log.LastModified?.toISOString(), "2026-03-01T00:00:00.000Z");
});

test("what is refused is logged too, whoever asked", async (t) => {
  const suite = await start(t);
  const { server } = suite;
  await server.request("GET", "/photos/secret");
  await sendSigned(server, keysOf(ACCOUNT), { path: "/photos/missing?versionId=null" });
  await server.request("GET", presignedPath(server, keysOf(ACCOUNT), { path: "/photos?location" }));
  await sendSigned(server, keysOf(ACCOUNT), { method: "DELETE", path: "/photos/missing?acl" });
  const lines = await linesOf(suite);
  t.deepEqual(
    lines.map(({ operation, status, error, key, client, security }) => [
      operation,
      status,
      error,
      key,
      client.requester === "-" ? "nobody" : "somebody",
      `${security.signature} ${security.auth}`,
    ]),
    [
      ["REST.GET.OBJECT", "403", "AccessDenied", "secret", "nobody", "- -"],
      ["REST.GET.OBJECT", "404", "NoSuchVersion", "missing", "somebody", "SigV4 AuthHeader"],
      ["REST.GET.LOCATION", "200", "-", "-", "somebody", "SigV4 QueryString"],
      // Nobody looks who asks for what there is not.
      ["REST.DELETE.BUCKET", "405", "MethodNotAllowed", "-", "nobody", "- -"],
    ],
  );
});

test("a bucket that logs nothing any more leaves nothing, and no log is kept of a log's delivery", async (t) => {
  const suite = await start(t, { TargetBucket: "photos" });
  const { s3 } = suite;
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  await suite.delivered();
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "photos", Prefix: "log/" }));
  t.is(Contents.length, 1);
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: {} }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "b", Body: "b" }));
  await suite.delivered();
  const after = await s3.send(new ListObjectsV2Command({ Bucket: "photos", Prefix: "log/" }));
  // The list above was a request to the bucket while it logged.
  t.is(after.KeyCount, 2);
});

for (const [PartitionDateSource, day, name] of [
  ["EventTime", "2026/02/28", "2026-02-28-00-00-00"],
  ["DeliveryTime", "2026/03/01", "2026-03-01-00-00-00"],
] as const) {
  test(`keys that are partitioned by ${PartitionDateSource} name account, region, bucket and day`, async (t) => {
    const suite = await start(t, { TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource } } });
    await suite.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
    const [key = ""] = (await suite.delivered()).keys();
    t.regex(key, new RegExp(`^log/${ACCOUNT}/us-east-1/photos/${day}/${name}-[0-9A-F]{16}$`));
  });
}

test("log objects get the target's grants where ACLs hold", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket: "logs", OwnershipControls }));
  const ID = canonicalOwnerId("222222222222");
  const TargetGrants = [{ Grantee: { Type: "CanonicalUser" as const, ID }, Permission: "READ" as const }];
  const LoggingEnabled = { TargetBucket: "logs", TargetPrefix: "", TargetGrants };
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: { LoggingEnabled } }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  const Key = [...(await suite.delivered()).keys()].find((key) => !key.startsWith("log/"));
  const { Grants = [] } = await s3.send(new GetObjectAclCommand({ Bucket: "logs", Key }));
  t.deepEqual(
    Grants.map(({ Grantee, Permission }) => [Grantee?.ID, Permission]),
    [
      [canonicalOwnerId(ACCOUNT), "FULL_CONTROL"],
      [ID, "READ"],
    ],
  );
});

test("a target that is gone loses its lines, and a versioned one keeps each object as a version", async (t) => {
  const suite = await start(t);
  const { s3, clock } = suite;
  await s3.send(new PutBucketVersioningCommand({ Bucket: "logs", VersioningConfiguration: { Status: "Enabled" } }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  const [Key] = (await suite.delivered()).keys();
  t.truthy((await s3.send(new HeadObjectCommand({ Bucket: "logs", Key }))).VersionId);
  await s3.send(new CreateBucketCommand({ Bucket: "short-lived" }));
  const LoggingEnabled = { TargetBucket: "short-lived", TargetPrefix: "" };
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: { LoggingEnabled } }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "b", Body: "b" }));
  await s3.send(new DeleteBucketCommand({ Bucket: "short-lived" }));
  const { done } = await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
  t.true(done.some(({ description }) => description.startsWith("dropped 2 log lines of s3://photos")));
});

test("lines for a key that is longer than any may be are dropped", async (t) => {
  const suite = await start(t, { TargetPrefix: "p".repeat(KEY_BYTES_MAX - 36) });
  const { s3, clock } = suite;
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  const log = async () => {
    const { done } = await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "logs" }));
    return [done[0]?.description.split(" ")[0], Contents.map(({ Key }) => Key?.length)];
  };
  t.deepEqual(await log(), ["delivered", [KEY_BYTES_MAX]]);
  const LoggingEnabled = { TargetBucket: "logs", TargetPrefix: "p".repeat(KEY_BYTES_MAX - 35) };
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: { LoggingEnabled } }));
  t.deepEqual(await log(), ["dropped", [KEY_BYTES_MAX]]);
});

test("how long lines wait is a setting of the world; at 0 each is delivered at once", async (t) => {
  const suite = await start(t);
  const { worlds } = createControlClient({ baseUrl: suite.server.running.controlUrl });
  const settings = { accessLogDelay: durationFromMs(0) };
  const { world } = await worlds.updateWorld({ name: "default", settings });
  t.is(world?.settings?.accessLogDelay?.seconds, 0n);
  await suite.s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  const { done } = await suite.clock.advanceClock({ by: durationFromMs(0) });
  t.is(done.filter(({ kind }) => kind === "accessLog").length <= 1, true);
  const { KeyCount } = await suite.s3.send(new ListObjectsV2Command({ Bucket: "logs" }));
  t.is(KeyCount, 1);
});
