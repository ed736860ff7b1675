import test from "ava";
import { decide } from "../../src/access/decide.ts";
import type { Decision } from "../../src/access/decision.ts";
import {
  coverageOf,
  DECISIONS_MAX,
  DECISIONS_PER_REQUEST_MAX,
  decisionsOf,
  forgetAccess,
  keepDecision,
  KEPT_MATCHES_MAX,
} from "../../src/access/kept-decisions.ts";
import type { World } from "../../src/state/world.ts";
import { ALICE, bucketOf, DENIES, having, reading, READS, READS_TAGS, to, user } from "./questions.ts";

/** Decisions are kept beside a world, and nothing of it is looked at. */
const newWorld = () => ({}) as World;

const decided = (caller = having(READS_TAGS, READS)): Decision =>
  decide(reading(user(ALICE)), { caller, resource: bucketOf([]) });

test("a request's decisions are found by its id, in their order, until it is long ago", (t) => {
  const world = newWorld();
  const [first, second] = [decided(), decided()];
  keepDecision(world, "request", first);
  keepDecision(world, "request", second);
  t.deepEqual(decisionsOf(world, "request"), [first, second]);
  t.is(decisionsOf(world, "another"), undefined);
  t.is(decisionsOf(newWorld(), "request"), undefined);
  for (let at = 2; at < DECISIONS_MAX; at += 1) keepDecision(world, `later ${at}`, first);
  t.truthy(decisionsOf(world, "request"));
  keepDecision(world, "one more", first);
  t.is(decisionsOf(world, "request"), undefined);
});

test("of one request no more decisions are kept than can be read", (t) => {
  const world = newWorld();
  for (let at = 0; at <= DECISIONS_PER_REQUEST_MAX; at += 1) keepDecision(world, "request", decided());
  t.is(decisionsOf(world, "request")?.length, DECISIONS_PER_REQUEST_MAX);
});

test("decisions for which many statements were asked are forgotten sooner", (t) => {
  const world = newWorld();
  const decision = decided();
  const [asked] = decision.considered;
  const [match] = asked?.matches ?? [];
  if (asked === undefined || match === undefined) throw new Error("nothing was asked");
  const matches = Array.from({ length: KEPT_MATCHES_MAX / 4 }, () => match);
  const large: Decision = { ...decision, considered: [{ ...asked, matches }] };
  for (const id of ["1", "2", "3", "4"]) keepDecision(world, id, large);
  t.truthy(decisionsOf(world, "1"));
  keepDecision(world, "5", decision);
  t.is(decisionsOf(world, "1"), undefined);
  t.truthy(decisionsOf(world, "2"));
  for (let at = 0; at < 10; at += 1) keepDecision(world, "6", large);
  t.is(decisionsOf(world, "6")?.length, 4);
  t.is(decisionsOf(world, "5"), undefined);
  const huge: Decision = {
    ...decision,
    considered: [{ ...asked, matches: [...matches, ...matches, ...matches, ...matches, match] }],
  };
  keepDecision(world, "7", huge);
  t.is(decisionsOf(world, "7")?.length, 1, "the last is there, however large");
  keepDecision(world, "8", decision);
  t.is(decisionsOf(world, "7"), undefined);
});

const once = { considered: 1, matched: 1, decided: 1 };

test("of each statement that was asked it is counted how often it was, was about the request, and decided", (t) => {
  const world = newWorld();
  const side = having(READS_TAGS, READS);
  keepDecision(world, "1", decided(side));
  keepDecision(world, "2", decided(side));
  const denied = { caller: side, resource: bucketOf([to(DENIES, "*")]) };
  keepDecision(world, "3", decide(reading(user(ALICE)), denied));
  t.deepEqual(
    coverageOf(world).map(({ layer, counts }) => [layer, counts]),
    [
      [
        "identity",
        [
          { considered: 3, matched: 0, decided: 0 },
          { considered: 3, matched: 3, decided: 2 },
        ],
      ],
      ["resource", [once]],
    ],
  );
  forgetAccess(world);
  t.deepEqual(coverageOf(world), []);
  t.is(decisionsOf(world, "1"), undefined);
});

test("a policy with another text under the same name is counted anew", (t) => {
  const world = newWorld();
  keepDecision(world, "1", decided(having(READS)));
  keepDecision(world, "2", decided(having(READS_TAGS, READS)));
  t.deepEqual(
    coverageOf(world).map(({ counts }) => counts),
    [[{ considered: 1, matched: 0, decided: 0 }, once]],
  );
});
