import test from "ava";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { callerUserId } from "../../src/protocol/caller.ts";
import {
  type Keys,
  ACCOUNT,
  DEFAULT,
  EXAMPLE,
  FOREIGN,
  ISSUED,
  ISSUED_FOR,
  NAMED,
  REGISTERED_FOR,
  ROLE,
  ROOT_KEY,
  TOKENLESS,
  UNKNOWN,
  USER_KEY,
  issued,
  outcome,
  root,
  run,
  signed,
  wrongSecret,
} from "./identities.ts";

const TABLE: readonly (readonly [string, Keys | undefined, Record<"off" | "lenient" | "strict", string>])[] = [
  [
    "an unsigned request",
    undefined,
    {
      off: `${root(DEFAULT)} by default, unsigned`,
      lenient: `${root(DEFAULT)} by default, unsigned`,
      strict: `arn:aws:iam::${DEFAULT}:anonymous by default, unsigned`,
    },
  ],
  [
    "an unknown key",
    UNKNOWN,
    {
      off: `${root(DEFAULT)} by default, unchecked`,
      lenient: `${root(DEFAULT)} by default, unchecked`,
      strict: "InvalidAccessKeyId",
    },
  ],
  [
    "AWS's example key",
    EXAMPLE,
    {
      off: `${root(DEFAULT)} by default, unchecked`,
      lenient: `${root(DEFAULT)} by default, unchecked`,
      strict: "InvalidAccessKeyId",
    },
  ],
  [
    "a key of twelve digits",
    ACCOUNT,
    {
      off: `${root("444444444444")} by credentials, unchecked`,
      lenient: `${root("444444444444")} by credentials, unchecked`,
      strict: "InvalidAccessKeyId",
    },
  ],
  [
    "issued credentials",
    ISSUED,
    {
      off: `${ROLE} by credentials, unchecked`,
      lenient: `${ROLE} by credentials, verified`,
      strict: `${ROLE} by credentials, verified`,
    },
  ],
  [
    "issued credentials with a wrong secret",
    wrongSecret(ISSUED),
    {
      off: `${ROLE} by credentials, unchecked`,
      lenient: "SignatureDoesNotMatch",
      strict: "SignatureDoesNotMatch",
    },
  ],
  [
    "issued credentials without their token",
    TOKENLESS,
    {
      off: `${root(ISSUED_FOR)} by credentials, unchecked`,
      lenient: `${root(ISSUED_FOR)} by credentials, verified`,
      strict: "InvalidAccessKeyId",
    },
  ],
  [
    "an id as issued here, with no token and a wrong secret",
    wrongSecret(TOKENLESS),
    {
      off: `${root(DEFAULT)} by default, unchecked`,
      lenient: `${root(DEFAULT)} by default, unchecked`,
      strict: "InvalidAccessKeyId",
    },
  ],
  [
    "a token of another server",
    FOREIGN,
    {
      off: `${root(DEFAULT)} by default, unchecked`,
      lenient: `${root(DEFAULT)} by default, unchecked`,
      strict: "InvalidToken",
    },
  ],
  [
    "a token of ours with another key",
    { ...UNKNOWN, sessionToken: issued.sessionToken },
    {
      off: `${root(DEFAULT)} by default, unchecked`,
      lenient: `${root(DEFAULT)} by default, unchecked`,
      strict: "InvalidToken",
    },
  ],
  [
    "a registered root key",
    ROOT_KEY,
    {
      off: `${root(REGISTERED_FOR)} by credentials, unchecked`,
      lenient: `${root(REGISTERED_FOR)} by credentials, verified`,
      strict: `${root(REGISTERED_FOR)} by credentials, verified`,
    },
  ],
  [
    "a registered user key",
    USER_KEY,
    {
      off: `arn:aws:iam::${REGISTERED_FOR}:user/alice by credentials, unchecked`,
      lenient: `arn:aws:iam::${REGISTERED_FOR}:user/alice by credentials, verified`,
      strict: `arn:aws:iam::${REGISTERED_FOR}:user/alice by credentials, verified`,
    },
  ],
  [
    "a registered key with a wrong secret",
    wrongSecret(ROOT_KEY),
    {
      off: `${root(REGISTERED_FOR)} by credentials, unchecked`,
      lenient: "SignatureDoesNotMatch",
      strict: "SignatureDoesNotMatch",
    },
  ],
  [
    "a registered key with a token that is no key's",
    { ...ROOT_KEY, sessionToken: "token" },
    {
      off: `${root(REGISTERED_FOR)} by credentials, unchecked`,
      lenient: `${root(REGISTERED_FOR)} by credentials, verified`,
      strict: "InvalidToken",
    },
  ],
];

for (const [name, keys, expected] of TABLE) {
  for (const authMode of ["off", "lenient", "strict"] as const) {
    test(`${name} in ${authMode}: ${expected[authMode]}`, async (t) => {
      t.is(await outcome(signed(keys), { settings: { authMode } }), expected[authMode], "in a header");
      t.is(await outcome(signed(keys, { presign: {} }), { settings: { authMode } }), expected[authMode], "presigned");
    });
  }
}

test("the account header names the account, by either name, over the credentials", async (t) => {
  for (const name of ["x-moto-account-id", "x-standin-account-id"]) {
    const headers = { [name]: NAMED };
    t.is(await outcome(signed(undefined, { headers })), `${root(NAMED)} by header, unsigned`);
    t.is(await outcome(signed(UNKNOWN, { headers })), `${root(NAMED)} by header, unchecked`);
    t.is(await outcome(signed(ISSUED, { headers })), `${root(NAMED)} by header, verified`);
    t.is(await outcome(signed(wrongSecret(ISSUED), { headers })), "SignatureDoesNotMatch");
  }
});

test("where the account header agrees with the credentials, their principal stays", async (t) => {
  const headers = { "x-moto-account-id": ISSUED_FOR };
  t.is(await outcome(signed(ISSUED, { headers })), `${ROLE} by header, verified`);
});

test("an account header that is not twelve digits is refused, naming it", async (t) => {
  const request = signed(undefined, { headers: { "x-moto-account-id": "12345" } });
  const error = await t.throwsAsync(run(request));
  t.like(error, {
    code: "InvalidArgument",
    status: 400,
    fields: { ArgumentName: "x-moto-account-id", ArgumentValue: "12345" },
  });
  t.is(await outcome(request, { family: "query" }), "ValidationError");
});

test("strict heeds the account header only where the world allows it", async (t) => {
  const request = signed(ROOT_KEY, { headers: { "x-moto-account-id": NAMED } });
  const bad = signed(ROOT_KEY, { headers: { "x-moto-account-id": "x" } });
  t.is(
    await outcome(request, { settings: { authMode: "strict" } }),
    `${root(REGISTERED_FOR)} by credentials, verified`,
  );
  t.is(await outcome(bad, { settings: { authMode: "strict" } }), `${root(REGISTERED_FOR)} by credentials, verified`);
  const settings = { authMode: "strict", accountHeader: true } as const;
  t.is(await outcome(request, { settings }), `${root(NAMED)} by header, verified`);
});

test("an override wins over header and credentials", async (t) => {
  const settings = { accountOverride: NAMED };
  const headers = { "x-moto-account-id": "555555555555" };
  t.is(await outcome(signed(undefined), { settings }), `${root(NAMED)} by override, unsigned`);
  t.is(await outcome(signed(ISSUED, { headers }), { settings }), `${root(NAMED)} by override, verified`);
  t.is(await outcome(signed(ISSUED), { settings: { accountOverride: ISSUED_FOR } }), `${ROLE} by override, verified`);
  t.is(await outcome(signed(UNKNOWN), { settings: { ...settings, authMode: "strict" } }), "InvalidAccessKeyId");
});

test("a caller chosen by override or header counts as signed", async (t) => {
  t.false((await run(signed(undefined))).signed);
  t.true((await run(signed(undefined, { headers: { "x-moto-account-id": NAMED } }))).signed);
  t.true((await run(signed(undefined), { settings: { accountOverride: NAMED } })).signed);
  t.true((await run(signed(UNKNOWN))).signed);
});

test("the partition follows from the host's region, else from the scope's", async (t) => {
  t.is((await run(signed(UNKNOWN))).caller.partition, "aws");
  t.is((await run(signed(UNKNOWN), { region: "cn-north-1" })).caller.partition, "aws-cn");
  const request = signed(undefined, {
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20240101/us-gov-west-1/s3/aws4_request" },
  });
  t.is((await run(request)).caller.partition, "aws-us-gov");
});

test("issued credentials hand on their session, and end by the given clock", async (t) => {
  const request = signed(ISSUED);
  const { caller, verified } = await run(request);
  t.is(caller.session?.expiresAtMs, issued.expiration.getTime());
  t.is(callerUserId(caller), "AROAID:ci");
  t.is(caller.accessKeyId, issued.accessKeyId);
  t.is(verified.chunkSigning?.accessKeyId, issued.accessKeyId);
  const late = { nowMs: issued.expiration.getTime() };
  const error = await t.throwsAsync(run(request, late));
  t.like(error, { code: "ExpiredToken", status: 400, message: "The provided token has expired." });
  t.like(await t.throwsAsync(run(request, { ...late, family: "query" })), { code: "ExpiredToken", status: 403 });
  t.is(await outcome(request, { ...late, settings: { authMode: "off" } }), `${ROLE} by credentials, unchecked`);
});

test("x-amz- headers that were not signed are refused where the key is known", async (t) => {
  const presign = signed(ROOT_KEY, { presign: {} });
  const request = { ...presign, headers: { ...presign.headers, "x-amz-acl": "private", "x-amz-meta-a": "b" } };
  const error = await t.throwsAsync(run(request));
  t.like(error, {
    code: "AccessDenied",
    message: "There were headers present in the request which were not signed",
    fields: { HeadersNotSigned: "x-amz-acl, x-amz-meta-a" },
  });
});

const short = (accessKeyId: string): RequestFacts =>
  signed(undefined, {
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20240101/us-east-1/s3/aws4_request` },
  });

test("a known key needs a complete header, an unknown one only a name", async (t) => {
  t.is(await outcome(short("test")), `${root(DEFAULT)} by default, unchecked`);
  t.is(await outcome(short("AKIAROOT")), "AuthorizationHeaderMalformed");
});

test("the region aws-global is refused in every mode", async (t) => {
  const request = signed(undefined, {
    headers: { authorization: "AWS4-HMAC-SHA256 Credential=test/20240101/aws-global/s3/aws4_request" },
  });
  for (const authMode of ["off", "lenient", "strict"] as const) {
    t.is(await outcome(request, { settings: { authMode } }), "AuthorizationHeaderMalformed");
  }
});

test("a header that cannot be read is refused, and says nothing in off", async (t) => {
  const request = signed(undefined, { headers: { authorization: "Bearer x" } });
  t.is(await outcome(request), "InvalidArgument");
  t.is(await outcome(request, { settings: { authMode: "off" } }), `${root(DEFAULT)} by default, unsigned`);
});

test("STS refuses unknown keys and foreign tokens in its own words", async (t) => {
  const settings = { authMode: "strict" } as const;
  for (const keys of [UNKNOWN, FOREIGN, TOKENLESS, ACCOUNT]) {
    t.is(await outcome(signed(keys, { service: "sts" }), { settings, family: "query" }), "InvalidClientTokenId");
  }
  t.is(
    await outcome(signed(ISSUED, { service: "sts" }), { settings, family: "query" }),
    `${ROLE} by credentials, verified`,
  );
  t.is(
    await outcome(signed(wrongSecret(ISSUED), { service: "sts" }), { settings, family: "query" }),
    "SignatureDoesNotMatch",
  );
});
