/** Random requests with hostile paths and queries, as three signers write them. */
import { hash } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import aws4 from "aws4";
import * as fc from "fast-check";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { Sha256 } from "../support/sha256.ts";

export const KEYS = { accessKeyId: "AKIAROOT", secretAccessKey: "root-secret" };
export const REGION = "eu-central-1";
export const HOST = "localhost:5000";
export type Service = "s3" | "sts";

/** A request before it is signed. Parts of the path and the query are decoded. */
export type Plain = {
  readonly method: string;
  readonly parts: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export const pathOf = ({ parts }: Plain): string => `/${parts.map(encode).join("/")}`;
export const queryOf = (query: Plain["query"]): string =>
  Object.entries(query)
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join("&");

const NASTY = [
  "+",
  "%",
  "%2F",
  "%252F",
  "a+b",
  " ",
  "  ",
  "~",
  "*",
  "'()!",
  "&",
  "=",
  "?",
  "#",
  ";",
  ":",
  "@",
  "$",
  ",",
  "\\",
  "ä",
  "à",
  "日本",
  "😀",
  "\u0001",
  "\u007f",
  "acl",
  "X",
  "x",
  "__proto__x",
];
const nasty = fc.constantFrom(...NASTY);
const anyText = fc.string({ unit: "grapheme", maxLength: 8 });
const piece = fc.oneof(
  nasty,
  anyText,
  fc.string({ unit: "binary", maxLength: 4 }).map((text) => text.toWellFormed()),
);
const text = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(""));
const some = fc
  .array(piece, { minLength: 1, maxLength: 3 })
  .map((pieces) => pieces.join(""))
  .filter((each) => each !== "");
/** Names of parameters. The signers keep them in plain objects, which lose one, and their own must not be among them. */
const names = some.filter((name) => name !== "__proto__" && !/^x-amz-/i.test(name));
/** Blanks in a row and at the ends, which signatures fold; tabs are no two signers' alike. */
const headerValues = fc
  .array(fc.constantFrom("a", "B", " ", "  ", ",", '"', "=", "/", "7"), { maxLength: 8 })
  .map((pieces) => pieces.join(""));

/** Empty parts and dots are S3's alone: other services sign a path without them. */
const parts = (service: Service) =>
  fc.array(
    service === "s3" ? fc.oneof(text, fc.constantFrom("", ".", "..")) : some.filter((part) => !/^\.+$/.test(part)),
    {
      minLength: 1,
      maxLength: 4,
    },
  );

export const plainRequests = (service: Service): fc.Arbitrary<Plain> =>
  fc.record({
    method: fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD"),
    parts: parts(service),
    query: fc.dictionary(names, text, { maxKeys: 4, noNullPrototype: true }),
    headers: fc.record({ "x-amz-meta-a": headerValues, "x-amz-meta-b": headerValues }),
    body: fc.string({ maxLength: 20 }),
  });

const lowerNames = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    // Node reads headers without the blanks around their values.
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value).replaceAll(/^ +| +$/g, "")]),
  );

const targetOf = (target: string): Pick<RequestFacts, "rawPath" | "rawQuery"> => {
  const mark = target.indexOf("?");
  return mark < 0
    ? { rawPath: target, rawQuery: "" }
    : { rawPath: target.slice(0, mark), rawQuery: target.slice(mark + 1) };
};

/** As `aws4` signs it. */
export const byAws4 = (plain: Plain, { service, inQuery }: { service: Service; inQuery: boolean }): RequestFacts => {
  const rawQuery = queryOf(plain.query);
  const signed = aws4.sign(
    {
      service,
      region: REGION,
      method: plain.method,
      host: HOST,
      path: rawQuery === "" ? pathOf(plain) : `${pathOf(plain)}?${rawQuery}`,
      headers: { ...plain.headers },
      ...(inQuery ? {} : { body: plain.body }),
      signQuery: inQuery,
    },
    KEYS,
  );
  return { method: plain.method, ...targetOf(signed.path ?? ""), headers: lowerNames(signed.headers ?? {}) };
};

/** As the JavaScript SDK signs it. */
export const byJavaScript = async (
  plain: Plain,
  { service, inQuery }: { service: Service; inQuery: boolean },
): Promise<RequestFacts> => {
  const signer = new SignatureV4({
    service,
    region: REGION,
    credentials: KEYS,
    sha256: Sha256,
    uriEscapePath: service !== "s3",
    applyChecksum: true,
  });
  const unsigned = service === "s3" && inQuery ? { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" } : {};
  const request = {
    method: plain.method,
    protocol: "http:",
    hostname: HOST,
    path: pathOf(plain),
    query: plain.query,
    headers: { host: HOST, ...plain.headers, ...unsigned },
    body: plain.body,
  };
  const signed = inQuery
    ? await signer.presign(request, { expiresIn: 60, unhoistableHeaders: new Set(Object.keys(plain.headers)) })
    : await signer.sign(request);
  const query = Object.fromEntries(Object.entries(signed.query ?? {}).map(([name, value]) => [name, String(value)]));
  return {
    method: plain.method,
    rawPath: pathOf(plain),
    rawQuery: queryOf(query),
    headers: lowerNames(signed.headers),
  };
};

export const bodySha256 = ({ body }: Plain): string => hash("sha256", body, "hex");
