import test from "ava";
import {
  findHeld,
  findManagedPolicy,
  findRole,
  findUser,
  identitiesOf,
  parsePolicyArn,
} from "../../../src/state/identities/find.ts";
import { policiesInPlay } from "../../../src/state/identities/policies.ts";
import { deleteIdentity, listIdentities, readAllIdentities } from "../../../src/state/identities/store.ts";
import {
  createSnapshot,
  deleteSnapshot,
  resetAccounts,
  resetEverything,
  restoreSnapshot,
} from "../../../src/state/snapshots.ts";
import type { World } from "../../../src/state/world.ts";
import { withState } from "../../support/state.ts";
import { ACCOUNT, make, policy, register, role, user } from "./identities.ts";

const namesOf = async (world: World): Promise<string[]> => {
  const held = await world.read((view) => readAllIdentities(view, { accountId: ACCOUNT, kind: "user" }));
  return held.map(({ home, identity }) => `${home} ${identity.name}`);
};

test("what is looked up twice is looked up at once, and what is not there too", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("alice"));
    t.is((await findUser(world, { accountId: ACCOUNT, name: "alice" }))?.name, "alice");
    const again = findUser(world, { accountId: ACCOUNT, name: "alice" });
    t.false(again instanceof Promise);
    t.is(await findUser(world, { accountId: ACCOUNT, name: "bob" }), undefined);
    t.is(findUser(world, { accountId: ACCOUNT, name: "bob" }), undefined);
    await make(world, user("bob"));
    t.is((await findUser(world, { accountId: ACCOUNT, name: "bob" }))?.name, "bob");
  });
});

test("a name that both homes have is the world's, and comes once in lists", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("alice", { path: "/client/" }), user("bob"));
    await register(world, user("Alice", { path: "/harness/" }), user("carol"));
    t.is((await findHeld(world, { accountId: ACCOUNT, kind: "user", name: "ALICE" }))?.identity.path, "/harness/");
    t.deepEqual(await namesOf(world), ["world Alice", "account bob", "world carol"]);
    const page = await world.read((view) =>
      listIdentities(view, { accountId: ACCOUNT, kind: "user", limit: 1, after: "alice" }),
    );
    t.deepEqual(
      page.map(({ identity }) => identity.name),
      ["bob"],
    );
    await world.transact((tx) => deleteIdentity(tx, { accountId: ACCOUNT, kind: "user", name: "alice" }, "world"));
    t.is((await findHeld(world, { accountId: ACCOUNT, kind: "user", name: "alice" }))?.identity.path, "/client/");
  });
});

test("roles and users are found by their names as they are written", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, role("Deploy"));
    t.is((await findRole(world, { accountId: ACCOUNT, name: "Deploy" }))?.name, "Deploy");
    t.is(await findRole(world, { accountId: ACCOUNT, name: "deploy" }), undefined);
    t.is(await findRole(world, { accountId: "222222222222", name: "Deploy" }), undefined);
  });
});

test("a reset empties what clients made and keeps what the harness registered; a reset of everything takes both", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("client"));
    await register(world, user("harness"));
    await findUser(world, { accountId: ACCOUNT, name: "client" });
    await resetAccounts(world, { accountIds: [ACCOUNT] });
    t.is(await findUser(world, { accountId: ACCOUNT, name: "client" }), undefined);
    t.deepEqual(await namesOf(world), ["world harness"]);
    await resetEverything(world);
    t.deepEqual(await namesOf(world), []);
    t.is(await findUser(world, { accountId: ACCOUNT, name: "harness" }), undefined);
  });
});

test("a restore brings back what clients made, and leaves what is registered as it is", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("client"));
    await register(world, user("harness"));
    await createSnapshot(world, { name: "before", nowMs: 1 });
    await make(world, user("later"));
    await register(world, user("registered-later"));
    await restoreSnapshot(world, "before");
    t.deepEqual(await namesOf(world), ["account client", "world harness", "world registered-later"]);
    t.is(await findUser(world, { accountId: ACCOUNT, name: "later" }), undefined);
  });
});

test("a fork has what its origin had, of a snapshot what there was when it was taken, and changes nothing there", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("client"));
    await register(world, user("harness"));
    await createSnapshot(world, { name: "before", nowMs: 1 });
    await register(world, user("registered-later"));
    const now = await state.fork({ name: "now", fromWorld: world });
    const then = await state.fork({ name: "then", fromWorld: world, fromSnapshot: "before" });
    t.deepEqual(await namesOf(now), ["account client", "world harness", "world registered-later"]);
    t.deepEqual(await namesOf(then), ["account client", "world harness"]);
    await register(then, user("of-the-fork"));
    await make(then, user("client", { path: "/changed/" }));
    t.is((await findUser(world, { accountId: ACCOUNT, name: "client" }))?.path, "/");
    t.is(await findUser(world, { accountId: ACCOUNT, name: "of-the-fork" }), undefined);
  });
});

test("a deleted world or snapshot leaves nothing of its register behind", async (t) => {
  await withState(async (state) => {
    const world = await state.createWorld({ name: "other" });
    await register(world, user("harness"));
    await createSnapshot(world, { name: "before", nowMs: 1 });
    const { engine } = world.host;
    const left = async () => (await engine.read((view) => view.scan({ start: "Ci", end: "Ck" }, { limit: 10 }))).length;
    t.is(await left(), 2);
    await deleteSnapshot(world, "before");
    t.is(await left(), 1);
    await state.deleteWorld(world);
    t.is(await left(), 0);
  });
});

const ALICE = { accountId: ACCOUNT, principal: { kind: "User", userName: "alice", userId: "AIDAALICE" } } as const;
const doc = (word: string): string => JSON.stringify({ Version: "2012-10-17", Statement: word });

test("the policies in play are the user's own, those attached to it and its boundary, by their present versions", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    const arn = (name: string) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;
    await make(world, policy("shared", doc("one")), policy("limits", doc("limits")));
    const alice = user("alice", {
      inlinePolicies: [{ name: "own", document: doc("own") }],
      attachedPolicyArns: [arn("shared"), arn("gone"), "arn:aws:iam::222222222222:policy/foreign"],
      permissionsBoundary: arn("limits"),
    });
    await make(world, alice);
    const found = await policiesInPlay(world, ALICE);
    const empty = '{"Version":"2012-10-17","Statement":[]}';
    t.deepEqual(found, {
      identity: [
        { name: "user/alice inline policy own", document: doc("own") },
        { name: `user/alice ${arn("shared")}`, document: doc("one") },
        { name: `user/alice ${arn("gone")}`, document: empty },
        { name: "user/alice arn:aws:iam::222222222222:policy/foreign", document: empty },
      ],
      boundary: { name: `user/alice boundary ${arn("limits")}`, document: doc("limits") },
      registered: true,
      session: [],
    });
    t.is(policiesInPlay(world, ALICE), found, "it is the same object while nothing changes");
    await make(world, policy("shared", doc("two")));
    const then = await policiesInPlay(world, ALICE);
    t.is(then.identity[1]?.document, doc("two"));
  });
});

test("a session's managed policies are looked up with it", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, role("deploy"));
    const arn = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess";
    const caller = {
      accountId: ACCOUNT,
      principal: { kind: "AssumedRole", roleName: "deploy", roleId: "AROADEPLOY" },
      session: { policyArns: [arn] },
    } as const;
    const { session, registered } = await policiesInPlay(world, caller);
    t.true(registered);
    t.deepEqual(
      session.map(({ name }) => name),
      [`session policy ${arn}`],
    );
    t.regex(session[0]?.document ?? "", /s3:Get\*/);
    const { session: none } = await policiesInPlay(world, { ...caller, session: {} });
    t.deepEqual(none, []);
  });
});

test("who is not registered is told from who is gone by now", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    const of = (userId: string) =>
      policiesInPlay(world, { accountId: ACCOUNT, principal: { kind: "User", userName: "alice", userId } });
    t.false((await of("AIDAAAAAAAAAAAAAAAAAA")).registered, "nobody ever made it");
    t.deepEqual(await of("AIDAAAAAAAAAAAAAAAAA7"), { identity: [], registered: true, session: [] }, "it was deleted");
    await make(
      world,
      user("alice", { id: "AIDAAAAAAAAAAAAAAAAA6", inlinePolicies: [{ name: "own", document: doc("own") }] }),
    );
    t.is((await of("AIDAAAAAAAAAAAAAAAAA6")).identity.length, 1);
    t.deepEqual(
      await of("AIDAAAAAAAAAAAAAAAAA7"),
      { identity: [], registered: true, session: [] },
      "another has its name",
    );
  });
});

test("AWS's own policies are found by their ARNs, of any partition", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    const { findManagedPolicy: find } = identitiesOf(world, ACCOUNT);
    t.is((await find("arn:aws:iam::aws:policy/AdministratorAccess"))?.name, "AdministratorAccess");
    t.is((await find("arn:aws-cn:iam::aws:policy/AmazonS3FullAccess"))?.name, "AmazonS3FullAccess");
    t.is((await find("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"))?.path, "/job-function/");
    t.is(await find("arn:aws:iam::aws:policy/ViewOnlyAccess"), undefined, "it has another path");
    t.is(await findManagedPolicy(world, "arn:aws:iam::aws:policy/NoSuchPolicy"), undefined);
    t.is(parsePolicyArn("arn:aws:iam::1:policy/x"), undefined);
    t.is(parsePolicyArn("arn:aws:iam::aws:role/x"), undefined);
  });
});
