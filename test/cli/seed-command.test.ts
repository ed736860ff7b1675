import { createHash } from "node:crypto";
import path from "node:path";
import {
  GetBucketEncryptionCommand,
  GetBucketLocationCommand,
  GetBucketTaggingCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectTaggingCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { newFolder, run, serve, writeFiles } from "./processes.ts";

const ONE = "111111111111";
const TWO = "222222222222";

const s3Of = (t: ExecutionContext, endpoint: string, accessKeyId: string): S3Client => {
  const credentials = { accessKeyId, secretAccessKey: "test" };
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  t.teardown(() => client.destroy());
  return client;
};

const SEED = {
  [`${ONE}/photos/bucket.yaml`]: `
region: eu-central-1
createdAt: 2024-02-03T04:05:06Z
versioning: Enabled
tags: { team: web, "cost center": "12" }
encryption:
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: aws:kms } }]
publicAccessBlock: { BlockPublicAcls: true }
`,
  [`${ONE}/photos/2024/beach.jpg`]: "a picture",
  [`${ONE}/photos/2024/beach.jpg.metadata.yaml`]: `
contentType: image/jpeg
cacheControl: max-age=60
metadata: { Camera: old, note: "größer" }
tags: { season: summer }
storageClass: STANDARD_IA
lastModified: 2024-05-06T07:08:09Z
`,
  [`${ONE}/photos/a%2F%2Fb%25`]: "odd",
  [`${ONE}/photos/dir%2F`]: "",
  [`${ONE}/photos/bucket%2Eyaml`]: "not the settings",
  [`${ONE}/photos/named`]: "elsewhere",
  [`${ONE}/photos/named.metadata.yaml`]: 'key: "../of its own\\u0001"',
  [`${ONE}/photos/large`]: Buffer.alloc(100_000, "x"),
  [`${TWO}/locked/bucket.yaml`]:
    "objectLock: { ObjectLockEnabled: Enabled, Rule: { DefaultRetention: { Mode: GOVERNANCE, Days: 1 } } }",
  [`${TWO}/locked/k`]: "k",
};

test("a seed directory becomes buckets and objects as S3 makes them", async (t) => {
  const folder = await newFolder(t);
  await writeFiles(folder, SEED);
  const server = await serve(t, ["--ephemeral"]);
  const seeded = await run(t, ["seed", folder, "--control-url", server.controlUrl]);
  t.is(seeded.error, `seeded 2 accounts from ${folder}\n`);

  const s3 = s3Of(t, server.dataUrl, ONE);
  const Bucket = "photos";
  t.is((await s3.send(new GetBucketLocationCommand({ Bucket }))).LocationConstraint, "eu-central-1");
  t.is((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status, "Enabled");
  t.deepEqual((await s3.send(new GetBucketTaggingCommand({ Bucket }))).TagSet, [
    { Key: "team", Value: "web" },
    { Key: "cost center", Value: "12" },
  ]);
  const { ServerSideEncryptionConfiguration } = await s3.send(new GetBucketEncryptionCommand({ Bucket }));
  t.is(ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, "aws:kms");
  t.deepEqual((await s3.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration, {
    BlockPublicAcls: true,
    IgnorePublicAcls: false,
    BlockPublicPolicy: false,
    RestrictPublicBuckets: false,
  });
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  t.deepEqual(
    Contents.map(({ Key }) => Key),
    ["../of its own\u0001", "2024/beach.jpg", "a//b%", "bucket.yaml", "dir/", "large"],
  );
  const Key = "2024/beach.jpg";
  const beach = await s3.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: "ENABLED" }));
  t.is(await beach.Body?.transformToString(), "a picture");
  t.like(beach, {
    ContentType: "image/jpeg",
    CacheControl: "max-age=60",
    Metadata: { camera: "old", note: "=?UTF-8?B?Z3LDtsOfZXI=?=" },
    StorageClass: "STANDARD_IA",
    LastModified: new Date("2024-05-06T07:08:09Z"),
    ETag: `"${createHash("md5").update("a picture").digest("hex")}"`,
  });
  t.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket, Key }))).TagSet, [
    { Key: "season", Value: "summer" },
  ]);
  await s3.send(new PutObjectCommand({ Bucket, Key: "put", Body: "a picture", ChecksumAlgorithm: "CRC64NVME" }));
  const put = await s3.send(new HeadObjectCommand({ Bucket, Key: "put", ChecksumMode: "ENABLED" }));
  t.is(beach.ChecksumCRC64NVME, put.ChecksumCRC64NVME);
  t.truthy(beach.VersionId);

  const two = s3Of(t, server.dataUrl, TWO);
  const lock = await two.send(new GetObjectLockConfigurationCommand({ Bucket: "locked" }));
  t.is(lock.ObjectLockConfiguration?.Rule?.DefaultRetention?.Days, 1);
  t.truthy((await two.send(new HeadObjectCommand({ Bucket: "locked", Key: "k" }))).VersionId);
});

test("a world that holds buckets is seeded only by force, and then its other accounts stay", async (t) => {
  const folder = await newFolder(t);
  await writeFiles(folder, { [`${ONE}/photos/k`]: "seed" });
  const server = await serve(t, ["--ephemeral", "--seed-dir", folder]);
  const s3 = s3Of(t, server.dataUrl, ONE);
  const get = new GetObjectCommand({ Bucket: "photos", Key: "k" });
  t.is(await (await s3.send(get)).Body?.transformToString(), "seed");
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "k", Body: "changed" }));
  const args = ["seed", folder, "--control-url", server.controlUrl];
  t.like(await run(t, args), {
    code: 2,
    error: "standin: the world holds buckets already; --force replaces those of the seed's accounts\n",
  });
  t.is(await (await s3.send(get)).Body?.transformToString(), "changed");
  t.is((await run(t, [...args, "--force"])).code, 0);
  t.is(await (await s3.send(get)).Body?.transformToString(), "seed");
});

test("serve seeds an empty data directory, and again only by force", async (t) => {
  const folder = await newFolder(t);
  const seed = path.join(folder, "seed");
  await writeFiles(seed, { [`${ONE}/photos/k`]: "seed" });
  const args = ["--data-dir", path.join(folder, "data"), "--seed-dir", seed];
  t.is(await (await serve(t, args)).stop(), 0);
  const { code, error } = await run(t, [...args, "--port", "0", "--control-port", "0"]);
  t.is(code, 2);
  t.regex(error, /holds buckets already; --seed-force replaces/);
  t.is(await (await serve(t, [...args, "--seed-force"])).stop(), 0);
});
