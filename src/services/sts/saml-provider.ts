/**
 * Whether a SAML response is believed: by the provider that is registered in the account, where there is one. Of a response that has
 * to be signed nothing counts but what the signature covers, read from the very text that it covers: an assertion that was wrapped
 * around a signed one, or put beside it, is never looked at.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_saml.html
 */
import { readXml, type XmlElement } from "../../protocol/codec/xml-reader.ts";
import { findSamlProvider } from "../../state/identities/find.ts";
import type { SamlProvider } from "../../state/identities/model.ts";
import type { SamlProviderArn } from "./arn.ts";
import type { StsContext } from "./context.ts";
import { StsError } from "./errors.ts";
import { decodeSamlResponse, readSamlAssertion } from "./saml-assertion.ts";
import type { SamlAssertion } from "./saml-assertion.ts";

/** Signatures of one response that are tried: on the response and on its assertion. */
const SIGNATURES_MAX = 4;
// Not an empty element, which would have the rest of the text searched for its end.
const SIGNATURE = /<(?:([\w.-]+):)?Signature(?:\s[^<>]*)?(?<!\/)>[\s\S]*?<\/(?:\1:)?Signature\s*>/g;

/**
 * Reads a response and, where its provider is registered, verifies it against the provider's certificate. In `off` it is believed;
 * where nobody registered the provider it is only read, unless it asks in `strict` for a role that somebody registered.
 * Errors: InvalidIdentityToken.
 */
export const believeSamlResponse = async (
  context: StsContext,
  base64: string,
  { provider, registeredRole }: { readonly provider: SamlProviderArn; readonly registeredRole: boolean },
): Promise<SamlAssertion> => {
  const { authMode } = context.world.settings;
  const xml = decodeSamlResponse(base64);
  if (authMode === "off") return readSamlAssertion(xml);
  const { accountId, providerName: name } = provider;
  const registered = await findSamlProvider(context.world, { accountId, name });
  if (registered !== undefined) return readVerified(xml, registered);
  if (authMode === "strict" && registeredRole) throw invalid("Specified provider doesn't exist");
  return readSamlAssertion(xml);
};

const readVerified = async (xml: string, provider: SamlProvider): Promise<SamlAssertion> => {
  // Refuses what only one of the two parsers might take for well-formed, and document types.
  const unverified = readSamlAssertion(xml);
  const { entityId, certificates } = readMetadata(provider.metadata);
  if (entityId !== undefined && unverified.issuer !== entityId)
    throw invalid("Issuer not present in specified provider");
  const signed = await signedText(xml, certificates);
  if (signed === undefined) throw invalid("Response signature invalid");
  const assertion = readSamlAssertion(signed);
  if (entityId !== undefined && assertion.issuer !== entityId)
    throw invalid("Issuer not present in specified provider");
  return assertion;
};

/** The text of the response or assertion that a signature covers; undefined where none of the certificates made one. */
const signedText = async (xml: string, certificates: readonly string[]): Promise<string | undefined> => {
  const { SignedXml } = await import("xml-crypto");
  let tried = 0;
  for (const [signature] of xml.matchAll(SIGNATURE)) {
    if (tried++ === SIGNATURES_MAX) break;
    for (const publicCert of certificates) {
      // What the response itself says of its key proves nothing.
      const signed = new SignedXml({ publicCert, getCertFromKeyInfo: () => null });
      try {
        signed.loadSignature(signature);
        if (!signed.checkSignature(xml)) continue;
      } catch {
        continue;
      }
      const covered = signed.getSignedReferences().find(isResponse);
      if (covered !== undefined) return covered;
    }
  }
  return undefined;
};

const isResponse = (text: string): boolean => {
  const { name, root } = readXml(text);
  return name === "Assertion" || (name === "Response" && root.children["Assertion"] !== undefined);
};

const descendants = (element: XmlElement, name: string): readonly XmlElement[] => [
  ...(element.children[name] ?? []),
  ...Object.values(element.children).flatMap((children) => children.flatMap((child) => descendants(child, name))),
];

const readMetadata = (metadata: string): { readonly entityId: string | undefined; readonly certificates: string[] } => {
  let root: XmlElement;
  try {
    root = readXml(metadata).root;
  } catch {
    throw invalid("The metadata of the specified provider cannot be read.");
  }
  const keys = descendants(root, "KeyDescriptor").filter(({ attributes }) => attributes["use"] !== "encryption");
  const certificates = keys.flatMap((key) => descendants(key, "X509Certificate")).map(({ text }) => toPem(text));
  return { entityId: root.attributes["entityID"], certificates };
};

const toPem = (base64: string): string => {
  const lines = base64.replaceAll(/\s/g, "").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
};

const invalid = (message: string): StsError => new StsError("InvalidIdentityToken", { message });
