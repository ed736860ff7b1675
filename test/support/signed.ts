/** Raw requests signed in every way that AWS knows, by a signer that is not ours. */
import { createHmac } from "node:crypto";
import aws4 from "aws4";
import type { RawResponse, TestServer } from "./server.ts";

export type Keys = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};

type Options = {
  readonly method?: string;
  /** With its query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly service?: string;
  readonly region?: string;
};

export const keysOf = (accessKeyId: string): Keys => ({ accessKeyId, secretAccessKey: "test" });

/** Signs with SigV4, in the Authorization header or in the query. */
const signV4 = (server: TestServer, keys: Keys, { signQuery, ...options }: Options & { signQuery: boolean }) => {
  const { method = "GET", path = "/", headers = {}, body = "", service = "s3", region = "us-east-1" } = options;
  const { host } = new URL(server.endpoint);
  const request: aws4.Request = { host, method, path, service, region, headers: { ...headers }, body, signQuery };
  return aws4.sign(request, keys);
};

const textHeaders = (headers: aws4.Request["headers"] = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));

/** Sends a request with a SigV4 Authorization header. */
export const sendSigned = (server: TestServer, keys: Keys, options: Options = {}): Promise<RawResponse> => {
  const signed = signV4(server, keys, { ...options, signQuery: false });
  return server.request(signed.method ?? "GET", signed.path ?? "/", {
    headers: textHeaders(signed.headers),
    ...(options.body === undefined ? {} : { body: options.body }),
  });
};

/** The path with the query of a SigV4 presigned URL. */
export const presignedPath = (server: TestServer, keys: Keys, options: Options = {}): string =>
  signV4(server, keys, { ...options, signQuery: true }).path ?? "/";

const signV2 = (keys: Keys, { method, time, resource }: { method: string; time: string; resource: string }): string => {
  const token = keys.sessionToken === undefined ? "" : `x-amz-security-token:${keys.sessionToken}\n`;
  const text = `${method}\n\n\n${time}\n${token}${resource}`;
  return createHmac("sha1", keys.secretAccessKey).update(text).digest("base64");
};

/** Sends a request with a SigV2 Authorization header; `path` has no query. */
export const sendSignedV2 = (server: TestServer, keys: Keys, { method = "GET", path = "/" }: Options = {}) => {
  const date = new Date().toUTCString();
  const signature = signV2(keys, { method, time: date, resource: path });
  return server.request(method, path, {
    headers: {
      date,
      authorization: `AWS ${keys.accessKeyId}:${signature}`,
      ...(keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken }),
    },
  });
};

/** The path with the query of a SigV2 presigned URL that ends at `expiresAtMs`. */
export const presignedPathV2 = (
  keys: Keys,
  { method = "GET", path = "/", expiresAtMs = Date.now() + 60_000 }: Options & { expiresAtMs?: number } = {},
): string => {
  const expires = String(Math.floor(expiresAtMs / 1000));
  const query = new URLSearchParams({
    AWSAccessKeyId: keys.accessKeyId,
    Expires: expires,
    Signature: signV2(keys, { method, time: expires, resource: path }),
    ...(keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken }),
  });
  return `${path}?${query.toString()}`;
};

/** The text of the first element of that name. */
export const element = (answer: { body: Buffer }, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(String(answer.body))?.[1];
