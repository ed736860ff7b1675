/** GetObjectAttributes. */
import { createHash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAttributesCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
  type CompletedPart,
  type CreateMultipartUploadCommandInput,
  type GetObjectAttributesCommandInput,
  type ObjectAttributes,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { failure, makeBucket, outcome } from "./client.ts";

// Raw requests are not signed, and in `lenient` an unsigned read is anonymous.
const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "attributes");
const ALL: ObjectAttributes[] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
const FIRST = Buffer.alloc(5 * 1024 ** 2, "first");
const LAST = Buffer.from("last");

test.after.always(() => server.close());

const attributes = async (Key: string, options: Partial<GetObjectAttributesCommandInput> = {}) => {
  const { $metadata: _, ...found } = await s3.send(
    new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: ALL, ...options }),
  );
  return found;
};

const digest = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest("base64");

const multipart = async (Key: string, options: Partial<CreateMultipartUploadCommandInput>) => {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...options }));
  const { ChecksumAlgorithm } = options;
  const Parts: CompletedPart[] = [];
  // Numbers with a gap between them.
  for (const [PartNumber, Body] of [
    [2, FIRST],
    [3, FIRST],
    [7, LAST],
  ] as const) {
    const part = { Bucket, Key, UploadId, PartNumber, Body };
    const sent = await s3.send(
      new UploadPartCommand(ChecksumAlgorithm === undefined ? part : { ...part, ChecksumAlgorithm }),
    );
    Parts.push({ PartNumber, ETag: sent.ETag, ChecksumSHA256: sent.ChecksumSHA256, ChecksumCRC32: sent.ChecksumCRC32 });
  }
  return s3.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
};

test("fact 24: a plain object has all attributes but parts, its ETag without quotes, its class even if it is the default", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "plain", Body: "body", ChecksumAlgorithm: "SHA256" }));
  const found = await attributes("plain");
  t.true(found.LastModified instanceof Date);
  t.deepEqual(found, {
    LastModified: found.LastModified,
    ETag: createHash("md5").update("body").digest("hex"),
    Checksum: { ChecksumSHA256: digest("sha256", Buffer.from("body")), ChecksumType: "FULL_OBJECT" },
    StorageClass: "STANDARD",
    ObjectSize: 4,
  });
});

test("fact 24: only what is asked for is answered, and blanks in the list are fine", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "some", Body: "body", StorageClass: "STANDARD_IA" }));
  const { body, headers } = await server.request("GET", `/${Bucket}/some?attributes`, {
    headers: { "x-amz-object-attributes": "ObjectSize, StorageClass ,ETag" },
  });
  t.is(
    String(body).replace(/^<\?xml[^>]*\?>\n/, ""),
    `<GetObjectAttributesResponse xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><ETag>${createHash("md5").update("body").digest("hex")}</ETag><StorageClass>STANDARD_IA</StorageClass><ObjectSize>4</ObjectSize></GetObjectAttributesResponse>`,
  );
  t.truthy(headers["last-modified"]);
  t.is(headers["etag"], undefined);
});

test("fact 24: of an object without a composite checksum only the number of parts is told", async (t) => {
  await multipart("full", {});
  const found = await attributes("full");
  t.deepEqual(found.ObjectParts, { TotalPartsCount: 3 });
  t.regex(found.ETag ?? "", /^[0-9a-f]{32}-3$/);
  t.is(found.Checksum?.ChecksumType, "FULL_OBJECT");
  t.truthy(found.Checksum?.ChecksumCRC64NVME);
  await multipart("full-crc32", { ChecksumAlgorithm: "CRC32", ChecksumType: "FULL_OBJECT" });
  t.deepEqual((await attributes("full-crc32")).ObjectParts, { TotalPartsCount: 3 });
});

test("fact 24: of one with a composite checksum each part, and the checksum without the number of parts", async (t) => {
  const done = await multipart("composite", { ChecksumAlgorithm: "SHA256" });
  const { ObjectParts, Checksum } = await attributes("composite");
  t.is(done.ChecksumSHA256, `${Checksum?.ChecksumSHA256}-3`);
  t.is(Checksum?.ChecksumType, "COMPOSITE");
  t.deepEqual(ObjectParts, {
    TotalPartsCount: 3,
    PartNumberMarker: "0",
    NextPartNumberMarker: "7",
    MaxParts: 1_000,
    IsTruncated: false,
    Parts: [
      { PartNumber: 2, Size: FIRST.length, ChecksumSHA256: digest("sha256", FIRST) },
      { PartNumber: 3, Size: FIRST.length, ChecksumSHA256: digest("sha256", FIRST) },
      { PartNumber: 7, Size: LAST.length, ChecksumSHA256: digest("sha256", LAST) },
    ],
  });
});

test("fact 24: parts are paged by their numbers", async (t) => {
  await multipart("paged", { ChecksumAlgorithm: "CRC32" });
  const pages: { numbers: (number | undefined)[]; truncated: boolean | undefined; next: string | undefined }[] = [];
  let marker: string | undefined;
  do {
    const page: Awaited<ReturnType<typeof attributes>> = await attributes("paged", {
      ObjectAttributes: ["ObjectParts"],
      MaxParts: 2,
      ...(marker === undefined ? {} : { PartNumberMarker: marker }),
    });
    const { Parts = [], IsTruncated, NextPartNumberMarker, MaxParts, TotalPartsCount } = page.ObjectParts ?? {};
    t.is(MaxParts, 2);
    t.is(TotalPartsCount, 3);
    pages.push({
      numbers: Parts.map(({ PartNumber }) => PartNumber),
      truncated: IsTruncated,
      next: NextPartNumberMarker,
    });
    marker = IsTruncated === true ? NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  t.deepEqual(pages, [
    { numbers: [2, 3], truncated: true, next: "3" },
    { numbers: [7], truncated: false, next: "7" },
  ]);
  const none = await attributes("paged", { ObjectAttributes: ["ObjectParts"], MaxParts: 0 });
  t.like(none.ObjectParts, { IsTruncated: false, MaxParts: 0, NextPartNumberMarker: "0" });
  const past = await attributes("paged", { ObjectAttributes: ["ObjectParts"], PartNumberMarker: "7" });
  t.like(past.ObjectParts, { IsTruncated: false, PartNumberMarker: "7", NextPartNumberMarker: "0" });
  const ask = (headers: Record<string, string>) =>
    server.request("GET", `/${Bucket}/paged?attributes`, {
      headers: { "x-amz-object-attributes": "ObjectParts", ...headers },
    });
  const wrong = await ask({ "x-amz-part-number-marker": "x" });
  t.is(wrong.status, 400);
  t.regex(String(wrong.body), /<ArgumentName>x-amz-part-number-marker<\/ArgumentName>/);
  for (const size of ["-1", "x", "", "2147483648", "99999999999999999999"]) {
    const answer = await ask({ "x-amz-max-parts": size });
    t.is(answer.status, 200, size);
    t.regex(String(answer.body), /<MaxParts>1000<\/MaxParts>/, size);
  }
});

test("fact 24: an attribute that is none, or no attribute at all, is refused", async (t) => {
  await s3.send(new PutObjectCommand({ Bucket, Key: "refused", Body: "body" }));
  const ask = (headers: Record<string, string>) => server.request("GET", `/${Bucket}/refused?attributes`, { headers });
  const unknown = String((await ask({ "x-amz-object-attributes": "ETag,etag" })).body);
  t.regex(unknown, /<Code>InvalidArgument<\/Code><Message>Invalid attribute name specified\.<\/Message>/);
  t.regex(unknown, /<ArgumentName>x-amz-object-attributes<\/ArgumentName><ArgumentValue>etag<\/ArgumentValue>/);
  for (const headers of [{}, { "x-amz-object-attributes": "" }, { "x-amz-object-attributes": " , " }]) {
    const answer = await ask(headers);
    t.is(answer.status, 400);
    t.regex(
      String(answer.body),
      /<Code>InvalidRequest<\/Code><Message>The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty<\/Message>/,
    );
  }
});

test("a key that is not there has no attributes", async (t) => {
  const error = await failure(attributes("missing"));
  t.is(error.name, "NoSuchKey");
  t.is(error["Key"], "missing");
});

test("attributes of an object under a customer's key need that key", async (t) => {
  const key = Buffer.alloc(32, 7);
  const customer = {
    SSECustomerAlgorithm: "AES256",
    SSECustomerKey: key.toString("base64"),
    SSECustomerKeyMD5: digest("md5", key),
  };
  await s3.send(new PutObjectCommand({ Bucket, Key: "customer", Body: "body", ...customer }));
  t.is((await attributes("customer", customer)).ObjectSize, 4);
  t.deepEqual(await outcome(attributes("customer")), ["InvalidRequest", 400]);
  const other = Buffer.alloc(32, 8);
  const wrong = { ...customer, SSECustomerKey: other.toString("base64"), SSECustomerKeyMD5: digest("md5", other) };
  t.deepEqual(await outcome(attributes("customer", wrong)), ["AccessDenied", 403]);
});

test("attributes are those of the version that is asked for; a delete marker has none", async (t) => {
  const versioned = await makeBucket(s3, "versions");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration }));
  const at = { Bucket: versioned, Key: "k" };
  const old = await s3.send(new PutObjectCommand({ ...at, Body: "old" }));
  const young = await s3.send(new PutObjectCommand({ ...at, Body: "young" }));
  const current = await attributes("k", { Bucket: versioned });
  t.like(current, { VersionId: young.VersionId, ObjectSize: 5 });
  t.is(current.DeleteMarker, undefined);
  t.like(await attributes("k", { Bucket: versioned, VersionId: old.VersionId }), {
    VersionId: old.VersionId,
    ObjectSize: 3,
  });
  const { VersionId: marker = "" } = await s3.send(new DeleteObjectCommand(at));
  const ask = (query: string) =>
    server.request("GET", `/${versioned}/k?attributes${query}`, { headers: { "x-amz-object-attributes": "ETag" } });
  const plain = await ask("");
  t.is(plain.status, 404);
  t.regex(String(plain.body), /<Code>NoSuchKey<\/Code>/);
  t.is(plain.headers["x-amz-delete-marker"], "true");
  t.is(plain.headers["x-amz-version-id"], marker);
  const byId = await ask(`&versionId=${marker}`);
  t.is(byId.status, 405);
  t.is(byId.headers["allow"], "DELETE");
  t.regex(String(byId.body), /<Method>GET<\/Method><ResourceType>DeleteMarker<\/ResourceType>/);
});
