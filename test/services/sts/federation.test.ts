import { createHash } from "node:crypto";
import test from "ava";
import { StsError } from "../../../src/services/sts/errors.ts";
import { STS_HANDLERS } from "../../../src/services/sts/handlers.ts";
import type { AuthMode } from "../../../src/state/model.ts";
import { jwt, NOW_MS, SAML_PROVIDER, SAML_ROLE, samlResponse, stsContext } from "./fixtures.ts";
import type { SamlOptions } from "./fixtures.ts";

const NOW_SECONDS = NOW_MS / 1000;
const CLAIMS = { iss: "https://idp.example", sub: "user-1", aud: "client", exp: NOW_SECONDS + 60, iat: NOW_SECONDS };

const codeOf = async (run: Promise<unknown>): Promise<string> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof StsError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return "accepted";
};

const withToken = (WebIdentityToken: string, options: { authMode?: AuthMode; ProviderId?: string } = {}) => {
  const { authMode = "lenient", ...input } = options;
  const context = stsContext({ authMode });
  const role = { RoleArn: SAML_ROLE, RoleSessionName: "session" };
  return STS_HANDLERS.AssumeRoleWithWebIdentity(context, { ...role, WebIdentityToken, ...input });
};

test("AssumeRoleWithWebIdentity answers the token's subject, audience and issuer", async (t) => {
  const answer = await withToken(jwt(CLAIMS));
  t.like(answer, { SubjectFromWebIdentityToken: "user-1", Audience: "client", Provider: "https://idp.example" });
  t.is(answer.AssumedRoleUser?.Arn, "arn:aws:sts::222222222222:assumed-role/Reader/session");
});

test("an expired token is refused, except in auth mode off", async (t) => {
  const token = jwt({ ...CLAIMS, exp: NOW_SECONDS });
  const expected = `ExpiredTokenException: Token expired: current date/time ${NOW_SECONDS} must be before the expiration date/time ${NOW_SECONDS}`;
  t.is(await codeOf(withToken(token)), expected);
  t.is(await codeOf(withToken(token, { authMode: "off" })), "accepted");
});

test("a text that is no JWT is taken in lenient and refused in strict, unless a provider of access tokens is named", async (t) => {
  for (const token of ["opaque", "a.b.c", `x.${Buffer.from("[]").toString("base64url")}.y`]) {
    t.is(await codeOf(withToken(token)), "accepted");
    t.regex(
      await codeOf(withToken(token, { authMode: "strict" })),
      /^InvalidIdentityToken: The ID Token provided is not a valid JWT/,
    );
    const answer = await withToken(token, { authMode: "strict", ProviderId: "graph.facebook.com" });
    t.is(answer.Provider, "graph.facebook.com");
  }
});

test("strict asks for the claims that OpenID Connect requires", async (t) => {
  const { sub: _sub, ...claims } = CLAIMS;
  t.is(
    await codeOf(withToken(jwt(claims), { authMode: "strict" })),
    "InvalidIdentityToken: Missing a required claim: sub",
  );
  t.is(await codeOf(withToken(jwt(claims))), "accepted");
});

test("a token's session tags and source identity go into the session, nested or flattened", async (t) => {
  const context = stsContext();
  const token = jwt({
    ...CLAIMS,
    "https://aws.amazon.com/source_identity": "alice",
    "https://aws.amazon.com/tags": { principal_tags: { Team: ["a"] }, transitive_tag_keys: ["Team"] },
    "https://aws.amazon.com/tags/principal_tags/Unit": "u",
  });
  const input = { RoleArn: SAML_ROLE, RoleSessionName: "session", WebIdentityToken: token };
  const answer = await STS_HANDLERS.AssumeRoleWithWebIdentity(context, input);
  t.is(answer.SourceIdentity, "alice");
  t.like(context.issued[0], {
    tags: [
      { key: "Team", value: "a" },
      { key: "Unit", value: "u" },
    ],
    transitiveTagKeys: ["Team"],
    sourceIdentity: "alice",
  });
});

const withSaml = (
  saml: SamlOptions | string,
  options: { authMode?: AuthMode; DurationSeconds?: number; PrincipalArn?: string } = {},
) => {
  const { authMode = "lenient", ...input } = options;
  const context = stsContext({ authMode });
  const SAMLAssertion = typeof saml === "string" ? saml : samlResponse(saml);
  const run = STS_HANDLERS.AssumeRoleWithSAML(context, {
    RoleArn: SAML_ROLE,
    PrincipalArn: SAML_PROVIDER,
    SAMLAssertion,
    ...input,
  });
  return { run, context };
};

test("AssumeRoleWithSAML answers what the assertion says of its subject", async (t) => {
  const answer = await withSaml({}).run;
  t.like(answer, {
    Subject: "b&ob",
    SubjectType: "transient",
    Issuer: "https://example.com/saml",
    Audience: "https://signin.aws.amazon.com/saml",
    NameQualifier: createHash("sha1").update("https://example.com/saml222222222222/MySAMLIdP").digest("base64"),
  });
  t.is(answer.AssumedRoleUser?.Arn, "arn:aws:sts::222222222222:assumed-role/Reader/bob");
});

const issuedSeconds = async (saml: SamlOptions, DurationSeconds?: number): Promise<number | undefined> => {
  const { run, context } = withSaml(saml, DurationSeconds === undefined ? {} : { DurationSeconds });
  await run;
  return context.issued[0]?.durationSeconds;
};

test("a SAML session lasts as asked, else as its attribute says, else an hour, and never beyond the SAML session", async (t) => {
  const attributes = { SessionDuration: ["7200"] };
  t.is(await issuedSeconds({}), 3600);
  t.is(await issuedSeconds({ attributes }), 7200);
  t.is(await issuedSeconds({ attributes }, 900), 900);
  t.is(await issuedSeconds({ sessionEnds: "2026-11-24T12:10:00Z" }), 600);
  t.is(await issuedSeconds({ sessionEnds: "2020-01-01T00:00:00Z" }), 3600);
});

test("SAML attributes carry session tags and the source identity", async (t) => {
  const { run, context } = withSaml({
    attributes: { "PrincipalTag:Team": ["a"], TransitiveTagKeys: ["Team"], SourceIdentity: ["alice"] },
  });
  t.is((await run).SourceIdentity, "alice");
  t.like(context.issued[0], {
    tags: [{ key: "Team", value: "a" }],
    transitiveTagKeys: ["Team"],
    sourceIdentity: "alice",
  });
});

test("what a provider says of a session is held to the limits of requests, on both sides", async (t) => {
  const long = (length: number) => "v".repeat(length);
  const asJwt = (change: object) => codeOf(withToken(jwt({ ...CLAIMS, ...change })));
  const named = (principal_tags: object) => ({ "https://aws.amazon.com/tags": { principal_tags } });
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, ["v"]]));
  for (const [good, bad] of [
    [{ "https://aws.amazon.com/source_identity": long(64) }, { "https://aws.amazon.com/source_identity": long(65) }],
    [{ "https://aws.amazon.com/source_identity": "a=b" }, { "https://aws.amazon.com/source_identity": "a b" }],
    [named({ [long(128)]: ["v"] }), named({ [long(129)]: ["v"] })],
    [named({ key: [long(256)] }), named({ key: [long(257)] })],
    [named(many(50)), named(many(51))],
  ] as const) {
    t.is(await asJwt(good), "accepted");
    t.regex(await asJwt(bad), /^InvalidIdentityToken: 1 validation error detected: /);
  }
  const asSaml = (attributes: SamlOptions["attributes"]) => codeOf(withSaml({ attributes: attributes ?? {} }).run);
  t.is(await asSaml({ SourceIdentity: ["alice"] }), "accepted");
  t.regex(await asSaml({ SourceIdentity: ["two words"] }), /^InvalidIdentityToken: .* at 'sourceIdentity' /);
  t.regex(await asSaml({ "PrincipalTag:bad*key": ["v"] }), /^InvalidIdentityToken: .* at 'tags.1.member.key' /);
});

const inBase64 = (xml: string): string => Buffer.from(xml).toString("base64");

test("what is no SAML response is refused", async (t) => {
  for (const wrong of [
    "not base64!",
    inBase64("no xml"),
    inBase64("<Response/>"),
    inBase64("<a><b></a>"),
    inBase64("<!DOCTYPE a><a/>"),
    inBase64("<a/><b/>"),
    inBase64("<a/>junk"),
    inBase64("<a>".repeat(5_000) + "</a>".repeat(5_000)),
  ]) {
    t.regex(await codeOf(withSaml(wrong).run), /^InvalidIdentityToken: /, wrong);
  }
});

test("a SAML response must name a session", async (t) => {
  t.is(
    await codeOf(withSaml({ attributes: { RoleSessionName: [] } }).run),
    "InvalidIdentityToken: RoleSessionName is required in AuthnResponse",
  );
  t.is(
    await codeOf(withSaml({ attributes: { RoleSessionName: ["a:b"] } }).run),
    "InvalidIdentityToken: RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}",
  );
});

const withDurationAttribute = (text: string) => codeOf(withSaml({ attributes: { SessionDuration: [text] } }).run);

test("a SAML session's duration is held to AWS's limits on both sides", async (t) => {
  for (const text of ["900", "43200"]) t.is(await withDurationAttribute(text), "accepted");
  for (const text of ["899", "43201", "x", ""]) t.regex(await withDurationAttribute(text), /^InvalidIdentityToken: /);
});

test("strict refuses an expired SAML response and a role that it does not offer; lenient takes both", async (t) => {
  const expired = { expires: "2026-11-24T12:00:00Z" };
  t.regex(await codeOf(withSaml(expired, { authMode: "strict" }).run), /^ExpiredTokenException: /);
  t.is(await codeOf(withSaml(expired).run), "accepted");
  const other = { PrincipalArn: "arn:aws:iam::222222222222:saml-provider/Other" };
  t.regex(await codeOf(withSaml({}, { ...other, authMode: "strict" }).run), /^InvalidIdentityToken: /);
  t.is(await codeOf(withSaml({}, other).run), "accepted");
  t.is(await codeOf(withSaml({}, { authMode: "strict" }).run), "accepted");
});

test("a provider's ARN that names no SAML provider is refused", async (t) => {
  t.is(await codeOf(withSaml({}, { PrincipalArn: SAML_ROLE }).run), `ValidationError: ${SAML_ROLE} is invalid`);
});
