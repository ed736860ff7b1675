/** Lines of access logs that are not of a plain request by HTTP to a bucket. */
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectsCommand,
  DeletePublicAccessBlockCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketLifecycleConfigurationCommand,
  PutBucketLoggingCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketWebsiteCommand,
  PutObjectCommand,
  type LifecycleRule,
} from "@aws-sdk/client-s3";
import { CreateAccessPointCommand } from "@aws-sdk/client-s3-control";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";
import { keysOf, sendSigned } from "../../../support/signed.ts";
import { ACCOUNT, AT, HOUR_MS, linesOf, read, start } from "./suite.ts";

test("requests to a website are logged as such", async (t) => {
  const suite = await start(t);
  const { s3, server } = suite;
  const WebsiteConfiguration = { IndexDocument: { Suffix: "index.html" } };
  await s3.send(new PutBucketWebsiteCommand({ Bucket: "photos", WebsiteConfiguration }));
  await server.request("GET", "/page?q", { headers: { host: "photos.s3-website.localhost" } });
  const [, line] = await linesOf(suite);
  t.is(line?.operation, "WEBSITE.GET.OBJECT");
  t.is(line?.key, "page");
  t.is(line?.uri, '"GET /page?q HTTP/1.1"');
  t.is(line?.status, "403");
  t.is(line?.error, "AccessDenied");
});

test("a deletion of many leaves a line for each, and a copy one in the log of its source", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  await s3.send(new CreateBucketCommand({ Bucket: "copies" }));
  for (const Key of ["a", "b"]) await s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: Key }));
  await s3.send(new CopyObjectCommand({ Bucket: "copies", Key: "c", CopySource: "photos/a" }));
  await s3.send(new CopyObjectCommand({ Bucket: "photos", Key: "d", CopySource: "photos/a" }));
  const Objects = [{ Key: "a" }, { Key: "b", ETag: "wrong" }];
  await s3.send(new DeleteObjectsCommand({ Bucket: "photos", Delete: { Objects } }));
  const lines = await linesOf(suite);
  t.deepEqual(
    lines.slice(2).map(({ operation, key, status, error }) => [operation, key, status, error]),
    [
      ["REST.COPY.OBJECT_GET", "a", "200", "-"],
      ["REST.COPY.OBJECT", "d", "200", "-"],
      ["REST.COPY.OBJECT_GET", "a", "200", "-"],
      ["REST.POST.MULTI_OBJECT_DELETE", "-", "200", "-"],
      ["BATCH.DELETE.OBJECT", "a", "204", "-"],
      ["BATCH.DELETE.OBJECT", "b", "412", "PreconditionFailed"],
    ],
  );
});

test("a request that came through an access point names it", async (t) => {
  const suite = await start(t);
  const { server, s3 } = suite;
  await server.s3Control().send(new CreateAccessPointCommand({ AccountId: ACCOUNT, Name: "door", Bucket: "photos" }));
  const arn = `arn:aws:s3:us-east-1:${ACCOUNT}:accesspoint/door`;
  const headers = { host: `door-${ACCOUNT}.s3-accesspoint.us-east-1.localhost` };
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "k", Body: "x" }));
  t.is((await sendSigned(server, keysOf(ACCOUNT), { path: "/k", headers })).status, 200);
  const read = (await linesOf(suite)).find(({ operation }) => operation === "REST.GET.OBJECT");
  t.is(read?.bucket, "photos");
  t.is(read?.security.point, arn);
});

test("over TLS a line names version and cipher suite", async (t) => {
  const server = await startTestServer({ tls: { kind: "self-signed" } });
  t.teardown(() => server.close());
  const { clock } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(AT) });
  const s3 = server.s3({
    endpoint: server.endpoint.replace("http:", "https:"),
    requestHandler: { httpsAgent: { rejectUnauthorized: false } },
  });
  for (const Bucket of ["photos", "logs"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const LoggingEnabled = { TargetBucket: "logs", TargetPrefix: "" };
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: { LoggingEnabled } }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a", Body: "a" }));
  await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
  const { Contents: [{ Key } = {}] = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "logs" }));
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "logs", Key }));
  const { security } = read((await Body?.transformToString())?.trimEnd());
  t.is(security.tls, "TLSv1.3");
  t.regex(security.cipher ?? "", /^TLS_[A-Z0-9_]+$/);
});

test("what lifecycle does is logged as S3's own doing", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "old/a", Body: "abc" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "cold/b", Body: "x".repeat(200_000) }));
  const Rules: LifecycleRule[] = [
    { ID: "old", Status: "Enabled", Filter: { Prefix: "old/" }, Expiration: { Days: 1 } },
    { ID: "cold", Status: "Enabled", Filter: { Prefix: "cold/" }, Transitions: [{ Days: 0, StorageClass: "GLACIER" }] },
  ];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket: "photos", LifecycleConfiguration: { Rules } }));
  await suite.clock.advanceClock({ by: durationFromMs(3 * 24 * HOUR_MS) });
  const own = (await linesOf(suite)).filter(({ operation }) => operation?.startsWith("S3."));
  t.deepEqual(
    own.map(({ count, operation, key, size, client, uri, status }) => [
      count,
      operation,
      key,
      size,
      client.requester,
      uri,
      status,
    ]),
    [
      [27, "S3.TRANSITION.OBJECT", "cold/b", "200000", "AmazonS3", '"-"', "-"],
      [27, "S3.EXPIRE.OBJECT", "old/a", "3", "AmazonS3", '"-"', "-"],
    ],
  );
});

test("what an ACL alone allowed is marked", async (t) => {
  const suite = await start(t);
  const { s3, server } = suite;
  await s3.send(new DeletePublicAccessBlockCommand({ Bucket: "photos" }));
  const OwnershipControls = { Rules: [{ ObjectOwnership: "ObjectWriter" as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket: "photos", OwnershipControls }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "open", Body: "x", ACL: "public-read" }));
  t.is((await server.request("GET", "/photos/open")).status, 200);
  await sendSigned(server, keysOf(ACCOUNT), { path: "/photos/open" });
  const reads = (await linesOf(suite)).filter(({ operation }) => operation === "REST.GET.OBJECT");
  t.deepEqual(
    reads.map(({ client, security }) => [client.requester === "-" ? "nobody" : "somebody", security.acl]),
    [
      ["nobody", "Yes"],
      ["somebody", "-"],
    ],
  );
});
