/** Questions and policies for tests that ask the evaluator itself. */
import type { CallerSide, ResourceSide } from "../../src/access/decide.ts";
import type { PolicyInPlay } from "../../src/access/decision.ts";
import { parsePolicy } from "../../src/access/policy/parse-policy.ts";
import type { PolicyKind } from "../../src/access/policy/policy.ts";
import type { Question } from "../../src/access/question.ts";
import type { Caller, Principal, Session } from "../../src/protocol/caller.ts";

export const ALICE = "111111111111";
export const BOB = "222222222222";
export const OBJECT = "arn:aws:s3:::bucket/key";

type StatementText = Readonly<Record<string, unknown>>;

/** A statement that allows reading the object. */
export const READS: StatementText = { Effect: "Allow", Action: "s3:GetObject", Resource: OBJECT };
/** One that allows reading its tags alone. */
export const READS_TAGS: StatementText = { ...READS, Action: "s3:GetObjectTagging" };
export const DENIES: StatementText = { ...READS, Effect: "Deny" };

/** The same for principals. */
export const to = (statement: StatementText, ...principals: readonly string[]): StatementText => ({
  ...statement,
  Principal: principals.includes("*") ? "*" : { AWS: principals },
});

const policy = (kind: PolicyKind, statements: readonly StatementText[]): PolicyInPlay => ({
  name: `a ${kind} policy`,
  policy: parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), { kind }),
});

export const identityPolicy = (...statements: readonly StatementText[]) => policy("identity", statements);
export const sessionPolicy = (...statements: readonly StatementText[]) => policy("session", statements);

/** What a caller's own policies allow. */
export const having = (...statements: readonly StatementText[]): CallerSide => ({
  identity: statements.length === 0 ? [] : [identityPolicy(...statements)],
});

/** A bucket of Alice's with a policy. */
export const bucketOf = (statements: readonly StatementText[], beside: Partial<ResourceSide> = {}): ResourceSide => ({
  accountId: ALICE,
  policies: statements.length === 0 ? [] : [policy("resource", statements)],
  ...beside,
});

export const trustOf = (...statements: readonly StatementText[]): ResourceSide => ({
  accountId: ALICE,
  policies: [policy("trust", statements)],
  mustAllow: true,
});

const SESSION: Session = { issuedAtMs: 0, expiresAtMs: 3_600_000 };

const caller = (accountId: string, principal: Principal, session?: Session): Caller => ({
  partition: "aws",
  accountId,
  principal,
  ...(session === undefined ? {} : { session }),
});

export const user = (accountId: string, userName = "carol"): Caller =>
  caller(accountId, { kind: "User", userName, userId: "AIDAAAAAAAAAAAAAAAAAA" });
export const root = (accountId: string): Caller => caller(accountId, { kind: "Root" });
export const role = (accountId: string, sessionName = "ci"): Caller =>
  caller(
    accountId,
    { kind: "AssumedRole", roleName: "deploy", roleId: "AROAAAAAAAAAAAAAAAAAA", sessionName },
    { ...SESSION, kind: "AssumeRole" },
  );
export const federated = (accountId: string): Caller =>
  caller(accountId, { kind: "FederatedUser", name: "fred" }, { ...SESSION, kind: "GetFederationToken" });
export const anonymous = (): Caller => caller(ALICE, { kind: "Anonymous" });

/** May this caller read the object? */
export const reading = (who: Caller, beside: Partial<Question> = {}): Question => ({
  caller: who,
  action: "s3:GetObject",
  resource: OBJECT,
  values: () => undefined,
  ...beside,
});
