import { createHmac } from "node:crypto";

import test from "ava";

import { parseAuthorization } from "../../src/identity/authorization.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { checkSignature } from "../../src/identity/signature.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

const check = (request: RequestFacts, virtualBucket: string | undefined, secretAccessKey = SECRET) => {
  const authorization = parseAuthorization(request, "s3");
  if (authorization === undefined) throw new Error("not signed");
  return checkSignature({ settings: {}, request, family: "s3", authorization, secretAccessKey, virtualBucket });
};

const signedWith = (signature: string, request: Partial<RequestFacts>): RequestFacts => ({
  method: "GET",
  rawPath: "/",
  rawQuery: "",
  ...request,
  headers: {
    host: "johnsmith.s3.amazonaws.com",
    authorization: `AWS AKIAIOSFODNN7EXAMPLE:${signature}`,
    ...request.headers,
  },
});

const EXAMPLES: Readonly<Record<string, RequestFacts>> = {
  "getting an object": signedWith("bWq2s1WEIj+Ydj0vQ697zp+IXMU=", {
    rawPath: "/photos/puppy.jpg",
    headers: { date: "Tue, 27 Mar 2007 19:36:42 +0000" },
  }),
  "putting an object": signedWith("MyyxeRY7whkBe+bq8fHCL/2kKUg=", {
    method: "PUT",
    rawPath: "/photos/puppy.jpg",
    headers: { "content-type": "image/jpeg", "content-length": "94328", date: "Tue, 27 Mar 2007 21:15:45 +0000" },
  }),
  "listing objects": signedWith("htDYFYduRNen8P9ZfE/s9SuKy0U=", {
    rawQuery: "prefix=photos&max-keys=50&marker=puppy",
    headers: { date: "Tue, 27 Mar 2007 19:42:41 +0000" },
  }),
  "getting an access control list": signedWith("c2WLPFtWHVgbEmeEG93a4cG37dM=", {
    rawQuery: "acl",
    headers: { date: "Tue, 27 Mar 2007 19:44:46 +0000" },
  }),
};

for (const [name, request] of Object.entries(EXAMPLES)) {
  test(`AWS's example of ${name} with Signature Version 2 is verified`, (t) => {
    t.true(check(request, "johnsmith").matches);
    t.false(check(request, undefined).matches);
    t.false(check(request, "johnsmith", "other").matches);
    t.false(check({ ...request, method: "POST" }, "johnsmith").matches);
  });
}

test("a presigned URL is verified, with signed headers moved into its query", (t) => {
  const stringToSign =
    "PUT\n\nimage/png\n1700000000\nx-amz-meta-a:b  c\nx-amz-security-token:a token\n/b/k%20y?response-content-type=a/b&uploadId=x";
  const signature = createHmac("sha1", SECRET).update(stringToSign).digest("base64");
  const request: RequestFacts = {
    method: "PUT",
    rawPath: "/b/k%20y",
    rawQuery: `uploadId=x&response-content-type=a%2Fb&other=1&AWSAccessKeyId=AKID&Expires=1700000000&x-amz-security-token=a%20token&content-type=image%2Fpng&Signature=${encodeURIComponent(signature)}`,
    headers: { host: "localhost", "x-amz-meta-a": " b  c " },
  };
  t.true(check(request, undefined).matches);
  t.false(check({ ...request, headers: { ...request.headers, "x-amz-meta-a": "c" } }, undefined).matches);
  t.deepEqual(parseAuthorization(request, "s3"), {
    kind: "v2-query",
    accessKeyId: "AKID",
    signature,
    expires: "1700000000",
    sessionToken: "a token",
  });
});

test("x-amz-date takes the place of Date", (t) => {
  const stringToSign = "GET\n\n\n\nx-amz-date:Tue, 27 Mar 2007 21:20:26 +0000\n/b";
  const signature = createHmac("sha1", SECRET).update(stringToSign).digest("base64");
  const headers = { date: "Tue, 27 Mar 2007 21:20:27 +0000", "x-amz-date": "Tue, 27 Mar 2007 21:20:26 +0000" };
  t.true(check(signedWith(signature, { rawPath: "/b", headers }), undefined).matches);
});

test("a refusal shows the text that was signed here, without a canonical request", (t) => {
  const result = check({ ...EXAMPLES["getting an access control list"]!, rawQuery: "" }, "johnsmith");
  const error = result.matches ? undefined : result.error();
  t.like(error, {
    code: "SignatureDoesNotMatch",
    fields: {
      AWSAccessKeyId: "AKIAIOSFODNN7EXAMPLE",
      StringToSign: "GET\n\n\nTue, 27 Mar 2007 19:44:46 +0000\n/johnsmith/",
      SignatureProvided: "c2WLPFtWHVgbEmeEG93a4cG37dM=",
      CanonicalRequest: undefined,
    },
  });
});
