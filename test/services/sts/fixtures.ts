/** A hand-made context for STS handlers, and tokens and assertions of identity providers. */
import type { Caller, Session } from "../../../src/protocol/caller.ts";
import type { IssueOptions, StsContext, StsQuestion } from "../../../src/services/sts/context.ts";
import type { AccessKey, AuthMode } from "../../../src/state/model.ts";
import type { World } from "../../../src/state/world.ts";

export const NOW_MS = Date.UTC(2026, 10, 24, 12, 0, 0);
export const ROOT: Caller = { partition: "aws", accountId: "111111111111", principal: { kind: "Root" } };
export const USER: Caller = {
  partition: "aws",
  accountId: "111111111111",
  principal: { kind: "User", userName: "alice", userId: "AIDAALICEALICEALICE12", path: "/team/" },
};

/** A caller that assumed a role; `session` tells what its credentials carry. */
export const assumedRole = (session: Partial<Session> = {}): Caller => ({
  partition: "aws",
  accountId: "111111111111",
  principal: { kind: "AssumedRole", roleName: "first", roleId: "AROAFIRSTFIRSTFIRST12", sessionName: "chain" },
  session: { issuedAtMs: NOW_MS - 1000, expiresAtMs: NOW_MS + 3_600_000, ...session },
});

export type FakeContext = StsContext & { readonly issued: IssueOptions[]; readonly asked: StsQuestion[] };

/** A context that issues readable credentials and remembers with which options. */
export const stsContext = (
  options: { caller?: Caller; authMode?: AuthMode; tokenSizeBytes?: number; keys?: readonly Partial<AccessKey>[] } = {},
): FakeContext => {
  const issued: IssueOptions[] = [];
  const asked: StsQuestion[] = [];
  const accessKeys = new Map((options.keys ?? []).map((key) => [key.accessKeyId, { key: key as AccessKey }]));
  return {
    issued,
    asked,
    world: {
      settings: { authMode: options.authMode ?? "lenient" },
      cache: { accessKeys, generation: 0, identities: new Map() },
      read: async () => undefined,
    } as unknown as World,
    caller: options.caller ?? ROOT,
    nowMs: NOW_MS,
    endInWorld: ({ endsAtMs }) => endsAtMs,
    draw: {} as StsContext["draw"],
    region: "us-east-1",
    issuer: "http://localhost:5000",
    authorize: async (question) => {
      asked.push(question);
    },
    requireSessionPolicy: () => undefined,
    openToken: () => undefined,
    openMessage: () => undefined,
    tokenKey: () => Promise.reject(new Error("no key")),
    issue: (wanted) => {
      issued.push(wanted);
      return {
        accessKeyId: "ASIAISSUEDISSUEDISSU",
        secretAccessKey: "secret",
        sessionToken: "t".repeat(options.tokenSizeBytes ?? 400),
        expiration: new Date(NOW_MS + wanted.durationSeconds * 1000),
      };
    },
    decodeAccessKeyId: (id) => (/^A[KS]IA[A-Z2-7]{16}$/.test(id) ? "222222222222" : undefined),
    roleId: (accountId, roleName) => `AROA${`${roleName}${accountId}`.toUpperCase().slice(0, 17).padEnd(17, "X")}`,
  };
};

/** An unsigned JWT of `claims`. */
export const jwt = (claims: object): string =>
  [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".") + ".c2ln";

export type SamlOptions = {
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
  readonly sessionEnds?: string;
  readonly expires?: string;
};

const SAML_ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/";
export const SAML_ROLE = "arn:aws:iam::222222222222:role/Reader";
export const SAML_PROVIDER = "arn:aws:iam::222222222222:saml-provider/MySAMLIdP";

/** The base64 text of a SAML response with the given attributes below AWS's prefix. */
export const samlResponse = ({ attributes, sessionEnds, expires }: SamlOptions = {}): string => {
  const all = { Role: [`${SAML_ROLE},${SAML_PROVIDER}`], RoleSessionName: ["bob"], ...attributes };
  const statements = Object.entries(all).map(
    ([name, values]) =>
      `<saml2:Attribute Name="${SAML_ATTRIBUTE}${name}">${values
        .map(
          (value) =>
            `<saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema">${value}</saml2:AttributeValue>`,
        )
        .join("")}</saml2:Attribute>`,
  );
  const xml = `<?xml version="1.0" encoding="UTF-8"?>
<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0">
  <saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="_2">
    <saml2:Issuer>https://example.com/saml</saml2:Issuer>
    <saml2:Subject>
      <saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">b&amp;ob</saml2:NameID>
      <saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">
        <saml2:SubjectConfirmationData NotOnOrAfter="${expires ?? "2026-11-24T12:05:00Z"}" Recipient="https://signin.aws.amazon.com/saml"/>
      </saml2:SubjectConfirmation>
    </saml2:Subject>
    <saml2:AuthnStatement${sessionEnds ? ` SessionNotOnOrAfter="${sessionEnds}"` : ""}/>
    <saml2:AttributeStatement>${statements.join("")}</saml2:AttributeStatement>
  </saml2:Assertion>
</saml2p:Response>`;
  return Buffer.from(xml).toString("base64");
};
