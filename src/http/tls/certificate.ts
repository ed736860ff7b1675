/** Makes a certificate authority and one server certificate under it (RFC 5280), so that TLS needs no other program. */
import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import * as der from "./der.ts";

export type IssuedCertificates = {
  /** PEM of the authority's certificate, for clients to trust. Its key is thrown away: it can sign nothing else. */
  readonly ca: string;
  /** PEM of the server's certificate and of its private key. */
  readonly cert: string;
  readonly key: string;
};

type IssueOptions = {
  /** DNS names, `*.` allowed in front, and IP addresses that the server answers to. At least one. */
  readonly names: readonly string[];
  readonly fromMs: number;
  /** Both certificates end then; clients refuse more than 825 days. */
  readonly untilMs: number;
};

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  subjectAltName: "2.5.29.17",
  subjectKeyIdentifier: "2.5.29.14",
  authorityKeyIdentifier: "2.5.29.35",
} as const;

type Party = {
  readonly name: string;
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
};

/** Issues both certificates, with new P-256 keys. */
export const issueCertificates = ({ names, fromMs, untilMs }: IssueOptions): IssuedCertificates => {
  const authority: Party = { name: "Standin local CA", keys: newKeys() };
  const server: Party = { name: names[0] ?? "localhost", keys: newKeys() };
  const times = { fromMs, untilMs };
  return {
    ca: certificate({ subject: authority, issuer: authority, ...times, extensions: authorityExtensions(authority) }),
    cert: certificate({
      subject: server,
      issuer: authority,
      ...times,
      extensions: serverExtensions(server, { authority, names }),
    }),
    key: server.keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
};

const newKeys = (): Party["keys"] => generateKeyPairSync("ec", { namedCurve: "P-256" });

type CertificateOptions = {
  readonly subject: Party;
  readonly issuer: Party;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly extensions: readonly Buffer[];
};

const certificate = ({ subject, issuer, fromMs, untilMs, extensions }: CertificateOptions): string => {
  const algorithm = der.sequence(der.objectId(OID.ecdsaWithSha256));
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(serialOf(subject)),
    algorithm,
    distinguishedName(issuer.name),
    der.sequence(der.utcTime(fromMs), der.utcTime(untilMs)),
    distinguishedName(subject.name),
    publicKeyInfo(subject),
    der.explicit(3, der.sequence(...extensions)),
  );
  const signed = der.sequence(toBeSigned, algorithm, der.bits(sign("sha256", toBeSigned, issuer.keys.privateKey)));
  const lines = signed.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
};

const publicKeyInfo = ({ keys }: Party): Buffer =>
  createPublicKey(keys.privateKey).export({ type: "spki", format: "der" });

const keyIdOf = (party: Party): Buffer => createHash("sha256").update(publicKeyInfo(party)).digest().subarray(0, 20);

/** 16 bytes of the new key's hash: as unique as random ones. The first is kept from being zero or negative. */
const serialOf = (party: Party): Buffer => {
  const serial = Buffer.from(keyIdOf(party).subarray(0, 16));
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
};

const distinguishedName = (commonName: string): Buffer =>
  der.sequence(attribute(OID.organization, "Standin"), attribute(OID.commonName, commonName));

const attribute = (id: string, text: string): Buffer => der.set(der.sequence(der.objectId(id), der.utf8(text)));

const extension = (id: string, content: Buffer, { critical }: { critical: boolean } = { critical: false }): Buffer =>
  der.sequence(der.objectId(id), ...(critical ? [der.yes()] : []), der.octets(content));

const authorityExtensions = (authority: Party): Buffer[] => [
  extension(OID.basicConstraints, der.sequence(der.yes()), { critical: true }),
  // keyCertSign and cRLSign: bits 5 and 6.
  extension(OID.keyUsage, der.bits(Buffer.from([0b0000_0110]), { unused: 1 }), { critical: true }),
  extension(OID.subjectKeyIdentifier, der.octets(keyIdOf(authority))),
];

const serverExtensions = (
  server: Party,
  { authority, names }: { authority: Party; names: readonly string[] },
): Buffer[] => [
  extension(OID.basicConstraints, der.sequence(), { critical: true }),
  // digitalSignature: bit 0.
  extension(OID.keyUsage, der.bits(Buffer.from([0b1000_0000]), { unused: 7 }), { critical: true }),
  extension(OID.extendedKeyUsage, der.sequence(der.objectId(OID.serverAuth))),
  extension(OID.subjectAltName, der.sequence(...names.map(generalName))),
  extension(OID.subjectKeyIdentifier, der.octets(keyIdOf(server))),
  extension(OID.authorityKeyIdentifier, der.sequence(der.implicit(0, keyIdOf(authority)))),
];

const generalName = (name: string): Buffer =>
  isIP(name) === 0 ? der.implicit(2, Buffer.from(name, "latin1")) : der.implicit(7, addressBytes(name));

const groupsOf = (text: string): string[] => (text === "" ? [] : text.split(":"));

/** The 4 or 16 bytes of an IP address. */
const addressBytes = (address: string): Buffer => {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  // The URL parser writes an IPv6 address in its one canonical form, IPv4 tails included.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => "0"), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
};
