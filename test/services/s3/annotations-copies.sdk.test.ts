/** Annotations of copies, of encrypted and of locked objects. */
import { hash } from "node:crypto";
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectAnnotationCommand,
  DeleteObjectCommand,
  GetObjectAnnotationCommand,
  PutObjectCommand,
  type CopyObjectCommandInput,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { annotationsOf } from "./annotations-client.ts";
import { failure, outcome } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();
const { annotate, annotated, names, put, text } = annotationsOf(s3);

test.after.always(() => server.close());

const md5 = (payload: string): string => hash("md5", payload);

const copy = (Bucket: string, input: Partial<CopyObjectCommandInput> = {}) =>
  s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/k`, ...input }));

test("a copy gets the annotations of its source unless they are excluded", async (t) => {
  const named = await annotated("copies");
  const large = "l".repeat(100_000);
  await annotate(named);
  await annotate({ ...named, AnnotationName: "large", AnnotationPayload: large });
  await copy(named.Bucket);
  const copied = { ...named, Key: "copy" };
  t.is(await text(copied), "text");
  await annotate({ ...copied, AnnotationPayload: "changed" });
  t.is(await text(named), "text", "the source keeps its own");
  await s3.send(new DeleteObjectCommand({ Bucket: named.Bucket, Key: "k" }));
  t.is(await text({ ...copied, AnnotationName: "large" }), large);

  await put(named.Bucket, "k");
  await annotate(named);
  await copy(named.Bucket, { AnnotationDirective: "EXCLUDE" });
  t.deepEqual(await names(named.Bucket, "copy"), []);
  await copy(named.Bucket, { AnnotationDirective: "COPY" });
  t.deepEqual(await names(named.Bucket, "copy"), ["note"]);
  const error = await failure(copy(named.Bucket, { AnnotationDirective: "REPLACE" as "COPY" }));
  t.is(error.name, "InvalidArgument");
  t.is(error["ArgumentName"], "x-amz-object-annotation-directive");
});

test("a copy onto itself keeps its annotations", async (t) => {
  const named = await annotated("itself");
  await annotate(named);
  await annotate({ ...named, AnnotationName: "large", AnnotationPayload: "l".repeat(100_000) });
  await copy(named.Bucket, { Key: "k", MetadataDirective: "REPLACE" });
  t.is(await text(named), "text");
  t.is((await text({ ...named, AnnotationName: "large" }))?.length, 100_000);
});

test("a copy in another algorithm or encryption says the annotations' checksums and ETags anew", async (t) => {
  const named = await annotated("anew");
  await annotate({ ...named, AnnotationPayload: "l".repeat(50_000) });
  await copy(named.Bucket, { ChecksumAlgorithm: "SHA256" });
  const copied = { ...named, Key: "copy", ChecksumMode: "ENABLED" } as const;
  const got = await s3.send(new GetObjectAnnotationCommand(copied));
  t.is(got.ChecksumSHA256, hash("sha256", "l".repeat(50_000), "base64"));
  t.is(got.ChecksumCRC32, undefined);
  t.is(got.ETag, `"${md5("l".repeat(50_000))}"`);
  await got.AnnotationPayload?.transformToString();
  await copy(named.Bucket, { ServerSideEncryption: "aws:kms" });
  const encrypted = await s3.send(new GetObjectAnnotationCommand(copied));
  t.is(encrypted.ServerSideEncryption, "aws:kms");
  t.not(encrypted.ETag, got.ETag);
  t.truthy(encrypted.ChecksumCRC32);
  t.is((await encrypted.AnnotationPayload?.transformToString())?.length, 50_000);
});

const customerKey = {
  SSECustomerAlgorithm: "AES256",
  SSECustomerKey: Buffer.alloc(32, 7).toString("base64"),
  SSECustomerKeyMD5: hash("md5", Buffer.alloc(32, 7), "base64"),
};

test("an object that is encrypted with a customer's key has no annotations", async (t) => {
  const named = await annotated("customer");
  await annotate(named);
  await s3.send(new PutObjectCommand({ Bucket: named.Bucket, Key: "secret", Body: "body", ...customerKey }));
  t.deepEqual(await outcome(annotate({ ...named, Key: "secret" })), ["InvalidRequest", 400]);
  t.deepEqual(await names(named.Bucket, "secret"), []);
  t.deepEqual(await outcome(copy(named.Bucket, customerKey)), ["InvalidRequest", 400]);
  await copy(named.Bucket, { ...customerKey, AnnotationDirective: "EXCLUDE" });
});

test("an annotation of a locked version is deleted only where its retention can be bypassed", async (t) => {
  const Bucket = `locked-annotations-${process.pid}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const lock = (ObjectLockMode: "GOVERNANCE" | "COMPLIANCE") => ({
    ObjectLockMode,
    ObjectLockRetainUntilDate: new Date(Date.now() + 3_600_000),
  });
  for (const mode of ["GOVERNANCE", "COMPLIANCE"] as const) {
    const named = { Bucket, Key: mode, AnnotationName: "note" };
    await s3.send(new PutObjectCommand({ Bucket, Key: mode, Body: "body", ...lock(mode) }));
    await annotate(named);
    t.deepEqual(await outcome(s3.send(new DeleteObjectAnnotationCommand(named))), ["AccessDenied", 403]);
    const path = `/${Bucket}/${mode}?annotation&annotationName=note`;
    const headers = { "x-amz-bypass-governance-retention": "true" };
    const bypassed = await server.request("DELETE", path, { headers });
    t.is(bypassed.status, mode === "GOVERNANCE" ? 204 : 403);
  }
});
