/** SAML responses: which are believed, and whom their bearers may become. */
import { AssumeRoleWithSAMLCommand, GetAccessKeyInfoCommand } from "@aws-sdk/client-sts";
import test, { type ExecutionContext } from "ava";
import { SAML_PROVIDER, SAML_ROLE, samlResponse } from "./fixtures.ts";
import { createIdp, metadataOf, signResponse } from "./saml-idp.ts";
import { allow, keysOf, OTHER, policy, refusalOf, startStrictWorld, trust, type StrictWorld } from "./strict-world.ts";

const IDP = createIdp();
const STRANGER = createIdp("stranger");
const minutes = (count: number): string => new Date(Date.now() + count * 60_000).toISOString();

type Wanted = Parameters<typeof samlResponse>[0];

const responseXml = (wanted: Wanted = {}): string =>
  Buffer.from(samlResponse({ expires: minutes(5), ...wanted }), "base64").toString();
const base64 = (xml: string): string => Buffer.from(xml).toString("base64");

const assume = (world: StrictWorld, xml: string) =>
  world
    .sts({ accessKeyId: "none", secretAccessKey: "none" })
    .send(
      new AssumeRoleWithSAMLCommand({ RoleArn: SAML_ROLE, PrincipalArn: SAML_PROVIDER, SAMLAssertion: base64(xml) }),
    );

const ACTION = "sts:AssumeRoleWithSAML";

const withProvider = async (t: ExecutionContext, condition?: unknown): Promise<StrictWorld> => {
  const world = await startStrictWorld(t);
  await world.samlProvider({ accountId: OTHER, name: "MySAMLIdP", metadata: metadataOf(IDP) });
  await world.role("Reader", {
    accountId: OTHER,
    trustPolicy: policy(trust({ Federated: SAML_PROVIDER }, condition, ACTION)),
    policies: [policy({ ...allow("sts:GetAccessKeyInfo"), Condition: { StringEquals: { "saml:sub": "b&ob" } } })],
  });
  return world;
};

const INVALID = "InvalidIdentityToken: Response signature invalid";

for (const what of ["Assertion", "Response"] as const) {
  test(`a response whose ${what} the provider signed is believed`, async (t) => {
    const world = await withProvider(t);
    const answer = await assume(world, signResponse(responseXml(), IDP, what));
    t.like(answer, {
      Subject: "b&ob",
      Issuer: "https://example.com/saml",
      Audience: "https://signin.aws.amazon.com/saml",
    });
    const session = world.sts(keysOf(answer.Credentials));
    const info = new GetAccessKeyInfoCommand({ AccessKeyId: "AKIAIOSFODNN7EXAMPLE" });
    t.is(await refusalOf(session.send(info)), "accepted", "what the provider said of its user stands in the session");
  });
}

test("a response that nobody signed, a stranger signed, or somebody changed is refused", async (t) => {
  const world = await withProvider(t);
  t.is(await refusalOf(assume(world, responseXml())), INVALID);
  t.is(await refusalOf(assume(world, signResponse(responseXml(), STRANGER))), INVALID);
  const changed = signResponse(responseXml(), IDP).replace("b&amp;ob", "admin");
  t.is(await refusalOf(assume(world, changed)), INVALID);
  // What the response says of its signer's key proves nothing.
  const own = signResponse(responseXml(), STRANGER).replace(
    "</ds:Signature>",
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${STRANGER.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></ds:Signature>`,
  );
  t.is(await refusalOf(assume(world, own)), INVALID);
});

/** The whole element of a name, with its tags. */
const elementOf = (xml: string, name: string): string =>
  new RegExp(`<${name}[\\s>][\\s\\S]*</${name}>`).exec(xml)?.[0] ?? "";

test("an assertion that was wrapped around a signed one, or put beside it, is never looked at", async (t) => {
  const world = await withProvider(t);
  const good = signResponse(responseXml(), IDP);
  const signed = elementOf(good, "saml2:Assertion");
  const evil = elementOf(responseXml(), "saml2:Assertion").replace("b&amp;ob", "admin");
  const signature = elementOf(signed, "ds:Signature");
  const wrapped = {
    before: good.replace(signed, evil.replace('ID="_2"', 'ID="_9"') + signed),
    after: good.replace(signed, signed + evil.replace('ID="_2"', 'ID="_9"')),
    "with the same id": good.replace(signed, evil + signed),
    "around it": good.replace(
      signed,
      evil.replace('ID="_2"', 'ID="_9"').replace("</saml2:Assertion>", `${signed}</saml2:Assertion>`),
    ),
    "with its signature": good.replace(
      signed,
      evil.replace('ID="_2"', 'ID="_9"').replace("</saml2:Issuer>", `</saml2:Issuer>${signature}`) +
        `<saml2p:Extensions>${signed}</saml2p:Extensions>`,
    ),
    "in a comment": good.replace("b&amp;ob", "b&amp;o<!-- -->b"),
  };
  for (const [name, xml] of Object.entries(wrapped)) {
    const outcome = await assume(world, xml).then(
      ({ Subject }) => Subject,
      (error: Error) => error.name,
    );
    t.true(outcome === "b&ob" || outcome === "InvalidIdentityTokenException", `${name}: ${outcome}`);
  }
});

test("a document type is refused before anything is verified", async (t) => {
  const world = await withProvider(t);
  const xml = signResponse(responseXml(), IDP).replace(
    "<saml2p:Response",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><saml2p:Response',
  );
  t.regex(await refusalOf(assume(world, xml)), /^InvalidIdentityToken: /);
});

test("issuer, expiry, role and provider are judged as AWS judges them", async (t) => {
  const world = await withProvider(t);
  const other = signResponse(responseXml().replace("https://example.com/saml", "https://stranger.example"), IDP);
  t.is(await refusalOf(assume(world, other)), "InvalidIdentityToken: Issuer not present in specified provider");
  t.regex(
    await refusalOf(assume(world, signResponse(responseXml({ expires: minutes(-1) }), IDP))),
    /^ExpiredTokenException: Token must be redeemed within 5 minutes of issuance$/,
  );
  const noRole = signResponse(responseXml({ attributes: { Role: [`${SAML_ROLE}x,${SAML_PROVIDER}`] } }), IDP);
  t.regex(await refusalOf(assume(world, noRole)), /doesn't contain the requested Role and Metadata/);
  const unknown = await startStrictWorld(t);
  await unknown.role("Reader", {
    accountId: OTHER,
    trustPolicy: policy(trust({ Federated: SAML_PROVIDER }, undefined, ACTION)),
  });
  t.is(
    await refusalOf(assume(unknown, signResponse(responseXml(), IDP))),
    "InvalidIdentityToken: Specified provider doesn't exist",
  );
});

test("the trust policy sees what the provider says of its user", async (t) => {
  const fitting = {
    StringEquals: {
      "saml:aud": "https://signin.aws.amazon.com/saml",
      "saml:sub_type": "transient",
      "saml:doc": `${OTHER}/MySAMLIdP`,
    },
  };
  const world = await withProvider(t, fitting);
  t.is(await refusalOf(assume(world, signResponse(responseXml(), IDP))), "accepted");
  const narrow = await withProvider(t, { StringEquals: { "saml:iss": "https://other.example" } });
  t.is(
    await refusalOf(assume(narrow, signResponse(responseXml(), IDP))),
    "AccessDenied: Not authorized to perform sts:AssumeRoleWithSAML",
  );
});
