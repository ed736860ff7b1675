/** Uploads by a browser's form, as AWS answers them. */
import { hash } from "node:crypto";
import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  CreateBucketCommand,
  PutBucketVersioningCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { call } from "../../control/control-plane.ts";
import { startTestServer, type RawResponse } from "../../support/server.ts";
import { element } from "../../support/signed.ts";
import { BOUNDARY, encodeForm, postForm, signFormV2, signFormV4, type Fields } from "../../support/post-form.ts";
import { failure, makeBucket } from "./client.ts";

const server = await startTestServer();
const s3 = server.s3();

const KEYS = { accessKeyId: "AKIASTANDINPOST00001", secretAccessKey: "secret" };
await call(server.running.controlUrl, "AccountService/CreateAccessKey", {
  body: { accountId: "123456789012", ...KEYS },
});

const bucket = await makeBucket(s3, "post");
test.after.always(() => server.close());

const refusal = (answer: RawResponse): readonly [number, string | undefined, string | undefined] => [
  answer.status,
  element(answer, "Code"),
  element(answer, "Message")?.replaceAll("&quot;", '"').replaceAll("&apos;", "'"),
];

const signed = (fields: Fields, conditions: readonly unknown[] = []): Fields =>
  signFormV4(KEYS, { fields, conditions: [{ bucket }, ...conditions] });

const textOf = async (Key: string, Bucket = bucket): Promise<string> =>
  (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? "";

test("a signed form of either version stores its file and answers 204 with the object's ETag and URL", async (t) => {
  const conditions = [{ bucket }];
  for (const fields of [
    signFormV4(KEYS, { fields: { key: "v4/a b" }, conditions }),
    // As AWS's JavaScript SDK makes it: the bucket is a field too.
    signFormV4(KEYS, { fields: { bucket, key: "sdk/a b" } }),
    signFormV2(KEYS, { fields: { key: "v2/a b" }, conditions }),
  ]) {
    const answer = await postForm(server, bucket, { fields, file: { content: "by form" } });
    t.is(answer.status, 204);
    t.is(answer.headers["etag"], `"${hash("md5", "by form")}"`);
    t.is(answer.headers["location"], `${server.endpoint}/${bucket}/${encodeURIComponent(fields["key"] ?? "")}`);
    t.is(answer.headers["content-type"], undefined);
    t.is(answer.body.length, 0);
    t.is(await textOf(fields["key"] ?? ""), "by form");
  }
});

test("facts 2 and 3 of POST: an upload without a checksum gets CRC64NVME, and is encrypted", async (t) => {
  const answer = await postForm(server, bucket, { fields: signed({ key: "default" }), file: { content: "123456789" } });
  t.is(answer.headers["x-amz-checksum-crc64nvme"], "rosUhgp5mIg=");
  t.is(answer.headers["x-amz-checksum-type"], "FULL_OBJECT");
  t.is(answer.headers["x-amz-server-side-encryption"], "AES256");
  t.is(answer.headers["x-amz-version-id"], undefined);
  const head = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "default", ChecksumMode: "ENABLED" }));
  t.is(head.ChecksumCRC64NVME, "rosUhgp5mIg=");
  t.is(head.ContentType, "binary/octet-stream");
});

test("fact 57: with 201 the answer says where the object is: Location URL-encoded, Key as it is", async (t) => {
  const key = "dir/na\u00efve & <b> \u{1F600}+%41.txt";
  const fields = signed({ key, success_action_status: "201" });
  const answer = await postForm(server, bucket, { fields });
  t.is(answer.status, 201);
  t.is(answer.headers["content-type"], "application/xml");
  const location = `${server.endpoint}/${bucket}/${encodeURIComponent(key)}`;
  t.is(answer.headers["location"], location);
  const shown = key.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const etag = `&quot;${hash("md5", "content")}&quot;`;
  t.is(
    String(answer.body).replaceAll('"', "&quot;"),
    `<?xml version="1.0" encoding="UTF-8"?>\n<PostResponse><Location>${location}</Location><Bucket>${bucket}</Bucket><Key>${shown}</Key><ETag>${etag}</ETag></PostResponse>`.replaceAll(
      '"',
      "&quot;",
    ),
  );
  t.is(await textOf(key), "content");
});

test("a form may be sent to the bucket's own host, and say whose bucket it must be", async (t) => {
  const host = `${bucket}.s3.localhost:${new URL(server.endpoint).port}`;
  const headers = { host, "content-type": `multipart/form-data; boundary=${BOUNDARY}` };
  const body = encodeForm([
    ["key", "by/host"],
    ["file", { content: "by host" }],
  ]);
  const answer = await server.request("POST", "/", { headers, body });
  t.is(answer.status, 204, String(answer.body));
  t.is(answer.headers["location"], `http://${host}/by%2Fhost`);
  t.is(await textOf("by/host"), "by host");
  const owner = { ...headers, "x-amz-expected-bucket-owner": "999999999999" };
  t.is((await server.request("POST", "/", { headers: owner, body })).status, 403);
});

test("a form as a browser encodes it is understood", async (t) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(
    signed({ success_action_status: "201" }, [["starts-with", "$key", "web/"]]),
  )) {
    form.append(name, value);
  }
  form.append("key", "web/${filename}");
  form.append("file", new Blob(["a\r\nb\n"], { type: "text/plain" }), "na\u00efve name.txt");
  form.append("submit", "Upload");
  const answer = await fetch(`${server.endpoint}/${bucket}`, { method: "POST", body: form });
  t.is(answer.status, 201);
  t.regex(await answer.text(), /<Key>web\/na\u00efve name\.txt<\/Key>/);
  t.is(await textOf("web/na\u00efve name.txt"), "a\r\nb\n");
});

test("a status is 200, 201 or 204, and any other is 204", async (t) => {
  for (const [asked, status] of [
    ["200", 200],
    ["201", 201],
    ["204", 204],
    ["404", 204],
    ["", 204],
  ] as const) {
    const answer = await postForm(server, bucket, { fields: signed({ key: "status", success_action_status: asked }) });
    t.is(answer.status, status, asked);
    t.is(answer.body.length > 0, status === 201);
  }
});

test("a redirect wins over the status and says what was stored; one that is no URL is ignored", async (t) => {
  const etag = encodeURIComponent(`"${hash("md5", "content")}"`);
  const outcome = `bucket=${bucket}&key=a%2Fb+c&etag=${etag}`;
  for (const [name, url, location] of [
    ["success_action_redirect", "http://example.com/done", `http://example.com/done?${outcome}`],
    ["redirect", "https://example.com/done?x=a b", `https://example.com/done?x=a b&${outcome}`],
    ["success_action_redirect", "http://e.com/\u00e9\r\nX-Evil: 1", `http://e.com/%C3%A9%0D%0AX-Evil: 1?${outcome}`],
  ] as const) {
    const fields = signed({ key: "a/b c", [name]: url, success_action_status: "201" });
    const answer = await postForm(server, bucket, { fields });
    t.is(answer.status, 303);
    t.is(answer.headers["location"], location);
    t.is(answer.headers["x-evil"], undefined);
    t.is(answer.body.length, 0);
  }
  const fields = signed({ key: "a/b c", success_action_redirect: "/relative" });
  t.is((await postForm(server, bucket, { fields })).status, 204);
});

test("${filename} is the name of the file, without its path, in every field", async (t) => {
  for (const [fileName, name] of [
    ["cat.jpg", "cat.jpg"],
    ["C:\\pictures\\cat.jpg", "cat.jpg"],
    ["/home/me/$& cat.jpg", "$& cat.jpg"],
    ["na\u00efve.txt", "na\u00efve.txt"],
    ["", ""],
  ] as const) {
    const fields = signed({ "x-amz-meta-name": `<${name}>` }, [["eq", "$key", `up/${name}/x`]]);
    const answer = await postForm(server, bucket, {
      fields: { ...fields, "x-amz-meta-name": "<${filename}>", key: "up/${filename}/x" },
      file: { content: fileName, fileName },
    });
    t.is(answer.status, 204, String(answer.body));
    t.is(await textOf(`up/${name}/x`), fileName);
  }
  const fields = signed({ key: "literally-${filename}" });
  t.is((await postForm(server, bucket, { fields, file: { content: "n", fileName: null } })).status, 204);
  t.is(await textOf("literally-${filename}"), "n");
});

test("fields are an object's headers", async (t) => {
  const fields = signed({
    key: "headers",
    "Content-Type": "text/x-post",
    "Cache-Control": "no-store",
    "content-disposition": 'attachment; filename="a.txt"',
    "Content-Encoding": "gzip",
    "Content-Language": "de",
    Expires: "Thu, 01 Dec 2033 16:00:00 GMT",
    "x-amz-meta-TEST-2": "two",
    "x-amz-storage-class": "STANDARD_IA",
    "x-amz-website-redirect-location": "/other",
    acl: "private",
    "x-ignore-me": "ignored",
  });
  const answer = await postForm(server, bucket, { fields });
  t.is(answer.status, 204, String(answer.body));
  t.like(await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: "headers" })), {
    ContentType: "text/x-post",
    CacheControl: "no-store",
    ContentDisposition: 'attachment; filename="a.txt"',
    ContentEncoding: "gzip",
    ContentLanguage: "de",
    ExpiresString: "Thu, 01 Dec 2033 16:00:00 GMT",
    Metadata: { "test-2": "two" },
    StorageClass: "STANDARD_IA",
    WebsiteRedirectLocation: "/other",
  });
});

test("fields that no object can have are refused as a PutObject's are", async (t) => {
  const storage = await postForm(server, bucket, { fields: signed({ key: "k", "x-amz-storage-class": "FakeClass" }) });
  t.deepEqual(refusal(storage), [400, "InvalidStorageClass", "The storage class you specified is not valid"]);
  t.is(element(storage, "StorageClassRequested"), "FakeClass");
  const acl = await postForm(server, bucket, { fields: signed({ key: "k", acl: "wrong" }) });
  t.is(element(acl, "ArgumentName"), "x-amz-acl");
  const lock = await postForm(server, bucket, { fields: signed({ key: "k", "x-amz-object-lock-legal-hold": "ON" }) });
  t.is(element(lock, "Message"), "Bucket is missing Object Lock Configuration");
  t.is((await failure(textOf("k"))).name, "NoSuchKey");
});

test("a tagging field holds a document; one of another kind is no tags", async (t) => {
  const tagging = (content: string) => ({ fields: signed({ key: "tagged", tagging: content }) });
  const document = "<Tagging><TagSet><Tag><Key>a,b</Key><Value>1&amp;2</Value></Tag></TagSet></Tagging>";
  const readTags = async () => (await s3.send(new GetObjectTaggingCommand({ Bucket: bucket, Key: "tagged" }))).TagSet;
  t.is((await postForm(server, bucket, tagging(document.replace("a,b", "a b").replace("1&amp;2", "1+2")))).status, 204);
  t.deepEqual(await readTags(), [{ Key: "a b", Value: "1+2" }]);
  t.is((await postForm(server, bucket, tagging("<InvalidXmlTagging></InvalidXmlTagging>"))).status, 204);
  t.deepEqual(await readTags(), []);
  t.is(element(await postForm(server, bucket, tagging("not-xml")), "Code"), "MalformedXML");
  t.is(element(await postForm(server, bucket, tagging(document)), "Code"), "InvalidTag");
});

test("checksum and Content-MD5 fields vouch for the file", async (t) => {
  const md5 = hash("md5", "123456789", "base64");
  const good = { "x-amz-checksum-algorithm": "CRC32", "x-amz-checksum-crc32": "y/Q5Jg==", "Content-MD5": md5 };
  const file = { content: "123456789" };
  const stored = await postForm(server, bucket, { fields: signed({ key: "sum", ...good }), file });
  t.is(stored.status, 204, String(stored.body));
  t.is(stored.headers["x-amz-checksum-crc32"], "y/Q5Jg==");
  t.is(stored.headers["x-amz-checksum-crc64nvme"], undefined);

  const other = { content: "other" };
  const crc = await postForm(server, bucket, {
    fields: signed({ key: "sum", "x-amz-checksum-crc32": "y/Q5Jg==" }),
    file: other,
  });
  t.deepEqual(refusal(crc), [400, "BadDigest", "The CRC32 you specified did not match the calculated checksum."]);
  const digest = await postForm(server, bucket, { fields: signed({ key: "sum", "Content-MD5": md5 }), file: other });
  t.is(element(digest, "Code"), "BadDigest");
  t.is(element(digest, "CalculatedDigest"), hash("md5", "other", "base64"));
  const invalid = await postForm(server, bucket, { fields: signed({ key: "sum", "Content-MD5": "x" }), file });
  t.is(element(invalid, "Code"), "InvalidDigest");
  const alone = await postForm(server, bucket, { fields: signed({ key: "sum", "x-amz-checksum-algorithm": "SHA1" }) });
  t.is(element(alone, "Code"), "InvalidRequest");
  t.is(await textOf("sum"), "123456789");
});

test("a file encrypted with the customer's key needs it again", async (t) => {
  const key = Buffer.alloc(32, 7);
  const customer = {
    "x-amz-server-side-encryption-customer-algorithm": "AES256",
    "x-amz-server-side-encryption-customer-key": key.toString("base64"),
    "x-amz-server-side-encryption-customer-key-MD5": hash("md5", key, "base64"),
  };
  const answer = await postForm(server, bucket, { fields: signed({ key: "sse-c", ...customer }) });
  t.is(answer.status, 204, String(answer.body));
  t.is(answer.headers["x-amz-server-side-encryption-customer-algorithm"], "AES256");
  t.is(answer.headers["x-amz-server-side-encryption"], undefined);
  t.is((await failure(textOf("sse-c"))).name, "InvalidRequest");

  const kms = await postForm(server, bucket, {
    fields: signed({ key: "kms", "x-amz-server-side-encryption": "aws:kms" }),
  });
  t.is(kms.headers["x-amz-server-side-encryption"], "aws:kms");
  t.regex(
    String(kms.headers["x-amz-server-side-encryption-aws-kms-key-id"]),
    /^arn:aws:kms:us-east-1:123456789012:key\//,
  );
});

test("lock fields lock the object, where the form vouches for its file", async (t) => {
  const Bucket = `post-lock-${process.pid}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const lock = {
    "x-amz-object-lock-mode": "GOVERNANCE",
    "x-amz-object-lock-retain-until-date": "2040-01-01T00:00:00Z",
    "x-amz-object-lock-legal-hold": "ON",
  };
  const post = (fields: Fields) =>
    postForm(server, Bucket, {
      fields: signFormV4(KEYS, { fields: { key: "k", ...fields }, conditions: [{ bucket: Bucket }] }),
    });
  t.is(element(await post(lock), "Code"), "InvalidRequest");
  const locked = await post({ ...lock, "Content-MD5": hash("md5", "content", "base64") });
  t.is(locked.status, 204, String(locked.body));
  const head = await s3.send(new HeadObjectCommand({ Bucket, Key: "k" }));
  t.like(head, { ObjectLockMode: "GOVERNANCE", ObjectLockLegalHoldStatus: "ON" });
  t.is(head.ObjectLockRetainUntilDate?.getUTCFullYear(), 2040);
});

test("a versioned bucket answers the version that was made", async (t) => {
  const Bucket = await makeBucket(s3, "post-versions");
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
  const conditions = [{ bucket: Bucket }];
  const fields = signFormV4(KEYS, { fields: { key: "k" }, conditions });
  const [first, second] = [
    await postForm(server, Bucket, { fields, file: { content: "1" } }),
    await postForm(server, Bucket, { fields, file: { content: "" } }),
  ];
  const VersionId = String(first.headers["x-amz-version-id"]);
  t.regex(VersionId, /^[\w.]{32}$/);
  t.not(second.headers["x-amz-version-id"], VersionId);
  const old = await s3.send(new GetObjectCommand({ Bucket, Key: "k", VersionId }));
  t.is(await old.Body?.transformToString(), "1");
  t.is(await textOf("k", Bucket), "");
});

test("a form for a bucket that is not there says so", async (t) => {
  const answer = await postForm(server, "post-not-there", { fields: { key: "k" } });
  t.is(element(answer, "Code"), "NoSuchBucket");
  t.is(element(answer, "BucketName"), "post-not-there");
});
