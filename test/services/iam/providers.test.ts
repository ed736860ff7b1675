import {
  AddClientIDToOpenIDConnectProviderCommand,
  CreateOpenIDConnectProviderCommand,
  CreateSAMLProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  DeleteSAMLProviderCommand,
  GetOpenIDConnectProviderCommand,
  GetSAMLProviderCommand,
  ListOpenIDConnectProvidersCommand,
  ListSAMLProvidersCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  UpdateOpenIDConnectProviderThumbprintCommand,
  UpdateSAMLProviderCommand,
} from "@aws-sdk/client-iam";
import test, { type ExecutionContext } from "ava";
import { startTestServer } from "../../support/server.ts";
import { refusal } from "./support.ts";

const iamOf = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  return server.iam();
};

const OIDC = "arn:aws:iam::123456789012:oidc-provider/idp.example/path";

test("an OpenID Connect provider is made, changed, listed and deleted", async (t) => {
  const iam = await iamOf(t);
  const ThumbprintList = ["a".repeat(40)];
  const made = await iam.send(
    new CreateOpenIDConnectProviderCommand({
      Url: "https://idp.example/path",
      ClientIDList: ["one"],
      ThumbprintList,
      Tags: [{ Key: "a", Value: "b" }],
    }),
  );
  t.is(made.OpenIDConnectProviderArn, OIDC);
  t.deepEqual(made.Tags, [{ Key: "a", Value: "b" }]);
  const named = { OpenIDConnectProviderArn: OIDC };
  const get = () => iam.send(new GetOpenIDConnectProviderCommand(named));
  t.like(await get(), {
    Url: "idp.example/path",
    ClientIDList: ["one"],
    ThumbprintList,
    Tags: [{ Key: "a", Value: "b" }],
  });
  t.true((await get()).CreateDate instanceof Date);
  for (const ClientID of ["two", "two"]) {
    await iam.send(new AddClientIDToOpenIDConnectProviderCommand({ ...named, ClientID }));
  }
  for (const ClientID of ["one", "never there"]) {
    await iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand({ ...named, ClientID }));
  }
  const others = ["c".repeat(40), "d".repeat(40)];
  await iam.send(new UpdateOpenIDConnectProviderThumbprintCommand({ ...named, ThumbprintList: others }));
  t.like(await get(), { ClientIDList: ["two"], ThumbprintList: others });
  const { OpenIDConnectProviderList } = await iam.send(new ListOpenIDConnectProvidersCommand({}));
  t.deepEqual(OpenIDConnectProviderList, [{ Arn: OIDC }]);
  await iam.send(new DeleteOpenIDConnectProviderCommand(named));
  t.deepEqual(await refusal(get()), {
    code: "NoSuchEntity",
    message: `OpenIDConnect Provider not found for arn ${OIDC}`,
    status: 404,
    type: "Sender",
  });
  t.like(await refusal(iam.send(new DeleteOpenIDConnectProviderCommand(named))), {
    code: "NoSuchEntity",
    message: `OpenId connect Provider ${OIDC} cannot be found.`,
  });
});

test("an OpenID Connect provider that AWS would not take is refused", async (t) => {
  const iam = await iamOf(t);
  const make = (Url: string, lists: { ClientIDList?: string[]; ThumbprintList?: string[] } = {}) =>
    iam.send(new CreateOpenIDConnectProviderCommand({ Url, ...lists }));
  await make("https://idp.example");
  t.deepEqual(await refusal(make("https://idp.example")), {
    code: "EntityAlreadyExists",
    message: "Provider with url https://idp.example already exists.",
    status: 409,
    type: "Sender",
  });
  for (const url of ["idp.example", "http://idp.example", "https://idp.example?query", "https://"]) {
    t.like(await refusal(make(url)), { code: "ValidationError", message: "Invalid Open ID Connect Provider URL" });
  }
  const six = Array.from({ length: 6 }, () => "a".repeat(40));
  t.like(await refusal(make("https://other.example", { ThumbprintList: six })), {
    code: "InvalidInput",
    message: "Thumbprint list must contain fewer than 5 entries.",
    status: 400,
  });
  const many = Array.from({ length: 101 }, (_, at) => `client-${at}`);
  t.like(await refusal(make("https://other.example", { ClientIDList: many })), {
    code: "LimitExceeded",
    message: "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100",
    status: 409,
  });
  const wrong = { ClientIDList: ["c".repeat(256)], ThumbprintList: ["short"] };
  t.is(
    (await refusal(make(`https://${"u".repeat(250)}`, wrong))).message,
    "3 validation errors detected: Value at 'clientIDList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 255, Member must have length greater than or equal to 1]; Value at 'thumbprintList' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 40, Member must have length greater than or equal to 40]; Value at 'url' failed to satisfy constraint: Member must have length less than or equal to 255",
  );
});

const SAML = "arn:aws:iam::123456789012:saml-provider/corp";
const metadata = (attributes = ""): string =>
  `<?xml version="1.0"?><md:EntityDescriptor entityID="https://idp.example" ${attributes}>${"<!-- -->".repeat(120)}</md:EntityDescriptor>\n`;

test("a SAML provider is made, shown, changed, listed and deleted", async (t) => {
  const iam = await iamOf(t);
  const first = metadata('validUntil="2030-01-02T03:04:05Z"');
  const made = await iam.send(new CreateSAMLProviderCommand({ Name: "corp", SAMLMetadataDocument: first }));
  t.is(made.SAMLProviderArn, SAML);
  const get = () => iam.send(new GetSAMLProviderCommand({ SAMLProviderArn: SAML }));
  const shown = await get();
  t.like(shown, { SAMLMetadataDocument: first, Tags: [], AssertionEncryptionMode: "Allowed", PrivateKeyList: [] });
  t.is(shown.ValidUntil?.toISOString(), "2030-01-02T03:04:05.000Z");
  const SAMLMetadataDocument = metadata();
  await iam.send(new UpdateSAMLProviderCommand({ SAMLProviderArn: SAML, SAMLMetadataDocument }));
  const then = await get();
  t.is(then.SAMLMetadataDocument, SAMLMetadataDocument);
  t.regex(shown.SAMLProviderUUID ?? "", /^[A-Z0-9]{22,64}$/);
  t.is(then.SAMLProviderUUID, shown.SAMLProviderUUID);
  t.is(then.ValidUntil!.getUTCFullYear() - then.CreateDate!.getUTCFullYear(), 100);
  const { SAMLProviderList } = await iam.send(new ListSAMLProvidersCommand({}));
  t.deepEqual(
    SAMLProviderList?.map(({ Arn }) => Arn),
    [SAML],
  );
  t.like(await refusal(iam.send(new CreateSAMLProviderCommand({ Name: "corp", SAMLMetadataDocument }))), {
    code: "EntityAlreadyExists",
  });
  t.like(
    await refusal(iam.send(new CreateSAMLProviderCommand({ Name: "x", SAMLMetadataDocument: "x".repeat(1_000) }))),
    {
      code: "InvalidInput",
    },
  );
  await iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: SAML }));
  for (const sent of [get(), iam.send(new DeleteSAMLProviderCommand({ SAMLProviderArn: SAML }))]) {
    t.deepEqual(await refusal(sent), {
      code: "NoSuchEntity",
      message: `Manifest not found for arn ${SAML}`,
      status: 404,
      type: "Sender",
    });
  }
});
