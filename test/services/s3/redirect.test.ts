/** The website redirect location: its form, its limit, and when it is kept. */
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure } from "./client.ts";

const server = await startTestServer();
test.after.always(() => server.close());
const s3 = server.s3();
const Bucket = "redirects";
test.before(() => s3.send(new CreateBucketCommand({ Bucket })));

const put = (Key: string, WebsiteRedirectLocation: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: "body", WebsiteRedirectLocation }));
const location = async (Key: string) => (await s3.send(new HeadObjectCommand({ Bucket, Key }))).WebsiteRedirectLocation;

test("a redirect to a path or to a URL of the web is kept as it is", async (t) => {
  for (const to of ["/", "/other", "http://example.com/a?b#c", "https://example.com/"]) {
    await put("kept", to);
    t.is(await location("kept"), to);
    t.is((await s3.send(new GetObjectCommand({ Bucket, Key: "kept" }))).WebsiteRedirectLocation, to);
  }
});

test("a redirect to anything else is refused", async (t) => {
  for (const to of ["other", "ftp://example.com/", "HTTP://example.com/", "http:/example.com"]) {
    for (const call of [
      put("refused", to),
      s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "refused", WebsiteRedirectLocation: to })),
    ]) {
      const error = await failure(call);
      t.deepEqual([error.name, error.$metadata.httpStatusCode], ["InvalidRedirectLocation", 400]);
      t.is(error.message, "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
    }
  }
});

test("a redirect has at most 2 KiB", async (t) => {
  const longest = `/${"x".repeat(2_047)}`;
  await put("long", longest);
  t.is(await location("long"), longest);
  const error = await failure(put("long", `${longest}x`));
  t.is(error.name, "InvalidRedirectLocation");
  t.is(error.message, "The length of website redirect location cannot exceed 2,048 characters.");
});

test("a redirect is not copied, with the metadata or without, unless the copy names one", async (t) => {
  await put("source", "/elsewhere");
  const copy = (more: object) =>
    s3.send(new CopyObjectCommand({ Bucket, Key: "copy", CopySource: `${Bucket}/source`, ...more }));
  await copy({});
  t.is(await location("copy"), undefined);
  await copy({ MetadataDirective: "COPY", WebsiteRedirectLocation: "/mine" });
  t.is(await location("copy"), "/mine");
  await copy({ MetadataDirective: "REPLACE" });
  t.is(await location("copy"), undefined);
  await copy({ MetadataDirective: "REPLACE", WebsiteRedirectLocation: "/mine" });
  t.is(await location("copy"), "/mine");
});

test("an object may be copied onto itself to get another redirect", async (t) => {
  await put("itself", "/one");
  const copy = { Bucket, Key: "itself", CopySource: `${Bucket}/itself` };
  await s3.send(new CopyObjectCommand({ ...copy, WebsiteRedirectLocation: "/two" }));
  t.is(await location("itself"), "/two");
});

test("an object made of parts has the redirect that its upload began with", async (t) => {
  const begun = { Bucket, Key: "parts", WebsiteRedirectLocation: "https://example.com/parts" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(begun));
  const name = { Bucket, Key: "parts", UploadId };
  const part = await s3.send(new UploadPartCommand({ ...name, PartNumber: 1, Body: "part" }));
  const Parts = [{ PartNumber: 1, ETag: part.ETag, ChecksumCRC32: part.ChecksumCRC32 }];
  await s3.send(new CompleteMultipartUploadCommand({ ...name, MultipartUpload: { Parts } }));
  t.is(await location("parts"), "https://example.com/parts");
});
