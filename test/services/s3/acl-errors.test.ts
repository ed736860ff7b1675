/** What is refused of an ACL, in AWS's words, wherever it is given. */
import test from "ava";
import { canonicalOwnerId } from "../../../src/protocol/caller.ts";
import { startTestServer, type RawResponse } from "../../support/server.ts";
import { element } from "../../support/signed.ts";

const server = await startTestServer();
const headers = { "x-amz-object-ownership": "ObjectWriter" };
for (const name of ["acls", "open"]) await server.request("PUT", `/${name}`, { headers });
await server.request("DELETE", "/open?publicAccessBlock");
for (const name of ["acls", "open"]) await server.request("PUT", `/${name}/k`, { body: "x" });
test.after.always(() => server.close());

const OUR_ID = canonicalOwnerId("123456789012");
const THEIR_ID = canonicalOwnerId("222222222222");
const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

type Headers = Readonly<Record<string, string>>;

/** The calls that put an ACL on something that is there. */
const CHANGES = ["/acls?acl", "/acls/k?acl"];
/** All that take an ACL in headers. */
const TAKERS = [
  ["PUT", "/acls?acl"],
  ["PUT", "/acls/k?acl"],
  ["PUT", "/acls/k"],
  ["POST", "/acls/k?uploads"],
  ["PUT", "/new-bucket"],
] as const;

const grantXml = (type: string, content: string, permission = "READ"): string =>
  `<Grant><Grantee ${XSI} xsi:type="${type}">${content}</Grantee><Permission>${permission}</Permission></Grant>`;
const policyXml = (grants: string, ownerId = OUR_ID): string =>
  `<AccessControlPolicy><Owner><ID>${ownerId}</ID></Owner><AccessControlList>${grants}</AccessControlList></AccessControlPolicy>`;

const put = (path: string, body: string, given: Headers = {}): Promise<RawResponse> =>
  server.request("PUT", path, { headers: given, body });
const facts = (answer: RawResponse) => [
  answer.status,
  element(answer, "Code"),
  element(answer, "ArgumentName"),
  element(answer, "ArgumentValue"),
  element(answer, "Message"),
];

test("fact 46: an unknown canned ACL is refused with an empty message", async (t) => {
  for (const [method, path] of TAKERS) {
    const answer = await server.request(method, path, { headers: { "x-amz-acl": "publik" } });
    t.deepEqual(facts(answer), [400, "InvalidArgument", "x-amz-acl", "publik", ""], path);
  }
});

test("a bucket's canned ACL is none for objects", async (t) => {
  const answer = await server.request("PUT", "/acls/k?acl", { headers: { "x-amz-acl": "log-delivery-write" } });
  t.deepEqual(facts(answer), [400, "InvalidArgument", "x-amz-acl", "log-delivery-write", ""]);
});

test("fact 46: an unknown group, an unknown id and a form that is none are refused in headers", async (t) => {
  for (const [method, path] of TAKERS) {
    for (const [text, name, value, message] of [
      ["uri=http://acs.amazonaws.com/groups/global/Nobody", "uri", undefined, "Invalid group uri"],
      ["uri=", "uri", "", "Invalid group uri"],
      ['id="1234"', "id", "1234", "Invalid id"],
      [`id=${OUR_ID.toUpperCase()}`, "id", undefined, "Invalid id"],
      ["nobody", "x-amz-grant-read", "nobody", "Argument format not recognized"],
      ["name=me", "x-amz-grant-read", "name=me", "Argument format not recognized"],
    ] as const) {
      const answer = await server.request(method, path, { headers: { "x-amz-grant-read": text } });
      const expected = value ?? text.slice(text.indexOf("=") + 1);
      t.deepEqual(facts(answer), [400, "InvalidArgument", name, expected, message], `${path} ${text}`);
    }
  }
});

test("fact 46: an unknown group and an unknown id are refused in a document, also its owner's", async (t) => {
  for (const path of CHANGES) {
    const group = await put(path, policyXml(grantXml("Group", "<URI>http://nobody</URI>")));
    t.deepEqual(facts(group), [400, "InvalidArgument", "Group/URI", "http://nobody", "Invalid group uri"]);
    const user = await put(path, policyXml(grantXml("CanonicalUser", "<ID>1234</ID>")));
    t.deepEqual(facts(user), [400, "InvalidArgument", "CanonicalUser/ID", "1234", "Invalid id"]);
    const owner = await put(path, policyXml("", "1234"));
    t.deepEqual(facts(owner), [400, "InvalidArgument", "CanonicalUser/ID", "1234", "Invalid id"]);
  }
});

test("fact 46: without any ACL the header for one is missing", async (t) => {
  for (const path of CHANGES) {
    const answer = await put(path, "");
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "MissingSecurityHeader");
    t.is(element(answer, "MissingHeaderName"), "x-amz-acl");
    t.is(element(answer, "Message"), "Your request was missing a required header");
  }
});

test("fact 46: a canned ACL beside grants is refused", async (t) => {
  for (const [method, path] of TAKERS) {
    const both = { "x-amz-acl": "private", "x-amz-grant-write-acp": `id=${OUR_ID}` };
    const answer = await server.request(method, path, { headers: both });
    t.is(answer.status, 400);
    t.is(element(answer, "Code"), "InvalidRequest");
    t.is(element(answer, "Message"), "Specifying both Canned ACLs and Header Grants is not allowed");
  }
});

test("fact 46: headers beside a document are unexpected content", async (t) => {
  const document = policyXml(grantXml("CanonicalUser", `<ID>${THEIR_ID}</ID>`));
  for (const path of CHANGES) {
    for (const given of [{ "x-amz-acl": "private" }, { "x-amz-grant-read": `id=${OUR_ID}` }]) {
      const answer = await put(path, document, given);
      t.is(answer.status, 400);
      t.is(element(answer, "Code"), "UnexpectedContent");
      t.is(element(answer, "Message"), "This request does not support content");
    }
  }
});

test("fact 43: a document that AWS's schema does not know is MalformedACLError", async (t) => {
  const grant = grantXml("CanonicalUser", `<ID>${THEIR_ID}</ID>`);
  for (const path of CHANGES) {
    for (const document of [
      "<AccessControlPolicy>",
      "<AccessControlPolicy/>",
      `<Policy><Owner><ID>${OUR_ID}</ID></Owner></Policy>`,
      `<AccessControlPolicy><AccessControlList>${grant}</AccessControlList></AccessControlPolicy>`,
      `<AccessControlPolicy><Owner><ID>${OUR_ID}</ID></Owner></AccessControlPolicy>`,
      policyXml(grantXml("CanonicalUser", `<ID>${THEIR_ID}</ID>`, "EVERYTHING")),
      policyXml(grantXml("CanonicalUser", "")),
      policyXml(grantXml("Group", `<ID>${THEIR_ID}</ID>`)),
      policyXml(grantXml("AmazonCustomerByEmail", `<ID>${THEIR_ID}</ID>`)),
      policyXml(grantXml("Somebody", `<ID>${THEIR_ID}</ID>`)),
      policyXml(`<Grant><Grantee><ID>${THEIR_ID}</ID></Grantee><Permission>READ</Permission></Grant>`),
      policyXml("<Grant><Permission>READ</Permission></Grant>"),
      policyXml(`<Grant><Grantee ${XSI} xsi:type="Group"><URI>${ALL_USERS}</URI></Grantee></Grant>`),
      policyXml("<Unknown/>"),
    ]) {
      const answer = await put(path, document);
      t.is(answer.status, 400);
      t.is(element(answer, "Code"), "MalformedACLError", `${path} ${document}`);
      t.is(
        element(answer, "Message"),
        "The XML you provided was not well-formed or did not validate against our published schema",
      );
    }
  }
});

test("an address that no account has cannot be resolved", async (t) => {
  const document = policyXml(grantXml("AmazonCustomerByEmail", "<EmailAddress>me@example.com</EmailAddress>"));
  for (const path of CHANGES) {
    for (const answer of [
      await put(path, document),
      await put(path, "", { "x-amz-grant-read": 'emailAddress="me@example.com"' }),
    ]) {
      t.is(answer.status, 400);
      t.is(element(answer, "Code"), "UnresolvableGrantByEmailAddress");
    }
  }
});

test("an ACL has at most 100 grants, in a document and in headers", async (t) => {
  const grant = grantXml("CanonicalUser", `<ID>${THEIR_ID}</ID>`);
  const ids = (count: number): string => Array.from({ length: count }, () => `id=${THEIR_ID}`).join(",");
  for (const path of ["/open?acl", "/open/k?acl"]) {
    t.is((await put(path, policyXml(grant.repeat(100)))).status, 200);
    const granted = await server.request("GET", path, { headers: { authorization: "AWS 123456789012:signature" } });
    t.is(String(granted.body).match(/<Grant>/g)?.length, 100);
    t.is(element(await put(path, policyXml(grant.repeat(101))), "Code"), "MalformedACLError");
    const half = { "x-amz-grant-read": ids(50) };
    t.is((await put(path, "", { ...half, "x-amz-grant-write": ids(50) })).status, 200);
    const tooMany = await put(path, "", { ...half, "x-amz-grant-write": ids(51) });
    t.is(element(tooMany, "Code"), "MalformedACLError");
  }
});

test("a document that names another owner is denied", async (t) => {
  for (const path of CHANGES) {
    const answer = await put(path, policyXml(grantXml("CanonicalUser", `<ID>${OUR_ID}</ID>`), THEIR_ID));
    t.is(answer.status, 403);
    t.is(element(answer, "Code"), "AccessDenied");
  }
});

test("a refused ACL leaves the one that was there", async (t) => {
  await put("/open/left?x-id=PutObject", "x", { "x-amz-acl": "public-read" });
  await put("/open/left?acl", policyXml(grantXml("CanonicalUser", `<ID>${OUR_ID}</ID>`), THEIR_ID));
  const answer = await server.request("GET", "/open/left?acl", {
    headers: { authorization: "AWS 123456789012:signature" },
  });
  t.is(element(answer, "URI"), ALL_USERS);
});
