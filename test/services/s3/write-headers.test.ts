/** What PutObject and its kin refuse of their headers, in AWS's words. */
import { createHash } from "node:crypto";
import test from "ava";
import { startTestServer, type RawResponse } from "../../support/server.ts";
import { element } from "../../support/signed.ts";

const server = await startTestServer();
await server.request("PUT", "/headers");
await server.request("PUT", "/acls", { headers: { "x-amz-object-ownership": "ObjectWriter" } });
test.after.always(() => server.close());

type Headers = Readonly<Record<string, string>>;

const put = (headers: Headers, path = "/headers/k") => server.request("PUT", path, { headers, body: "body" });
const argument = (answer: RawResponse) =>
  [element(answer, "Code"), element(answer, "ArgumentName"), element(answer, "Message")] as const;

const SSE = "x-amz-server-side-encryption";
const KEY = Buffer.alloc(32, "k");
const md5 = (bytes: Uint8Array | string): string => createHash("md5").update(bytes).digest("base64");
const customer = (key: Uint8Array | undefined, { algorithm = "AES256", keyMd5 = md5(key ?? "") } = {}): Headers => ({
  [`${SSE}-customer-algorithm`]: algorithm,
  ...(key === undefined ? {} : { [`${SSE}-customer-key`]: Buffer.from(key).toString("base64") }),
  [`${SSE}-customer-key-md5`]: keyMd5,
});
const PROVIDED = "Requests specifying Server Side Encryption with Customer provided keys must provide";

for (const [what, headers, message] of [
  ["no algorithm", { [`${SSE}-customer-key`]: KEY.toString("base64") }, `${PROVIDED} a valid encryption algorithm.`],
  ["no key", customer(undefined), `${PROVIDED} an appropriate secret key.`],
  ["a key of 31 bytes", customer(KEY.subarray(1)), "The secret key was invalid for the specified algorithm."],
  [
    "no MD5",
    { [`${SSE}-customer-algorithm`]: "AES256", [`${SSE}-customer-key`]: KEY.toString("base64") },
    "The secret key was invalid for the specified algorithm.",
  ],
  [
    "another key's MD5",
    customer(KEY, { keyMd5: md5("other") }),
    "The calculated MD5 hash of the key did not match the hash that was provided.",
  ],
  [
    "SSE beside it",
    { ...customer(KEY), [SSE]: "AES256" },
    "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
  ],
] as const) {
  test(`fact 51: a customer's key with ${what} is refused`, async (t) => {
    for (const [method, path] of [
      ["PUT", "/headers/k"],
      ["POST", "/headers/k?uploads"],
    ] as const) {
      const answer = await server.request(method, path, { headers });
      t.is(answer.status, 400);
      t.deepEqual(argument(answer), ["InvalidArgument", SSE, message]);
    }
  });
}

test("fact 51: another algorithm than AES256 is an error of its own", async (t) => {
  const answer = await put(customer(KEY, { algorithm: "AES128" }));
  t.deepEqual(argument(answer), [
    "InvalidEncryptionAlgorithmError",
    SSE,
    "The Encryption request you specified is not valid. Supported value: AES256.",
  ]);
});

test("fact 52: parts have the key of their upload, or none if it has none", async (t) => {
  const MISSING =
    "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.";
  for (const [begun, part, message] of [
    [customer(KEY), {}, MISSING],
    [{}, customer(KEY), MISSING],
    [
      customer(KEY),
      customer(Buffer.alloc(32, "other")),
      "The provided encryption parameters did not match the ones used originally.",
    ],
  ] as const) {
    const upload = await server.request("POST", "/headers/parts?uploads", { headers: begun });
    const path = `/headers/parts?partNumber=1&uploadId=${element(upload, "UploadId")}`;
    const answer = await put(part, path);
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "InvalidRequest");
    t.is(element(answer, "Message"), message);
  }
});

test("fact 45: tags in a header are a query without doubled names", async (t) => {
  for (const tagging of ["a=1&a=2", "a=1,b=2", "a=%zz"]) {
    t.deepEqual(argument(await put({ "x-amz-tagging": tagging })), [
      "InvalidArgument",
      "x-amz-tagging",
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    ]);
  }
});

test("fact 45: tags are held to S3's characters, and may not begin with aws:", async (t) => {
  for (const [tagging, message, key] of [
    ["a%3F=1", "The TagKey you have provided is invalid", "a?"],
    ["a=1%3F", "The TagValue you have provided is invalid", "a"],
    ["aws:a=1", "Your TagKey cannot be prefixed with aws:", "aws:a"],
  ] as const) {
    const answer = await put({ "x-amz-tagging": tagging });
    t.deepEqual([element(answer, "Code"), element(answer, "Message")], ["InvalidTag", message]);
    t.is(element(answer, "TagKey"), key);
  }
  t.is((await put({ "x-amz-tagging": "a=1&b=&c" })).status, 200);
});

test("fact 46: an unknown canned ACL is refused with an empty message, and one beside grants is too much", async (t) => {
  const unknown = await put({ "x-amz-acl": "unknown" }, "/acls/k");
  t.deepEqual(argument(unknown), ["InvalidArgument", "x-amz-acl", ""]);
  const both = await put({ "x-amz-acl": "private", "x-amz-grant-read": "id=1" }, "/acls/k");
  t.is(element(both, "Code"), "InvalidRequest");
  t.is(element(both, "Message"), "Specifying both Canned ACLs and Header Grants is not allowed");
});

test("user metadata has at most 2 KiB, names and values together", async (t) => {
  const metadata = (bytes: number): Headers => ({ "x-amz-meta-ab": "x".repeat(bytes - 2) });
  t.is((await put(metadata(2_048))).status, 200);
  const refused = await put(metadata(2_049));
  t.is(element(refused, "Code"), "MetadataTooLarge");
  t.is(element(refused, "Size"), "2049");
  t.is(element(refused, "MaxSizeAllowed"), "2048");
});

test("a header value with a line break, from a query, is refused and not sent", async (t) => {
  await put({});
  const path = "/headers/k?response-content-disposition=a%0d%0aX-Evil:1";
  const answer = await server.request("GET", path, { headers: { authorization: "AWS AKIDEXAMPLE:sig" } });
  t.is(answer.status, 400);
  t.is(answer.headers["x-evil"], undefined);
});
