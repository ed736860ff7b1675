import test from "ava";
import { isBucketName } from "../../../src/services/s3/bucket-name.ts";
import { S3Error } from "../../../src/services/s3/errors.ts";
import { KEY_BYTES_MAX } from "../../../src/services/s3/limits.ts";
import { newUploadId, uploadIdFits } from "../../../src/services/s3/multipart.ts";
import { assertKey } from "../../../src/services/s3/object-key.ts";
import { resolveLocation } from "../../../src/services/s3/regions.ts";
import { newVersionId } from "../../../src/services/s3/version-id.ts";
import { isVersionId, seqOfVersionId, stampVersionId } from "../../../src/state/version-ids.ts";
import { Draw } from "../../../src/state/id-stream.ts";
import type { Bucket } from "../../../src/state/model.ts";

const draw = new Draw({ seed: Buffer.alloc(32), position: 7, bytes: Buffer.alloc(80) });

for (const name of ["abc", "a.b.c", "my-bucket-1", "1bucket", "a".repeat(63), "192.168.1"]) {
  test(`${name} may name a bucket`, (t) => {
    t.true(isBucketName(name));
  });
}

for (const name of [
  "ab",
  "a".repeat(64),
  "Bucket",
  "a_b",
  "-abc",
  "abc-",
  ".abc",
  "a..b",
  "192.168.1.1",
  "xn--abc",
  "sthree-abc",
  "abc-s3alias",
  "abc--x-s3",
  "moto-api",
  "",
]) {
  test(`${name || "(empty)"} may not name a bucket`, (t) => {
    t.false(isBucketName(name));
  });
}

test("keys have at most 1,024 bytes, whatever their characters", (t) => {
  t.notThrows(() => assertKey("k".repeat(KEY_BYTES_MAX)));
  t.notThrows(() => assertKey("ä".repeat(KEY_BYTES_MAX / 2)));
  const error = t.throws(() => assertKey("ä".repeat(KEY_BYTES_MAX / 2 + 1)), { instanceOf: S3Error });
  t.is(error?.code, "KeyTooLongError");
  t.deepEqual(error?.fields, { Size: "1026", MaxSizeAllowed: "1024" });
});

test("version ids are recognized by their form and by their last characters", (t) => {
  t.true(isVersionId("null"));
  const makeId = newVersionId(draw);
  const drawn = makeId({ versioning: "Enabled" } as Bucket);
  for (const seq of [1, 2, 70_000, 16 ** 11 - 1]) {
    const id = stampVersionId(drawn, seq);
    t.regex(id, /^[A-Za-z0-9._]{32}$/);
    t.true(isVersionId(id));
    t.is(seqOfVersionId(id), seq);
  }
  t.false(isVersionId(draw.versionId()), "the form alone is not enough");
  t.false(isVersionId(""));
  t.false(isVersionId("somevalue"));
});

test("an upload's id tells whether it can be of a key", (t) => {
  const uploadId = newUploadId(draw, "a/key");
  t.true(uploadIdFits(uploadId, "a/key"));
  t.false(uploadIdFits(uploadId, "b/key"));
  t.false(uploadIdFits("", "a/key"));
});

const locate = (endpointRegion: string, constraint?: string) => () =>
  resolveLocation({ endpointRegion, constraint, partition: "aws" });

test("the endpoint in us-east-1 creates buckets in every region but by its own name", (t) => {
  t.deepEqual(locate("us-east-1")(), { region: "us-east-1" });
  t.deepEqual(locate("us-east-1", "eu-central-1")(), { region: "eu-central-1" });
  for (const constraint of ["us-east-1", "eu-east-1", "EU", "cn-north-1"]) {
    const error = t.throws(locate("us-east-1", constraint), { instanceOf: S3Error });
    t.is(error?.code, "InvalidLocationConstraint", constraint);
    t.is(error?.fields["LocationConstraint"], constraint);
  }
});

test("what is no region at all is told the region of the global endpoint, which s3cmd then signs for", (t) => {
  const error = t.throws(locate("US", undefined), { instanceOf: S3Error });
  t.is(error?.code, "AuthorizationHeaderMalformed");
  t.is(error?.message, "The authorization header is malformed; the region 'US' is wrong; expecting 'us-east-1'");
  t.is(error?.fields["Region"], "us-east-1");
  t.deepEqual(locate("nowhere", "nowhere")(), { region: "nowhere" });
});

test("every other endpoint creates buckets in its own region only", (t) => {
  t.deepEqual(locate("eu-west-1", "eu-west-1")(), { region: "eu-west-1" });
  t.deepEqual(locate("eu-west-1", "EU")(), { region: "eu-west-1", literal: "EU" });
  for (const [constraint, word] of [
    [undefined, "unspecified"],
    ["us-west-1", "us-west-1"],
    ["EU", "EU"],
  ] as const) {
    const error = t.throws(locate("us-west-2", constraint), { instanceOf: S3Error });
    t.is(error?.code, "IllegalLocationConstraintException");
    t.is(
      error?.message,
      `The ${word} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    );
  }
});
