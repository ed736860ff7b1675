/** Identities in archives, in the difference of states, and as the doctor finds them. */
import { gunzipSync } from "node:zlib";
import test from "ava";
import { diffStates, type DiffOptions } from "../../../src/state/diff/diff.ts";
import { ArchiveError, type IdentityLine } from "../../../src/state/archive/format.ts";
import { identityLine, readIdentityLine } from "../../../src/state/archive/identity-lines.ts";
import type { Identity } from "../../../src/state/identities/model.ts";
import { IDENTITY_KINDS } from "../../../src/state/identities/records.ts";
import { deleteIdentity, readAllIdentities } from "../../../src/state/identities/store.ts";
import { catalog, layered, layerPrefix } from "../../../src/state/keys.ts";
import { createSnapshot } from "../../../src/state/snapshots.ts";
import type { World } from "../../../src/state/world.ts";
import { diagnose, withStore } from "../../support/doctor.ts";
import { openStateIn, withFolder, withState } from "../../support/state.ts";
import { archiveOf, importInto } from "../archive/archives.ts";
import { ACCOUNT, key, make, policy, register, role, user } from "./identities.ts";

const PROVIDERS: readonly Identity[] = [
  {
    kind: "oidcProvider",
    accountId: ACCOUNT,
    url: "idp.example/path",
    clientIds: ["client"],
    thumbprints: [],
    keySet: '{"keys":[]}',
    createdAtMs: 3,
    tags: [{ key: "a", value: "b" }],
  },
  {
    kind: "samlProvider",
    accountId: ACCOUNT,
    name: "corp",
    metadata: "<EntityDescriptor></EntityDescriptor>",
    createdAtMs: 4,
    validUntilMs: 5,
    tags: [],
  },
];

/** One of each kind. */
const ALL: readonly Identity[] = [
  user("alice", {
    permissionsBoundary: "arn:aws:iam::aws:policy/ReadOnlyAccess",
    tags: [{ key: "Team", value: "red" }],
  }),
  role("deploy", { description: "deploys", inlinePolicies: [{ name: "own", document: "{}" }] }),
  policy("shared", "{}"),
  key("AKIAQAAAAAAAAAAAAAAA", "alice"),
  ...PROVIDERS,
];

const heldIn = async (world: World): Promise<object[]> => {
  const found: object[] = [];
  for (const kind of IDENTITY_KINDS) {
    const held = await world.read((view) => readAllIdentities(view, { accountId: ACCOUNT, kind }));
    for (const { home, identity } of held) found.push({ home, ...identity });
  }
  return found;
};

test("an archive holds identities of both homes, and an import gives them back", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, ...ALL);
    await register(
      world,
      user("harness"),
      role("harness"),
      ...PROVIDERS.map((provider) => ({ ...provider, accountId: "222222222222" })),
    );
    const archive = await archiveOf(world, { compression: "gzip" });
    const other = await state.createWorld({ name: "other" });
    await register(other, user("stays"));
    await importInto(other, archive);
    const stays = { home: "world", ...user("stays") };
    t.deepEqual(
      (await heldIn(other)).filter((one) => JSON.stringify(one) !== JSON.stringify(stays)),
      await heldIn(world),
    );
    t.true((await heldIn(other)).some((one) => JSON.stringify(one) === JSON.stringify(stays)));
    t.deepEqual(await archiveOf(world, { compression: "gzip" }), archive, "the same state gives the same bytes");
    await importInto(world, archive, { snapshot: { name: "imported", replace: false, nowMs: 9 } });
    const fork = await state.fork({ name: "fork", fromWorld: world, fromSnapshot: "imported" });
    t.deepEqual(await heldIn(fork), await heldIn(world));
  });
});

test("an archive of one account has what is registered of that account alone", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("client"));
    await register(world, user("harness"), user("foreign", { accountId: "222222222222" }));
    const text = gunzipSync(await archiveOf(world, { compression: "gzip", accountIds: [ACCOUNT] })).toString();
    t.true(text.includes('"harness"'));
    t.false(text.includes('"foreign"'));
  });
});

for (const [what, line] of Object.entries({
  "of an unknown kind": { kind: "group", accountId: ACCOUNT, identity: {} },
  "of no account": { kind: "user", accountId: "1", identity: {} },
  "without a member": { kind: "user", accountId: ACCOUNT, identity: { name: "alice" } },
  "with a member too many": {
    ...identityLine(user("alice")),
    identity: { ...identityLine(user("alice")).identity, x: 1 },
  },
  "with a bad member": {
    ...identityLine(user("alice")),
    identity: { ...identityLine(user("alice")).identity, tags: ["x"] },
  },
  "with a bad optional member": {
    ...identityLine(user("alice")),
    identity: { ...identityLine(user("alice")).identity, permissionsBoundary: 1 },
  },
  "without a name": identityLine(user("")),
  "with a NUL in its name": identityLine(user("a\0b")),
})) {
  test(`a line of an archive ${what} is refused`, (t) => {
    t.throws(() => readIdentityLine({ type: "identity", ...line } as IdentityLine), { instanceOf: ArchiveError });
  });
}

const differences = async (world: World, options: Partial<DiffOptions>): Promise<string[]> => {
  const found: string[] = [];
  for await (const difference of diffStates(world.host, {
    from: { world, snapshot: "before" },
    to: { world },
    ...options,
  })) {
    const { kind, change, name, fields } = difference;
    found.push([kind, change, name, ...fields].join(" "));
  }
  return found;
};

test("a diff tells what clients made, changed and deleted, and nothing of what is registered", async (t) => {
  await withState(async (state) => {
    const world = state.world("default")!;
    await make(world, user("alice"), user("bob"), role("deploy"));
    await createSnapshot(world, { name: "before", nowMs: 1 });
    await make(
      world,
      user("alice", { path: "/new/", tags: [{ key: "a", value: "b" }] }),
      role("deploy"),
      key("AKIAQ", "alice"),
    );
    await world.transact((tx) => deleteIdentity(tx, { accountId: ACCOUNT, kind: "user", name: "bob" }, "account"));
    await register(world, user("harness"));
    t.deepEqual(await differences(world, {}), [
      "identity added accessKey/AKIAQ",
      "identity changed user/alice path tags",
      "identity removed user/bob",
    ]);
    t.deepEqual(await differences(world, { kinds: ["bucket"] }), []);
    t.deepEqual(await differences(world, { bucket: "any-bucket" }), []);
  });
});

test("the doctor finds nothing wrong with identities, and finds records that cannot be read or belong to no world", async (t) => {
  await withFolder(async (dir) => {
    const opened = await openStateIn(dir);
    const world = opened.state.world("default")!;
    await make(world, ...ALL);
    await register(world, ...ALL);
    await createSnapshot(world, { name: "before", nowMs: 1 });
    await make(world, user("after"));
    const top = (await world.read(async (view) => view.stack(ACCOUNT))).layers[0]!;
    await opened.close();
    await withStore(dir, async (store) => {
      t.deepEqual(await diagnose(store), []);
      await store.engine.transact(async (tx) => {
        tx.put(layerPrefix(top) + layered.identity("ubroken"), "[1");
        tx.put(layerPrefix(top) + layered.identity("zwhat"), "[1,{}]");
        tx.put(catalog.identity("gone", ACCOUNT, "ualice"), "[1,{}]");
        tx.put(catalog.identity("default", ACCOUNT, "ubroken"), "[9,{}]");
      });
      const texts = (await diagnose(store)).map(({ text }) => text).toSorted();
      t.is(texts.length, 4, texts.join("\n"));
      t.regex(texts.join("\n"), /an identity is registered in a world "gone" that is not there/);
      t.is(texts.filter((text) => text.includes("cannot be read")).length, 3);
    });
  });
});
