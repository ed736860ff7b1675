/** Which storage classes may be named, and what archived objects refuse. */
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCopyCommand,
  type StorageClass,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const Bucket = await makeBucket(s3, "classes");
test.after.always(() => server.close());

const put = (Key: string, StorageClass: StorageClass) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", StorageClass }));

test("every class of general purpose buckets may be named, and is answered by HEAD and lists", async (t) => {
  const classes = [
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
  ] as const;
  for (const name of classes) {
    const Key = `nameable/${name}`;
    await put(Key, name);
    const head = await s3.send(new HeadObjectCommand({ Bucket, Key }));
    t.is(head.StorageClass, name === "STANDARD" ? undefined : name);
    t.is(head.ArchiveStatus, undefined);
    t.is(head.Restore, undefined);
  }
  const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: "nameable/" }));
  t.deepEqual(
    listed.Contents?.map((entry) => entry.StorageClass),
    classes.toSorted(),
  );
});

for (const name of [
  "OUTPOSTS",
  "SNOW",
  "EXPRESS_ONEZONE",
  "FSX_ONTAP",
  "FSX_OPENZFS",
  "AWS_BACKUP_WARM",
  "standard",
  "x",
]) {
  test(`fact 25: the class ${name} is refused by its name`, async (t) => {
    const headers = { "x-amz-storage-class": name };
    for (const [method, path, more] of [
      ["PUT", "k", {}],
      ["POST", "k?uploads", {}],
      ["PUT", "k", { "x-amz-copy-source": `${Bucket}/k` }],
    ] as const) {
      const answer = await server.request(method, `/${Bucket}/${path}`, { headers: { ...headers, ...more } });
      t.is(answer.status, 400);
      t.is(element(answer, "Code"), "InvalidStorageClass");
      t.is(element(answer, "Message"), "The storage class you specified is not valid");
      t.is(element(answer, "StorageClassRequested"), name);
    }
  });
}

for (const name of ["GLACIER", "DEEP_ARCHIVE"] as const) {
  test(`fact 25: an object of ${name} is not read, nor copied, but has its HEAD`, async (t) => {
    const Key = `archived/${name}`;
    await put(Key, name);
    const error = await failure(s3.send(new GetObjectCommand({ Bucket, Key })));
    t.is(error.name, "InvalidObjectState");
    t.is(error.$metadata.httpStatusCode, 403);
    t.is(error.message, "The operation is not valid for the object's storage class");
    t.is(error["StorageClass"], name);
    t.is((await s3.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength, 4);

    const CopySource = `${Bucket}/${Key}`;
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "parts" }));
    const part = { Bucket, Key: "parts", UploadId, PartNumber: 1, CopySource };
    for (const call of [
      s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource })),
      s3.send(new CopyObjectCommand({ Bucket, Key, CopySource, StorageClass: "STANDARD" })),
      s3.send(new UploadPartCopyCommand(part)),
    ]) {
      const refused = await failure(call);
      t.is(refused.name, "InvalidObjectState");
      t.is(refused["StorageClass"], name);
    }
  });
}
