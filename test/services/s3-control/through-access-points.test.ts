/** Requests through access points, named by ARN, by alias and by host. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutBucketCorsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import {
  CreateAccessPointCommand,
  DeleteAccessPointCommand,
  PutAccessPointPolicyCommand,
} from "@aws-sdk/client-s3-control";
import test, { type ExecutionContext } from "ava";
import { LOOPBACK, startTestServer } from "../../support/server.ts";

const ACCOUNT = "123456789012";
const OTHER = "210987654321";
/** Reads of objects that say nothing of whose they are are anonymous. */
const OWN = { "x-moto-account-id": ACCOUNT };
const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();
const byHost = (accountId = ACCOUNT): S3Client =>
  server.s3({
    accountId,
    endpoint: server.endpoint.replace("127.0.0.1", "localhost"),
    forcePathStyle: false,
    requestHandler: { httpAgent: LOOPBACK },
  });
const virtual = byHost();

const makePoint = async (name: string): Promise<{ bucket: string; arn: string; alias: string }> => {
  const bucket = `behind-${name}`;
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const { AccessPointArn = "", Alias = "" } = await server
    .s3Control()
    .send(new CreateAccessPointCommand({ AccountId: ACCOUNT, Name: name, Bucket: bucket }));
  return { bucket, arn: AccessPointArn, alias: Alias };
};

const textOf = async (client: S3Client, Bucket: string, Key: string): Promise<string | undefined> =>
  (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

test("objects are written, read and listed through the ARN, the alias and the host, as in the bucket itself", async (t) => {
  const { bucket, arn, alias } = await makePoint("ways");
  await virtual.send(new PutObjectCommand({ Bucket: arn, Key: "by/arn ü", Body: "arn" }));
  await virtual.send(new PutObjectCommand({ Bucket: alias, Key: "by-host-alias", Body: "alias" }));
  await s3.send(new PutObjectCommand({ Bucket: alias, Key: "by-path-alias", Body: "path" }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "direct", Body: "direct" }));
  for (const [client, name] of [
    [virtual, arn],
    [virtual, alias],
    [s3, alias],
    [s3, bucket],
  ] as const) {
    const { Contents = [], Name } = await client.send(new ListObjectsV2Command({ Bucket: name }));
    t.deepEqual(
      Contents.map(({ Key }) => Key),
      ["by-host-alias", "by-path-alias", "by/arn ü", "direct"],
    );
    t.is(Name, bucket);
    t.is(await textOf(client, name, "by/arn ü"), "arn");
  }
  const raw = await server.request("GET", `/${encodeURIComponent(arn)}/direct`, { headers: OWN });
  t.deepEqual([raw.status, raw.body.toString()], [200, "direct"]);
  for (const host of [
    `ways-${ACCOUNT}.s3-accesspoint.us-east-1.localhost`,
    `ways-${ACCOUNT}.s3-accesspoint.dualstack.us-east-1.amazonaws.com`,
    `ways-${ACCOUNT}.localhost`,
  ]) {
    const answer = await server.request("GET", "/direct", { headers: { ...OWN, host } });
    t.deepEqual([host, answer.status, answer.body.toString()], [host, 200, "direct"]);
  }
});

test("HeadBucket and GetBucketLocation tell of the bucket, and whether it was named by an alias", async (t) => {
  const { bucket, arn, alias } = await makePoint("heads");
  const head = async (client: S3Client, Bucket: string) => {
    const { AccessPointAlias, BucketRegion } = await client.send(new HeadBucketCommand({ Bucket }));
    return [AccessPointAlias, BucketRegion];
  };
  t.deepEqual(await head(virtual, arn), [false, "us-east-1"]);
  t.deepEqual(await head(virtual, alias), [true, "us-east-1"]);
  t.deepEqual(await head(s3, alias), [true, "us-east-1"]);
  t.deepEqual(await head(s3, bucket), [false, "us-east-1"]);
  await t.notThrowsAsync(virtual.send(new GetBucketLocationCommand({ Bucket: arn })));
});

test("uploads in parts, tags and deletions go through, and answers name the bucket", async (t) => {
  const { bucket, arn } = await makePoint("parts");
  const { UploadId, Bucket } = await virtual.send(new CreateMultipartUploadCommand({ Bucket: arn, Key: "large" }));
  t.is(Bucket, bucket);
  const part = { Bucket: arn, Key: "large", UploadId, PartNumber: 1 };
  const { ETag } = await virtual.send(new UploadPartCommand({ ...part, Body: "part" }));
  t.is((await virtual.send(new ListPartsCommand(part))).Bucket, bucket);
  t.is((await virtual.send(new ListMultipartUploadsCommand({ Bucket: arn }))).Uploads?.length, 1);
  const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
  const completed = await virtual.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload }));
  t.is(completed.Bucket, bucket);
  t.is(await textOf(s3, bucket, "large"), "part");
  const Tagging = { TagSet: [{ Key: "k", Value: "v" }] };
  await virtual.send(new PutObjectTaggingCommand({ Bucket: arn, Key: "large", Tagging }));
  t.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: "large" }))).TagSet, Tagging.TagSet);
  await virtual.send(new DeleteObjectsCommand({ Bucket: arn, Delete: { Objects: [{ Key: "large" }] } }));
  await t.throwsAsync(virtual.send(new HeadObjectCommand({ Bucket: arn, Key: "large" })), { name: "NotFound" });
  await virtual.send(new DeleteObjectCommand({ Bucket: arn, Key: "large" }));
  const begun = await virtual.send(new CreateMultipartUploadCommand({ Bucket: arn, Key: "x" }));
  await virtual.send(new AbortMultipartUploadCommand({ Bucket: arn, Key: "x", UploadId: begun.UploadId }));
});

test("copies go from one access point to another, by ARN and by alias", async (t) => {
  const from = await makePoint("copy-from");
  const to = await makePoint("copy-to");
  await s3.send(new PutObjectCommand({ Bucket: from.bucket, Key: "a/b c", Body: "copied" }));
  const sources = [
    `${from.arn}/object/${encodeURIComponent("a/b c")}`,
    `${from.alias}/a/b%20c`,
    `${from.bucket}/a/b%20c`,
  ];
  for (const [at, CopySource] of sources.entries()) {
    await virtual.send(new CopyObjectCommand({ Bucket: to.arn, Key: `copy-${at}`, CopySource }));
    t.is(await textOf(s3, to.bucket, `copy-${at}`), "copied");
  }
  const { UploadId } = await virtual.send(new CreateMultipartUploadCommand({ Bucket: to.arn, Key: "parts" }));
  const part = { Bucket: to.arn, Key: "parts", UploadId, PartNumber: 1 };
  const { CopyPartResult } = await virtual.send(new UploadPartCopyCommand({ ...part, CopySource: sources[0] }));
  t.truthy(CopyPartResult?.ETag);
  const missing = `${from.arn}-not/object/key`;
  await t.throwsAsync(virtual.send(new CopyObjectCommand({ Bucket: to.arn, Key: "k", CopySource: missing })), {
    name: "NoSuchAccessPoint",
  });
  // Within the bucket behind: onto itself, which needs a change.
  const itself = { Bucket: from.arn, Key: "a/b c", CopySource: `${from.arn}/object/a/b%20c` };
  await t.throwsAsync(virtual.send(new CopyObjectCommand(itself)), { name: "InvalidRequest" });
});

test("what AWS does not offer through access points is MethodNotAllowed, and does nothing", async (t) => {
  const { bucket, arn, alias } = await makePoint("closed");
  const refused = async (sending: Promise<unknown>): Promise<void> => {
    t.like(await t.throwsAsync(sending), {
      name: "MethodNotAllowed",
      message: "The specified method is not allowed against this resource.",
      ResourceType: "ACCESSPOINT",
      $metadata: { httpStatusCode: 405 },
    });
  };
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await refused(virtual.send(new PutBucketVersioningCommand({ Bucket: arn, VersioningConfiguration })));
  await refused(s3.send(new PutBucketVersioningCommand({ Bucket: alias, VersioningConfiguration })));
  await refused(virtual.send(new DeleteBucketCommand({ Bucket: arn })));
  await refused(s3.send(new GetBucketVersioningCommand({ Bucket: alias })));
  t.is((await s3.send(new GetBucketVersioningCommand({ Bucket: bucket }))).Status, undefined);
  const host = `closed-${ACCOUNT}.s3-accesspoint.us-east-1.localhost`;
  const made = await server.request("PUT", "/", { headers: { host } });
  t.is(made.status, 405);
  t.regex(made.body.toString(), /<Method>PUT<\/Method><ResourceType>ACCESSPOINT<\/ResourceType>/);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: "closed" }));
  t.deepEqual(Buckets, []);
});

const nameOf = async (t: ExecutionContext, sending: Promise<unknown>): Promise<string | undefined> =>
  (await t.throwsAsync(sending))?.name;

test("an access point that is not there is told from a bucket that is not", async (t) => {
  const { arn, alias } = await makePoint("gone");
  const read = (client: S3Client, Bucket: string) => client.send(new GetObjectCommand({ Bucket, Key: "k" }));
  t.is(await nameOf(t, read(virtual, arn)), "NoSuchKey");
  await server.s3Control().send(new DeleteAccessPointCommand({ AccountId: ACCOUNT, Name: "gone" }));
  t.is(await nameOf(t, read(s3, alias)), "NoSuchAccessPoint");
  // Of the host alone nobody knows whether a bucket was meant.
  t.is(await nameOf(t, read(virtual, arn)), "NoSuchBucket");
  const host = `gone-${ACCOUNT}.s3-accesspoint.us-east-1.localhost`;
  const answer = await server.request("GET", "/k", { headers: { host } });
  t.is(answer.status, 404);
  t.regex(answer.body.toString(), /<Code>NoSuchAccessPoint<\/Code>.*<AccessPointName>gone<\/AccessPointName>/s);
  t.is(await nameOf(t, read(s3, "never-s3alias")), "InvalidAccessPointAliasError");
  t.is(await nameOf(t, s3.send(new CreateBucketCommand({ Bucket: alias }))), "InvalidBucketName");
});

test("a bucket whose name reads as an access point's host is a bucket", async (t) => {
  const { bucket } = await makePoint("both");
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "k", Body: "behind" }));
  const name = `both-${ACCOUNT}`;
  t.is(await textOf(virtual, name, "k"), "behind");
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  await s3.send(new PutObjectCommand({ Bucket: name, Key: "k", Body: "bucket" }));
  t.is(await textOf(virtual, name, "k"), "bucket");
  const host = `both-${ACCOUNT}.s3-accesspoint.us-east-1.localhost`;
  t.is((await server.request("GET", "/k", { headers: { ...OWN, host } })).body.toString(), "behind");
});

test("a Deny of the access point's policy holds where nothing else of it is asked", async (t) => {
  const { bucket, arn, alias } = await makePoint("denying");
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "k", Body: "x" }));
  const Statement = [{ Effect: "Deny", Principal: "*", Action: "s3:GetObject", Resource: `${arn}/object/*` }];
  const Policy = JSON.stringify({ Version: "2012-10-17", Statement });
  const named = { AccountId: ACCOUNT, Name: "denying", Policy };
  await server.s3Control().send(new PutAccessPointPolicyCommand(named));
  for (const [client, name] of [
    [virtual, arn],
    [s3, alias],
  ] as const) {
    t.is(await nameOf(t, client.send(new GetObjectCommand({ Bucket: name, Key: "k" }))), "AccessDenied");
  }
  const copy = { Bucket: bucket, Key: "copy", CopySource: `${arn}/object/k` };
  t.is(await nameOf(t, s3.send(new CopyObjectCommand(copy))), "AccessDenied");
  t.is(await textOf(s3, bucket, "k"), "x");
});

test("the bucket's CORS configuration holds at its access points", async (t) => {
  const { bucket } = await makePoint("cors");
  const CORSRules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://app.test"] }];
  await s3.send(new PutBucketCorsCommand({ Bucket: bucket, CORSConfiguration: { CORSRules } }));
  const headers = {
    ...OWN,
    host: `cors-${ACCOUNT}.s3-accesspoint.us-east-1.localhost`,
    origin: "https://app.test",
    "access-control-request-method": "GET",
  };
  const preflight = await server.request("OPTIONS", "/k", { headers });
  t.deepEqual([preflight.status, preflight.headers["access-control-allow-origin"]], [200, "https://app.test"]);
  const answer = await server.request("GET", "/k", { headers });
  t.deepEqual([answer.status, answer.headers["access-control-allow-origin"]], [404, "https://app.test"]);
});

test("an access point of another region is reached at that region's host alone", async (t) => {
  const Bucket = "behind-region";
  const location = { CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } } as const;
  await s3.send(new CreateBucketCommand({ Bucket, ...location }));
  await server
    .s3Control({ region: "eu-west-1" })
    .send(new CreateAccessPointCommand({ AccountId: ACCOUNT, Name: "region", Bucket }));
  const at = async (region: string) =>
    (await server.request("HEAD", "/", { headers: { host: `region-${ACCOUNT}.s3-accesspoint.${region}.localhost` } }))
      .status;
  t.is(await at("eu-west-1"), 200);
  t.is(await at("us-east-1"), 404);
});

test("an access point leads nowhere once its bucket is another account's", async (t) => {
  const foreign = server.s3({ accountId: OTHER });
  const Bucket = "behind-handed-on";
  await foreign.send(new CreateBucketCommand({ Bucket }));
  const point = { AccountId: ACCOUNT, Name: "handed-on", Bucket, BucketAccountId: OTHER };
  const { Alias = "" } = await server.s3Control().send(new CreateAccessPointCommand(point));
  await s3.send(new HeadBucketCommand({ Bucket: Alias }));
  await foreign.send(new DeleteBucketCommand({ Bucket }));
  await s3.send(new CreateBucketCommand({ Bucket }));
  t.is(await nameOf(t, s3.send(new ListObjectsV2Command({ Bucket: Alias }))), "NoSuchBucket");
});
