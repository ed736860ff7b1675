import test from "ava";
import { parseCopySource } from "../../../src/services/s3/copy-source.ts";
import { S3Error } from "../../../src/services/s3/errors.ts";

for (const [header, source] of [
  ["bucket/key", { bucketName: "bucket", key: "key" }],
  ["/bucket/key", { bucketName: "bucket", key: "key" }],
  ["/bucket//key", { bucketName: "bucket", key: "/key" }],
  ["bucket/a/b%20c", { bucketName: "bucket", key: "a/b c" }],
  ["bucket%2Fa%2Fb", { bucketName: "bucket", key: "a/b" }],
  ["bucket/a+b%2Bc", { bucketName: "bucket", key: "a b+c" }],
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

test("the ARN of an object behind an access point names that and the key", (t) => {
  const point = "arn:aws:s3:us-west-2:123456789012:accesspoint/mine";
  const arn = `${point}/object/a/object/b`;
  for (const header of [arn, `/${arn}`, encodeURIComponent(arn)]) {
    t.deepEqual(parseCopySource(header), { bucketName: point, key: "a/object/b" });
  }
  for (const header of ["arn:aws:s3:::bucket/key", point, `${point}/object/`]) {
    t.is(t.throws(() => parseCopySource(header), { instanceOf: S3Error })?.code, "InvalidArgument");
  }
});

for (const [message, headers] of [
  ["Invalid copy source object key", ["", "/", "bucket", "/bucket", "bucket/"]],
  ["Invalid copy source bucket name", ["//key", "192.168.1.1/key", "my-buc@k&()t/key", "Bucket/key"]],
  ["Invalid copy source encoding", ["bucket/%zz", "100%/key", "%", "bucket/%C3", "bucket/key?versionId=%"]],
] as const) {
  for (const header of headers) {
    test(`the copy source ${header || "(empty)"} is malformed: ${message}`, (t) => {
      const error = t.throws(() => parseCopySource(header), { instanceOf: S3Error });
      t.is(error?.code, "InvalidArgument");
      t.is(error?.message, message);
      t.deepEqual(error?.fields, { ArgumentName: "x-amz-copy-source", ArgumentValue: "x-amz-copy-source" });
    });
  }
}
