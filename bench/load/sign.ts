/** AWS's Signature Version 4 of a request whose target needs no canonical form of its own: plain characters, parameters in order. */
import { createHmac, hash } from "node:crypto";

const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

type ToSign = {
  readonly method: string;
  /** Path and query, as they are sent. */
  readonly target: string;
  readonly host: string;
  /** `20260102T030405Z` */
  readonly date: string;
  readonly scope: string;
  readonly signedHeaders: string;
  /** `x-amz-content-sha256` */
  readonly payload: string;
  readonly secretAccessKey: string;
};

/** In hex. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export const signV4 = ({
  method,
  target,
  host,
  date,
  scope,
  signedHeaders,
  payload,
  secretAccessKey,
}: ToSign): string => {
  const [path = "/", query = ""] = target.split("?", 2);
  const headers = `host:${host}\nx-amz-content-sha256:${payload}\nx-amz-date:${date}\n`;
  const canonical = [method, path, query, headers, signedHeaders, payload].join("\n");
  const text = ["AWS4-HMAC-SHA256", date, scope, hash("sha256", canonical, "hex")].join("\n");
  const key = scope.split("/").reduce<string | Buffer>((so, part) => hmac(so, part), `AWS4${secretAccessKey}`);
  return hmac(key, text).toString("hex");
};
