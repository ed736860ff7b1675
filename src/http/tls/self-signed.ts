/** The certificates that `--tls self-signed` keeps in the data directory. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import path from "node:path";
import { issueCertificates, type IssuedCertificates } from "./certificate.ts";
import type { TlsMaterial } from "./same-port.ts";

const DAY_MS = 86_400_000;
/** What clients accept at most. */
const LIFE_DAYS = 825;
/** Certificates that would end sooner are made anew at start. */
const LIFE_LEFT_DAYS_MIN = 30;
/** A clock that is behind ours still finds them valid. */
const BEHIND_DAYS = 1;

export type SelfSigned = TlsMaterial & {
  /** The file that clients are to trust: `AWS_CA_BUNDLE`, `NODE_EXTRA_CA_CERTS`. */
  readonly caPath: string;
};

type SelfSignedOptions = {
  readonly folder: string;
  /** Host names beyond the usual; each also stands for its service and bucket names. */
  readonly hosts: readonly string[];
  /** Now, in milliseconds since 1970. */
  readonly nowMs: number;
};

const SERVICES = ["s3", "sts", "iam", "s3-control"];

/** A certificate's wildcard covers one label, so each level is named. */
const namesOf = (host: string): string[] => [
  host,
  `*.${host}`,
  ...SERVICES.map((service) => `${service}.${host}`),
  `*.s3.${host}`,
  `*.s3-control.${host}`,
];

/** Reads the certificates of an earlier start, or makes new ones where they are missing, damaged, about to end or for other names. */
export const loadSelfSigned = async ({ folder, hosts, nowMs }: SelfSignedOptions): Promise<SelfSigned> => {
  const all = [...new Set(["localhost", "localhost.localstack.cloud", "127.0.0.1", "::1", ...hosts])];
  const names = all.flatMap((host) => (isIP(host) === 0 ? namesOf(host) : [host]));
  const caPath = path.join(folder, "ca.pem");
  const kept = await readKept(folder);
  if (kept !== undefined && isGood(kept, { names, nowMs })) return { cert: kept.cert, key: kept.key, caPath };
  const { ca, cert, key } = issueCertificates({
    names,
    fromMs: nowMs - BEHIND_DAYS * DAY_MS,
    untilMs: nowMs + (LIFE_DAYS - BEHIND_DAYS) * DAY_MS,
  });
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await write(path.join(folder, "server-key.pem"), { text: key, mode: 0o600 });
  await write(path.join(folder, "server.pem"), { text: cert, mode: 0o644 });
  await write(caPath, { text: ca, mode: 0o644 });
  return { cert, key, caPath };
};

const readKept = async (folder: string): Promise<IssuedCertificates | undefined> => {
  const read = (name: string): Promise<string> => readFile(path.join(folder, name), "utf8");
  try {
    const [ca, cert, key] = await Promise.all([read("ca.pem"), read("server.pem"), read("server-key.pem")]);
    return { ca, cert, key };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
};

type Need = { readonly names: readonly string[]; readonly nowMs: number };

const isGood = ({ ca, cert, key }: IssuedCertificates, { names, nowMs }: Need): boolean => {
  try {
    const [authority, server] = [new X509Certificate(ca), new X509Certificate(cert)];
    const held = new Set(server.subjectAltName?.split(", "));
    return (
      server.checkPrivateKey(createPrivateKey(key)) &&
      server.verify(authority.publicKey) &&
      server.validToDate.getTime() - nowMs > LIFE_LEFT_DAYS_MIN * DAY_MS &&
      names.every((name) => (isIP(name) === 0 ? held.has(`DNS:${name}`) : server.checkIP(name) !== undefined))
    );
  } catch {
    return false; // cut off by a crash, or edited
  }
};

/** Written beside and renamed, so that a crash leaves no half of one. */
const write = async (file: string, { text, mode }: { text: string; mode: number }): Promise<void> => {
  await writeFile(`${file}.new`, text, { mode });
  await rename(`${file}.new`, file);
};
