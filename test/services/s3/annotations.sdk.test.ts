import { hash } from "node:crypto";
import {
  CopyObjectCommand,
  DeleteObjectAnnotationCommand,
  DeleteObjectCommand,
  GetObjectAnnotationCommand,
  HeadObjectCommand,
  ListObjectAnnotationsCommand,
  paginateListObjectAnnotations,
  PutBucketVersioningCommand,
  type ChecksumAlgorithm,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { keysOf, sendSigned } from "../../support/signed.ts";
import { annotationsOf } from "./annotations-client.ts";
import { failure, makeBucket, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const { annotate, annotated, names, put, text } = annotationsOf(s3);

test.after.always(() => server.close());

const versioned = async (prefix: string): Promise<string> => {
  const Bucket = await makeBucket(s3, prefix);
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  return Bucket;
};

const md5 = (payload: string): string => hash("md5", payload);

test("an annotation comes back as it was put, with what is known of it", async (t) => {
  const named = await annotated("annotation");
  const before = await s3.send(new HeadObjectCommand(named));
  const payload = JSON.stringify({ label: "Überschrift \u{1F600}" });
  const made = await annotate({ ...named, AnnotationPayload: payload });
  t.is(made.Key, "k");
  t.is(made.AnnotationName, "note");
  t.is(made.ETag, `"${md5(payload)}"`);
  t.is(made.ServerSideEncryption, "AES256");
  t.is(made.ChecksumType, "FULL_OBJECT");
  t.truthy(made.ChecksumCRC32);
  t.is(made.ObjectVersionId, undefined);

  const got = await s3.send(new GetObjectAnnotationCommand({ ...named, ChecksumMode: "ENABLED" }));
  t.is(await got.AnnotationPayload?.transformToString(), payload);
  t.is(got.ContentLength, Buffer.byteLength(payload));
  t.is(got.ETag, made.ETag);
  t.is(got.ChecksumCRC32, made.ChecksumCRC32);
  t.is(got.ChecksumType, "FULL_OBJECT");
  t.is(got.ServerSideEncryption, "AES256");
  t.truthy(got.LastModified);

  const { Annotations, ...page } = await s3.send(new ListObjectAnnotationsCommand(named));
  t.like(Annotations, [
    {
      AnnotationName: "note",
      Size: Buffer.byteLength(payload),
      ETag: made.ETag,
      ChecksumAlgorithm: ["CRC32"],
    },
  ]);
  // Lists tell whole seconds only, as headers do.
  t.is(Number(Annotations?.[0]?.LastModified), Number(got.LastModified));
  t.like(page, { Bucket: named.Bucket, Key: "k", AnnotationCount: 1, MaxAnnotationResults: 1_000 });
  t.is(page.NextContinuationToken, undefined);
  t.is(page.AnnotationPrefix, undefined);

  const after = await s3.send(new HeadObjectCommand(named));
  t.is(after.ETag, before.ETag);
  t.deepEqual(after.LastModified, before.LastModified);
});

test("an annotation of its name is replaced, and others stay", async (t) => {
  const named = await annotated("replace");
  await annotate({ ...named, AnnotationPayload: "first" });
  await annotate({ ...named, AnnotationName: "other", AnnotationPayload: "other" });
  await annotate({ ...named, AnnotationPayload: "second" });
  t.is(await text(named), "second");
  t.is(await text({ ...named, AnnotationName: "other" }), "other");
  t.deepEqual(await names(named.Bucket, "k"), ["note", "other"]);
});

test("an annotation is deleted for good, and deleting it again is no error", async (t) => {
  const named = await annotated("delete");
  await annotate(named);
  const gone = await s3.send(new DeleteObjectAnnotationCommand(named));
  t.is(gone.$metadata.httpStatusCode, 204);
  t.is((await s3.send(new DeleteObjectAnnotationCommand(named))).$metadata.httpStatusCode, 204);
  t.deepEqual(await names(named.Bucket, "k"), []);
  const error = await failure(text(named));
  t.is(error.name, "NoSuchAnnotation");
  t.is(error.$metadata.httpStatusCode, 404);
  t.is(error["AnnotationName"], "note");
  t.is(error["Key"], "k");
});

test("what has no object or no bucket has no annotations", async (t) => {
  const { Bucket, AnnotationName } = await annotated("missing");
  const missing = { Bucket, Key: "nothing", AnnotationName };
  for (const call of [
    () => annotate(missing),
    () => text(missing),
    () => s3.send(new ListObjectAnnotationsCommand(missing)),
    () => s3.send(new DeleteObjectAnnotationCommand(missing)),
  ]) {
    t.deepEqual(await outcome(call()), ["NoSuchKey", 404]);
  }
  t.deepEqual(await outcome(annotate({ ...missing, Bucket: "no-such-bucket-of-anyone" })), ["NoSuchBucket", 404]);
});

test("names are of letters, digits and three marks, up to 512 bytes, and not AWS's own", async (t) => {
  const named = await annotated("names");
  const longest = `${"ü".repeat(255)}ab`;
  for (const AnnotationName of ["a", "ai.labels_v2-final", "名前", "0", "-.-", "xaws", longest]) {
    await annotate({ ...named, AnnotationName });
    t.is(await text({ ...named, AnnotationName }), "text", AnnotationName);
  }
  for (const AnnotationName of ["a b", " ", "a/b", "a:b", "aws", "AWS.x", "s3-labels", "S3", "a\u0000b", "\u{1F600}"]) {
    const error = await failure(annotate({ ...named, AnnotationName }));
    t.is(error.name, "InvalidAnnotationName", AnnotationName);
    t.is(error.$metadata.httpStatusCode, 400);
    t.deepEqual(await outcome(text({ ...named, AnnotationName })), ["NoSuchAnnotation", 404]);
  }
  const tooLong = { ...named, AnnotationName: `${longest}c` };
  t.deepEqual(await outcome(annotate(tooLong)), ["AnnotationNameTooLong", 400]);
  t.deepEqual(await outcome(text(tooLong)), ["NoSuchAnnotation", 404]);
  await s3.send(new DeleteObjectAnnotationCommand(tooLong));
});

test("a payload is UTF-8 text of 1 byte to 1 MiB", async (t) => {
  const named = await annotated("payloads");
  const largest = "x".repeat(1024 ** 2);
  await annotate({ ...named, AnnotationPayload: largest });
  t.is(await text(named), largest);
  const tooLarge = await failure(annotate({ ...named, AnnotationPayload: `${largest}x` }));
  t.is(tooLarge.name, "EntityTooLarge");
  t.is(tooLarge["MaxSizeAllowed"], "1048576");
  t.is(tooLarge["ProposedSize"], "1048577");
  t.deepEqual(await outcome(annotate({ ...named, AnnotationPayload: "" })), ["InvalidRequest", 400]);
  const binary = Buffer.from([0x68, 0xff, 0xfe]);
  t.deepEqual(await outcome(annotate({ ...named, AnnotationPayload: binary })), ["UnsupportedMediaType", 415]);
  t.is(await text(named), largest);
});

test("checksums are verified, kept and answered in the algorithm that was sent", async (t) => {
  const named = await annotated("checksums");
  const algorithms: ChecksumAlgorithm[] = ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"];
  for (const ChecksumAlgorithm of algorithms) {
    const made = await annotate({ ...named, ChecksumAlgorithm });
    const member = `Checksum${ChecksumAlgorithm}` as "ChecksumSHA256";
    t.truthy(made[member], ChecksumAlgorithm);
    const got = await s3.send(new GetObjectAnnotationCommand({ ...named, ChecksumMode: "ENABLED" }));
    t.is(got[member], made[member]);
    await got.AnnotationPayload?.transformToString();
    const { Annotations } = await s3.send(new ListObjectAnnotationsCommand(named));
    t.deepEqual(Annotations?.[0]?.ChecksumAlgorithm, [ChecksumAlgorithm]);
  }
  const wrong = hash("sha256", "other", "base64");
  t.deepEqual(await outcome(annotate({ ...named, ChecksumSHA256: wrong })), ["BadDigest", 400]);
  t.deepEqual(await outcome(annotate({ ...named, ContentMD5: hash("md5", "other", "base64") })), ["BadDigest", 400]);
});

test("without a checksum an annotation gets CRC64NVME", async (t) => {
  const { Bucket } = await annotated("crc64");
  const path = `/${Bucket}/k?annotation&annotationName=note`;
  const made = await server.request("PUT", path, { body: "text" });
  t.is(made.status, 200);
  t.truthy(made.headers["x-amz-checksum-crc64nvme"]);
  t.regex(made.body.toString(), /<Key>k<\/Key><AnnotationName>note<\/AnnotationName>/);
  const got = await s3.send(
    new GetObjectAnnotationCommand({ Bucket, Key: "k", AnnotationName: "note", ChecksumMode: "ENABLED" }),
  );
  t.is(got.ChecksumCRC64NVME, String(made.headers["x-amz-checksum-crc64nvme"]));
  t.is(await got.AnnotationPayload?.transformToString(), "text");
});

test("a list and a get of the same path are told apart by the name, without the SDKs' mark", async (t) => {
  const named = await annotated("paths");
  await annotate(named);
  const path = `/${named.Bucket}/k?annotation`;
  const keys = keysOf("123456789012");
  const list = await sendSigned(server, keys, { path });
  t.regex(list.body.toString(), /<ListObjectAnnotationsOutput.*<AnnotationName>note<\/AnnotationName>/);
  const get = await sendSigned(server, keys, { path: `${path}&annotationName=note` });
  t.is(get.body.toString(), "text");
  t.is(get.headers["content-length"], "4");
  const unnamed = await sendSigned(server, keys, { path, method: "PUT", body: "text" });
  t.is(unnamed.status, 405, "a put without a name");
  const unsigned = await server.request("GET", path);
  t.is(unsigned.status, 403, "what nobody signed reads no annotations");
});

test("pages of a list show all names in the order of their bytes", async (t) => {
  const named = await annotated("pages");
  const all = ["b", "a.1", "a.2", "a", "b.9", "Z", "ü", "名", "c"];
  for (const AnnotationName of all) await annotate({ ...named, AnnotationName });
  const sorted = all.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const shown: (string | undefined)[] = [];
  const input = { Bucket: named.Bucket, Key: "k", MaxAnnotationResults: 2 };
  for await (const page of paginateListObjectAnnotations({ client: s3 }, { ...input })) {
    t.true((page.Annotations?.length ?? 0) <= 2);
    t.is(page.AnnotationCount, page.Annotations?.length ?? 0);
    shown.push(...(page.Annotations ?? []).map(({ AnnotationName }) => AnnotationName));
  }
  t.deepEqual(shown, sorted);
  const first = await s3.send(new ListObjectAnnotationsCommand({ ...input, AnnotationPrefix: "a" }));
  t.is(first.AnnotationPrefix, "a");
  const second = await s3.send(
    new ListObjectAnnotationsCommand({
      ...input,
      AnnotationPrefix: "a",
      ContinuationToken: first.NextContinuationToken,
    }),
  );
  t.is(second.ContinuationToken, first.NextContinuationToken);
  t.deepEqual(
    [...(first.Annotations ?? []), ...(second.Annotations ?? [])].map(({ AnnotationName }) => AnnotationName),
    ["a", "a.1", "a.2"],
  );
  t.is(second.NextContinuationToken, undefined);
  for (const MaxAnnotationResults of [0, 1_001, -1]) {
    const error = await failure(s3.send(new ListObjectAnnotationsCommand({ ...input, MaxAnnotationResults })));
    t.is(error.name, "InvalidArgument");
    t.is(error["ArgumentName"], "max-annotation-results");
    t.is(error["ArgumentValue"], String(MaxAnnotationResults));
  }
  const foreign = await failure(s3.send(new ListObjectAnnotationsCommand({ ...input, ContinuationToken: "made-up" })));
  t.is(foreign.name, "InvalidArgument");
  t.is(foreign["ArgumentName"], "continuation-token");
  for (const AnnotationPrefix of ["a b", "x".repeat(513)]) {
    const call = s3.send(new ListObjectAnnotationsCommand({ ...input, AnnotationPrefix }));
    t.deepEqual(await outcome(call), ["InvalidPrefix", 400]);
  }
});

test("annotations belong to one version, and go with it", async (t) => {
  const Bucket = await versioned("versions");
  const Key = "k";
  const one = await put(Bucket, Key, "one");
  const made = await annotate({ Bucket, Key, AnnotationName: "note", AnnotationPayload: "of one" });
  t.is(made.ObjectVersionId, one);
  const two = await put(Bucket, Key, "two");
  t.deepEqual(await names(Bucket, Key), []);
  const old = { Bucket, Key, AnnotationName: "note", VersionId: one };
  t.is(await text(old), "of one");
  t.is((await s3.send(new GetObjectAnnotationCommand(old))).ObjectVersionId, one);
  await annotate({ ...old, AnnotationName: "late", AnnotationPayload: "later" });
  await annotate({ Bucket, Key, AnnotationName: "note", AnnotationPayload: "of two" });
  const { VersionId: marker } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
  for (const call of [
    () => text({ Bucket, Key, AnnotationName: "note" }),
    () => s3.send(new ListObjectAnnotationsCommand({ Bucket, Key })),
    () => text({ ...old, VersionId: marker }),
    () => annotate({ ...old, VersionId: marker }),
    () => s3.send(new DeleteObjectAnnotationCommand({ ...old, VersionId: marker })),
  ]) {
    const error = await failure(call());
    t.is(error.name, "MethodNotAllowed");
    t.is(error["ResourceType"], "DeleteMarker");
  }
  t.is(await text({ ...old, VersionId: two }), "of two");
  await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: two }));
  await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: marker }));
  t.deepEqual(await names(Bucket, Key), ["late", "note"], "the first version is current again");
  const gone = await s3.send(new DeleteObjectAnnotationCommand({ ...old, AnnotationName: "late" }));
  t.is(gone.ObjectVersionId, one);
  t.deepEqual(await outcome(text({ ...old, VersionId: two })), ["NoSuchVersion", 404]);
  t.deepEqual(await outcome(text({ ...old, VersionId: "nonsense" })), ["InvalidArgument", 400]);
});

test("overwriting and deleting an object without versions takes its annotations away", async (t) => {
  const named = await annotated("overwrite");
  await annotate(named);
  await put(named.Bucket, "k", "new");
  t.deepEqual(await names(named.Bucket, "k"), []);
  await annotate(named);
  await s3.send(new DeleteObjectCommand(named));
  await put(named.Bucket, "k", "again");
  t.deepEqual(await names(named.Bucket, "k"), []);
});

test("a condition on the object's ETag guards puts and deletes", async (t) => {
  const named = await annotated("condition");
  const ObjectIfMatch = md5("body");
  await annotate({ ...named, ObjectIfMatch });
  await annotate({ ...named, ObjectIfMatch: `"${ObjectIfMatch}"`, AnnotationPayload: "quoted" });
  for (const call of [
    annotate({ ...named, ObjectIfMatch: md5("other") }),
    s3.send(new DeleteObjectAnnotationCommand({ ...named, ObjectIfMatch: md5("other") })),
  ]) {
    const error = await failure(call);
    t.is(error.name, "PreconditionFailed");
    t.is(error.$metadata.httpStatusCode, 412);
    t.is(error["Condition"], "x-amz-object-if-match");
  }
  t.is(await text(named), "quoted");
  await s3.send(new DeleteObjectAnnotationCommand({ ...named, ObjectIfMatch }));
  t.deepEqual(await names(named.Bucket, "k"), []);
});

test("a version has 1,000 annotations at most", async (t) => {
  t.timeout(60_000);
  const named = await annotated("limit");
  const numbers = Array.from({ length: 1_000 }, (_, at) => `n${at}`);
  for (let at = 0; at < numbers.length; at += 50) {
    await Promise.all(numbers.slice(at, at + 50).map((AnnotationName) => annotate({ ...named, AnnotationName })));
  }
  t.deepEqual(await outcome(annotate(named)), ["AnnotationLimitExceeded", 400]);
  await annotate({ ...named, AnnotationName: "n7", AnnotationPayload: "replaced" });
  const page = await s3.send(new ListObjectAnnotationsCommand(named));
  t.is(page.AnnotationCount, 1_000);
  t.is(page.NextContinuationToken, undefined);
  const CopySource = `${named.Bucket}/k`;
  await s3.send(new CopyObjectCommand({ Bucket: named.Bucket, Key: "copy", CopySource }));
  t.is((await names(named.Bucket, "copy")).length, 1_000);
  await s3.send(new DeleteObjectAnnotationCommand({ ...named, AnnotationName: "n8" }));
  await annotate(named);
});
