import test from "ava";
import { encodeS3Output } from "../../../src/protocol/codec/s3-encoder.ts";
import type { WireResponse } from "../../../src/protocol/wire.ts";

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** The document of an answer. */
const textOf = ({ body }: WireResponse): string => (typeof body === "string" ? body : "");

const LAST_MODIFIED = new Date("2009-10-12T17:50:30.000Z");

test("a document has AWS's declaration, root, namespace, order and times", (t) => {
  const answer = encodeS3Output(
    "ListObjectsV2",
    {
      IsTruncated: false,
      Name: "bucket",
      Prefix: "",
      MaxKeys: 1000,
      KeyCount: 1,
      Contents: [{ Key: "k", LastModified: LAST_MODIFIED, ETag: '"e"', ChecksumAlgorithm: ["CRC32", "SHA1"], Size: 5 }],
    },
    {},
  );
  t.is(
    answer.body,
    `${HEAD}<ListBucketResult ${NAMESPACE}><IsTruncated>false</IsTruncated>` +
      "<Contents><Key>k</Key><LastModified>2009-10-12T17:50:30.000Z</LastModified><ETag>&quot;e&quot;</ETag>" +
      "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumAlgorithm>SHA1</ChecksumAlgorithm><Size>5</Size></Contents>" +
      "<Name>bucket</Name><Prefix></Prefix><MaxKeys>1000</MaxKeys><KeyCount>1</KeyCount></ListBucketResult>",
  );
  t.deepEqual(answer.headers, { "Content-Type": "application/xml" });
  t.is(answer.status, 200);
});

test("texts leave escaped: markup, control characters and line ends as references", (t) => {
  const { body } = encodeS3Output(
    "GetBucketTagging",
    { TagSet: [{ Key: "&<>\"'\r\n\t\u0001", Value: "\u{1F600}" }] },
    {},
  );
  t.is(
    body,
    `${HEAD}<Tagging ${NAMESPACE}><TagSet><Tag>` +
      "<Key>&amp;&lt;&gt;&quot;'&#xd;&#xa;\t&#x1;</Key><Value>\u{1F600}</Value></Tag></TagSet></Tagging>",
  );
});

test("a grantee carries its type as an attribute with the namespace that it needs", (t) => {
  const grantee = { Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers" };
  const { body } = encodeS3Output("GetBucketAcl", { Grants: [{ Grantee: grantee, Permission: "READ" }] }, {});
  t.is(
    body,
    `${HEAD}<AccessControlPolicy ${NAMESPACE}><AccessControlList><Grant>` +
      '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Group">' +
      "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI></Grantee><Permission>READ</Permission>" +
      "</Grant></AccessControlList></AccessControlPolicy>",
  );
});

test("GetBucketLocation answers its region in the root element, and none for us-east-1", (t) => {
  t.is(
    encodeS3Output("GetBucketLocation", { LocationConstraint: "eu-west-1" }, {}).body,
    `${HEAD}<LocationConstraint ${NAMESPACE}>eu-west-1</LocationConstraint>`,
  );
  t.is(
    encodeS3Output("GetBucketLocation", {}, {}).body,
    `${HEAD}<LocationConstraint ${NAMESPACE}></LocationConstraint>`,
  );
});

test("encoding-type=url encodes keys, prefixes, delimiters and markers, and nothing else", (t) => {
  const answer = encodeS3Output(
    "ListObjects",
    {
      EncodingType: "url",
      Name: "a b",
      Prefix: "p/q r",
      Delimiter: "%2F",
      Marker: "~*",
      Contents: [{ Key: "ü+/(", ETag: "a b" }],
    },
    {},
  );
  const text = textOf(answer);
  t.true(text.includes("<Name>a b</Name>"));
  t.true(text.includes("<Prefix>p/q+r</Prefix>"));
  t.true(text.includes("<Delimiter>%252F</Delimiter>"));
  t.true(text.includes("<Marker>%7E*</Marker>"));
  t.true(text.includes("<Key>%C3%BC%2B/%28</Key>"));
  t.true(text.includes("<ETag>a b</ETag>"));
});

test("headers take numbers, times of HTTP, lists and the client's own metadata", (t) => {
  const { headers, status, body } = encodeS3Output(
    "HeadObject",
    { ContentLength: 5, LastModified: LAST_MODIFIED, DeleteMarker: false, Metadata: { one: "1", "two-2": "" } },
    { Server: "AmazonS3" },
  );
  t.deepEqual(headers, {
    Server: "AmazonS3",
    "Content-Length": "5",
    "Last-Modified": "Mon, 12 Oct 2009 17:50:30 GMT",
    "x-amz-delete-marker": "false",
    "x-amz-meta-one": "1",
    "x-amz-meta-two-2": "",
  });
  t.is(status, 200);
  t.is(body, undefined);
});

test("a part of an object is answered with 206", (t) => {
  t.is(encodeS3Output("GetObject", { ContentRange: "bytes 0-1/5" }, {}).status, 206);
  t.is(encodeS3Output("HeadObject", { ContentRange: "bytes 0-1/5" }, {}).status, 206);
  t.is(encodeS3Output("GetObject", {}, {}).status, 200);
});

test("an answer without a document has the status that AWS gives and no body", (t) => {
  t.deepEqual(encodeS3Output("DeleteBucket", {}, {}), { status: 204, headers: {} });
  t.deepEqual(encodeS3Output("PutBucketTagging", {}, {}), { status: 204, headers: {} });
  t.deepEqual(encodeS3Output("PutObjectTagging", {}, {}), { status: 200, headers: {} });
  t.deepEqual(encodeS3Output("HeadBucket", {}, {}), { status: 200, headers: { "Content-Type": "application/xml" } });
});

test("a policy is answered as it was given", (t) => {
  const { body, headers } = encodeS3Output("GetBucketPolicy", { Policy: '{"a":"<&>"}' }, {});
  t.is(body, '{"a":"<&>"}');
  t.is(headers["Content-Type"], "application/json");
});

test("times have milliseconds, on every day and beyond the year 9999", (t) => {
  const times = [
    "1970-01-01T00:00:00.000Z",
    "2024-02-29T23:59:59.999Z",
    "2024-03-01T00:00:00.001Z",
    "1969-12-31T23:59:59.007Z",
  ];
  const dates = [...times.map((text) => new Date(text)), new Date(8.64e15)];
  for (const LastModified of dates) {
    const listed = encodeS3Output("ListParts", { Parts: [{ LastModified }] }, {});
    t.true(textOf(listed).includes(`<LastModified>${LastModified.toISOString()}</LastModified>`));
  }
});

test("a time that is none is a fault of ours", (t) => {
  t.throws(() => encodeS3Output("ListParts", { Parts: [{ LastModified: new Date(Number.NaN) }] }, {}), {
    instanceOf: RangeError,
  });
});
