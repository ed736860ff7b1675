import { hash } from "node:crypto";

import test from "ava";
import * as fc from "fast-check";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";

import { parseAuthorization } from "../../src/identity/authorization.ts";
import type { ServiceFamily } from "../../src/identity/identity-errors.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { checkSignature } from "../../src/identity/signature.ts";
import { Sha256 } from "../support/sha256.ts";

const ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE";
const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY = hash("sha256", "", "hex");

const check = (
  request: RequestFacts,
  options: { secret?: string; family?: ServiceFamily; bodySha256?: string } = {},
) => {
  const family = options.family ?? "s3";
  const authorization = parseAuthorization(request, family);
  if (authorization === undefined) throw new Error("not signed");
  const { bodySha256 } = options;
  return checkSignature({
    settings: {},
    request,
    family,
    authorization,
    secretAccessKey: options.secret ?? SECRET,
    bodySha256,
  });
};

const signedExample = (options: {
  method: string;
  target: string;
  headers: Readonly<Record<string, string>>;
  signature: string;
}): RequestFacts => {
  const [rawPath = "", rawQuery = ""] = options.target.split("?");
  const headers: Record<string, string> = {
    host: "examplebucket.s3.amazonaws.com",
    "x-amz-date": "20130524T000000Z",
    "x-amz-content-sha256": EMPTY,
    ...options.headers,
  };
  const signed = Object.keys(headers).sort().join(";");
  headers["authorization"] =
    `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signed},Signature=${options.signature}`;
  return { method: options.method, rawPath, rawQuery, headers };
};

const EXAMPLES = {
  "getting an object by range": signedExample({
    method: "GET",
    target: "/test.txt",
    headers: { range: "bytes=0-9" },
    signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
  }),
  "putting an object": signedExample({
    method: "PUT",
    target: "/test%24file.text",
    headers: {
      date: "Fri, 24 May 2013 00:00:00 GMT",
      "x-amz-content-sha256": hash("sha256", "Welcome to Amazon S3.", "hex"),
      "x-amz-storage-class": "REDUCED_REDUNDANCY",
    },
    signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
  }),
  "getting a bucket's lifecycle": signedExample({
    method: "GET",
    target: "/?lifecycle",
    headers: {},
    signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
  }),
  "listing objects": signedExample({
    method: "GET",
    target: "/?max-keys=2&prefix=J",
    headers: {},
    signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
  }),
};

const PRESIGNED: RequestFacts = {
  method: "GET",
  rawPath: "/test.txt",
  rawQuery:
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
  headers: { host: "examplebucket.s3.amazonaws.com" },
};

for (const [name, request] of Object.entries(EXAMPLES)) {
  test(`AWS's example of ${name} is verified`, (t) => {
    t.true(check(request).matches);
    t.false(check(request, { secret: "other" }).matches);
    t.false(check({ ...request, method: "DELETE" }).matches);
    t.false(check({ ...request, rawPath: "/other" }).matches);
    t.false(check({ ...request, rawQuery: "acl" }).matches);
    t.false(check({ ...request, headers: { ...request.headers, host: "other" } }).matches);
  });
}

test("AWS's example of a presigned URL is verified", (t) => {
  t.true(check(PRESIGNED).matches);
  t.false(check({ ...PRESIGNED, rawQuery: PRESIGNED.rawQuery.replace("86400", "86401") }).matches);
});

const spaced = (text: string): string =>
  Buffer.from(text)
    .toString("hex")
    .replaceAll(/(..)(?=.)/g, "$1 ");

test("a refusal shows the texts that were signed here", (t) => {
  const request = { ...EXAMPLES["listing objects"], rawPath: "/other" };
  const result = check(request);
  const error = result.matches ? undefined : result.error();
  const canonicalRequest = [
    "GET",
    "/other",
    "max-keys=2&prefix=J",
    "host:examplebucket.s3.amazonaws.com",
    `x-amz-content-sha256:${EMPTY}`,
    "x-amz-date:20130524T000000Z",
    "",
    "host;x-amz-content-sha256;x-amz-date",
    EMPTY,
  ].join("\n");
  const stringToSign = `AWS4-HMAC-SHA256\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n${hash("sha256", canonicalRequest, "hex")}`;
  t.like(error, {
    code: "SignatureDoesNotMatch",
    status: 403,
    fields: {
      AWSAccessKeyId: ACCESS_KEY,
      StringToSign: stringToSign,
      SignatureProvided: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
      StringToSignBytes: spaced(stringToSign),
      CanonicalRequest: canonicalRequest,
      CanonicalRequestBytes: spaced(canonicalRequest),
    },
  });
});

const signer = (service: string, secret = SECRET): SignatureV4 =>
  new SignatureV4({
    service,
    region: "eu-central-1",
    credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: secret, sessionToken: "a/token+=" },
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: true,
  });

const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Any text that UTF-8 can write. */
const text = fc.string({ unit: "grapheme" });
const keys = fc.array(fc.string({ unit: "grapheme", minLength: 1 }), { minLength: 1, maxLength: 4 });
const values = fc.string({ unit: "grapheme-ascii" }).map((value) => value.replaceAll(/[^\x20-\x7e]/g, "x"));
/** The signer keeps a query in plain objects, which lose this one name. */
const names = fc.string({ unit: "grapheme", minLength: 1 }).filter((name) => name !== "__proto__");
const queries = fc.dictionary(names, text, { maxKeys: 4, noNullPrototype: true });

const toRawQuery = (query: Readonly<Record<string, unknown>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(String(value))}`)
    .join("&");

const lowerNames = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));

for (const service of ["s3", "sts"] as const) {
  const family = service === "s3" ? "s3" : "query";

  test(`what the JavaScript SDK signs for ${service} is verified, in headers and in the query`, async (t) => {
    await fc.assert(
      fc.asyncProperty(keys, queries, values, async (parts, query, value) => {
        const rawPath = `/${parts.map(encode).join("/")}`;
        const request = {
          method: "PUT",
          protocol: "http:",
          hostname: "localhost",
          path: rawPath,
          query,
          headers: { host: "localhost:5000", "x-amz-meta-a": value },
          body: "hello",
        };
        const byHeader = await signer(service).sign(request);
        const bodySha256 = hash("sha256", "hello", "hex");
        const rawQuery = toRawQuery(query);
        const facts = { method: "PUT", rawPath, rawQuery, headers: lowerNames(byHeader.headers) };
        const byQuery = await signer(service).presign(request, { expiresIn: 60 });
        const presigned = {
          method: "PUT",
          rawPath,
          rawQuery: toRawQuery(byQuery.query ?? {}),
          headers: lowerNames(byQuery.headers),
        };
        return (
          check(facts, { family, bodySha256 }).matches &&
          !check(facts, { family, bodySha256, secret: "other" }).matches &&
          (service === "s3" || check(presigned, { family, bodySha256 }).matches)
        );
      }),
      { numRuns: 60 },
    );
    t.pass();
  });
}

test("what the JavaScript SDK presigns for S3 with an unsigned payload is verified", async (t) => {
  const request = {
    method: "GET",
    protocol: "http:",
    hostname: "localhost",
    path: "/b/k%20y",
    headers: { host: "localhost", "X-Amz-Content-Sha256": "UNSIGNED-PAYLOAD" },
  };
  const { query, headers } = await signer("s3").presign(request, { expiresIn: 60 });
  const facts = { method: "GET", rawPath: "/b/k%20y", rawQuery: toRawQuery(query ?? {}), headers: lowerNames(headers) };
  t.true(check(facts).matches);
  t.false(check({ ...facts, rawPath: "/b/k%20z" }).matches);
});

test("what aws4 signs is verified, in headers and in the query", (t) => {
  fc.assert(
    fc.property(keys, queries, fc.boolean(), (parts, query, signQuery) => {
      const rawPath = `/${parts.map(encode).join("/")}`;
      const rawQuery = toRawQuery(query);
      const signed = aws4.sign(
        {
          service: "s3",
          region: "eu-central-1",
          method: "GET",
          host: "localhost",
          path: rawQuery === "" ? rawPath : `${rawPath}?${rawQuery}`,
          signQuery,
        },
        { accessKeyId: ACCESS_KEY, secretAccessKey: SECRET },
      );
      const [path = "", wireQuery = ""] = (signed.path ?? "").split(/\?(.*)/s);
      const facts = { method: "GET", rawPath: path, rawQuery: wireQuery, headers: lowerNames(signed.headers ?? {}) };
      return check(facts).matches && !check({ ...facts, rawPath: `${path}x` }).matches;
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test("any changed character of what was signed is refused", (t) => {
  const { headers, ...rest } = EXAMPLES["putting an object"];
  for (const [name, value] of Object.entries(headers)) {
    if (name === "authorization") continue;
    const changed = { ...rest, headers: { ...headers, [name]: `${value.slice(0, -1)}~` } };
    t.false(check(changed).matches, name);
  }
  const authorization = headers["authorization"] ?? "";
  const flipped = authorization.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
  t.false(check({ ...rest, headers: { ...headers, authorization: flipped } }).matches);
});

test("spaces in a header's value are signed as one, and bytes above ASCII as they came", async (t) => {
  const request = {
    method: "GET",
    protocol: "http:",
    hostname: "localhost",
    path: "/",
    headers: { host: "localhost", "x-amz-meta-a": "  a   b " },
  };
  const signed = await signer("s3").sign(request);
  t.true(check({ method: "GET", rawPath: "/", rawQuery: "", headers: lowerNames(signed.headers) }).matches);
  const utf8 = await signer("s3").sign({ ...request, headers: { host: "localhost", "x-amz-meta-a": "ä" } });
  const headers = { ...lowerNames(utf8.headers), "x-amz-meta-a": Buffer.from("ä").toString("latin1") };
  t.true(check({ method: "GET", rawPath: "/", rawQuery: "", headers }).matches);
});

test("a parameter without value, one that comes twice and a plus sign are signed as AWS reads them", async (t) => {
  const request = {
    method: "GET",
    protocol: "http:",
    hostname: "localhost",
    path: "/b",
    query: { acl: "", tag: ["b", "a"], prefix: "a b" },
    headers: { host: "localhost" },
  };
  const { headers } = await signer("s3").sign(request);
  const facts = { method: "GET", rawPath: "/b", headers: lowerNames(headers) };
  t.true(check({ ...facts, rawQuery: "acl&tag=b&tag=a&prefix=a+b" }).matches);
  t.true(check({ ...facts, rawQuery: "prefix=a%20b&tag=%61&tag=b&acl=" }).matches);
  t.false(check({ ...facts, rawQuery: "acl&tag=b&prefix=a+b" }).matches);
});
