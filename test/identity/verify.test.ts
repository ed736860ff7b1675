import { createHmac } from "node:crypto";
import test from "ava";
import { identify } from "../../src/identity/identify.ts";
import type { IdentifyInput } from "../../src/identity/identify.ts";
import { verify } from "../../src/identity/verify.ts";
import {
  ACCOUNT,
  DEFAULT,
  NOW,
  outcome,
  registered,
  REGISTERED_FOR,
  root,
  ROOT_KEY,
  run,
  serverKey,
  settingsOf,
  signed,
  UNKNOWN,
  wrongSecret,
  type Keys,
} from "./identities.ts";

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
  const runs = [{ realMs: NOW - 60_000, worldMs: NOW - 60_000 + yearMs }];
  const clocks = { nowMs: NOW + yearMs, realNowMs: NOW, runs, clientClock: "either" as const };
  const firstUseMs = (): number => NOW;
  t.is(verify({ ...input, identified, clocks, firstUseMs }).signature, "verified");
  const unmoved = { ...clocks, runs: [] };
  t.throws(() => verify({ ...input, identified, clocks: unmoved, firstUseMs }), { message: /difference between/ });
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
