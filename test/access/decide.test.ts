/** The evaluation, layer by layer; what comes of it over the wire is in the tests beside this one. */
import test from "ava";
import { decide, decideByDenial, type CallerSide, type ResourceSide } from "../../src/access/decide.ts";
import { deniedMessage } from "../../src/access/denied-message.ts";
import type { Caller } from "../../src/protocol/caller.ts";
import {
  ALICE,
  anonymous,
  BOB,
  bucketOf,
  DENIES,
  federated,
  having,
  identityPolicy,
  OBJECT,
  reading,
  READS,
  READS_TAGS,
  role,
  root,
  sessionPolicy,
  to,
  trustOf,
  user,
} from "./questions.ts";

const USER_ARN = `arn:aws:iam::${ALICE}:user/carol`;
const ROLE_ARN = `arn:aws:iam::${ALICE}:role/deploy`;
const SESSION_ARN = `arn:aws:sts::${ALICE}:assumed-role/deploy/ci`;
const FEDERATED_ARN = `arn:aws:sts::${ALICE}:federated-user/fred`;

/** `allowed by identity`, `denied by resource, explicit` */
const outcome = (who: Caller, side: CallerSide, resource?: ResourceSide): string => {
  const { allowed, decidedBy, denial } = decide(reading(who), { caller: side, resource });
  return allowed ? `allowed by ${decidedBy}` : `denied by ${decidedBy}, ${denial}`;
};

test("within an account the identity's policies or the bucket's are enough", (t) => {
  t.is(outcome(user(ALICE), having(), bucketOf([])), "denied by identity, implicit");
  t.is(outcome(user(ALICE), having(READS), bucketOf([])), "allowed by identity");
  t.is(outcome(user(ALICE), having(), bucketOf([to(READS, USER_ARN)])), "allowed by resource");
  t.is(outcome(user(ALICE), having(), bucketOf([to(READS, "*")])), "allowed by resource");
});

test("a bucket policy that names the account leaves it to the account's own policies", (t) => {
  t.is(outcome(user(ALICE), having(), bucketOf([to(READS, ALICE)])), "denied by identity, implicit");
  t.is(outcome(user(ALICE), having(READS), bucketOf([to(READS, ALICE)])), "allowed by identity");
});

test("an explicit Deny wins, wherever it stands", (t) => {
  t.is(outcome(user(ALICE), having(READS, DENIES), bucketOf([])), "denied by identity, explicit");
  t.is(outcome(user(ALICE), having(READS), bucketOf([to(DENIES, "*")])), "denied by resource, explicit");
  const bounded = { ...having(READS), boundary: identityPolicy(READS, DENIES) };
  t.is(outcome(user(ALICE), bounded, bucketOf([to(READS, USER_ARN)])), "denied by boundary, explicit");
  const narrowed = { ...having(READS), session: [[sessionPolicy(READS, DENIES)]] };
  t.is(outcome(role(ALICE), narrowed, bucketOf([to(READS, SESSION_ARN)])), "denied by session, explicit");
});

test("across accounts both sides must allow", (t) => {
  t.is(outcome(user(BOB), having(READS), bucketOf([])), "denied by resource, implicit");
  t.is(outcome(user(BOB), having(), bucketOf([to(READS, BOB)])), "denied by identity, implicit");
  t.is(outcome(user(BOB), having(), bucketOf([to(READS, "*")])), "denied by identity, implicit");
  t.is(outcome(user(BOB), having(READS), bucketOf([to(READS, BOB)])), "allowed by resource");
  t.is(outcome(root(BOB), { identity: "everything" }, bucketOf([to(READS, BOB)])), "allowed by resource");
  t.is(outcome(root(BOB), { identity: "everything" }, bucketOf([])), "denied by resource, implicit");
});

test("across accounts a decision names the statements of both sides", (t) => {
  const sides = { caller: having(READS), resource: bucketOf([to(READS_TAGS, BOB), to(READS, BOB)]) };
  const { deciding, considered } = decide(reading(user(BOB)), sides);
  t.deepEqual(
    deciding.map(({ layer, statement }) => [layer, statement.index]),
    [
      ["identity", 0],
      ["resource", 1],
    ],
  );
  t.deepEqual(considered[1]?.matches, [
    { matched: false, because: "action" },
    { matched: true, principalBy: "account" },
  ]);
});

test("a boundary bounds identity policies, and what a bucket gives a role, but not what it gives a user or everyone", (t) => {
  const bounded = { ...having(READS), boundary: identityPolicy(READS_TAGS) };
  t.is(outcome(user(ALICE), bounded, bucketOf([])), "denied by boundary, implicit");
  t.is(outcome(user(ALICE), { ...bounded, boundary: identityPolicy(READS) }, bucketOf([])), "allowed by identity");
  t.is(outcome(user(ALICE), bounded, bucketOf([to(READS, USER_ARN)])), "allowed by resource");
  t.is(outcome(role(ALICE), bounded, bucketOf([to(READS, ROLE_ARN)])), "denied by boundary, implicit");
  t.is(outcome(role(ALICE), bounded, bucketOf([to(READS, SESSION_ARN)])), "allowed by resource");
  t.is(outcome(role(ALICE), bounded, bucketOf([to(READS, "*")])), "allowed by resource");
});

test("a Deny with NotPrincipal denies whoever has a boundary, named or not", (t) => {
  const but = (...principals: readonly string[]) => ({ ...DENIES, NotPrincipal: { AWS: [ALICE, ...principals] } });
  t.is(outcome(user(ALICE), having(READS), bucketOf([but(USER_ARN)])), "allowed by identity");
  t.is(outcome(user(ALICE), having(READS), bucketOf([but(ROLE_ARN)])), "denied by resource, explicit");
  const bounded = { ...having(READS), boundary: identityPolicy(READS) };
  t.is(outcome(user(ALICE), bounded, bucketOf([but(USER_ARN)])), "denied by resource, explicit");
  t.is(outcome(user(ALICE), bounded, bucketOf([{ ...but(USER_ARN), Action: "s3:PutObject" }])), "allowed by identity");
});

test("a session policy bounds what a bucket gives the role and not what it gives the session", (t) => {
  const narrowed = { ...having(READS), session: [[sessionPolicy(READS_TAGS)]] };
  t.is(outcome(role(ALICE), narrowed, bucketOf([])), "denied by session, implicit");
  t.is(outcome(role(ALICE), narrowed, bucketOf([to(READS, ROLE_ARN)])), "denied by session, implicit");
  t.is(outcome(role(ALICE), narrowed, bucketOf([to(READS, SESSION_ARN)])), "allowed by resource");
  t.is(outcome(role(ALICE, "cd"), narrowed, bucketOf([to(READS, SESSION_ARN)])), "denied by session, implicit");
  const wide = { ...having(), session: [[sessionPolicy(READS)]] };
  t.is(outcome(role(ALICE), wide, bucketOf([to(READS, ROLE_ARN)])), "allowed by resource");
  t.is(outcome(role(ALICE), wide, bucketOf([])), "denied by identity, implicit");
});

test("session policies count together, and each policy that scopes a session down by itself", (t) => {
  const together = { ...having(READS), session: [[sessionPolicy(READS_TAGS), sessionPolicy(READS)]] };
  t.is(outcome(role(ALICE), together, bucketOf([])), "allowed by identity");
  const apart = { ...having(READS), session: [[sessionPolicy(READS)], [sessionPolicy(READS_TAGS)]] };
  t.is(outcome(role(ALICE), apart, bucketOf([])), "denied by session, implicit");
});

test("a federated user without a session policy has what a bucket gives its name, and nothing else", (t) => {
  const nothing: CallerSide = { identity: "everything", session: [[]] };
  t.is(outcome(federated(ALICE), nothing, bucketOf([])), "denied by session, implicit");
  t.is(outcome(federated(ALICE), nothing, bucketOf([to(READS, ALICE)])), "denied by session, implicit");
  t.is(outcome(federated(ALICE), nothing, bucketOf([to(READS, FEDERATED_ARN)])), "allowed by resource");
  const narrowed: CallerSide = { ...having(READS), session: [[sessionPolicy(READS)]] };
  t.is(outcome(federated(ALICE), narrowed, bucketOf([])), "allowed by identity");
});

test("an account's root may do all in it but what a bucket policy denies, and always get at that policy", (t) => {
  const everything: CallerSide = { identity: "everything" };
  t.is(outcome(root(ALICE), everything, bucketOf([])), "allowed by root");
  t.is(outcome(root(ALICE), everything, bucketOf([to(DENIES, "*")])), "denied by resource, explicit");
  const locked = bucketOf([to(DENIES, "*")], { rootAlways: true });
  t.is(outcome(root(ALICE), everything, locked), "allowed by root");
  t.is(outcome(root(BOB), everything, locked), "denied by resource, explicit");
  t.is(outcome(user(ALICE), everything, locked), "denied by resource, explicit");
});

test("anonymous callers get what a bucket gives everyone", (t) => {
  t.is(outcome(anonymous(), having(), bucketOf([])), "denied by resource, implicit");
  t.is(outcome(anonymous(), having(), bucketOf([to(READS, ALICE)])), "denied by resource, implicit");
  t.is(outcome(anonymous(), having(), bucketOf([to(READS, "*")])), "allowed by resource");
  t.is(outcome(anonymous(), having(), bucketOf([to(READS, "*"), to(DENIES, "*")])), "denied by resource, explicit");
});

test("a public bucket that is restricted lets nobody in from outside of its account", (t) => {
  const restricted = bucketOf([to(READS, "*")], { restricted: true });
  t.is(outcome(anonymous(), having(), restricted), "denied by publicAccessBlock, implicit");
  t.is(outcome(user(BOB), having(READS), restricted), "denied by publicAccessBlock, implicit");
  t.is(outcome(user(ALICE), having(), restricted), "allowed by resource");
});

test("an object of another account than its bucket is given by its owner, and can be denied by the bucket's", (t) => {
  const policies = bucketOf([to(READS, ALICE, BOB)]).policies;
  const bobs = { accountId: BOB, policies, deniesOnly: true } as const;
  t.is(outcome(root(ALICE), { identity: "everything" }, bobs), "denied by resource, implicit");
  t.is(outcome(user(BOB), having(READS), bobs), "allowed by identity");
  const denied = { ...bobs, policies: bucketOf([to(DENIES, "*")]).policies };
  t.is(outcome(root(BOB), { identity: "everything" }, denied), "denied by resource, explicit");
  const grant = { grantee: { id: "f".repeat(64) }, permission: "READ" } as const;
  const granted = { ...bobs, acl: { to: "account", grant } } as const;
  t.is(outcome(user(ALICE), having(READS), granted), "allowed by acl");
  t.is(outcome(user(ALICE), having(), granted), "denied by identity, implicit");
});

test("a role's trust policy must allow within the account too, and is enough where it names the user", (t) => {
  const assume = (statement: object) => ({ Effect: "Allow", Action: "sts:AssumeRole", ...statement });
  const question = (who: Caller) => reading(who, { action: "sts:AssumeRole", resource: ROLE_ARN });
  const ask = (who: Caller, caller: CallerSide, resource: ResourceSide) =>
    decide(question(who), { caller, resource }).allowed;
  const may = having(assume({ Resource: ROLE_ARN }));
  t.false(ask(user(ALICE), may, trustOf(assume({ Principal: { AWS: BOB } }))));
  t.true(ask(user(ALICE), may, trustOf(assume({ Principal: { AWS: ALICE } }))));
  t.false(ask(user(ALICE), having(), trustOf(assume({ Principal: { AWS: ALICE } }))));
  t.true(ask(user(ALICE), having(), trustOf(assume({ Principal: { AWS: USER_ARN } }))));
  t.true(ask(user(BOB), may, trustOf(assume({ Principal: { AWS: BOB } }))));
  t.false(ask(user(BOB), having(), trustOf(assume({ Principal: { AWS: BOB } }))));
});

test("in lenient an explicit Deny is all that counts", (t) => {
  const ask = (who: Caller, resource: ResourceSide) => {
    const { allowed, decidedBy } = decideByDenial(reading(who), resource);
    return [allowed, decidedBy];
  };
  t.deepEqual(ask(user(BOB), bucketOf([])), [true, "mode"]);
  t.deepEqual(ask(user(BOB), bucketOf([to(DENIES, BOB)])), [false, "resource"]);
  t.deepEqual(ask(root(ALICE), bucketOf([to(DENIES, "*")])), [false, "resource"]);
  t.deepEqual(ask(root(ALICE), bucketOf([to(DENIES, "*")], { rootAlways: true })), [true, "mode"]);
  t.deepEqual(ask(root(BOB), bucketOf([to(DENIES, "*")], { rootAlways: true })), [false, "resource"]);
});

test("a refusal tells callers of the resource's account which kind of policy it was, and others nothing", (t) => {
  const message = (who: Caller, side: CallerSide, resource?: ResourceSide) =>
    deniedMessage(decide(reading(who), { caller: side, resource }));
  const who = `User: ${USER_ARN} is not authorized to perform: s3:GetObject on resource: "${OBJECT}"`;
  t.is(
    message(user(ALICE), having(), bucketOf([])),
    `${who} because no identity-based policy allows the s3:GetObject action`,
  );
  t.is(
    message(user(ALICE), having(READS, DENIES), bucketOf([])),
    `${who} with an explicit deny in an identity-based policy`,
  );
  t.is(
    message(user(ALICE), having(READS), bucketOf([to(DENIES, "*")])),
    `${who} with an explicit deny in a resource-based policy`,
  );
  const bounded = { ...having(READS), boundary: identityPolicy(READS_TAGS) };
  t.is(
    message(user(ALICE), bounded, bucketOf([])),
    `${who} because no permissions boundary allows the s3:GetObject action`,
  );
  t.is(message(user(BOB), having(READS), bucketOf([])), undefined);
  t.is(message(anonymous(), having(), bucketOf([])), undefined);
});

test("a decision remembers the values that were looked at", (t) => {
  const statement = to({ ...READS, Condition: { StringEquals: { "aws:UserAgent": "curl" } } }, "*");
  const question = reading(user(ALICE), { values: (key) => (key === "aws:useragent" ? ["boto3"] : ["unasked"]) });
  const { values, considered } = decide(question, { caller: having(), resource: bucketOf([statement]) });
  t.deepEqual([...values], [["aws:useragent", ["boto3"]]]);
  t.like(considered[0]?.matches[0], { matched: false, because: "condition" });
});
