import test from "ava";

import { parseAuthorization } from "../../src/identity/authorization.ts";
import type { ServiceFamily } from "../../src/identity/identity-errors.ts";
import { parsePostForm } from "../../src/identity/post-form.ts";
import type { AwsError } from "../../src/protocol/aws-error.ts";

const parse = (options: { authorization?: string; query?: string; token?: string; family?: ServiceFamily }) =>
  parseAuthorization(
    {
      method: "GET",
      rawPath: "/",
      rawQuery: options.query ?? "",
      headers: {
        ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
        ...(options.token === undefined ? {} : { "x-amz-security-token": options.token }),
      },
    },
    options.family ?? "s3",
  );

const SCOPE = "20240101/us-east-1/s3/aws4_request";
const HEADER = `AWS4-HMAC-SHA256 Credential=test/${SCOPE}, SignedHeaders=host;x-amz-date, Signature=abc`;
const QUERY = new URLSearchParams({
  "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
  "X-Amz-Credential": `test/${SCOPE}`,
  "X-Amz-Date": "20240101T000000Z",
  "X-Amz-Expires": "60",
  "X-Amz-SignedHeaders": "host",
  "X-Amz-Signature": "abc",
});

const withQuery = (change: Readonly<Record<string, string | undefined>>): string => {
  const query = new URLSearchParams(QUERY);
  for (const [name, value] of Object.entries(change)) {
    if (value === undefined) query.delete(name);
    else query.set(name, value);
  }
  return query.toString();
};

const refusal = (options: Parameters<typeof parse>[0], t: { throws: (fn: () => unknown) => unknown }): AwsError =>
  t.throws(() => parse(options)) as AwsError;

test("a request without credentials is not signed", (t) => {
  t.is(parse({}), undefined);
  t.is(parse({ query: "list-type=2&prefix=X-Amz-" }), undefined);
  t.is(parse({ authorization: "" }), undefined);
});

test("a header of version 4 is read, with or without blanks after its commas", (t) => {
  const expected = {
    kind: "v4-header",
    accessKeyId: "test",
    scope: { date: "20240101", region: "us-east-1", service: "s3" },
    signedHeaders: "host;x-amz-date",
    signature: "abc",
  };
  t.deepEqual(parse({ authorization: HEADER }) as unknown, expected);
  t.deepEqual(parse({ authorization: HEADER.replaceAll(", ", ",") }) as unknown, expected);
  t.deepEqual(parse({ authorization: HEADER, token: "tok" }) as unknown, { ...expected, sessionToken: "tok" });
});

test("an access key id may hold slashes", (t) => {
  t.is(parse({ authorization: HEADER.replace("test/", "a/b/") })?.accessKeyId, "a/b");
});

test("a header that names only a credential is read: whether it is complete matters once it is verified", (t) => {
  t.like(parse({ authorization: `AWS4-HMAC-SHA256 Credential=test/${SCOPE}` }), { signature: "", signedHeaders: "" });
});

test("a credential that cannot be read is refused in AWS's words", (t) => {
  const malformed = (authorization: string, family: ServiceFamily = "s3"): readonly [string, string] => {
    const { code, message } = refusal({ authorization, family }, t);
    return [code, message];
  };
  const prefix = "The authorization header is malformed; ";
  t.deepEqual(malformed("AWS4-HMAC-SHA256 SignedHeaders=host"), [
    "AuthorizationHeaderMalformed",
    `${prefix}missing Credential.`,
  ]);
  const shape = 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".';
  t.deepEqual(malformed("AWS4-HMAC-SHA256 Credential=test"), ["AuthorizationHeaderMalformed", prefix + shape]);
  t.deepEqual(malformed(`AWS4-HMAC-SHA256 Credential=${SCOPE}`), ["AuthorizationHeaderMalformed", prefix + shape]);
  t.is(
    malformed(HEADER.replace("aws4_request", "aws5"))[1],
    `${prefix}incorrect terminal "aws5". This endpoint uses "aws4_request".`,
  );
  t.is(
    malformed(HEADER.replace("20240101", "2024"))[1],
    `${prefix}incorrect date format "2024". This date in the credential must be in the format "yyyyMMdd".`,
  );
  t.is(malformed("AWS4-HMAC-SHA256 Credential=test", "query")[0], "IncompleteSignature");
});

test("a header of another kind is refused, and version 4A by name", (t) => {
  t.like(refusal({ authorization: "Bearer abc" }, t), {
    code: "InvalidArgument",
    message: "Unsupported Authorization Type",
    fields: { ArgumentName: "Authorization", ArgumentValue: "Bearer abc" },
  });
  t.like(refusal({ authorization: `AWS4-ECDSA-P256-SHA256 Credential=test/${SCOPE}` }, t), { code: "NotImplemented" });
  t.like(refusal({ query: withQuery({ "X-Amz-Algorithm": "AWS4-ECDSA-P256-SHA256" }) }, t), { code: "NotImplemented" });
});

test("a presigned URL of version 4 is read", (t) => {
  t.deepEqual(parse({ query: withQuery({ "X-Amz-Security-Token": "a+b/c" }) }) as unknown, {
    kind: "v4-query",
    accessKeyId: "test",
    scope: { date: "20240101", region: "us-east-1", service: "s3" },
    signature: "abc",
    signedHeaders: "host",
    amzDate: "20240101T000000Z",
    expiresSeconds: 60,
    sessionToken: "a+b/c",
  });
});

test("a presigned URL that lacks a parameter, or has one out of range, is refused in AWS's words", (t) => {
  const problem = (change: Readonly<Record<string, string | undefined>>): string => {
    const { code, status, message } = refusal({ query: withQuery(change) }, t);
    t.is(code, "AuthorizationQueryParametersError");
    t.is(status, 400);
    return message;
  };
  const missing =
    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
  for (const name of ["X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Credential"]) {
    t.is(problem({ [name]: undefined }), missing, name);
  }
  t.is(
    problem({ "X-Amz-Credential": `test%2F${SCOPE.replaceAll("/", "%2F")}` }),
    'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".',
  );
  t.is(problem({ "X-Amz-Expires": "-1" }), "X-Amz-Expires must be non-negative");
  t.is(problem({ "X-Amz-Expires": "soon" }), "X-Amz-Expires should be a number");
  t.regex(problem({ "X-Amz-Expires": "604801" }), /^X-Amz-Expires must be less than a week/);
  t.like(parse({ query: withQuery({ "X-Amz-Expires": "604800" }) }), { expiresSeconds: 604_800 });
  t.regex(problem({ "X-Amz-Date": "today" }), /^X-Amz-Date must be in the ISO8601 Long Format/);
  t.regex(problem({ "X-Amz-Date": "20241301T000000Z" }), /^X-Amz-Date must be in the ISO8601 Long Format/);
  t.regex(problem({ "X-Amz-Date": "20240102T000000Z" }), /^Invalid credential date/);
});

test("a presigned STS call may leave its expiry out", (t) => {
  t.is(
    (parse({ query: withQuery({ "X-Amz-Expires": undefined }), family: "query" }) as { expiresSeconds?: number })
      .expiresSeconds,
    undefined,
  );
});

test("a header of version 2 is read", (t) => {
  t.deepEqual(parse({ authorization: "AWS test:c2ln" }) as unknown, {
    kind: "v2-header",
    accessKeyId: "test",
    signature: "c2ln",
  });
});

test("a presigned URL of version 2 that lacks a parameter is refused", (t) => {
  for (const query of [
    "AWSAccessKeyId=a&Signature=b",
    "Signature=b&Expires=1",
    "AWSAccessKeyId=a&Signature=b&Expires=x",
  ]) {
    t.like(refusal({ query }, t), {
      code: "AccessDenied",
      status: 403,
      message: "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    });
  }
});

test("a request that is signed twice is refused", (t) => {
  t.like(refusal({ authorization: HEADER, query: QUERY.toString() }, t), {
    code: "InvalidArgument",
    fields: { ArgumentName: "Authorization", ArgumentValue: HEADER },
  });
});

const form = (fields: Readonly<Record<string, string>>) => parsePostForm(new Map(Object.entries(fields)));

test("a POST form of either version is read, and one without credentials is unsigned", (t) => {
  t.is(form({ key: "k" }), undefined);
  t.like(form({ policy: "p", awsaccesskeyid: "a", signature: "s" }), {
    kind: "v2-form",
    accessKeyId: "a",
    policy: "p",
  });
  t.like(
    form({
      policy: "p",
      "x-amz-algorithm": "AWS4-HMAC-SHA256",
      "x-amz-credential": `test/${SCOPE}`,
      "x-amz-date": "20240101T000000Z",
      "x-amz-signature": "s",
    }),
    { kind: "v4-form", accessKeyId: "test", scope: { region: "us-east-1" } },
  );
});

test("a POST form that lacks a field is refused, naming it", (t) => {
  const complete = {
    policy: "p",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `test/${SCOPE}`,
    "x-amz-date": "20240101T000000Z",
  };
  t.like(
    t.throws<AwsError>(() => form(complete)),
    {
      code: "InvalidArgument",
      fields: { ArgumentName: "X-Amz-Signature", ArgumentValue: "" },
      message:
        "Bucket POST must contain a field named 'X-Amz-Signature'.  If it is specified, please check the order of the fields.",
    },
  );
  t.like(
    t.throws<AwsError>(() => form({ policy: "p", signature: "s" })),
    { fields: { ArgumentName: "AWSAccessKeyId" } },
  );
  t.like(
    t.throws<AwsError>(() => form({ policy: "p", "x-amz-date": "20240101T000000Z" })),
    { fields: { ArgumentName: "X-Amz-Algorithm" } },
  );
});

test("a policy that nobody signed makes nobody a caller", (t) => {
  t.is(form({ key: "k", policy: "p" }), undefined);
});

test("a POST form's date and credential must be well-formed", (t) => {
  const complete = {
    policy: "p",
    "x-amz-algorithm": "AWS4-HMAC-SHA256",
    "x-amz-credential": `test/${SCOPE}`,
    "x-amz-date": "20240101T000000Z",
    "x-amz-signature": "s",
  };
  t.like(
    t.throws<AwsError>(() => form({ ...complete, "x-amz-date": "2024-01-01" })),
    {
      message: "X-Amz-Date must be formated via ISO8601 Long format",
      fields: { ArgumentName: "X-Amz-Date", ArgumentValue: "2024-01-01" },
    },
  );
  t.like(
    t.throws<AwsError>(() => form({ ...complete, "x-amz-credential": "test" })),
    { code: "InvalidArgument", fields: { ArgumentName: "X-Amz-Credential", ArgumentValue: "test" } },
  );
  t.like(
    t.throws<AwsError>(() => form({ ...complete, "x-amz-algorithm": "AWS4-ECDSA-P256-SHA256" })),
    { code: "NotImplemented" },
  );
});
