/** What a SAML authentication response says of its bearer. Whether to believe it is `saml-provider.ts`'s question. */
import { readXml, type XmlElement } from "../../protocol/codec/xml-reader.ts";
import { StsError } from "./errors.ts";
import type { RequestedTags } from "./session-tags.ts";

export type SamlAssertion = RequestedTags & {
  readonly subject: string;
  /** The format of the name id, without the prefix that SAML's own formats have. */
  readonly subjectType: string | undefined;
  readonly issuer: string;
  /** `Recipient` of the subject's confirmation, which AWS calls the audience. */
  readonly audience: string | undefined;
  readonly sessionName: string;
  /** Each `role ARN,provider ARN` that the bearer may choose, in either order. */
  readonly roles: readonly string[];
  readonly sourceIdentity: string | undefined;
  /** The attribute `SessionDuration`, in seconds. */
  readonly durationSeconds: number | undefined;
  readonly sessionEndsAtMs: number | undefined;
  /** When the subject's confirmation or the conditions cease to hold, whichever comes first. */
  readonly expiresAtMs: number | undefined;
};

const ATTRIBUTE = "https://aws.amazon.com/SAML/Attributes/";
const FORMAT_PREFIX = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const DURATION_SECONDS_MIN = 900;
const DURATION_SECONDS_MAX = 43_200;

/** The XML of a response that was sent as base64. Throws `InvalidIdentityToken` for what is no base64. */
export const decodeSamlResponse = (base64: string): string => {
  const compact = base64.replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw invalid("Invalid base64 SAMLResponse");
  return Buffer.from(compact, "base64").toString("utf8");
};

/**
 * Reads a SAML response, or an assertion alone.
 * Throws `InvalidIdentityToken` when it is none, or lacks an issuer, a subject or a session name.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_saml_assertions.html
 */
export const readSamlAssertion = (xml: string): SamlAssertion => {
  const { name, root } = parse(xml);
  const assertion = name === "Assertion" ? root : child(root, "Assertion");
  if (!assertion) throw invalid("SAML response contains no readable Assertion.");
  const issuer = textOf(child(assertion, "Issuer"));
  const subjectElement = child(assertion, "Subject");
  const nameId = child(subjectElement, "NameID");
  const subject = textOf(nameId);
  if (issuer === "") throw invalid("Issuer is required in the SAML assertion.");
  if (subject === "") throw invalid("NameID is required in the subject of the SAML assertion.");
  const conditions = child(assertion, "Conditions");
  const confirmation = child(child(subjectElement, "SubjectConfirmation"), "SubjectConfirmationData");
  const attributes = readAttributes(assertion);
  return {
    subject,
    subjectType: subjectType(nameId?.attributes["Format"]),
    issuer,
    audience: confirmation?.attributes["Recipient"],
    sessionName: readSessionName(attributes),
    roles: attributes.get(`${ATTRIBUTE}Role`) ?? [],
    sourceIdentity: attributes.get(`${ATTRIBUTE}SourceIdentity`)?.[0],
    durationSeconds: readDuration(attributes),
    sessionEndsAtMs: instantOf(child(assertion, "AuthnStatement")?.attributes["SessionNotOnOrAfter"]),
    expiresAtMs: earliest([confirmation, conditions].map((element) => instantOf(element?.attributes["NotOnOrAfter"]))),
    ...readTags(attributes),
  };
};

const parse = (xml: string): ReturnType<typeof readXml> => {
  try {
    return readXml(xml);
  } catch {
    throw invalid("SAML response is not well-formed XML.");
  }
};

const children = (element: XmlElement | undefined, name: string): readonly XmlElement[] =>
  element?.children[name] ?? [];

const child = (element: XmlElement | undefined, name: string): XmlElement | undefined => children(element, name)[0];

const textOf = (element: XmlElement | undefined): string => element?.text.trim() ?? "";

type Attributes = ReadonlyMap<string, readonly string[]>;

const readAttributes = (assertion: XmlElement): Attributes => {
  const statements = children(assertion, "AttributeStatement");
  const attributes = statements.flatMap((statement) => children(statement, "Attribute"));
  return new Map(
    attributes.map((attribute) => [
      attribute.attributes["Name"] ?? "",
      children(attribute, "AttributeValue").map(textOf),
    ]),
  );
};

const readSessionName = (attributes: Attributes): string => {
  const sessionName = attributes.get(`${ATTRIBUTE}RoleSessionName`)?.[0];
  if (!sessionName) throw invalid("RoleSessionName is required in AuthnResponse");
  if (!SESSION_NAME.test(sessionName)) {
    throw invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
  }
  return sessionName;
};

const readDuration = (attributes: Attributes): number | undefined => {
  const said = attributes.get(`${ATTRIBUTE}SessionDuration`)?.[0];
  if (said === undefined) return undefined;
  const seconds = /^[0-9]{1,6}$/.test(said) ? Number(said) : Number.NaN;
  if (seconds >= DURATION_SECONDS_MIN && seconds <= DURATION_SECONDS_MAX) return seconds;
  throw invalid(`SessionDuration in AuthnResponse must be between ${DURATION_SECONDS_MIN} and ${DURATION_SECONDS_MAX}`);
};

const readTags = (attributes: Attributes): RequestedTags => {
  const prefix = `${ATTRIBUTE}PrincipalTag:`;
  const tagged = [...attributes].filter(([name]) => name.startsWith(prefix));
  return {
    tags: tagged.map(([name, [value = ""]]) => ({ Key: name.slice(prefix.length), Value: value })),
    transitiveTagKeys: attributes.get(`${ATTRIBUTE}TransitiveTagKeys`) ?? [],
  };
};

const subjectType = (format: string | undefined): string | undefined =>
  format?.startsWith(FORMAT_PREFIX) ? format.slice(FORMAT_PREFIX.length) : format;

const instantOf = (text: string | undefined): number | undefined => {
  const instantMs = Date.parse(text ?? "");
  return Number.isNaN(instantMs) ? undefined : instantMs;
};

const earliest = (instants: readonly (number | undefined)[]): number | undefined => {
  const known = instants.filter((instant) => instant !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

const invalid = (message: string): StsError => new StsError("InvalidIdentityToken", { message });
