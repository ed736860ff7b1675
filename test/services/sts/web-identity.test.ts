/** Tokens of identity providers: which are believed, and whom their bearers may become. */
import { AssumeRoleWithWebIdentityCommand, GetAccessKeyInfoCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWTPayload } from "jose";
import {
  allow,
  keysOf,
  OWNER,
  policy,
  refusalOf,
  roleArn,
  startStrictWorld,
  trust,
  type StrictWorld,
} from "./strict-world.ts";

const ISSUER = "https://idp.example/path";
const URL = "idp.example/path";
const PROVIDER_ARN = `arn:aws:iam::${OWNER}:oidc-provider/${URL}`;
const RS256 = await generateKeyPair("RS256");
const ES256 = await generateKeyPair("ES256");
const FORGED = await generateKeyPair("RS256");
const keySet = JSON.stringify({
  keys: [
    { ...(await exportJWK(RS256.publicKey)), kid: "rsa", alg: "RS256" },
    { ...(await exportJWK(ES256.publicKey)), kid: "ec", alg: "ES256" },
  ],
});

const claims = (change: JWTPayload = {}): JWTPayload => {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, sub: "user-1", aud: "client", iat: now, exp: now + 300, ...change };
};

const signed = (payload: JWTPayload, { key = RS256.privateKey, kid = "rsa", alg = "RS256" } = {}): Promise<string> =>
  new SignJWT(payload).setProtectedHeader({ alg, kid }).sign(key);

const assume = (world: StrictWorld, WebIdentityToken: string, role = "federated") => {
  // Any credentials will do: the request is not signed.
  const client = world.sts({ accessKeyId: "none", secretAccessKey: "none" });
  return client.send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: roleArn(role), RoleSessionName: "session", WebIdentityToken }),
  );
};

const withProvider = async (t: ExecutionContext, condition?: unknown): Promise<StrictWorld> => {
  const world = await startStrictWorld(t);
  await world.provider({ url: URL, keySet, clientIds: ["client", "other"] });
  await world.role("federated", {
    trustPolicy: policy(trust({ Federated: PROVIDER_ARN }, condition, "sts:AssumeRoleWithWebIdentity")),
  });
  return world;
};

test("a token that a registered provider signed is believed, by each of its keys", async (t) => {
  const world = await withProvider(t);
  const answer = await assume(world, await signed(claims()));
  t.like(answer, { SubjectFromWebIdentityToken: "user-1", Audience: "client", Provider: ISSUER });
  const byEc = await signed(claims({ aud: ["nobody", "other"] }), { key: ES256.privateKey, kid: "ec", alg: "ES256" });
  t.is((await assume(world, byEc)).Audience, "other");
});

test("an issuer with a slash at its end is the provider's whose URL has it, and is verified", async (t) => {
  const world = await startStrictWorld(t);
  const url = "tenant.idp.example/";
  await world.provider({ url, keySet, clientIds: ["client"] });
  const condition = { StringEquals: { [`${url}:sub`]: "user-1", [`${url}:aud`]: "client" } };
  const Federated = `arn:aws:iam::${OWNER}:oidc-provider/${url}`;
  const trustPolicy = policy(trust({ Federated }, condition, "sts:AssumeRoleWithWebIdentity"));
  await world.role("federated", { trustPolicy });
  const payload = claims({ iss: `https://${url}` });
  t.is((await assume(world, await signed(payload))).Provider, `https://${url}`);
  t.regex(
    await refusalOf(assume(world, await signed(payload, { key: FORGED.privateKey }))),
    /^InvalidIdentityToken: The signature/,
  );
  const without = claims({ iss: "https://tenant.idp.example" });
  t.is((await assume(world, await signed(without))).SubjectFromWebIdentityToken, "user-1");
});

test("a token that names no key is verified by any key of its kind", async (t) => {
  const world = await withProvider(t);
  const second = await generateKeyPair("RS256");
  const keys = [RS256.publicKey, second.publicKey].map(async (key) => ({ ...(await exportJWK(key)), alg: "RS256" }));
  await world.provider({ url: URL, keySet: JSON.stringify({ keys: await Promise.all(keys) }) });
  const nameless = (key: typeof RS256.privateKey) =>
    new SignJWT(claims()).setProtectedHeader({ alg: "RS256" }).sign(key);
  t.is(await refusalOf(assume(world, await nameless(second.privateKey))), "accepted");
  t.regex(await refusalOf(assume(world, await nameless(FORGED.privateKey))), /^InvalidIdentityToken: /);
});

test("a token that the provider did not sign is refused, in every way to forge one", async (t) => {
  const world = await withProvider(t);
  const forged = "InvalidIdentityToken: The signature of the ID Token is not valid.";
  const noKey =
    "InvalidIdentityToken: Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
  t.is(await refusalOf(assume(world, await signed(claims(), { key: FORGED.privateKey }))), forged);
  t.is(await refusalOf(assume(world, await signed(claims(), { key: FORGED.privateKey, kid: "another" }))), noKey);
  t.is(await refusalOf(assume(world, `${new UnsecuredJWT(claims()).encode()}x`)), noKey);
  // A public key as the secret of a MAC.
  const { n = "" } = await exportJWK(RS256.publicKey);
  const mac = await new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "rsa" }).sign(Buffer.from(n));
  t.is(await refusalOf(assume(world, mac)), noKey);
  const [head = "", , signature = ""] = (await signed(claims())).split(".");
  const other = Buffer.from(JSON.stringify(claims({ sub: "admin" }))).toString("base64url");
  t.is(await refusalOf(assume(world, [head, other, signature].join("."))), forged);
});

test("audience, expiry and claims are judged as AWS judges them", async (t) => {
  const world = await withProvider(t);
  t.is(
    await refusalOf(assume(world, await signed(claims({ aud: "stranger" })))),
    "InvalidIdentityToken: Incorrect token audience",
  );
  // The authorized party counts in the audience's place.
  const azp = await signed(claims({ aud: "client", azp: "stranger" }));
  t.is(await refusalOf(assume(world, azp)), "InvalidIdentityToken: Incorrect token audience");
  const past = Math.floor(Date.now() / 1000) - 10;
  t.regex(
    await refusalOf(assume(world, await signed(claims({ iat: past - 300, exp: past })))),
    /^ExpiredTokenException: Token expired: current date\/time \d+ must be before the expiration date\/time \d+$/,
  );
  const { sub: _sub, ...noSubject } = claims();
  t.is(await refusalOf(assume(world, await signed(noSubject))), "InvalidIdentityToken: Missing a required claim: sub");
  t.is(
    await refusalOf(assume(world, await signed(claims({ iss: "https://stranger.example" })))),
    "InvalidIdentityToken: No OpenIDConnect provider found in your account for https://stranger.example",
  );
  t.regex(
    await refusalOf(assume(world, "no token at all")),
    /^InvalidIdentityToken: The ID Token provided is not a valid JWT/,
  );
});

test("the trust policy sees the provider's subject and audience, and who it is that vouches", async (t) => {
  const world = await withProvider(t, { StringEquals: { [`${URL}:sub`]: "user-1", [`${URL}:aud`]: "client" } });
  t.is(await refusalOf(assume(world, await signed(claims()))), "accepted");
  for (const change of [{ sub: "user-2" }, { aud: "other" }]) {
    t.is(
      await refusalOf(assume(world, await signed(claims(change)))),
      "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
  }
  await world.role("users-only", { trustPolicy: policy(trust({ AWS: OWNER })) });
  t.regex(await refusalOf(assume(world, await signed(claims()), "users-only")), /^AccessDenied: /);
});

test("what the provider said of its user stands in the session, for policies to ask", async (t) => {
  const world = await withProvider(t);
  await world.role("federated", {
    trustPolicy: policy(
      trust({ Federated: PROVIDER_ARN }, undefined, ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]),
    ),
    policies: [
      policy({
        ...allow("sts:GetAccessKeyInfo"),
        Condition: {
          StringEquals: {
            [`${URL}:sub`]: "user-1",
            "aws:FederatedProvider": PROVIDER_ARN,
            "aws:PrincipalTag/team": "a",
          },
        },
      }),
    ],
  });
  const tags = { "https://aws.amazon.com/tags": { principal_tags: { team: ["a"] }, transitive_tag_keys: ["team"] } };
  const info = new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" });
  const as = async (payload: JWTPayload) => world.sts(keysOf((await assume(world, await signed(payload))).Credentials));
  t.is(await refusalOf((await as(claims(tags))).send(info)), "accepted");
  t.regex(await refusalOf((await as(claims({ ...tags, sub: "user-2" }))).send(info)), /^AccessDenied: /);
  t.regex(await refusalOf((await as(claims())).send(info)), /^AccessDenied: /);
});

test("lenient verifies what a registered provider can vouch for too, and believes the rest; off believes all", async (t) => {
  const lenient = await startStrictWorld(t, { authMode: "lenient" });
  await lenient.provider({ url: URL, keySet });
  t.regex(
    await refusalOf(assume(lenient, await signed(claims(), { key: FORGED.privateKey }))),
    /^InvalidIdentityToken: /,
  );
  t.is(await refusalOf(assume(lenient, await signed(claims({ iss: "https://stranger.example" })))), "accepted");
  t.is(await refusalOf(assume(lenient, "opaque")), "accepted");
  const off = await startStrictWorld(t, { authMode: "off" });
  await off.provider({ url: URL, keySet });
  t.is(await refusalOf(assume(off, await signed(claims(), { key: FORGED.privateKey }))), "accepted");
});

test("a provider without keys vouches for its audiences alone", async (t) => {
  const world = await startStrictWorld(t);
  await world.provider({ url: URL });
  await world.role("federated", {
    trustPolicy: policy(trust({ Federated: PROVIDER_ARN }, undefined, "sts:AssumeRoleWithWebIdentity")),
  });
  t.is(await refusalOf(assume(world, await signed(claims(), { key: FORGED.privateKey }))), "accepted");
  t.regex(await refusalOf(assume(world, await signed(claims({ aud: "x" })))), /^InvalidIdentityToken: Incorrect/);
});
