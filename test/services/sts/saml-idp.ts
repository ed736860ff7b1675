/** An identity provider of a test's: its certificate, its metadata, and what it signs. */
import { generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { SignedXml } from "xml-crypto";
import { bits, integer, objectId, sequence, set, utcTime, utf8 } from "../../../src/http/tls/der.ts";

type Idp = { readonly privateKey: KeyObject; readonly certificate: string };

const NULL = Buffer.from([5, 0]);
const RSA_SHA256 = sequence(objectId("1.2.840.113549.1.1.11"), NULL);

/** A certificate that says no more than it must, in base64. */
export const createIdp = (name = "idp"): Idp => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const subject = sequence(set(sequence(objectId("2.5.4.3"), utf8(name))));
  const validity = sequence(utcTime(Date.UTC(2020, 0)), utcTime(Date.UTC(2049, 0)));
  const info = publicKey.export({ type: "spki", format: "der" });
  const signed = sequence(integer(Buffer.from([1])), RSA_SHA256, subject, validity, subject, info);
  const certificate = sequence(signed, RSA_SHA256, bits(sign("RSA-SHA256", signed, privateKey)));
  return { privateKey, certificate: certificate.toString("base64") };
};

export const metadataOf = (
  { certificate }: Idp,
  entityId = "https://example.com/saml",
): string => `<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="${entityId}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
${certificate}
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>`;

const C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";

/** Signs the assertion, or the whole response, of a response. */
export const signResponse = (
  xml: string,
  { privateKey }: Idp,
  what: "Assertion" | "Response" = "Assertion",
): string => {
  const signer = new SignedXml({
    privateKey,
    signatureAlgorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    canonicalizationAlgorithm: C14N,
  });
  const xpath = `//*[local-name(.)='${what}']`;
  signer.addReference({
    xpath,
    transforms: ["http://www.w3.org/2000/09/xmldsig#enveloped-signature", C14N],
    digestAlgorithm: "http://www.w3.org/2001/04/xmlenc#sha256",
  });
  signer.computeSignature(xml, {
    prefix: "ds",
    location:
      what === "Assertion"
        ? { reference: `${xpath}/*[local-name(.)='Issuer']`, action: "after" }
        : { reference: xpath, action: "prepend" },
  });
  return signer.getSignedXml();
};
