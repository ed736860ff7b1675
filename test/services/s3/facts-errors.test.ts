/** Errors as they stand on the wire: status, and every element inside `<Error>` beside RequestId and HostId. */
import { createHash } from "node:crypto";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../support/server.ts";
import { makeBucket } from "./client.ts";
import {
  HEADER_NOT_IMPLEMENTED,
  ITSELF,
  MISSING_ID,
  check,
  elementsOf,
  invalidArgument,
  invalidRequest,
  noSuchKey,
  precondition,
  titleOf,
  type Case,
  type Fields,
} from "./error-cases.ts";

// Raw requests are not signed, and in `lenient` an unsigned read is anonymous.
const server = await startTestServer({ authMode: "off" });
const s3 = server.s3({ requestChecksumCalculation: "WHEN_REQUIRED" });
const bucket = await makeBucket(s3, "errors");
const versioned = await makeBucket(s3, "errors-versioned");
await s3.send(new PutBucketVersioningCommand({ Bucket: versioned, VersioningConfiguration: { Status: "Enabled" } }));
await s3.send(new PutObjectCommand({ Bucket: bucket, Key: "ten", Body: "0123456789" }));
const gone = await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "gone", Body: "body" }));
await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "gone", VersionId: gone.VersionId }));
await s3.send(new PutObjectCommand({ Bucket: versioned, Key: "marked", Body: "body" }));
const marker = await s3.send(new DeleteObjectCommand({ Bucket: versioned, Key: "marked" }));

const md5 = (body: string | Uint8Array) => createHash("md5").update(body);
const { UploadId: plain = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "parts" }));

test.after.always(() => server.close());

const at = (key: string): string => `/${bucket}/${key}`;
const upload = (key: string, uploadId: string): string => `${at(key)}?uploadId=${uploadId}`;
const parts = (...listed: readonly (readonly [number: number, etag: string | undefined, more?: string])[]): string =>
  `<CompleteMultipartUpload>${listed
    .map(([number, etag, more = ""]) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`)
    .join("")}</CompleteMultipartUpload>`;
const source = (key = "ten"): Fields => ({ "x-amz-copy-source": `/${bucket}/${key}` });
const ten = md5("0123456789").digest("hex");
const YESTERDAY = new Date(Date.now() - 86_400_000).toUTCString();

const CASES: readonly Case[] = [
  {
    fact: 7,
    what: "a version id that S3 never made",
    request: ["DELETE", `${at("ten")}?versionId=madeup`],
    status: 400,
    error: invalidArgument("Invalid version id specified", "versionId", "madeup"),
  },
  {
    fact: 7,
    what: "a version that is gone",
    request: ["GET", `/${versioned}/gone?versionId=${gone.VersionId}`],
    status: 404,
    error: { Code: "NoSuchVersion", Message: MISSING_ID, Key: "gone", VersionId: gone.VersionId ?? "" },
  },
  { fact: 19, what: "a missing key", request: ["GET", at("missing")], status: 404, error: noSuchKey("missing") },
  {
    fact: 20,
    what: "a range beyond the end",
    request: ["GET", at("ten"), { range: "bytes=100-200" }],
    status: 416,
    error: {
      Code: "InvalidRange",
      Message: "The requested range is not satisfiable",
      RangeRequested: "bytes=100-200",
      ActualObjectSize: "10",
    },
  },
  {
    fact: 21,
    what: "a part of a plain object",
    request: ["GET", `${at("ten")}?partNumber=2`],
    status: 416,
    error: {
      Code: "InvalidPartNumber",
      Message: "The requested partnumber is not satisfiable",
      PartNumberRequested: "2",
      ActualPartCount: "1",
    },
  },
  {
    fact: 21,
    what: "a part and a range",
    request: ["GET", `${at("ten")}?partNumber=1`, { range: "bytes=0-1" }],
    status: 400,
    error: invalidRequest("Cannot specify both Range header and partNumber query parameter"),
  },
  {
    fact: 22,
    what: "If-Match of a read",
    request: ["GET", at("ten"), { "if-match": '"other"' }],
    status: 412,
    error: precondition("If-Match"),
  },
  {
    fact: 22,
    what: "If-Unmodified-Since of a read",
    request: ["GET", at("ten"), { "if-unmodified-since": YESTERDAY }],
    status: 412,
    error: precondition("If-Unmodified-Since"),
  },
  ...(
    [
      ["If-Match", '"other"'],
      ["If-None-Match", `"${ten}"`],
      ["If-Unmodified-Since", YESTERDAY],
    ] as const
  ).map(([condition, value]): Case => ({
    fact: 22,
    what: `${condition} of a copy's source`,
    request: ["PUT", at("copy"), { ...source(), [`x-amz-copy-source-${condition.toLowerCase()}`]: value }],
    status: 412,
    error: precondition(`x-amz-copy-source-${condition}`),
  })),
  {
    fact: 23,
    what: "a key whose latest version is a delete marker",
    request: ["GET", `/${versioned}/marked`],
    status: 404,
    error: noSuchKey("marked"),
  },
  {
    fact: 23,
    what: "a delete marker by its id",
    request: ["GET", `/${versioned}/marked?versionId=${marker.VersionId}`],
    status: 405,
    error: {
      Code: "MethodNotAllowed",
      Message: "The specified method is not allowed against this resource.",
      Method: "GET",
      ResourceType: "DeleteMarker",
    },
  },
  {
    fact: 26,
    what: "a Content-MD5 that cannot be read",
    request: ["PUT", at("k"), { "content-md5": "abc" }, "body"],
    status: 400,
    error: { Code: "InvalidDigest", Message: "The Content-MD5 you specified was invalid.", "Content-MD5": "abc" },
  },
  {
    fact: 26,
    what: "a wrong Content-MD5 of an object",
    request: ["PUT", at("k"), { "content-md5": md5("other").digest("base64") }, "body"],
    status: 400,
    error: {
      Code: "BadDigest",
      Message: "The Content-MD5 you specified did not match what we received.",
      ExpectedDigest: md5("other").digest("hex"),
      CalculatedDigest: md5("body").digest("base64"),
    },
  },
  {
    fact: 27,
    what: "If-None-Match over an object",
    request: ["PUT", at("ten"), { "if-none-match": "*" }, "body"],
    status: 412,
    error: precondition("If-None-Match"),
  },
  {
    fact: 27,
    what: "If-None-Match with an ETag",
    request: ["PUT", at("ten"), { "if-none-match": `"${ten}"` }, "body"],
    status: 501,
    error: {
      Code: "NotImplemented",
      Message: HEADER_NOT_IMPLEMENTED,
      Header: "If-None-Match",
      additionalMessage: "We don't accept the provided value of If-None-Match header for this API",
    },
  },
  {
    fact: 27,
    what: "If-Match with a star, on a copy",
    request: ["PUT", at("copy"), { ...source(), "if-match": "*" }],
    status: 501,
    error: {
      Code: "NotImplemented",
      Message: HEADER_NOT_IMPLEMENTED,
      Header: "If-Match",
      additionalMessage: "We don't accept the provided value of If-Match header for this API",
    },
  },
  {
    fact: 27,
    what: "both conditions, on a completion",
    request: ["POST", upload("parts", plain), { "if-match": '"a"', "if-none-match": "*" }, parts([2, "a"])],
    status: 501,
    error: {
      Code: "NotImplemented",
      Message: HEADER_NOT_IMPLEMENTED,
      Header: "If-Match,If-None-Match",
      additionalMessage: "Multiple conditional request headers present in the request",
    },
  },
  {
    fact: 28,
    what: "If-Match with another ETag",
    request: ["PUT", at("ten"), { "if-match": '"other"' }, "body"],
    status: 412,
    error: precondition("If-Match"),
  },
  {
    fact: 28,
    what: "If-Match where nothing is",
    request: ["PUT", at("missing"), { "if-match": '"other"' }, "body"],
    status: 404,
    error: noSuchKey("missing"),
  },
  {
    fact: 28,
    what: "If-Match over a delete marker",
    request: ["PUT", `/${versioned}/marked`, { "if-match": '"other"' }, "body"],
    status: 404,
    error: noSuchKey("marked"),
  },
  {
    fact: 30,
    what: "x-amz-if-match-size",
    request: ["DELETE", at("ten"), { "x-amz-if-match-size": "10" }],
    status: 501,
    error: { Code: "NotImplemented", Message: HEADER_NOT_IMPLEMENTED, Header: "x-amz-if-match-size" },
  },
  {
    fact: 39,
    what: "a copy onto itself",
    request: ["PUT", at("ten"), source()],
    status: 400,
    error: invalidRequest(ITSELF),
  },
  ...["no-slash", "/", "/bucket", "/bucket/"].map((text): Case => ({
    fact: 39,
    what: `the copy source ${text}`,
    request: ["PUT", at("copy"), { "x-amz-copy-source": text }],
    status: 400,
    error: invalidArgument("Invalid copy source object key", "x-amz-copy-source", "x-amz-copy-source"),
  })),
  {
    fact: 39,
    what: "a delete marker as source",
    request: ["PUT", at("copy"), { "x-amz-copy-source": `/${versioned}/marked?versionId=${marker.VersionId}` }],
    status: 400,
    error: invalidRequest("The source of a copy request may not specifically refer to a delete marker by version id."),
  },
  {
    fact: 39,
    what: "a source whose latest version is a delete marker",
    request: ["PUT", at("copy"), { "x-amz-copy-source": `/${versioned}/marked` }],
    status: 404,
    error: noSuchKey("marked"),
  },
  ...["", "&list-type=2", "&versions", "&uploads"].map((list): Case => ({
    fact: 41,
    what: `an encoding that is none in the list ${list}`,
    request: ["GET", `/${bucket}?encoding-type=gzip${list}`],
    status: 400,
    error: invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", "gzip"),
  })),
  {
    fact: 41,
    what: "a token that is none",
    request: ["GET", `/${bucket}?list-type=2&continuation-token=x`],
    status: 400,
    error: {
      Code: "InvalidArgument",
      Message: "The continuation token provided is incorrect",
      ArgumentName: "continuation-token",
    },
  },
  {
    fact: 41,
    what: "a version's marker alone",
    request: ["GET", `/${versioned}?versions&version-id-marker=null`],
    status: 400,
    error: invalidArgument(
      "A version-id marker cannot be specified without a key marker.",
      "version-id-marker",
      "null",
    ),
  },
  {
    fact: 41,
    what: "an upload's marker that does not fit the key",
    request: ["GET", `/${bucket}?uploads&key-marker=other&upload-id-marker=${plain}`],
    status: 400,
    error: invalidArgument("Invalid uploadId marker", "upload-id-marker", plain),
  },
];

for (const expected of CASES) test(titleOf(expected), (t) => check(t, { server, expected }));

test("fact 22: 304 has no body, but the ETag", async (t) => {
  const now = new Date().toUTCString();
  for (const headers of [{ "if-none-match": `"${ten}"` }, { "if-none-match": ten }, { "if-modified-since": now }]) {
    const answer = await server.request("GET", at("ten"), { headers });
    t.is(answer.status, 304, JSON.stringify(headers));
    t.is(answer.body.length, 0);
    t.is(answer.headers["etag"], `"${ten}"`);
  }
});

test("fact 22: If-Modified-Since of a copy's source is 412 too", async (t) => {
  const headers = { ...source(), "x-amz-copy-source-if-modified-since": new Date().toUTCString() };
  const answer = await server.request("PUT", at("copy"), { headers });
  t.is(answer.status, 412);
  t.deepEqual(elementsOf(String(answer.body)), precondition("x-amz-copy-source-If-Modified-Since"));
});

test("fact 23: what met a delete marker says so in headers, a version that is gone does not", async (t) => {
  const plainly = await server.request("GET", `/${versioned}/marked`);
  t.is(plainly.headers["x-amz-delete-marker"], "true");
  t.is(plainly.headers["x-amz-version-id"], marker.VersionId);
  const byId = await server.request("GET", `/${versioned}/marked?versionId=${marker.VersionId}`);
  t.is(byId.headers["x-amz-delete-marker"], "true");
  t.is(byId.headers["allow"], "DELETE");
  const missing = await server.request("GET", `/${versioned}/gone?versionId=${gone.VersionId}`);
  t.is(missing.headers["x-amz-delete-marker"], undefined);
  t.is(missing.headers["x-amz-version-id"], undefined);
});
