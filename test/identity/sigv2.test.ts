import { createHmac } from "node:crypto";

import test from "ava";

import { parseAuthorization } from "../../src/identity/authorization.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { checkSignature } from "../../src/identity/signature.ts";
import { routeS3, SUBRESOURCES } from "../../src/protocol/router.ts";

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

const signV2 = (request: { method: string; date: string; resource: string }): string =>
  createHmac("sha1", SECRET).update(`${request.method}\n\n\n${request.date}\n${request.resource}`).digest("base64");

for (const name of [...SUBRESOURCES].toSorted()) {
  test(`the sub-resource ${name} cannot be added to what was signed without it`, (t) => {
    for (const method of ["GET", "PUT", "POST", "DELETE"]) {
      const date = "Tue, 27 Mar 2007 21:20:26 +0000";
      const inHeader = signedWith(signV2({ method, date, resource: "/b/k" }), {
        method,
        rawPath: "/b/k",
        headers: { host: "localhost", date },
      });
      t.true(check(inHeader, undefined).matches);
      t.false(check({ ...inHeader, rawQuery: name }, undefined).matches);
      t.false(check({ ...inHeader, rawQuery: `${name}=2` }, undefined).matches);
      const signature = encodeURIComponent(signV2({ method, date: "1700000000", resource: "/b/k" }));
      const rawQuery = `AWSAccessKeyId=AKID&Expires=1700000000&Signature=${signature}`;
      const presigned = { method, rawPath: "/b/k", rawQuery, headers: { host: "localhost" } };
      t.true(check(presigned, undefined).matches);
      t.false(check({ ...presigned, rawQuery: `${rawQuery}&${name}` }, undefined).matches);
    }
  });
}

test("what tells lists of the second version is not signed, as clients leave it out", (t) => {
  const date = "Tue, 27 Mar 2007 21:20:26 +0000";
  const request = signedWith(signV2({ method: "GET", date, resource: "/b" }), {
    rawPath: "/b",
    rawQuery: "list-type=2&prefix=a",
    headers: { host: "localhost", date },
  });
  t.true(check(request, undefined).matches);
  t.is(routeS3(request, { virtualBucket: undefined, express: false }).operation, "ListObjectsV2");
});

test("the path of a bucket may be signed with a slash at its end, and that of a key may not", (t) => {
  const date = "Tue, 27 Mar 2007 21:20:26 +0000";
  for (const [rawPath, matches] of [
    ["/b", true],
    ["/b/k", false],
    ["/", false],
  ] as const) {
    const signature = signV2({ method: "PUT", date, resource: `${rawPath}/?acl` });
    const headers = { host: "localhost", date };
    t.is(
      check(signedWith(signature, { method: "PUT", rawPath, rawQuery: "acl", headers }), undefined).matches,
      matches,
    );
  }
});
