import { createHmac } from "node:crypto";

import test from "ava";
import aws4 from "aws4";

import { identify } from "../../src/identity/identify.ts";
import type { Identified, IdentifyInput } from "../../src/identity/identify.ts";
import type { ServiceFamily } from "../../src/identity/identity-errors.ts";
import { issueCredentials } from "../../src/identity/issue.ts";
import type { RegisteredKey } from "../../src/identity/known-key.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import type { IdentitySettings } from "../../src/identity/resolve-account.ts";
import { deriveServerKey } from "../../src/identity/server-key.ts";
import { verify } from "../../src/identity/verify.ts";
import type { Verified } from "../../src/identity/verify.ts";
import { callerArn, callerUserId } from "../../src/protocol/caller.ts";

const NOW = Date.now();
const DEFAULT = "123456789012";
const ISSUED_FOR = "111111111111";
const REGISTERED_FOR = "222222222222";
const NAMED = "333333333333";

const serverKey = deriveServerKey(Buffer.alloc(32, 1));
const registered: Readonly<Record<string, RegisteredKey>> = {
  AKIAROOT: { secretAccessKey: "root-secret", accountId: REGISTERED_FOR },
  AKIAUSER: { secretAccessKey: "user-secret", accountId: REGISTERED_FOR, userName: "alice" },
};

type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };

const issued = issueCredentials({
  serverKey,
  partition: "aws",
  accountId: ISSUED_FOR,
  principal: { kind: "AssumedRole", roleName: "deploy", roleId: "AROAID", sessionName: "ci" },
  nowMs: NOW,
  durationSeconds: 900,
  freeBits: 7,
});
const otherServers = issueCredentials({
  serverKey: deriveServerKey(Buffer.alloc(32, 2)),
  partition: "aws",
  accountId: ISSUED_FOR,
  principal: { kind: "Root" },
  nowMs: NOW,
  durationSeconds: 900,
  freeBits: 7,
});
const ISSUED: Keys = issued;
const TOKENLESS: Keys = { accessKeyId: issued.accessKeyId, secretAccessKey: issued.secretAccessKey };
const FOREIGN: Keys = { ...otherServers, accessKeyId: "ASIAFOREIGN" };
const UNKNOWN: Keys = { accessKeyId: "test", secretAccessKey: "test" };
const EXAMPLE: Keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "any" };
const ACCOUNT: Keys = { accessKeyId: "444444444444", secretAccessKey: "any" };
const ROOT_KEY: Keys = { accessKeyId: "AKIAROOT", secretAccessKey: "root-secret" };
const USER_KEY: Keys = { accessKeyId: "AKIAUSER", secretAccessKey: "user-secret" };

const wrongSecret = (keys: Keys): Keys => ({ ...keys, secretAccessKey: "wrong" });

const toFacts = (signed: aws4.Request): RequestFacts => {
  const [rawPath = "", rawQuery = ""] = (signed.path ?? "/").split(/\?(.*)/s);
  const headers = Object.entries(signed.headers ?? {}).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { method: signed.method ?? "GET", rawPath, rawQuery, headers: Object.fromEntries(headers) };
};

const signed = (
  keys: Keys | undefined,
  options: { headers?: Record<string, string>; presign?: { expires?: number; atMs?: number }; service?: string } = {},
): RequestFacts => {
  const { headers = {}, presign, service = "s3" } = options;
  if (keys === undefined) return { method: "GET", rawPath: "/b/k", rawQuery: "", headers };
  const date = new Date(presign?.atMs ?? NOW).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const path = presign === undefined ? "/b/k" : `/b/k?X-Amz-Expires=${presign.expires ?? 60}&X-Amz-Date=${date}`;
  const request: aws4.Request = { service, region: "us-east-1", host: "localhost", path, headers: { ...headers } };
  if (presign !== undefined) request.signQuery = true;
  else if (request.headers !== undefined && request.headers["X-Amz-Date"] === undefined)
    request.headers["X-Amz-Date"] = date;
  return toFacts(aws4.sign(request, keys));
};

const settingsOf = (change: Partial<IdentitySettings> = {}): IdentitySettings => ({
  authMode: "lenient",
  fallbackAccount: DEFAULT,
  accountHeader: false,
  ...change,
});

type Options = {
  settings?: Partial<IdentitySettings>;
  family?: ServiceFamily;
  nowMs?: number;
  form?: IdentifyInput["form"];
  region?: string;
};

const run = async (request: RequestFacts, options: Options = {}): Promise<Identified & { verified: Verified }> => {
  const input: IdentifyInput = {
    request,
    family: options.family ?? "s3",
    settings: settingsOf(options.settings),
    serverKey,
    findAccessKey: (accessKeyId) => Promise.resolve(registered[accessKeyId]),
    form: options.form,
    region: options.region,
  };
  const identified = await identify(input);
  const clock = { nowMs: options.nowMs ?? NOW, toWorldMs: (signedAtMs: number) => signedAtMs };
  return { ...identified, verified: verify({ ...input, identified, clock }) };
};

/** The caller's ARN with who decided it, or the code of the refusal. */
const outcome = async (request: RequestFacts, options: Options = {}): Promise<string> => {
  try {
    const { caller, decidedBy, verified } = await run(request, options);
    return `${callerArn(caller)} by ${decidedBy}, ${verified.signature}`;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

const root = (accountId: string): string => `arn:aws:iam::${accountId}:root`;
const ROLE = `arn:aws:sts::${ISSUED_FOR}:assumed-role/deploy/ci`;

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

const seconds = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d+Z/, "Z");

test("a presigned URL ends, whoever signed it, but not in off", async (t) => {
  for (const keys of [UNKNOWN, ROOT_KEY]) {
    const request = signed(keys, { presign: { expires: 60 } });
    const endsAtMs = Math.floor(NOW / 1000) * 1000 + 60_000;
    t.notRegex(await outcome(request, { nowMs: endsAtMs }), /AccessDenied/);
    const error = await t.throwsAsync(run(request, { nowMs: endsAtMs + 1 }));
    t.like(error, { code: "AccessDenied", status: 403, message: "Request has expired" });
    t.deepEqual((error as unknown as { fields: unknown }).fields, {
      "X-Amz-Expires": "60",
      Expires: seconds(endsAtMs),
      ServerTime: seconds(endsAtMs + 1),
    });
    t.notRegex(await outcome(request, { nowMs: endsAtMs + 1, settings: { authMode: "off" } }), /AccessDenied/);
  }
});

test("a presigned URL of tomorrow is not valid yet", async (t) => {
  const request = signed(UNKNOWN, { presign: { atMs: NOW + 24 * 3600 * 1000 } });
  t.like(await t.throwsAsync(run(request)), { code: "AccessDenied", message: "Request is not valid yet" });
});

test("a presigned URL of version 2 ends too", async (t) => {
  const expires = Math.floor(NOW / 1000);
  const request = {
    method: "GET",
    rawPath: "/b/k",
    rawQuery: `AWSAccessKeyId=test&Signature=c2ln&Expires=${expires}`,
    headers: {},
  };
  t.is(await outcome(request, { nowMs: expires * 1000 }), `${root(DEFAULT)} by default, unchecked`);
  const error = await t.throwsAsync(run(request, { nowMs: expires * 1000 + 1 }));
  t.like(error, {
    code: "AccessDenied",
    fields: { Expires: new Date(expires * 1000).toISOString().replace(".000", "") },
  });
});

test("a signature more than fifteen minutes off is refused where the key is known", async (t) => {
  const quarter = 15 * 60 * 1000;
  const signedAtMs = Math.floor(NOW / 1000) * 1000;
  const known = signed(ROOT_KEY);
  for (const nowMs of [signedAtMs + quarter, signedAtMs - quarter]) {
    t.regex(await outcome(known, { nowMs }), /verified/);
    t.is(await outcome(known, { nowMs: nowMs + Math.sign(nowMs - signedAtMs) }), "RequestTimeTooSkewed");
  }
  t.regex(await outcome(signed(UNKNOWN), { nowMs: signedAtMs + 2 * quarter }), /unchecked/);
  const error = await t.throwsAsync(run(known, { nowMs: signedAtMs + quarter + 1 }));
  t.like(error, { status: 403, fields: { MaxAllowedSkewMilliseconds: "900000" } });
});

test("a signing time may be read by another clock", async (t) => {
  const input: IdentifyInput = {
    request: signed(ROOT_KEY),
    family: "s3",
    settings: settingsOf(),
    serverKey,
    findAccessKey: (accessKeyId) => Promise.resolve(registered[accessKeyId]),
  };
  const identified = await identify(input);
  const yearMs = 365 * 24 * 3600 * 1000;
  const clock = { nowMs: NOW + yearMs, toWorldMs: (signedAtMs: number) => signedAtMs + yearMs };
  t.is(verify({ ...input, identified, clock }).signature, "verified");
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

const policyOf = (expiration: string): string =>
  Buffer.from(JSON.stringify({ expiration, conditions: [] })).toString("base64");

const formOf = (keys: Keys, policy: string) =>
  new Map([
    ["policy", policy],
    ["awsaccesskeyid", keys.accessKeyId],
    ["signature", createHmac("sha1", keys.secretAccessKey).update(policy).digest("base64")],
  ]);

test("a POST form is its signer's, in version 2, and ends with its policy", async (t) => {
  const request = { ...signed(undefined), method: "POST" };
  const policy = policyOf(new Date(NOW + 1000).toISOString());
  t.is(await outcome(request, { form: formOf(ROOT_KEY, policy) }), `${root(REGISTERED_FOR)} by credentials, verified`);
  t.is(await outcome(request, { form: formOf(wrongSecret(ROOT_KEY), policy) }), "SignatureDoesNotMatch");
  t.is(await outcome(request, { form: formOf(ACCOUNT, policy) }), `${root("444444444444")} by credentials, unchecked`);
  const late = { nowMs: NOW + 1001 };
  t.is(await outcome(request, { form: formOf(ACCOUNT, policy), ...late }), "AccessDenied");
  t.is(await outcome(request, { form: formOf(ACCOUNT, "e30=") }), "InvalidPolicyDocument");
  t.is(await outcome(request, { form: new Map([["key", "k"]]) }), `${root(DEFAULT)} by default, unsigned`);
});

test("a POST form of version 4 is verified over its policy", async (t) => {
  const policy = policyOf(new Date(NOW + 1000).toISOString());
  const date = new Date(NOW).toISOString().slice(0, 10).replaceAll("-", "");
  const key = [date, "us-east-1", "s3", "aws4_request"].reduce<string | Buffer>(
    (previous, part) => createHmac("sha256", previous).update(part).digest(),
    "AWS4user-secret",
  );
  const form = new Map([
    ["policy", policy],
    ["x-amz-algorithm", "AWS4-HMAC-SHA256"],
    ["x-amz-credential", `AKIAUSER/${date}/us-east-1/s3/aws4_request`],
    ["x-amz-date", `${date}T000000Z`],
    ["x-amz-signature", createHmac("sha256", key).update(policy).digest("hex")],
  ]);
  t.regex(await outcome(signed(undefined), { form }), /user\/alice by credentials, verified/);
  form.set("policy", policyOf(new Date(NOW + 2000).toISOString()));
  const error = await t.throwsAsync(run(signed(undefined), { form }));
  t.like(error, { code: "SignatureDoesNotMatch", fields: { CanonicalRequest: undefined } });
});
