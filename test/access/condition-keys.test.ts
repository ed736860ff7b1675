/** Where the values of condition keys come from. */
import { readFile } from "node:fs/promises";
import test from "ava";
import { GLOBAL_KEYS, GLOBAL_NAMED_KEYS } from "../../src/access/condition-keys.ts";
import { isConditionKey } from "../../src/access/policy/s3-condition-keys.ts";
import type { S3RequestFacts } from "../../src/access/request-facts.ts";
import { S3_KEYS, S3_NAMED_KEYS, s3Values } from "../../src/access/s3-condition-keys.ts";
import { ALICE, anonymous, federated, role, root, user } from "./questions.ts";

const NOW = Date.UTC(2026, 10, 24, 12, 0, 0, 500);

const valuesOf = (facts: Partial<S3RequestFacts>) => {
  const values = s3Values({
    caller: user(ALICE),
    nowMs: NOW,
    remoteAddress: "10.0.0.1",
    secure: false,
    headers: {},
    region: "eu-west-1",
    operation: "GetObject",
    query: new Map(),
    ...facts,
  });
  return (key: string) => values(key)?.join(", ");
};

test("the page on condition keys lists every key that has a value, and no other", async (t) => {
  const page = await readFile(new URL("../../docs/condition-keys.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const listed = rows.flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map(([, key]) => key));
  const named = [...Object.keys(GLOBAL_NAMED_KEYS), ...Object.keys(S3_NAMED_KEYS)].map((key) => `${key}name`);
  const known = [...Object.keys(GLOBAL_KEYS), ...Object.keys(S3_KEYS), ...named];
  const inOrder = (keys: readonly (string | undefined)[]) =>
    keys.map((key = "") => key.toLowerCase()).toSorted((one, other) => (one < other ? -1 : 1));
  t.deepEqual(inOrder(listed), inOrder(known));
});

test("every key of S3's that has a value may stand in a bucket's policy", (t) => {
  for (const key of Object.keys(S3_KEYS)) t.true(isConditionKey(key), key);
  for (const key of Object.keys(S3_NAMED_KEYS)) t.true(isConditionKey(`${key}name`), key);
});

test("the caller's keys say who it is", (t) => {
  const arn = (caller: S3RequestFacts["caller"]) => valuesOf({ caller })("aws:principalarn");
  t.is(arn(user(ALICE)), `arn:aws:iam::${ALICE}:user/carol`);
  t.is(arn(root(ALICE)), `arn:aws:iam::${ALICE}:root`);
  t.is(arn(role(ALICE)), `arn:aws:iam::${ALICE}:role/deploy`);
  t.is(arn(federated(ALICE)), `arn:aws:sts::${ALICE}:federated-user/fred`);
  t.is(arn(anonymous()), undefined);
  t.is(valuesOf({ caller: role(ALICE) })("aws:userid"), "AROAAAAAAAAAAAAAAAAAA:ci");
  t.is(valuesOf({ caller: role(ALICE) })("aws:username"), undefined);
  t.is(valuesOf({})("aws:username"), "carol");
  t.is(valuesOf({ caller: anonymous() })("aws:principalaccount"), undefined);
  t.is(valuesOf({ caller: anonymous() })("aws:principaltype"), "Anonymous");
});

test("long-term keys say nothing of a second factor, temporary ones always do", (t) => {
  t.is(valuesOf({})("aws:multifactorauthpresent"), undefined);
  t.is(valuesOf({ caller: role(ALICE) })("aws:multifactorauthpresent"), "false");
  const session = { issuedAtMs: NOW - 90_000, expiresAtMs: NOW, mfa: true };
  const values = valuesOf({ caller: { ...role(ALICE), session } });
  t.is(values("aws:multifactorauthpresent"), "true");
  t.is(values("aws:multifactorauthage"), "90");
  t.is(values("aws:tokenissuetime"), "2026-11-24T11:58:30Z");
});

test("times are the world's", (t) => {
  t.is(valuesOf({})("aws:currenttime"), "2026-11-24T12:00:00Z");
  t.is(valuesOf({})("aws:epochtime"), String(Math.floor(NOW / 1000)));
});

test("tags are found without regard to case, the session's before the identity's", (t) => {
  const session = { issuedAtMs: 0, expiresAtMs: NOW, tags: [{ key: "Team", value: "red" }] };
  const identityTags = [
    { key: "team", value: "blue" },
    { key: "Cost", value: "9" },
  ];
  const values = valuesOf({ caller: { ...role(ALICE), session }, identityTags });
  t.is(values("aws:principaltag/team"), "red");
  t.is(values("aws:principaltag/cost"), "9");
  t.is(values("aws:principaltag/other"), undefined);
});

test("lists have prefix, delimiter and maximum, other operations do not", (t) => {
  const query = new Map([
    ["prefix", "home/"],
    ["max-keys", "10"],
  ]);
  const listing = valuesOf({ operation: "ListObjectsV2", query });
  t.deepEqual([listing("s3:prefix"), listing("s3:max-keys"), listing("s3:delimiter")], ["home/", "10", undefined]);
  t.is(valuesOf({ query })("s3:prefix"), undefined);
});

test("a lock that the request asks for is known from its headers and from its document", (t) => {
  const headers = {
    "x-amz-object-lock-mode": "GOVERNANCE",
    "x-amz-object-lock-retain-until-date": "2026-12-04T12:00:00Z",
  };
  const inHeaders = valuesOf({ operation: "PutObject", headers });
  t.is(inHeaders("s3:object-lock-mode"), "GOVERNANCE");
  t.is(inHeaders("s3:object-lock-remaining-retention-days"), "10");
  const document = { lockMode: "COMPLIANCE", retainUntil: new Date("2026-11-25T12:00:00Z") };
  const inDocument = valuesOf({ operation: "PutObjectRetention", document });
  t.is(inDocument("s3:object-lock-mode"), "COMPLIANCE");
  t.is(inDocument("s3:object-lock-remaining-retention-days"), "1");
  const unreadable = valuesOf({ headers: { "x-amz-object-lock-retain-until-date": "soon" } });
  t.is(unreadable("s3:object-lock-retain-until-date"), undefined);
});

test("what the provider left in a session has its values, and names of what objects have do not", (t) => {
  const session = { issuedAtMs: 0, expiresAtMs: NOW, conditionKeys: { "saml:sub": ["ann", "bo"] } };
  const values = valuesOf({ caller: { ...role(ALICE), session } });
  t.is(values("saml:sub"), "ann, bo");
  for (const key of ["constructor", "toString", "__proto__"]) t.is(values(key), undefined);
});
