import test from "ava";
import {
  beginSnapshot,
  ISSUED_SESSIONS_MAX,
  rememberSession,
  sessionsSince,
} from "../../src/harness/issued-sessions.ts";
import { DEFAULT_WORLD } from "../../src/state/state.ts";
import type { World } from "../../src/state/world.ts";
import { withState } from "../support/state.ts";

const issue = (world: World, accessKeyId: string): void =>
  rememberSession(world, {
    accessKeyId,
    accountId: "111111111111",
    principalArn: "arn",
    operation: "AssumeRole",
    issuedAtMs: 0,
    expiresAtMs: 1_000,
  });

const idsSince = (world: World, snapshot?: string, nowMs = 0): string[] =>
  sessionsSince(world, { snapshot, nowMs }).map(({ accessKeyId }) => accessKeyId);

test("only the newest sessions of a world are remembered, oldest first", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    for (let at = 0; at <= ISSUED_SESSIONS_MAX; at += 1) issue(world, String(at));
    const ids = idsSince(world);
    t.is(ids.length, ISSUED_SESSIONS_MAX);
    t.is(ids[0], "1");
    issue(world, "1");
    t.is(idsSince(world).at(-1), "1", "an id that comes again is the newest");
    const fork = await state.fork({ name: "fork", fromWorld: world });
    t.deepEqual(idsSince(fork), [], "a fork begins with none");
  });
});

test("a session expires at its instant", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    issue(world, "a");
    t.deepEqual(idsSince(world, undefined, 999), ["a"]);
    t.deepEqual(idsSince(world, undefined, 1_000), []);
  });
});

test("what is issued while a snapshot is taken came after it", async (t) => {
  await withState(async (state) => {
    const world = state.world(DEFAULT_WORLD)!;
    issue(world, "before");
    const taken = beginSnapshot(world, "one");
    issue(world, "while");
    taken();
    issue(world, "after");
    t.deepEqual(idsSince(world, "one"), ["while", "after"]);
    beginSnapshot(world, "one")();
    t.deepEqual(idsSince(world, "one"), [], "a snapshot that takes the place of one begins anew");
    t.deepEqual(idsSince(world, "of an earlier run"), ["before", "while", "after"]);
  });
});
