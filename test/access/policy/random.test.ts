/** The policy language and the evaluator against plain ones that were written from AWS's pages alone. */
import test from "ava";
import * as fc from "fast-check";
import { decide } from "../../../src/access/decide.ts";
import type { PolicyInPlay } from "../../../src/access/decision.ts";
import { matchStatement } from "../../../src/access/policy/match-statement.ts";
import { parsePolicy } from "../../../src/access/policy/parse-policy.ts";
import type { PolicyKind } from "../../../src/access/policy/policy.ts";
import type { Question } from "../../../src/access/question.ts";
import { plainDecide, type PlainDecision } from "../plain-evaluator.ts";
import { plainMatch, type PlainPolicy, type PlainRequest } from "../plain-matcher.ts";
import { identityPolicy, OWN, request, resourcePolicy, type RandomRequest } from "./random-policies.ts";

/** Policies, and for each of them as many requests. */
const RUNS = Number(process.env["STANDIN_TEST_RUNS"] ?? 200);
const REQUESTS = 200;

/** New ones in every run of this file; a failure shows its own. */
const asked: readonly RandomRequest[] = fc.sample(request, REQUESTS);

const questionOf = ({ caller, action, resource, context }: RandomRequest): Question => ({
  caller,
  action,
  resource,
  values: (key) => (Object.hasOwn(context, key) ? context[key] : undefined),
});

const plainOf = ({ plain, action, resource, context }: RandomRequest): PlainRequest => ({
  caller: plain,
  action,
  resource,
  context,
});

/** Names of what random policies stand on are of S3 and of elsewhere: kinds without S3's own rules take them all. */
const inPlay = (policy: PlainPolicy, kind: PolicyKind): PolicyInPlay => ({
  name: kind,
  policy: parsePolicy(JSON.stringify(policy), { kind }),
});

const SAME_REACH: Readonly<Record<string, string>> = { user: "itself", session: "itself", except: "everyone" };

test("200 random statements say of 200 random requests each what a plain matcher says", (t) => {
  let matched = 0;
  fc.assert(
    fc.property(fc.oneof(identityPolicy, resourcePolicy), (policy) => {
      const named = policy.Statement.some((each) => each.Principal !== undefined || each.NotPrincipal !== undefined);
      const { statements } = inPlay(policy, named ? "resource" : "session").policy;
      for (const [at, statement] of statements.entries())
        for (const one of asked) {
          const match = matchStatement(statement, questionOf(one));
          const plain = plainMatch(policy.Statement[at]!, { version: policy.Version, request: plainOf(one) });
          if (match.matched) matched += 1;
          const by = match.matched ? (match.principalBy ?? "attached") : undefined;
          const reach = by === undefined ? undefined : (SAME_REACH[by] ?? by);
          if (reach !== plain)
            throw new Error(`${reach} and not ${plain}: ${JSON.stringify({ statement: policy.Statement[at], one })}`);
        }
    }),
    { numRuns: RUNS, includeErrorInReport: true },
  );
  t.log(`${matched} matches in ${RUNS} policies x ${REQUESTS} requests`);
  t.true(matched > RUNS);
});

const sides = fc.record({
  identity: fc.array(identityPolicy, { maxLength: 2 }),
  boundary: fc.option(identityPolicy, { nil: undefined, freq: 2 }),
  session: fc.option(
    fc.array(fc.array(identityPolicy, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 }),
    { nil: undefined, freq: 2 },
  ),
  resource: fc.option(resourcePolicy, { nil: undefined, freq: 3 }),
});

test("200 random sets of policies decide 200 random requests each as a plain evaluator decides them", (t) => {
  const seen = new Map<PlainDecision, number>();
  fc.assert(
    fc.property(sides, ({ identity, boundary, session, resource }) => {
      const real = {
        identity: identity.map((policy) => inPlay(policy, "session")),
        boundary: boundary && inPlay(boundary, "session"),
        session: session?.map((group) => group.map((policy) => inPlay(policy, "session"))),
        resource: resource === undefined ? [] : [inPlay(resource, "resource")],
      };
      for (const one of asked) {
        const plain = plainDecide(plainOf(one), { identity, boundary, session, resource, resourceAccount: OWN });
        seen.set(plain, (seen.get(plain) ?? 0) + 1);
        const root = one.caller.principal.kind === "Root";
        const decision = decide(questionOf(one), {
          caller: { identity: root ? "everything" : real.identity, boundary: real.boundary, session: real.session },
          resource: { accountId: OWN, policies: real.resource },
        });
        const shown = decision.allowed ? "allowed" : `${decision.denial} deny`;
        // The root of an account has no identity policies, not even to deny itself something.
        const expected = root
          ? plainDecide(plainOf(one), { identity: [], boundary, session, resource, resourceAccount: OWN })
          : plain;
        if (shown !== expected) throw new Error(`${shown} and not ${expected}: ${JSON.stringify(one)}`);
      }
    }),
    { numRuns: RUNS, includeErrorInReport: true },
  );
  t.log(Object.fromEntries(seen));
  t.deepEqual([...seen.keys()].toSorted(), ["allowed", "explicit deny", "implicit deny"]);
});
