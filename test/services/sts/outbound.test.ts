/** Web identity tokens that this server signs, and sessions that are scoped down or handed on. */
import {
  GetCallerIdentityCommand,
  GetDelegatedAccessTokenCommand,
  GetFederationTokenCommand,
  GetScopedCredentialsCommand,
  GetSessionTokenCommand,
  GetWebIdentityTokenCommand,
  AssumeRoleCommand,
  GetAccessKeyInfoCommand,
} from "@aws-sdk/client-sts";
import test from "ava";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import {
  allow,
  keysOf,
  OTHER,
  OWNER,
  policy,
  refusalOf,
  roleArn,
  startStrictWorld,
  trust,
  userArn,
} from "./strict-world.ts";

const everything = { policies: [policy(allow("*"))] };
const asJson = async (url: string): Promise<Record<string, unknown>> =>
  (await (await fetch(url)).json()) as Record<string, unknown>;

for (const SigningAlgorithm of ["RS256", "ES384"]) {
  test(`whoever gets a web identity token (${SigningAlgorithm}) verifies it by the keys that the server publishes`, async (t) => {
    const world = await startStrictWorld(t);
    const alice = world.sts(await world.user("alice", everything));
    const answer = await alice.send(
      new GetWebIdentityTokenCommand({
        Audience: ["https://api.example"],
        SigningAlgorithm,
        DurationSeconds: 60,
        Tags: [{ Key: "build", Value: "7" }],
      }),
    );
    const token = answer.WebIdentityToken ?? "";
    const configuration = await asJson(`${world.endpoint}/.well-known/openid-configuration`);
    t.is(configuration["issuer"], world.endpoint);
    const keys = createRemoteJWKSet(new URL(String(configuration["jwks_uri"])));
    const { payload } = await jwtVerify(token, keys, { issuer: world.endpoint, audience: "https://api.example" });
    t.is(decodeProtectedHeader(token).alg, SigningAlgorithm);
    t.is(payload.sub, userArn("alice"));
    t.is((payload.exp ?? 0) - (payload.iat ?? 0), 60);
    t.is(answer.Expiration?.getTime(), (payload.exp ?? 0) * 1000);
    t.like(payload["https://sts.amazonaws.com/"], {
      aws_account: OWNER,
      source_region: "us-east-1",
      principal_id: userArn("alice"),
      request_tags: { build: "7" },
    });
    t.truthy(payload.jti);
  });
}

test("the subject of a role's session is its role, and its token does not outlive it", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", everything));
  await world.role("worker", { trustPolicy: policy(trust({ AWS: OWNER })), ...everything });
  const input = { RoleArn: roleArn("worker"), RoleSessionName: "session", DurationSeconds: 900 };
  const session = world.sts(keysOf((await alice.send(new AssumeRoleCommand(input))).Credentials));
  const wanted = { Audience: ["a", "b"], SigningAlgorithm: "ES384" };
  const { WebIdentityToken = "" } = await session.send(new GetWebIdentityTokenCommand(wanted));
  const keys = createRemoteJWKSet(new URL(`${world.endpoint}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(WebIdentityToken, keys);
  t.is(payload.sub, roleArn("worker"));
  t.deepEqual(payload.aud, ["a", "b"]);
  t.is((payload.exp ?? 0) - (payload.iat ?? 0), 300);
  t.regex(
    await refusalOf(session.send(new GetWebIdentityTokenCommand({ ...wanted, DurationSeconds: 901 }))),
    /^SessionDurationEscalationException: /,
  );
});

test("what GetWebIdentityToken cannot take is refused with what is wrong", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", everything));
  const ask = (input: object) =>
    refusalOf(alice.send(new GetWebIdentityTokenCommand({ Audience: ["a"], SigningAlgorithm: "ES384", ...input })));
  t.regex(await ask({ SigningAlgorithm: "HS256" }), /^ValidationError: .*'signingAlgorithm'/);
  t.regex(await ask({ Audience: [] }), /^ValidationError: .*'audience'/);
  t.regex(await ask({ DurationSeconds: 59 }), /^ValidationError: .*greater than or equal to 60$/);
  t.regex(await ask({ DurationSeconds: 3601 }), /^ValidationError: .*less than or equal to 3600$/);
  t.regex(await ask({ SubjectMode: "OriginIdentity" }), /^ValidationError: /);
  t.regex(await ask({ Scope: "read" }), /^ValidationError: /);
});

test("the OpenID documents are for anyone, and no bucket's", async (t) => {
  const world = await startStrictWorld(t);
  const keys = await asJson(`${world.endpoint}/.well-known/jwks.json`);
  t.deepEqual(
    (keys["keys"] as { alg: string; use: string; d?: string }[]).map(({ alg, use, d }) => [alg, use, d]),
    [
      ["ES384", "sig", undefined],
      ["RS256", "sig", undefined],
    ],
  );
  t.is((await fetch(`${world.endpoint}/.well-known/jwks.json`, { method: "HEAD" })).status, 200);
  t.is((await fetch(`${world.endpoint}/.well-known/other`)).status, 404);
  t.not((await fetch(`${world.endpoint}/.well-known/jwks.json`, { method: "PUT" })).status, 200);
});

test("scoped credentials are the same session with fewer permissions, three times at most", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", everything));
  await world.role("worker", { trustPolicy: policy(trust({ AWS: OWNER })), ...everything });
  const input = { RoleArn: roleArn("worker"), RoleSessionName: "session", SourceIdentity: "alice" };
  await world.role("worker", {
    trustPolicy: policy(trust({ AWS: OWNER }, undefined, ["sts:AssumeRole", "sts:SetSourceIdentity"])),
    ...everything,
  });
  const assumed = await alice.send(new AssumeRoleCommand(input));
  let keys = keysOf(assumed.Credentials);
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  const Policy = policy(allow(["sts:GetAccessKeyInfo", "sts:GetScopedCredentials"]));
  for (const count of [1, 2, 3]) {
    const scoped = await world.sts(keys).send(new GetScopedCredentialsCommand({ Policy }));
    t.is(scoped.ScopedPoliciesCount, count);
    t.is(scoped.SourceIdentity, "alice");
    t.deepEqual(scoped.SessionInfo, {
      Arn: assumed.AssumedRoleUser?.Arn,
      ScopedSessionId: assumed.AssumedRoleUser?.AssumedRoleId,
    });
    t.deepEqual(scoped.Credentials?.Expiration, assumed.Credentials?.Expiration);
    keys = keysOf(scoped.Credentials);
    t.is((await world.sts(keys).send(new GetCallerIdentityCommand({}))).Arn, assumed.AssumedRoleUser?.Arn);
    t.is(await refusalOf(world.sts(keys).send(info)), "accepted");
  }
  t.regex(await refusalOf(world.sts(keys).send(new GetScopedCredentialsCommand({ Policy }))), /^AccessDenied: /);
  const shorter = await world.sts(keys).send(new GetScopedCredentialsCommand({ DurationSeconds: 60 }));
  t.is(shorter.ScopedPoliciesCount, 3);
  const other = policy(allow("s3:*"));
  const narrowed = await world
    .sts(keysOf(assumed.Credentials))
    .send(new GetScopedCredentialsCommand({ Policy: other }));
  t.regex(await refusalOf(world.sts(keysOf(narrowed.Credentials)).send(info)), /no session policy allows/);
});

test("only sessions are scoped down, never made longer", async (t) => {
  const world = await startStrictWorld(t);
  const user = await world.user("alice", everything);
  t.regex(
    await refusalOf(world.sts(user).send(new GetScopedCredentialsCommand({ DurationSeconds: 900 }))),
    /^InvalidSubjectCredentials: /,
  );
  const { Credentials } = await world.sts(user).send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
  const session = world.sts(keysOf(Credentials));
  t.regex(await refusalOf(session.send(new GetScopedCredentialsCommand({}))), /^ValidationError: /);
  t.regex(
    await refusalOf(session.send(new GetScopedCredentialsCommand({ DurationSeconds: 901 }))),
    /^InsufficientSessionLifetime: /,
  );
  t.regex(
    await refusalOf(session.send(new GetScopedCredentialsCommand({ Policy: "{}" }))),
    /^MalformedPolicyDocument: /,
  );
});

test("a session token of this server's is traded in for credentials of its session", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice", everything));
  const partner = world.sts(await world.user("partner", { accountId: OTHER, ...everything }));
  const federated = await alice.send(new GetFederationTokenCommand({ Name: "carol", Policy: policy(allow("*")) }));
  const TradeInToken = federated.Credentials?.SessionToken ?? "";
  const traded = await partner.send(new GetDelegatedAccessTokenCommand({ TradeInToken }));
  t.is(traded.AssumedPrincipal, federated.FederatedUser?.Arn);
  t.not(traded.Credentials?.AccessKeyId, federated.Credentials?.AccessKeyId);
  t.deepEqual(traded.Credentials?.Expiration, federated.Credentials?.Expiration);
  const client = world.sts(keysOf(traded.Credentials));
  t.is((await client.send(new GetCallerIdentityCommand({}))).Arn, federated.FederatedUser?.Arn);
  t.regex(
    await refusalOf(partner.send(new GetDelegatedAccessTokenCommand({ TradeInToken: "anything" }))),
    /^ValidationError: /,
  );
});

test("a larger session token does the same", async (t) => {
  const world = await startStrictWorld(t);
  const alice = world.sts(await world.user("alice"));
  for (const MinimumSessionTokenSize of [1000, 4095, 4096]) {
    const { Credentials, ...sizes } = await alice.send(new GetSessionTokenCommand({ MinimumSessionTokenSize }));
    t.is(Credentials?.SessionToken?.length, Math.ceil(MinimumSessionTokenSize / 4) * 4);
    t.is(sizes.SessionTokenSize, Credentials?.SessionToken?.length);
    const client = world.sts(keysOf(Credentials));
    t.is((await client.send(new GetCallerIdentityCommand({}))).Arn, userArn("alice"));
  }
});
