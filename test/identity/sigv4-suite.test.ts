/**
 * AWS's published test suite for Signature Version 4.
 * https://docs.aws.amazon.com/general/latest/gr/signature-v4-test-suite.html (requests and signatures)
 */
import { hash } from "node:crypto";
import test from "ava";
import { parseAuthorization } from "../../src/identity/authorization.ts";
import type { RequestFacts } from "../../src/identity/request-facts.ts";
import { checkSignature } from "../../src/identity/signature.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const DATE = "20150830T123600Z";
const TOKEN =
  "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

type Vector = {
  readonly signature: string;
  readonly method?: "GET" | "POST";
  /** As it stands in the request line; what is not ASCII is sent as UTF-8. */
  readonly target?: string;
  /** Beside Host and X-Amz-Date; each may come more than once. */
  readonly headers?: Readonly<Record<string, readonly string[]>>;
  readonly signedHeaders?: string;
  readonly body?: string;
};

const VANILLA = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
const VECTORS: Readonly<Record<string, Vector>> = {
  "get-vanilla": { signature: VANILLA },
  "get-vanilla-empty-query-key": {
    target: "/?Param1=value1",
    signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
  },
  "get-vanilla-query-order-key-case": {
    target: "/?Param2=value2&Param1=value1",
    signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
  },
  "get-vanilla-query-unreserved": {
    target:
      "/?-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
  },
  "get-vanilla-utf8-query": {
    target: "/?ሴ=bar",
    signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
  },
  "get-unreserved": {
    target: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
  },
  "get-utf8": {
    target: "/ሴ",
    signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
  },
  "get-relative": { target: "/example/..", signature: VANILLA },
  "get-relative-relative": { target: "/example1/example2/../..", signature: VANILLA },
  "get-slash": { target: "//", signature: VANILLA },
  "get-slash-dot-slash": { target: "/./", signature: VANILLA },
  "get-slashes": {
    target: "//example//",
    signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
  },
  "get-slash-pointless-dot": {
    target: "/./example",
    signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5",
  },
  "get-space": {
    target: "/example space/",
    signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741",
  },
  "get-header-key-duplicate": {
    headers: { "my-header1": ["value2", "value2", "value1"] },
    signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
  },
  "get-header-value-order": {
    headers: { "my-header1": ["value4", "value1", "value3", "value2"] },
    signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01",
  },
  "get-header-value-trim": {
    headers: { "my-header1": [" value1"], "my-header2": [' "a   b   c"'] },
    signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
  },
  "post-vanilla": {
    method: "POST",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
  "post-vanilla-empty-query-value": {
    method: "POST",
    target: "/?Param1=value1",
    signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
  },
  "post-header-key-sort": {
    method: "POST",
    headers: { "my-header1": ["value1"] },
    signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
  },
  "post-header-value-case": {
    method: "POST",
    headers: { "my-header1": ["VALUE1"] },
    signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
  },
  "post-x-www-form-urlencoded": {
    method: "POST",
    headers: { "content-type": ["application/x-www-form-urlencoded"] },
    body: "Param1=value1",
    signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
  },
  "post-x-www-form-urlencoded-parameters": {
    method: "POST",
    headers: { "content-type": ["application/x-www-form-urlencoded; charset=utf8"] },
    body: "Param1=value1",
    signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
  },
  "post-sts-header-before": {
    method: "POST",
    headers: { "x-amz-security-token": [TOKEN] },
    signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
  },
  "post-sts-header-after": {
    method: "POST",
    headers: { "x-amz-security-token": [TOKEN] },
    signedHeaders: "host;x-amz-date",
    signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
  },
};

const asSent = (text: string): string => Buffer.from(text).toString("latin1");

const factsOf = ({ method = "GET", target = "/", headers: own = {}, ...vector }: Vector): RequestFacts => {
  const [rawPath = "", rawQuery = ""] = asSent(target).split("?");
  const sent: Record<string, readonly string[]> = { host: ["example.amazonaws.com"], "x-amz-date": [DATE], ...own };
  const signedHeaders = vector.signedHeaders ?? Object.keys(sent).sort().join(";");
  const joined = Object.entries(sent).map(([name, values]) => [name, values.join(", ")]);
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${vector.signature}`;
  const headers = { ...(Object.fromEntries(joined) as Record<string, string>), authorization };
  return { method, rawPath, rawQuery, headers, valuesOf: (name) => sent[name] ?? [] };
};

const verifies = (request: RequestFacts, body = ""): boolean => {
  const authorization = parseAuthorization(request, "query");
  if (authorization === undefined) throw new Error("not signed");
  const bodySha256 = hash("sha256", body, "hex");
  const options = { request, authorization, bodySha256, family: "query", settings: {} } as const;
  return checkSignature({ ...options, secretAccessKey: SECRET }).matches;
};

for (const [name, vector] of Object.entries(VECTORS)) {
  test(`AWS's test suite: ${name}`, (t) => {
    const request = factsOf(vector);
    t.true(verifies(request, vector.body));
    t.false(verifies(request, `${vector.body ?? ""}x`));
    t.false(verifies({ ...request, method: "PUT" }, vector.body));
    t.false(verifies({ ...request, rawQuery: `${request.rawQuery}&x` }, vector.body));
  });
}
