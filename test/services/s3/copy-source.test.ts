import test from "ava";
import { parseCopySource } from "../../../src/services/s3/copy-source.ts";
import { S3Error } from "../../../src/services/s3/errors.ts";

for (const [header, source] of [
  ["bucket/key", { bucketName: "bucket", key: "key" }],
  ["/bucket/key", { bucketName: "bucket", key: "key" }],
  ["/bucket//key", { bucketName: "bucket", key: "/key" }],
  ["bucket/a/b%20c", { bucketName: "bucket", key: "a/b c" }],
  ["bucket%2Fa%2Fb", { bucketName: "bucket", key: "a/b" }],
  ["bucket/a+b", { bucketName: "bucket", key: "a+b" }],
  ["bucket/key?versionId=abc", { bucketName: "bucket", key: "key", versionId: "abc" }],
  ["bucket/what?.txt", { bucketName: "bucket", key: "what?.txt" }],
  ["bucket/%3FversionId=abc", { bucketName: "bucket", key: "?versionId=abc" }],
  ["bucket/%C3%A4", { bucketName: "bucket", key: "ä" }],
  ["bucket/\u00c3\u00a4", { bucketName: "bucket", key: "ä" }],
] as const) {
  test(`the copy source ${header} is understood`, (t) => {
    t.deepEqual(parseCopySource(header), source);
  });
}

for (const header of ["", "/", "bucket", "/bucket", "bucket/", "//key", "bucket/%zz"]) {
  test(`the copy source ${header || "(empty)"} is malformed`, (t) => {
    const error = t.throws(() => parseCopySource(header), { instanceOf: S3Error });
    t.is(error?.code, "InvalidArgument");
    t.is(error?.message, "Invalid copy source object key");
    t.deepEqual(error?.fields, { ArgumentName: "x-amz-copy-source", ArgumentValue: "x-amz-copy-source" });
  });
}
