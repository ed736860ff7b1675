/** URLs that AWS's own SDK signs, used as somebody without it would use them. */
import { hash } from "node:crypto";
import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
  type S3Client,
  type S3ClientConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import test from "ava";
import { call } from "../../control/control-plane.ts";
import { startTestServer, type RawRequest, type RawResponse } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { makeBucket } from "./client.ts";

const server = await startTestServer({ authMode: "strict" });
const KEYS = { accessKeyId: "AKIASTANDINSIGNED001", secretAccessKey: "secret" };
await call(server.running.controlUrl, "AccountService/CreateAccessKey", {
  body: { accountId: "123456789012", ...KEYS },
});

const clientOf = (options: Partial<S3ClientConfig> = {}): S3Client => server.s3({ credentials: KEYS, ...options });
const s3 = clientOf();
/** The SDK as it was before it made checksums by itself, and as one may still set it up. */
const plain = clientOf({ requestChecksumCalculation: "WHEN_REQUIRED" });
const Bucket = await makeBucket(s3, "presigned");
test.after.always(() => server.close());

type Signable<Input extends ServiceInputTypes, Output extends ServiceOutputTypes> = Parameters<
  typeof getSignedUrl<ServiceInputTypes, Input, Output>
>[1];

const pathOf = async <Input extends ServiceInputTypes, Output extends ServiceOutputTypes>(
  command: Signable<Input, Output>,
  { client = s3 }: { readonly client?: S3Client } = {},
): Promise<string> => {
  const { pathname, search } = new URL(await getSignedUrl(client, command, { expiresIn: 60 }));
  return pathname + search;
};

const send = (method: string, path: string, options?: RawRequest): Promise<RawResponse> =>
  server.request(method, path, options);

test("a URL of each kind does what it was signed for", async (t) => {
  const named = { Bucket, Key: "dir/a b+c\u00e9&?.txt" };
  const put = await send("PUT", await pathOf(new PutObjectCommand(named)), { body: "by URL" });
  t.is(put.status, 200, String(put.body));
  t.is(put.headers["etag"], `"${hash("md5", "by URL")}"`);
  const got = await send("GET", await pathOf(new GetObjectCommand(named)));
  t.is(String(got.body), "by URL");
  const head = await send("HEAD", await pathOf(new HeadObjectCommand(named)));
  t.is(head.headers["content-length"], "6");
  t.is((await send("GET", await pathOf(new HeadObjectCommand(named)))).status, 403);
  t.is((await send("DELETE", await pathOf(new DeleteObjectCommand(named)))).status, 204);
  t.is((await send("GET", await pathOf(new GetObjectCommand(named)))).status, 404);
});

test("a URL's response- parameters replace what the object says, and are signed", async (t) => {
  const named = { Bucket, Key: "overridden" };
  await s3.send(new PutObjectCommand({ ...named, Body: "x", ContentType: "text/plain" }));
  const path = await pathOf(
    new GetObjectCommand({
      ...named,
      ResponseContentType: "text/x-other",
      ResponseContentDisposition: 'attachment; filename="a b.txt"',
      ResponseCacheControl: "no-store",
      ResponseContentLanguage: "de",
      ResponseContentEncoding: "x-none",
      ResponseExpires: new Date(0),
    }),
  );
  const { status, headers } = await send("GET", path);
  t.is(status, 200);
  t.like(headers, {
    "content-type": "text/x-other",
    "content-disposition": 'attachment; filename="a b.txt"',
    "cache-control": "no-store",
    "content-language": "de",
    "content-encoding": "x-none",
    expires: "Thu, 01 Jan 1970 00:00:00 GMT",
  });
  const changed = await send("GET", path.replace("no-store", "no-cache"));
  t.is(element(changed, "Code"), "SignatureDoesNotMatch");
});

test("parts of an upload may come by URL", async (t) => {
  const named = { Bucket, Key: "parts" };
  const { UploadId } = await plain.send(new CreateMultipartUploadCommand(named));
  const sendPart = async (PartNumber: number, body: Uint8Array) => {
    const path = await pathOf(new UploadPartCommand({ ...named, UploadId, PartNumber }), { client: plain });
    const { headers, status } = await send("PUT", path, { body });
    t.is(status, 200);
    return { PartNumber, ETag: String(headers["etag"]) };
  };
  const Parts = [await sendPart(1, Buffer.alloc(5 * 1024 * 1024, "a")), await sendPart(2, Buffer.from("b"))];
  await plain.send(new CompleteMultipartUploadCommand({ ...named, UploadId, MultipartUpload: { Parts } }));
  const { ContentLength } = await s3.send(new HeadObjectCommand(named));
  t.is(ContentLength, 5 * 1024 * 1024 + 1);
});

test("headers that the SDK signs into the query are the object's", async (t) => {
  const named = { Bucket, Key: "hoisted" };
  const path = await pathOf(
    new PutObjectCommand({ ...named, Metadata: { a: "b c" }, Tagging: "k=v", StorageClass: "STANDARD_IA" }),
  );
  t.regex(path, /x-amz-meta-a=b%20c/);
  const put = await send("PUT", path, { body: "hoisted" });
  t.is(put.status, 200, String(put.body));
  t.like(await s3.send(new HeadObjectCommand(named)), { Metadata: { a: "b c" }, StorageClass: "STANDARD_IA" });
  const { TagSet } = await s3.send(new GetObjectTaggingCommand(named));
  t.deepEqual(TagSet, [{ Key: "k", Value: "v" }]);

  const copy = new CopyObjectCommand({ Bucket, Key: "copied", CopySource: `${Bucket}/hoisted` });
  const copied = await send("PUT", await pathOf(copy));
  t.is(copied.status, 200, String(copied.body));
  t.is(element(copied, "ETag"), `&quot;${hash("md5", "hoisted")}&quot;`);
});

test("a checksum in the query is the body's, unless it is that of no body at all", async (t) => {
  const named = { Bucket, Key: "summed" };
  // The SDK has no body when it signs, and makes a checksum of that.
  const byDefault = await pathOf(new PutObjectCommand(named));
  t.regex(byDefault, /x-amz-checksum-crc32=AAAAAA%3D%3D&x-amz-sdk-checksum-algorithm=CRC32/);
  t.is((await send("PUT", byDefault, { body: "123456789" })).headers["x-amz-checksum-crc64nvme"], "rosUhgp5mIg=");

  const given = await pathOf(new PutObjectCommand({ ...named, ChecksumCRC32: "y/Q5Jg==" }));
  const good = await send("PUT", given, { body: "123456789" });
  t.is(good.status, 200, String(good.body));
  t.is(good.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
  const bad = await send("PUT", given, { body: "12345678" });
  t.is(bad.status, 400);
  t.is(element(bad, "Code"), "BadDigest");
  t.is(element(bad, "Message"), "The CRC32 you specified did not match the calculated checksum.");

  const asked = await send("GET", await pathOf(new GetObjectCommand({ ...named, ChecksumMode: "ENABLED" })));
  t.is(asked.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
});

test("a URL that signed a Content-MD5 takes the body that has it", async (t) => {
  const ContentMD5 = hash("md5", "digested", "base64");
  const signableHeaders = new Set(["content-md5", "host"]);
  const command = new PutObjectCommand({ Bucket, Key: "digested", ContentMD5 });
  const { pathname, search } = new URL(await getSignedUrl(plain, command, { expiresIn: 60, signableHeaders }));
  const path = pathname + search;
  t.regex(path, /X-Amz-SignedHeaders=content-md5%3Bhost/);
  const headers = { "content-md5": ContentMD5 };
  t.is((await send("PUT", path, { headers, body: "digested" })).status, 200);
  const other = await send("PUT", path, { headers, body: "other" });
  t.is(element(other, "Code"), "BadDigest");
  t.is(element(other, "CalculatedDigest"), hash("md5", "other", "base64"));
  const without = await send("PUT", path, { body: "digested" });
  t.is(element(without, "Code"), "SignatureDoesNotMatch");
});

test("facts 54 and 55: a URL ends when it says, and takes no x-amz- headers that it did not sign", async (t) => {
  const command = new GetObjectCommand({ Bucket, Key: "ends" });
  const signingDate = new Date(Date.now() - 120_000);
  const { pathname, search } = new URL(await getSignedUrl(s3, command, { expiresIn: 60, signingDate }));
  const expired = await send("GET", pathname + search);
  t.is(expired.status, 403);
  t.is(element(expired, "Message"), "Request has expired");
  t.is(element(expired, "X-Amz-Expires"), "60");
  t.is(element(expired, "Expires"), new Date(signingDate.getTime() + 60_000).toISOString().replace(/\.\d+/, ""));

  const headers = { "x-amz-checksum-mode": "ENABLED", range: "bytes=0-1" };
  const unsigned = await send("GET", await pathOf(command), { headers });
  t.is(element(unsigned, "Message"), "There were headers present in the request which were not signed");
  t.is(element(unsigned, "HeadersNotSigned"), "x-amz-checksum-mode");
});

test("credentials of a session sign URLs with their token, which is part of what is signed", async (t) => {
  const sts = server.sts({ credentials: KEYS });
  const RoleArn = "arn:aws:iam::123456789012:role/reader";
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "reader" }));
  const credentials = {
    accessKeyId: Credentials?.AccessKeyId ?? "",
    secretAccessKey: Credentials?.SecretAccessKey ?? "",
    sessionToken: Credentials?.SessionToken ?? "",
  };
  await s3.send(new PutObjectCommand({ Bucket, Key: "session", Body: "session" }));
  const path = await pathOf(new GetObjectCommand({ Bucket, Key: "session" }), { client: clientOf({ credentials }) });
  t.is(String((await send("GET", path)).body), "session");
  t.is((await send("GET", path.replace(/X-Amz-Security-Token=[^&]*&/, ""))).status, 403);
});

test("a URL signed for another region is refused in the words for URLs", async (t) => {
  const elsewhere = clientOf({ region: "eu-west-1" });
  const answer = await send("GET", await pathOf(new GetObjectCommand({ Bucket, Key: "k" }), { client: elsewhere }));
  t.is(answer.status, 400);
  t.is(element(answer, "Code"), "AuthorizationQueryParametersError");
  t.is(
    element(answer, "Message")?.replaceAll("&apos;", "'"),
    "Error parsing the X-Amz-Credential parameter; the region 'eu-west-1' is wrong; expecting 'us-east-1'",
  );
  t.is(element(answer, "Region"), "us-east-1");
});
