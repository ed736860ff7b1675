/** What writes, deletes and uploads are in a directory bucket, where they differ from those in other buckets. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, outcome } from "../client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();

const makeDirectoryBucket = async (base: string): Promise<string> => {
  const Bucket = `${base}--use1-az4--x-s3`;
  await s3.send(
    new CreateBucketCommand({
      Bucket,
      CreateBucketConfiguration: {
        Location: { Type: "AvailabilityZone", Name: "use1-az4" },
        Bucket: { Type: "Directory", DataRedundancy: "SingleAvailabilityZone" },
      },
    }),
  );
  return Bucket;
};

const CUSTOMER_KEY = Buffer.alloc(32, 7);

test("what objects of a directory bucket cannot have is refused, whatever writes them", async (t) => {
  const Bucket = await makeDirectoryBucket("plain");
  await s3.send(new PutObjectCommand({ Bucket, Key: "source", Body: "x" }));
  const cases = [
    [{ ACL: "private" }, "x-amz-acl"],
    [{ GrantRead: 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' }, "x-amz-grant-*"],
    [{ Tagging: "a=b" }, "x-amz-tagging"],
    [{ WebsiteRedirectLocation: "/a" }, "x-amz-website-redirect-location"],
    [{ ObjectLockLegalHoldStatus: "ON" }, "x-amz-object-lock-*"],
    [
      { SSECustomerAlgorithm: "AES256", SSECustomerKey: CUSTOMER_KEY.toString("base64") },
      "x-amz-server-side-encryption-customer-algorithm",
    ],
  ] as const;
  for (const [members, header] of cases) {
    const named = { Bucket, Key: "a", ...members };
    for (const call of [
      s3.send(new PutObjectCommand({ ...named, Body: "x" })),
      s3.send(new CreateMultipartUploadCommand(named)),
      s3.send(new CopyObjectCommand({ ...named, CopySource: `${Bucket}/source`, TaggingDirective: "REPLACE" })),
    ]) {
      const error = await failure(call);
      t.is(error.name, "NotImplemented", header);
      t.is(error["Header"], header);
    }
  }
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket, Key: "a" }))), ["NotFound", 404]);
  await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "x", Tagging: "" }));
});

test("tags do not go along into a directory bucket", async (t) => {
  const Bucket = await makeDirectoryBucket("untagged");
  await s3.send(new CreateBucketCommand({ Bucket: "tagged-source" }));
  await s3.send(new PutObjectCommand({ Bucket: "tagged-source", Key: "a", Body: "x", Tagging: "a=b" }));
  const copy = { Bucket, Key: "a", CopySource: "tagged-source/a" };
  t.deepEqual(await outcome(s3.send(new CopyObjectCommand(copy))), ["NotImplemented", 501]);
  await s3.send(new CopyObjectCommand({ ...copy, TaggingDirective: "REPLACE" }));
});

test("deletes in a directory bucket may ask for a size and a time", async (t) => {
  const Bucket = await makeDirectoryBucket("conditions");
  const Key = "a";
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: "hello" }));
  const { LastModified = new Date(0) } = await s3.send(new HeadObjectCommand({ Bucket, Key }));
  const size = await failure(s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatchSize: 4 })));
  t.is(size.name, "PreconditionFailed");
  t.is(size["Condition"], "x-amz-if-match-size");
  const time = new DeleteObjectCommand({ Bucket, Key, IfMatchLastModifiedTime: new Date(0) });
  t.is((await failure(s3.send(time)))["Condition"], "x-amz-if-match-last-modified-time");
  const batch = await s3.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: {
        Objects: [
          { Key, Size: 4 },
          { Key, LastModifiedTime: new Date(0) },
          { Key: "nothing", Size: 4 },
        ],
      },
    }),
  );
  t.deepEqual(
    batch.Errors?.map(({ Code }) => Code),
    ["PreconditionFailed", "PreconditionFailed"],
  );
  t.deepEqual(
    batch.Deleted?.map((deleted) => deleted.Key),
    ["nothing"],
  );
  await s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatchSize: 5, IfMatchLastModifiedTime: LastModified }));
  t.deepEqual(await outcome(s3.send(new HeadObjectCommand({ Bucket, Key }))), ["NotFound", 404]);
  // What is not there is as it should be.
  await s3.send(new DeleteObjectCommand({ Bucket, Key, IfMatchSize: 5 }));
});

test("uploads of a directory bucket keep it, are listed by directories, and end with parts from 1 without a gap", async (t) => {
  const Bucket = await makeDirectoryBucket("uploads");
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "dir/a" }));
  const part = { Bucket, Key: "dir/a", UploadId };
  t.deepEqual(await outcome(s3.send(new DeleteBucketCommand({ Bucket }))), ["BucketNotEmpty", 409]);
  for (const wrong of [{ Prefix: "dir" }, { Delimiter: "-" }]) {
    t.is((await failure(s3.send(new ListMultipartUploadsCommand({ Bucket, ...wrong })))).name, "InvalidArgument");
  }
  const listed = await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: "dir/", Delimiter: "/" }));
  t.is(listed.Uploads?.length, 1);
  const { ETag } = await s3.send(new UploadPartCommand({ ...part, PartNumber: 2, Body: "x" }));
  const completed = new CompleteMultipartUploadCommand({
    ...part,
    MultipartUpload: { Parts: [{ PartNumber: 2, ETag }] },
  });
  t.deepEqual(await outcome(s3.send(completed)), ["InvalidPartOrder", 400]);
  await s3.send(new AbortMultipartUploadCommand(part));
  await s3.send(new DeleteBucketCommand({ Bucket }));
});

test("what is appended keeps the conditions of a write", async (t) => {
  const Bucket = await makeDirectoryBucket("appended");
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "one" }));
  const more = { Bucket, Key: "a", Body: "two", WriteOffsetBytes: 3 };
  const wrong = s3.send(new PutObjectCommand({ ...more, IfMatch: '"0"' }));
  t.deepEqual(await outcome(wrong), ["PreconditionFailed", 412]);
  t.deepEqual(await outcome(s3.send(new PutObjectCommand({ ...more, Tagging: "a=b" }))), ["NotImplemented", 501]);
  t.is((await s3.send(new PutObjectCommand({ ...more, IfMatch: ETag }))).Size, 6);
});
