/** Forms as browsers send them, signed by means that are not ours. */
import { createHmac } from "node:crypto";
import type { RawResponse, TestServer } from "./server.ts";
import type { Keys } from "./signed.ts";

/** The content of a file, and its name where the client gives one: null for none at all. */
export type FormFile = { readonly content: string | Uint8Array; readonly fileName?: string | null };
export type FormPart = readonly [name: string, value: string | FormFile];
export type Fields = Readonly<Record<string, string>>;

export const BOUNDARY = "----WebKitFormBoundaryW0DET1iaBMeAOBg3";

/** What browsers escape in a name. https://html.spec.whatwg.org/multipage/form-control-infrastructure.html */
const escapeName = (name: string): string =>
  name.replaceAll("\n", "%0A").replaceAll("\r", "%0D").replaceAll('"', "%22");

const encodePart = ([name, value]: FormPart): Buffer => {
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${escapeName(name)}"`;
  if (typeof value === "string") return Buffer.from(`${head}\r\n\r\n${value}\r\n`);
  const { content, fileName = "file" } = value;
  const named =
    fileName === null ? "" : `; filename="${escapeName(fileName)}"\r\nContent-Type: application/octet-stream`;
  return Buffer.concat([Buffer.from(`${head}${named}\r\n\r\n`), Buffer.from(content), Buffer.from("\r\n")]);
};

/** The body of a multipart/form-data request. */
export const encodeForm = (parts: readonly FormPart[]): Buffer =>
  Buffer.concat([...parts.map(encodePart), Buffer.from(`--${BOUNDARY}--\r\n`)]);

/** Posts a form of parts in the order given. */
export const postParts = (server: TestServer, bucket: string, parts: readonly FormPart[]): Promise<RawResponse> =>
  server.request("POST", `/${bucket}`, {
    headers: { "content-type": `multipart/form-data; boundary=${BOUNDARY}` },
    body: encodeForm(parts),
  });

/** Posts fields, and a file after them. */
export const postForm = (
  server: TestServer,
  bucket: string,
  { fields, file = { content: "content" } }: { readonly fields: Fields; readonly file?: FormFile },
): Promise<RawResponse> => postParts(server, bucket, [...Object.entries(fields), ["file", file]]);

export type PolicyOptions = {
  readonly conditions?: readonly unknown[];
  readonly expiresAtMs?: number;
  readonly region?: string;
  /** Fields that get a condition each, as AWS's JavaScript SDK makes them. */
  readonly fields?: Fields;
};

const isoSeconds = (timeMs: number): string => new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, "Z");

export const encodePolicy = (policy: unknown): string => Buffer.from(JSON.stringify(policy)).toString("base64");

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

const policyOf = (fields: Fields, { conditions = [], expiresAtMs = Date.now() + 60_000 }: PolicyOptions): string => {
  const own = Object.entries(fields).map(([name, value]) => ({ [name]: value }));
  return encodePolicy({ expiration: isoSeconds(expiresAtMs), conditions: [...conditions, ...own] });
};

/** The fields that a policy and its signature of version 4 add, and those that were given. */
export const signFormV4 = (keys: Keys, options: PolicyOptions & { readonly policy?: string } = {}): Fields => {
  const { region = "us-east-1", fields = {} } = options;
  const amzDate = isoSeconds(Date.now()).replaceAll(/[-:]/g, "");
  const scope = [amzDate.slice(0, 8), region, "s3", "aws4_request"];
  const token = keys.sessionToken === undefined ? {} : { "X-Amz-Security-Token": keys.sessionToken };
  const signed = {
    ...fields,
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": [keys.accessKeyId, ...scope].join("/"),
    "X-Amz-Date": amzDate,
    ...token,
  };
  const policy = options.policy ?? policyOf(signed, options);
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${keys.secretAccessKey}`);
  return { ...signed, Policy: policy, "X-Amz-Signature": hmac(key, policy).toString("hex") };
};

/** The same of version 2. */
export const signFormV2 = (keys: Keys, options: PolicyOptions & { readonly policy?: string } = {}): Fields => {
  const { fields = {} } = options;
  const token = keys.sessionToken === undefined ? {} : { "x-amz-security-token": keys.sessionToken };
  const policy = options.policy ?? policyOf({ ...fields, ...token }, options);
  const signature = createHmac("sha1", keys.secretAccessKey).update(policy).digest("base64");
  return { ...fields, ...token, AWSAccessKeyId: keys.accessKeyId, policy, signature };
};
