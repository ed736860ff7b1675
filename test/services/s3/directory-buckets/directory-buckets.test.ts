/** Directory buckets as the SDK uses them: by a session of its own making, with the operations and the lists that they have. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  CreateSessionCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  GetBucketAclCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListDirectoryBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  RenameObjectCommand,
  UploadPartCommand,
  type CreateBucketCommandInput,
  type ListDirectoryBucketsCommandOutput,
  type S3Client,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, outcome } from "../client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();

const ZONE = "use1-az4";
const nameOf = (base: string): string => `${base}--${ZONE}--x-s3`;

const CONFIGURATION = {
  Location: { Type: "AvailabilityZone", Name: ZONE },
  Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" },
} as const;

const makeDirectoryBucket = async (base: string, client: S3Client = s3): Promise<string> => {
  const Bucket = nameOf(base);
  await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: CONFIGURATION }));
  return Bucket;
};

test("a directory bucket is created where its name says, and tells so", async (t) => {
  const Bucket = nameOf("born");
  const created = await s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: CONFIGURATION }));
  t.is(created.BucketArn, `arn:aws:s3express:us-east-1:123456789012:bucket/${Bucket}`);
  const head = await s3.send(new HeadBucketCommand({ Bucket }));
  t.is(head.BucketLocationType, "AvailabilityZone");
  t.is(head.BucketLocationName, ZONE);
  t.is(head.BucketRegion, "us-east-1");
  const again = s3.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration: CONFIGURATION }));
  t.deepEqual(await outcome(again), ["BucketAlreadyOwnedByYou", 409]);
});

test("what a directory bucket cannot be is refused, and nothing is created", async (t) => {
  const refused: readonly [Partial<CreateBucketCommandInput> & { readonly Bucket: string }, string][] = [
    [{ Bucket: nameOf("none"), CreateBucketConfiguration: {} }, "InvalidRequest"],
    [{ Bucket: "plain-name", CreateBucketConfiguration: CONFIGURATION }, "InvalidBucketName"],
    [{ Bucket: "none--use1-az5--x-s3", CreateBucketConfiguration: CONFIGURATION }, "InvalidBucketName"],
    [{ Bucket: `${"n".repeat(50)}--${ZONE}--x-s3`, CreateBucketConfiguration: CONFIGURATION }, "InvalidBucketName"],
    [{ Bucket: nameOf("with.dot"), CreateBucketConfiguration: CONFIGURATION }, "InvalidBucketName"],
    [{ Bucket: nameOf("xn--a"), CreateBucketConfiguration: CONFIGURATION }, "InvalidBucketName"],
    [
      {
        Bucket: nameOf("none"),
        CreateBucketConfiguration: { ...CONFIGURATION, Location: { Type: "LocalZone", Name: ZONE } },
      },
      "InvalidBucketName",
    ],
    [
      {
        Bucket: nameOf("none"),
        CreateBucketConfiguration: {
          ...CONFIGURATION,
          Bucket: { Type: "Directory", DataRedundancy: "SingleLocalZone" },
        },
      },
      "InvalidRequest",
    ],
    [{ Bucket: nameOf("none"), CreateBucketConfiguration: CONFIGURATION, ACL: "private" }, "NotImplemented"],
    [
      { Bucket: nameOf("none"), CreateBucketConfiguration: CONFIGURATION, ObjectLockEnabledForBucket: true },
      "NotImplemented",
    ],
  ];
  for (const [input, code] of refused) {
    t.is((await failure(s3.send(new CreateBucketCommand(input)))).name, code, JSON.stringify(input));
  }
  const { Buckets = [] } = await s3.send(new ListDirectoryBucketsCommand({}));
  t.false(Buckets.some(({ Name = "" }) => Name.startsWith("none")));
});

test("ListBuckets and ListDirectoryBuckets each show their own kind, page by page", async (t) => {
  const mine = server.s3({ accountId: "111122223333" });
  const names = [];
  for (const base of ["a", "b", "c"]) names.push(await makeDirectoryBucket(`list-${base}`, mine));
  await mine.send(new CreateBucketCommand({ Bucket: "list-general" }));
  const general = await mine.send(new ListBucketsCommand({}));
  t.deepEqual(
    general.Buckets?.map(({ Name }) => Name),
    ["list-general"],
  );
  const seen: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page: ListDirectoryBucketsCommandOutput = await mine.send(
      new ListDirectoryBucketsCommand({ MaxDirectoryBuckets: 2, ...(ContinuationToken ? { ContinuationToken } : {}) }),
    );
    seen.push(...(page.Buckets ?? []).map(({ Name }) => Name));
    ({ ContinuationToken } = page);
  } while (ContinuationToken !== undefined);
  t.deepEqual(seen, names);
});

test("objects in a directory bucket have its class, and an ETag that is no MD5", async (t) => {
  const Bucket = await makeDirectoryBucket("objects");
  const put = await s3.send(new PutObjectCommand({ Bucket, Key: "dir/a", Body: "hello" }));
  t.regex(put.ETag ?? "", /^"[0-9a-f]{32}"$/);
  t.not(put.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  const second = await s3.send(new PutObjectCommand({ Bucket, Key: "dir/b", Body: "hello" }));
  t.not(second.ETag, put.ETag);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "dir/a" }));
  t.is(await got.Body?.transformToString(), "hello");
  t.is(got.StorageClass, "EXPRESS_ONEZONE");
  const wrongClass = s3.send(new PutObjectCommand({ Bucket, Key: "dir/c", Body: "x", StorageClass: "STANDARD" }));
  t.deepEqual(await outcome(wrongClass), ["InvalidStorageClass", 400]);
  await s3.send(new RenameObjectCommand({ Bucket, Key: "dir/d", RenameSource: "dir/b" }));
  t.is((await s3.send(new HeadObjectCommand({ Bucket, Key: "dir/d" }))).ContentLength, 5);
});

test("a copy out of a directory bucket has the MD5 that no ETag told", async (t) => {
  const Bucket = await makeDirectoryBucket("copied");
  await s3.send(new CreateBucketCommand({ Bucket: "copy-target" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "hello" }));
  const copy = await s3.send(new CopyObjectCommand({ Bucket: "copy-target", Key: "a", CopySource: `${Bucket}/a` }));
  t.is(copy.CopyObjectResult?.ETag, '"5d41402abc4b2a76b9719d911017c592"');
  const back = await s3.send(new CopyObjectCommand({ Bucket, Key: "b", CopySource: "copy-target/a" }));
  t.not(back.CopyObjectResult?.ETag, '"5d41402abc4b2a76b9719d911017c592"');
});

test("uploads in parts work in a directory bucket", async (t) => {
  const Bucket = await makeDirectoryBucket("parts");
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "big" }));
  const part = { Bucket, Key: "big", UploadId };
  const Parts = [];
  for (const [PartNumber, Body] of [
    [1, Buffer.alloc(5 * 1024 * 1024, 1)],
    [2, Buffer.from("end")],
  ] as const) {
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...part, MultipartUpload: { Parts } }));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "big" }));
  t.is(head.ContentLength, 5 * 1024 * 1024 + 3);
});

test("what is appended stands after what was there, checksum included, and only at its end", async (t) => {
  const Bucket = await makeDirectoryBucket("appends");
  const append = (Body: string, WriteOffsetBytes: number) =>
    s3.send(new PutObjectCommand({ Bucket, Key: "log", Body, WriteOffsetBytes }));
  t.is((await append("one,", 0)).Size, undefined);
  t.is((await append("two,", 4)).Size, 8);
  for (let line = 0; line < 6; line += 1) await append("three,", 8 + line * 6);
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: "log", ChecksumMode: "ENABLED" }));
  // The SDK holds the bytes against the checksum.
  t.is(await got.Body?.transformToString(), `one,two,${"three,".repeat(6)}`);
  t.is(got.ChecksumType, "FULL_OBJECT");
  t.deepEqual(await outcome(append("x", 3)), ["InvalidWriteOffset", 400]);
  const missing = s3.send(new PutObjectCommand({ Bucket, Key: "none", Body: "x", WriteOffsetBytes: 7 }));
  t.deepEqual(await outcome(missing), ["NoSuchKey", 404]);
  await s3.send(new CreateBucketCommand({ Bucket: "no-appends" }));
  const general = new PutObjectCommand({ Bucket: "no-appends", Key: "a", Body: "x", WriteOffsetBytes: 0 });
  t.deepEqual(await outcome(s3.send(general)), ["NotImplemented", 501]);
});

test("a list of a directory bucket is by directories, whole, and not sorted", async (t) => {
  const Bucket = await makeDirectoryBucket("lists");
  const keys = Array.from({ length: 25 }, (_, index) => `dir/${String(index).padStart(2, "0")}`);
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: "x" }))));
  const listed: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        Prefix: "dir/",
        MaxKeys: 10,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  t.notDeepEqual(listed, keys);
  t.true(keys.every((key) => listed.includes(key)));
  t.is(listed.length, keys.length);
  const { CommonPrefixes } = await s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "/" }));
  t.deepEqual(CommonPrefixes, [{ Prefix: "dir/" }]);
  t.is((await failure(s3.send(new ListObjectsV2Command({ Bucket, Delimiter: "-" })))).name, "InvalidArgument");
  t.is((await failure(s3.send(new ListObjectsV2Command({ Bucket, Prefix: "dir" })))).name, "InvalidArgument");
  t.is((await failure(s3.send(new ListObjectsV2Command({ Bucket, StartAfter: "a" })))).name, "NotImplemented");
});

test("operations that directory buckets lack are refused by name of the method", async (t) => {
  const Bucket = await makeDirectoryBucket("reduced");
  for (const call of [
    s3.send(new ListObjectsCommand({ Bucket })),
    s3.send(new GetBucketAclCommand({ Bucket })),
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } })),
  ]) {
    t.deepEqual(await outcome(call), ["MethodNotAllowed", 405]);
  }
  await s3.send(new CreateBucketCommand({ Bucket: "no-sessions" }));
  t.deepEqual(await outcome(s3.send(new CreateSessionCommand({ Bucket: "no-sessions" }))), ["MethodNotAllowed", 405]);
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x" }));
  await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }] } }));
  await s3.send(new DeleteBucketCommand({ Bucket }));
});

test("a session is for its bucket alone, reads alone if it says so, and lasts five minutes", async (t) => {
  const Bucket = await makeDirectoryBucket("session");
  const Other = await makeDirectoryBucket("session-other");
  await s3.send(new CreateBucketCommand({ Bucket: "session-general" }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "hello" }));
  const { Credentials } = await s3.send(new CreateSessionCommand({ Bucket, SessionMode: "ReadOnly" }));
  const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "", Expiration } = Credentials ?? {};
  t.true(Expiration instanceof Date && Math.abs(Expiration.getTime() - Date.now() - 300_000) < 60_000);
  const session = server.s3({
    credentials: { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken },
    disableS3ExpressSessionAuth: true,
  });
  const got = await session.send(new GetObjectCommand({ Bucket, Key: "a" }));
  t.is(await got.Body?.transformToString(), "hello");
  for (const call of [
    () => session.send(new PutObjectCommand({ Bucket, Key: "b", Body: "x" })),
    () => session.send(new ListObjectsV2Command({ Bucket: Other })),
    () => session.send(new ListObjectsV2Command({ Bucket: "session-general" })),
    () => session.send(new ListBucketsCommand({})),
  ]) {
    t.deepEqual(await outcome(call()), ["AccessDenied", 403]);
  }
});
