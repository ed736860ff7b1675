import test from "ava";
import { S3Error } from "../../../src/services/s3/errors.ts";
import { METADATA_BYTES_MAX } from "../../../src/services/s3/limits.ts";
import { objectHeaderMembers, readObjectHeaders } from "../../../src/services/s3/object-headers.ts";

test("an object without a content type is binary/octet-stream", (t) => {
  t.deepEqual(readObjectHeaders({}), { contentType: "binary/octet-stream" });
});

test("aws-chunked is no content encoding of the object", (t) => {
  t.is(readObjectHeaders({ ContentEncoding: "aws-chunked" }).contentEncoding, undefined);
  t.is(readObjectHeaders({ ContentEncoding: "gzip, aws-chunked" }).contentEncoding, "gzip");
  t.is(readObjectHeaders({ ContentEncoding: "gzip" }).contentEncoding, "gzip");
});

test("user metadata has at most 2 KiB, names and values together", (t) => {
  const fits = { name: "v".repeat(METADATA_BYTES_MAX - 4) };
  t.deepEqual(readObjectHeaders({ Metadata: fits }).metadata, fits);
  const error = t.throws(() => readObjectHeaders({ Metadata: { name: `${fits.name}v` } }), { instanceOf: S3Error });
  t.is(error?.code, "MetadataTooLarge");
  t.deepEqual(error?.fields, { Size: "2049", MaxSizeAllowed: "2048" });
});

test("a website redirect must be a path or an HTTP URL", (t) => {
  t.is(readObjectHeaders({ WebsiteRedirectLocation: "/page" }).websiteRedirectLocation, "/page");
  const error = t.throws(() => readObjectHeaders({ WebsiteRedirectLocation: "page" }), { instanceOf: S3Error });
  t.is(error?.code, "InvalidRedirectLocation");
});

test("metadata beyond ASCII is answered as RFC 2047 words of the bytes that came", (t) => {
  // The header's UTF-8 bytes arrive a character a byte, and S3 takes them so.
  const metadata = { nonascii: Buffer.from("ÄMÄZÕÑ S3").toString("latin1"), plain: "text" };
  t.deepEqual(objectHeaderMembers({ metadata }).Metadata, {
    nonascii: "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=",
    plain: "text",
  });
});
