import test, { type ExecutionContext } from "ava";
import { AwsError } from "../../../src/protocol/aws-error.ts";
import type { InputParts } from "../../../src/protocol/codec/rest-xml-decoder.ts";
import { decodeS3Input, readsDocument } from "../../../src/protocol/codec/s3-decoder.ts";
import { parseParameters } from "../../../src/protocol/query-string.ts";
import type { S3OperationName } from "../../../src/protocol/router.ts";

type Given = {
  readonly headers?: InputParts["headers"];
  readonly query?: string;
  readonly document?: string | Uint8Array;
};

const decode = <Name extends S3OperationName>(operation: Name, { headers = {}, query = "", document }: Given) =>
  decodeS3Input(operation, {
    bucket: "b",
    key: "k",
    query: parseParameters(query),
    headers,
    ...(document === undefined ? {} : { document: Buffer.from(document) }),
  });

const refusal = (t: ExecutionContext, operation: S3OperationName, given: Given): AwsError | undefined =>
  t.throws(() => decode(operation, given), { instanceOf: AwsError }, JSON.stringify(given));

const MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema";

test("a document with or without namespace, prefix, declaration or byte order mark is the same", (t) => {
  const content = "<TagSet><Tag><Key>a</Key><Value> b </Value></Tag></TagSet>";
  const documents = [
    `<Tagging>${content}</Tagging>`,
    `<Tagging xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${content}</Tagging>`,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Tagging>\n  ${content}\n</Tagging>\n`,
    `\uFEFF<Tagging>${content}</Tagging>`,
    "<s3:Tagging xmlns:s3='urn:s3'><s3:TagSet><s3:Tag><s3:Value> b </s3:Value><s3:Key>a</s3:Key></s3:Tag></s3:TagSet></s3:Tagging>",
  ];
  for (const document of documents) {
    t.deepEqual(decode("PutBucketTagging", { document }).Tagging, { TagSet: [{ Key: "a", Value: " b " }] }, document);
  }
});

test("a document that does not fit AWS's schema is malformed", (t) => {
  const documents: readonly (readonly [S3OperationName, string])[] = [
    ["PutBucketTagging", "not XML"],
    ["PutBucketTagging", "<Tags/>"],
    ["PutBucketTagging", "<Tagging/>"],
    ["PutBucketTagging", "<Tagging><TagSet><Tag><Key>a</Key></Tag></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet><Tag><Value>a</Value></Tag></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value><More/></Tag></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet><Tag><Key>a</Key><Key>b</Key><Value>b</Value></Tag></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet><Tag><Key><b/></Key><Value>b</Value></Tag></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet>text<Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet/><TagSet/></Tagging>"],
    ["PutBucketTagging", "<Tagging><TagSet><Other/></TagSet></Tagging>"],
    ["PutBucketTagging", "<Tagging>text<TagSet/></Tagging>"],
    ["PutBucketVersioning", "<VersioningConfiguration><Status>enabled</Status></VersioningConfiguration>"],
    ["PutBucketVersioning", "<VersioningConfiguration><Status>Disabled</Status></VersioningConfiguration>"],
    ["PutBucketRequestPayment", "<RequestPaymentConfiguration><Payer>Nobody</Payer></RequestPaymentConfiguration>"],
    [
      "PutPublicAccessBlock",
      "<PublicAccessBlockConfiguration><BlockPublicAcls>yes</BlockPublicAcls></PublicAccessBlockConfiguration>",
    ],
    [
      "CompleteMultipartUpload",
      "<CompleteMultipartUpload><Part><PartNumber>1.5</PartNumber></Part></CompleteMultipartUpload>",
    ],
    [
      "CompleteMultipartUpload",
      "<CompleteMultipartUpload><Part><PartNumber>one</PartNumber></Part></CompleteMultipartUpload>",
    ],
    ["DeleteObjects", "<Delete><Quiet>true</Quiet><Object/></Delete>"],
    ["DeleteObjects", "<Delete/>"],
    ["PutObjectRetention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>soon</RetainUntilDate></Retention>"],
    ["PutObjectRetention", "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2024</RetainUntilDate></Retention>"],
    [
      "PutObjectRetention",
      "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2024-02-30T00:00:00Z</RetainUntilDate></Retention>",
    ],
    [
      "PutBucketAnalyticsConfiguration",
      "<AnalyticsConfiguration><Id>i</Id><StorageClassAnalysis/><Filter><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag></Filter></AnalyticsConfiguration>",
    ],
  ];
  for (const [operation, document] of documents) {
    const error = refusal(t, operation, { document, query: "uploadId=u&id=i" });
    t.is(error?.code, "MalformedXML", document);
    t.is(error?.message, MALFORMED);
    t.is(error?.status, 400);
    t.deepEqual(error?.fields, {});
  }
});

test("no document where AWS demands one is an error of its own", (t) => {
  for (const operation of ["PutBucketTagging", "DeleteObjects", "SelectObjectContent"] as const) {
    t.is(refusal(t, operation, { document: "" })?.code, "MissingRequestBodyError");
    t.is(refusal(t, operation, {})?.code, "MissingRequestBodyError");
  }
  t.is(refusal(t, "PutBucketPolicy", {})?.code, "MissingRequestBodyError");
  t.is(decode("PutBucketPolicy", { document: "" }).Policy, "");
});

test("the calls for ACLs have a code of their own for the same", (t) => {
  const documents = [
    "<AccessControlPolicy><Nobody/></AccessControlPolicy>",
    "<AccessControlPolicy><AccessControlList><Grant><Permission>ALL</Permission></Grant></AccessControlList></AccessControlPolicy>",
    "<AccessControlPolicy><AccessControlList><Grant><Grantee><ID>x</ID></Grantee></Grant></AccessControlList></AccessControlPolicy>",
    "<AccessControlPolicy",
  ];
  for (const operation of ["PutBucketAcl", "PutObjectAcl"] as const) {
    for (const document of documents) {
      const error = refusal(t, operation, { document });
      t.is(error?.code, "MalformedACLError", document);
      t.is(error?.message, MALFORMED);
    }
  }
});

test("an ACL's grantee is told by an attribute", (t) => {
  const grantee =
    '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>id</ID></Grantee>';
  const document = `<AccessControlPolicy><AccessControlList><Grant>${grantee}<Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>`;
  t.deepEqual(decode("PutBucketAcl", { document }).AccessControlPolicy, {
    Grants: [{ Grantee: { Type: "CanonicalUser", ID: "id" }, Permission: "READ" }],
  });
  t.is(decode("PutBucketAcl", { headers: { "x-amz-acl": "private" }, document: "" }).AccessControlPolicy, undefined);
});

test("bytes that are no UTF-8 are malformed", (t) => {
  t.is(
    refusal(t, "PutBucketTagging", { document: Buffer.from("<Tagging>\xff</Tagging>", "latin1") })?.code,
    "MalformedXML",
  );
});

test("the members of a document without a payload stand in its root, which has one name", (t) => {
  const root = (name: string): string =>
    `<${name}><Expression>e</Expression><ExpressionType>SQL</ExpressionType><InputSerialization/><OutputSerialization/></${name}>`;
  const query = "select&select-type=2";
  t.is(decode("SelectObjectContent", { query, document: root("SelectObjectContentRequest") }).Expression, "e");
  t.is(refusal(t, "SelectObjectContent", { query, document: root("Other") })?.code, "MalformedXML");
});

test("only operations with a document read one", (t) => {
  t.true(readsDocument("PutBucketTagging"));
  t.true(readsDocument("PutBucketPolicy"));
  t.true(readsDocument("SelectObjectContent"));
  t.false(readsDocument("PutObject"));
  t.false(readsDocument("GetObject"));
});

test("a policy is the body's text", (t) => {
  t.is(decode("PutBucketPolicy", { document: '{"a": "\u{1F600}"}' }).Policy, '{"a": "\u{1F600}"}');
});

test("numbers, booleans and times of headers and parameters are read strictly", (t) => {
  t.is(decode("ListObjectsV2", { query: "list-type=2&max-keys=10" }).MaxKeys, 10);
  t.is(decode("ListObjectsV2", { query: "list-type=2&max-keys=" }).MaxKeys, undefined, "an empty page size is none");
  for (const value of ["x", "1.5", "0x10", "1e3", "99999999999999999999"]) {
    const error = refusal(t, "ListObjectsV2", { query: `list-type=2&max-keys=${value}` });
    t.is(error?.code, "InvalidArgument", value);
    t.deepEqual(error?.fields, { ArgumentName: "max-keys", ArgumentValue: value });
  }
  t.is(decode("ListObjectsV2", { query: "fetch-owner=True" }).FetchOwner, true);
  t.is(refusal(t, "ListObjectsV2", { query: "fetch-owner=maybe" })?.code, "InvalidArgument");
  const error = refusal(t, "UploadPart", { query: "uploadId=u&partNumber=x" });
  t.is(error?.message, "Part number must be an integer between 1 and 10000, inclusive");
  const retain = "x-amz-object-lock-retain-until-date";
  t.deepEqual(
    decode("PutObject", { headers: { [retain]: "2031-02-03T04:05:06.789Z" } }).ObjectLockRetainUntilDate,
    new Date(Date.UTC(2031, 1, 3, 4, 5, 6, 789)),
  );
  t.is(refusal(t, "PutObject", { headers: { [retain]: "tomorrow" } })?.fields["ArgumentName"], retain);
});

test("a condition whose time cannot be read is as if it were not there", (t) => {
  const headers = { "if-modified-since": "yesterday", "if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT" };
  const input = decode("GetObject", { headers });
  t.is(input.IfModifiedSince, undefined);
  t.deepEqual(input.IfUnmodifiedSince, new Date(Date.UTC(1994, 10, 6, 8, 49, 37)));
});

test("a required header or parameter that is missing is named", (t) => {
  const error = refusal(t, "GetObjectAttributes", {});
  t.is(error?.code, "InvalidRequest");
  t.regex(error?.message ?? "", /x-amz-object-attributes/);
  t.is(refusal(t, "PutBucketMetricsConfiguration", {})?.fields["ArgumentName"], "id");
});

test("lists in headers may have blanks between their items", (t) => {
  const headers = { "x-amz-object-attributes": "ETag , Checksum,,ObjectSize" };
  t.deepEqual(decode("GetObjectAttributes", { headers }).ObjectAttributes, ["ETag", "Checksum", "ObjectSize"]);
});

test("metadata is what stands behind the prefix, whatever the name", (t) => {
  const headers = {
    "x-amz-meta-a": "1",
    "x-amz-meta-": "none",
    "x-amz-meta-constructor": "c",
    "x-amz-metadata-directive": "COPY",
  };
  t.deepEqual({ ...decode("PutObject", { headers }).Metadata }, { a: "1", "": "none", constructor: "c" });
  t.is(decode("PutObject", { headers: {} }).Metadata, undefined);
});
