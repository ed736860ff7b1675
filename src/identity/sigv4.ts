/**
 * Signature Version 4 over what came on the wire, byte for byte.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHmac, createSecretKey, hash } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { posix } from "node:path";

import { parseHeaderTime } from "./amz-time.ts";
import type { CredentialScope, V4Header, V4Query } from "./authorization.ts";
import { createBoundedCache } from "./bounded-cache.ts";
import { basicSeconds, signatureDoesNotMatch } from "./identity-errors.ts";
import type { ServiceFamily } from "./identity-errors.ts";
import { canonicalPathOnce, canonicalQuery, escapeAgain, withoutBlanksAround } from "./raw-query.ts";
import type { RequestFacts } from "./request-facts.ts";
import { sameText } from "./same-text.ts";

/** Signing keys that are remembered: one for each secret, day, region and service. */
const SIGNING_KEYS_MAX = 1000;
const signingKeys = createBoundedCache<KeyObject>({ entriesMax: SIGNING_KEYS_MAX });

const hmac = (key: string | Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();

/** `20130524/us-east-1/s3/aws4_request` */
export const scopeText = ({ date, region, service }: CredentialScope): string =>
  `${date}/${region}/${service}/aws4_request`;

const deriveSigningKey = (secretAccessKey: string, { date, region, service }: CredentialScope): Buffer =>
  hmac(hmac(hmac(hmac(`AWS4${secretAccessKey}`, date), region), service), "aws4_request");

/** The key that a secret gives for a scope. Remembered: deriving it takes 40 us, and a MAC under a key object little more than one. */
export const signingKeyFor = (secretAccessKey: string, scope: CredentialScope): KeyObject =>
  signingKeys.getOrMake(`${secretAccessKey}/${scopeText(scope)}`, () =>
    createSecretKey(deriveSigningKey(secretAccessKey, scope)),
  );

/** The time that was signed, as the string to sign has it; undefined when the request has none that can be read. */
export const signedTime = (request: RequestFacts, authorization: V4Header | V4Query): string | undefined => {
  if (authorization.kind === "v4-query") return authorization.amzDate;
  const text = request.headers["x-amz-date"] ?? request.headers["date"];
  const timeMs = text === undefined ? undefined : parseHeaderTime(text);
  return timeMs === undefined ? undefined : basicSeconds(timeMs);
};

/**
 * The paths that a client may have signed. For S3 it is the path as sent; whether `%2F` within a key was signed as a slash
 * differs between signers, so both count. Other services sign a normalised path, escaped twice.
 */
const canonicalPaths = (rawPath: string, family: ServiceFamily): readonly string[] => {
  if (family === "query") return [escapeAgain(posix.normalize(rawPath))];
  const path = canonicalPathOnce(rawPath);
  return path.includes("%2F") ? [path, path.replaceAll("%2F", "/")] : [path];
};

const canonicalHeaders = (headers: RequestFacts["headers"], signedHeaders: string): string => {
  let text = "";
  for (const name of signedHeaders.toLowerCase().split(";")) {
    const value = Object.hasOwn(headers, name) ? withoutBlanksAround(headers[name] ?? "") : "";
    text += `${name}:${value.includes("  ") ? value.replaceAll(/ +/g, " ") : value}\n`;
  }
  return text;
};

/** The headers as SigV4 joins those that were sent more than once: Node puts a blank after each comma. Undefined where none was. */
const joinedHeaders = (request: RequestFacts, signedHeaders: string): RequestFacts["headers"] | undefined => {
  const repeated = signedHeaders
    .toLowerCase()
    .split(";")
    .map((name) => [name, request.valuesOf?.(name) ?? []] as const)
    .filter(([, values]) => values.length > 1)
    .map(([name, values]) => [name, values.map(withoutBlanksAround).join(",")] as const);
  return repeated.length === 0 ? undefined : { ...request.headers, ...Object.fromEntries(repeated) };
};

/** The headers that the client may have signed: those that came, and those with each host that counts as this one. */
const headersToTry = function* (
  request: RequestFacts,
  { signedHeaders, hosts }: { readonly signedHeaders: string; readonly hosts: readonly string[] },
): Generator<{ readonly headers: RequestFacts["headers"]; readonly host?: string }> {
  const { headers } = request;
  yield { headers };
  const joined = joinedHeaders(request, signedHeaders);
  if (joined !== undefined) yield { headers: joined };
  for (const host of hosts) yield { headers: { ...(joined ?? headers), host }, host };
};

export type V4Check =
  | {
      readonly matches: true;
      readonly signingKey: KeyObject;
      /** Another host than the request's, which it was signed for. */
      readonly signedHost?: string;
    }
  | { readonly matches: false; error(): Error };

/**
 * Whether a request was signed with this secret. `payloadHash` is the last line of the canonical request: hex or a word such as
 * `UNSIGNED-PAYLOAD`. `amzDate` is what `signedTime` gave. The texts of a refusal are only made when they are asked for.
 */
export const checkV4 = (options: {
  readonly request: RequestFacts;
  readonly family: ServiceFamily;
  readonly authorization: V4Header | V4Query;
  readonly secretAccessKey: string;
  readonly payloadHash: string;
  readonly amzDate: string;
  /** Hosts, with their ports, that count as the one that the request names. */
  readonly hosts: readonly string[];
}): V4Check => {
  const { request, family, authorization, amzDate } = options;
  const { scope, signature, signedHeaders, accessKeyId } = authorization;
  const signingKey = signingKeyFor(options.secretAccessKey, scope);
  const except = authorization.kind === "v4-query" ? "X-Amz-Signature" : undefined;
  const query = canonicalQuery(request.rawQuery, { except });
  const texts = (path: string, headers: RequestFacts["headers"]) => {
    const canonicalRequest = `${request.method}\n${path}\n${query}\n${canonicalHeaders(headers, signedHeaders)}\n${signedHeaders}\n${options.payloadHash}`;
    const digest = hash("sha256", Buffer.from(canonicalRequest, "latin1"), "hex");
    return { canonicalRequest, stringToSign: `AWS4-HMAC-SHA256\n${amzDate}\n${scopeText(scope)}\n${digest}` };
  };
  const paths = canonicalPaths(request.rawPath, family);
  for (const { headers, host } of headersToTry(request, { signedHeaders, hosts: options.hosts })) {
    for (const path of paths) {
      const calculated = createHmac("sha256", signingKey).update(texts(path, headers).stringToSign).digest("hex");
      if (!sameText(calculated, signature)) continue;
      return host === undefined ? { matches: true, signingKey } : { matches: true, signingKey, signedHost: host };
    }
  }
  return {
    matches: false,
    error: () =>
      signatureDoesNotMatch(family, {
        accessKeyId,
        signature,
        ...texts(paths[0] ?? request.rawPath, request.headers),
      }),
  };
};
