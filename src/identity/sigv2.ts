/**
 * Signature Version 2 for S3.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html
 */
import { createHmac } from "node:crypto";

import { SUBRESOURCES } from "../protocol/router.ts";
import type { V2Header, V2Query } from "./authorization.ts";
import { signatureDoesNotMatch } from "./identity-errors.ts";
import { readQuery, withoutBlanksAround } from "./raw-query.ts";
import type { RequestFacts } from "./request-facts.ts";
import { sameText } from "./same-text.ts";

/**
 * Query parameters that are part of the resource that is signed: every sub-resource, or one that is added to somebody's URL would
 * make another operation of it; and those that change what is answered.
 */
const SIGNED_PARAMETERS: ReadonlySet<string> = new Set([
  ...SUBRESOURCES,
  "defaultObjectAcl",
  "partNumber",
  "response-cache-control",
  "response-content-disposition",
  "response-content-encoding",
  "response-content-language",
  "response-content-type",
  "response-expires",
  "storageClass",
  "uploadId",
  "versionId",
]);

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

/** A presigned URL may carry the headers that were signed as parameters; a header that is there is what the request is done by. */
const readSignedFacts = (request: RequestFacts, authorization: V2Header | V2Query): ReadonlyMap<string, string> => {
  const headers = Object.entries(request.headers);
  if (authorization.kind === "v2-header") return new Map(headers);
  const facts = new Map<string, string>();
  for (const [name, value] of readQuery(request.rawQuery)) {
    const lower = name.toLowerCase();
    if (lower.startsWith("x-amz-") || lower === "content-md5" || lower === "content-type") facts.set(lower, value);
  }
  for (const [name, value] of headers) facts.set(name, value);
  return facts;
};

const amzHeaders = (facts: ReadonlyMap<string, string>): string =>
  [...facts]
    .filter(([name]) => name.startsWith("x-amz-"))
    .sort(byName)
    .map(([name, value]) => `${name}:${withoutBlanksAround(value)}\n`)
    .join("");

const BUCKET_PATH = /^\/[^/]+$/;

/** What the path may be signed as: botocore ends that of a bucket with a slash, whether or not it sends one. */
const signedPaths = ({ rawPath }: RequestFacts, virtualBucket: string | undefined): readonly string[] => {
  if (virtualBucket !== undefined) return [`/${virtualBucket}${rawPath}`];
  return BUCKET_PATH.test(rawPath) ? [rawPath, `${rawPath}/`] : [rawPath];
};

const signedQuery = ({ rawQuery }: RequestFacts): string => {
  const signed = [...readQuery(rawQuery)]
    .filter(([name]) => SIGNED_PARAMETERS.has(name))
    .sort(byName)
    .map(([name, value]) => (value === "" ? name : `${name}=${value}`));
  return signed.length === 0 ? "" : `?${signed.join("&")}`;
};

const dateLine = (request: RequestFacts, authorization: V2Header | V2Query): string => {
  if (authorization.kind === "v2-query") return authorization.expires;
  return request.headers["x-amz-date"] === undefined ? (request.headers["date"] ?? "") : "";
};

const sign = (text: string, secretAccessKey: string): string =>
  createHmac("sha1", secretAccessKey).update(Buffer.from(text, "latin1")).digest("base64");

export type V2Check = { readonly matches: true } | { readonly matches: false; error(): Error };

/** Whether a request was signed with this secret. `virtualBucket`: the bucket where the host names it. */
export const checkV2 = (options: {
  readonly request: RequestFacts;
  readonly authorization: V2Header | V2Query;
  readonly secretAccessKey: string;
  readonly virtualBucket: string | undefined;
}): V2Check => {
  const { request, authorization } = options;
  const { accessKeyId, signature } = authorization;
  const facts = readSignedFacts(request, authorization);
  const before = [
    request.method,
    facts.get("content-md5") ?? "",
    facts.get("content-type") ?? "",
    dateLine(request, authorization),
    amzHeaders(facts),
  ].join("\n");
  const query = signedQuery(request);
  const strings = signedPaths(request, options.virtualBucket).map((path) => `${before}${path}${query}`);
  const matches = strings.some((text) => sameText(sign(text, options.secretAccessKey), signature));
  if (matches) return { matches: true };
  const [stringToSign = ""] = strings;
  return { matches: false, error: () => signatureDoesNotMatch("s3", { accessKeyId, signature, stringToSign }) };
};
