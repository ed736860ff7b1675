/** What the tests of the policy language share: short ways to write a policy and ask it. */
import { matchStatement, type StatementMatch } from "../../../src/access/policy/match-statement.ts";
import { parsePolicy } from "../../../src/access/policy/parse-policy.ts";
import type { PolicyKind } from "../../../src/access/policy/policy.ts";
import type { Question } from "../../../src/access/question.ts";
import type { Caller } from "../../../src/protocol/caller.ts";

export const ACCOUNT = "111111111111";

export const USER: Caller = {
  partition: "aws",
  accountId: ACCOUNT,
  principal: { kind: "User", userName: "alice", userId: "AIDAALICE" },
};

/** Values by names in lower case; one text is a list of one. */
export type Context = Readonly<Record<string, string | readonly string[]>>;

export type Asked = {
  readonly caller?: Caller;
  readonly action?: string;
  readonly resource?: string;
  readonly context?: Context;
};

/** A question; what is left out is alice reading an object. */
export const question = ({
  caller = USER,
  action = "s3:GetObject",
  resource = "arn:aws:s3:::bucket/key",
  context = {},
}: Asked): Question => ({
  caller,
  action,
  resource,
  values: (key) => {
    const found = Object.hasOwn(context, key) ? context[key] : undefined;
    return typeof found === "string" ? [found] : found;
  },
});

type Elements = Readonly<Record<string, unknown>>;

/** The text of a policy of one statement, which allows everything but for what is given. */
export const policyText = (
  elements: Elements,
  { Version = "2012-10-17" }: { readonly Version?: string } = {},
): string => JSON.stringify({ Version, Statement: [{ Effect: "Allow", ...elements }] });

const EVERYTHING = { Action: "*", Resource: "*" };

/** Asks a policy of one statement. */
export const ask = (
  elements: Elements,
  asked: Asked,
  { kind = "session", Version = "2012-10-17" }: { readonly kind?: PolicyKind; readonly Version?: string } = {},
): StatementMatch => {
  const base = "NotAction" in elements || "NotResource" in elements ? {} : EVERYTHING;
  const [statement] = parsePolicy(policyText({ ...base, ...elements }, { Version }), { kind }).statements;
  if (statement === undefined) throw new Error("a policy has a statement");
  return matchStatement(statement, question(asked));
};

/** Whether a condition holds. */
export const holds = (condition: Elements, context: Context, options: { readonly Version?: string } = {}): boolean =>
  ask({ Condition: condition }, { context }, options).matched;
