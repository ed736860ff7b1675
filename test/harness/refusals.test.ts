import test from "ava";
import { forgetRefusals, keepRefusal, refusalOf, REFUSALS_MAX, type Refusal } from "../../src/harness/refusals.ts";
import type { World } from "../../src/state/world.ts";

/** Refusals are kept beside a world, and nothing of it is looked at. */
const newWorld = () => ({}) as World;

const REFUSAL: Refusal = { operation: "GetObject", status: 403, code: "AccessDenied", message: "Access Denied" };

test("an error is found by its request's id in its world alone, until it is long ago", (t) => {
  const world = newWorld();
  keepRefusal(world, "request", REFUSAL);
  t.is(refusalOf(world, "request"), REFUSAL);
  t.is(refusalOf(newWorld(), "request"), undefined);
  for (let at = 1; at < REFUSALS_MAX; at += 1) keepRefusal(world, `later ${at}`, REFUSAL);
  t.is(refusalOf(world, "request"), REFUSAL);
  keepRefusal(world, "one more", REFUSAL);
  t.is(refusalOf(world, "request"), undefined);
  t.is(refusalOf(world, "later 1"), REFUSAL);
});

test("after a reset nothing is known", (t) => {
  const world = newWorld();
  keepRefusal(world, "request", REFUSAL);
  forgetRefusals(world);
  t.is(refusalOf(world, "request"), undefined);
});
