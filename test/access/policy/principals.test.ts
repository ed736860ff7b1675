/** Whom Principal and NotPrincipal name. */
import test from "ava";
import type { PrincipalBy } from "../../../src/access/policy/principals.ts";
import { canonicalOwnerId, type Caller } from "../../../src/protocol/caller.ts";
import { ACCOUNT, ask, USER } from "./ask.ts";

const OTHER = "222222222222";

const callerOf = (principal: Caller["principal"], accountId = ACCOUNT): Caller => ({
  partition: "aws",
  accountId,
  principal,
});

const ROOT = callerOf({ kind: "Root" });
const BOB = callerOf({ kind: "User", userName: "bob", userId: "AIDABOB", path: "/team/" });
const ROLE = callerOf({ kind: "AssumedRole", roleName: "reader", roleId: "AROA1", sessionName: "tuesday" });
const PATHED = callerOf({
  kind: "AssumedRole",
  roleName: "reader",
  roleId: "AROA2",
  sessionName: "s",
  rolePath: "/ci/",
});
const FEDERATED = callerOf({ kind: "FederatedUser", name: "fed" });
const ANONYMOUS = callerOf({ kind: "Anonymous" });
const STRANGER = callerOf({ kind: "User", userName: "alice", userId: "AIDAX" }, OTHER);

const by = (elements: Record<string, unknown>, caller: Caller, context = {}): PrincipalBy | undefined => {
  const match = ask({ Resource: "*", ...elements }, { caller, context }, { kind: "resource" });
  return match.matched ? match.principalBy : undefined;
};

const named = (Principal: unknown, caller: Caller, context = {}) => by({ Principal }, caller, context);

test("a star is everyone, anonymous callers too", (t) => {
  for (const Principal of ["*", { AWS: "*" }, { AWS: ["*"] }])
    for (const caller of [ROOT, USER, ROLE, ANONYMOUS, STRANGER]) t.is(named(Principal, caller), "everyone");
});

test("an account's number, its root and its canonical id are all of its principals", (t) => {
  const principals = [
    { AWS: ACCOUNT },
    { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    { AWS: canonicalOwnerId(ACCOUNT) },
    { CanonicalUser: canonicalOwnerId(ACCOUNT) },
  ];
  for (const Principal of principals) {
    for (const caller of [ROOT, USER, BOB, ROLE, FEDERATED]) t.is(named(Principal, caller), "account");
    t.is(named(Principal, STRANGER), undefined);
    t.is(named(Principal, ANONYMOUS), undefined);
  }
});

test("a user's ARN has its path", (t) => {
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/alice` }, USER), "user");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/team/bob` }, BOB), "user");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/bob` }, BOB), undefined);
  t.is(named({ AWS: `arn:aws:iam::${OTHER}:user/alice` }, USER), undefined);
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/Alice` }, USER), undefined);
});

test("a role's ARN is all of its sessions, a session's ARN one of them", (t) => {
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:role/reader` }, ROLE), "role");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:role/ci/reader` }, PATHED), "role");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:role/reader` }, PATHED), undefined);
  t.is(named({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/tuesday` }, ROLE), "session");
  t.is(named({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/reader/monday` }, ROLE), undefined);
  t.is(named({ AWS: `arn:aws:sts::${ACCOUNT}:federated-user/fed` }, FEDERATED), "session");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/fed` }, FEDERATED), undefined);
});

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
test("a user's ARN is the federated users too whose sessions it asked for", (t) => {
  const madeBy = { kind: "User", userName: "bob", userId: "AIDABOB", path: "/team/" } as const;
  const session = { kind: "GetFederationToken", issuedAtMs: 0, expiresAtMs: 1, madeBy } as const;
  const made: Caller = { ...FEDERATED, session };
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/team/bob` }, made), "maker");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/bob` }, made), undefined);
  t.is(named({ AWS: `arn:aws:iam::${OTHER}:user/team/bob` }, made), undefined);
  t.is(named({ AWS: [ACCOUNT, `arn:aws:iam::${ACCOUNT}:user/team/bob`] }, made), "maker");
  t.is(named({ AWS: `arn:aws:iam::${ACCOUNT}:user/alice` }, { ...USER, session }), "user");
});

test("services and providers are who asks on their behalf", (t) => {
  const Service = ["s3.amazonaws.com", "logging.s3.amazonaws.com"];
  t.is(named({ Service }, ANONYMOUS, { "aws:principalservicename": "logging.s3.amazonaws.com" }), "service");
  t.is(named({ Service }, ANONYMOUS, { "aws:principalservicenameslist": ["x", "s3.amazonaws.com"] }), "service");
  t.is(named({ Service }, ROOT), undefined);
  const Federated = "accounts.google.com";
  t.is(named({ Federated }, ROLE, { "aws:federatedprovider": Federated }), "federated");
  t.is(named({ Federated }, ROLE, { "aws:federatedprovider": "graph.facebook.com" }), undefined);
});

test("of several principals the one that reaches furthest counts", (t) => {
  const role = `arn:aws:iam::${ACCOUNT}:role/reader`;
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/reader/tuesday`;
  t.is(named({ AWS: [ACCOUNT, role] }, ROLE), "role");
  t.is(named({ AWS: [ACCOUNT, role, "*"] }, ROLE), "everyone");
  t.is(named({ AWS: ["*", ACCOUNT, role, session] }, ROLE), "session");
  t.is(named({ AWS: [ACCOUNT, `arn:aws:iam::${ACCOUNT}:user/alice`] }, USER), "user");
});

const denied = (NotPrincipal: unknown, caller: Caller) => by({ Effect: "Deny", NotPrincipal }, caller);

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
test("NotPrincipal leaves out whom it names with account, role and session", (t) => {
  const account = `arn:aws:iam::${ACCOUNT}:root`;
  const user = `arn:aws:iam::${ACCOUNT}:user/alice`;
  t.is(denied({ AWS: [user, account] }, USER), undefined);
  t.is(denied({ AWS: user }, USER), "except");
  t.is(denied({ AWS: account }, USER), "except");
  t.is(denied({ AWS: account }, ROOT), undefined);
  t.is(denied({ AWS: [user, account] }, BOB), "except");
  t.is(denied({ AWS: [user, account] }, STRANGER), "except");
  t.is(denied({ AWS: [user, account] }, ANONYMOUS), "except");
  t.is(denied("*", ANONYMOUS), undefined);
  const role = `arn:aws:iam::${ACCOUNT}:role/reader`;
  const session = `arn:aws:sts::${ACCOUNT}:assumed-role/reader/tuesday`;
  t.is(denied({ AWS: [account, role, session] }, ROLE), undefined);
  t.is(denied({ AWS: [account, role] }, ROLE), "except");
});

test("a policy without principals is about whoever it is attached to", (t) => {
  t.deepEqual(ask({}, { caller: STRANGER }), { matched: true });
});
