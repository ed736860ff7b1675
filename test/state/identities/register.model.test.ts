/** Whatever is done to the register, in whatever order, look-ups from memory show what a plain model holds. */
import * as fc from "fast-check";
import test from "ava";
import { findHeld } from "../../../src/state/identities/find.ts";
import { deleteIdentity, readAllIdentities } from "../../../src/state/identities/store.ts";
import { createSnapshot, resetAccounts, resetEverything, restoreSnapshot } from "../../../src/state/snapshots.ts";
import type { World } from "../../../src/state/world.ts";
import { withState } from "../../support/state.ts";
import { ACCOUNT, make, register, user } from "./identities.ts";

const SEQUENCES = Number(process.env["SEQUENCES"] ?? 40);
const NAMES = ["alice", "Bob", "carol"] as const;

/** Paths by names in lower case. */
type Home = ReadonlyMap<string, string>;
type Model = { account: Home; world: Home; snapshot: Home | undefined };

const without = (home: Home, name: string): Home => new Map([...home].filter(([key]) => key !== name.toLowerCase()));
const having = (home: Home, name: string, path: string): Home => new Map([...home, [name.toLowerCase(), path]]);

type Action =
  | { readonly kind: "make" | "register"; readonly name: string; readonly path: string }
  | { readonly kind: "unmake" | "unregister"; readonly name: string }
  | { readonly kind: "reset" | "resetEverything" | "snapshot" | "restore" };

const name = fc.constantFrom(...NAMES);
const path = fc.constantFrom("/a/", "/b/", "/c/");
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom("make" as const, "register" as const), name, path }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("unmake" as const, "unregister" as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("reset" as const, "resetEverything" as const, "snapshot" as const, "restore" as const),
    }),
  },
);

const run = async (world: World, model: Model, step: Action): Promise<void> => {
  switch (step.kind) {
    case "make":
      await make(world, user(step.name, { path: step.path }));
      model.account = having(model.account, step.name, step.path);
      return;
    case "register":
      await register(world, user(step.name, { path: step.path }));
      model.world = having(model.world, step.name, step.path);
      return;
    case "unmake":
    case "unregister": {
      const home = step.kind === "unmake" ? "account" : "world";
      await world.transact((tx) => deleteIdentity(tx, { accountId: ACCOUNT, kind: "user", name: step.name }, home));
      model[home] = without(model[home], step.name);
      return;
    }
    case "reset":
      await resetAccounts(world, { accountIds: [ACCOUNT] });
      model.account = new Map();
      return;
    case "resetEverything":
      await resetEverything(world);
      model.account = model.world = new Map();
      return;
    case "snapshot":
      await createSnapshot(world, { name: "kept", replace: true, nowMs: 0 });
      model.snapshot = model.account;
      return;
    case "restore":
      if (model.snapshot === undefined) return;
      await restoreSnapshot(world, "kept");
      model.account = model.snapshot;
  }
};

test("look-ups and lists show what a plain model holds", async (t) => {
  await withState(async (state) => {
    let number = 0;
    const sequences = fc.asyncProperty(fc.array(action, { minLength: 1, maxLength: 25 }), async (steps) => {
      number += 1;
      const world = await state.createWorld({ name: `w${number}` });
      const model: Model = { account: new Map(), world: new Map(), snapshot: undefined };
      for (const step of steps) {
        await run(world, model, step);
        const shown = new Map([...model.account, ...model.world]);
        for (const each of NAMES) {
          const held = await findHeld(world, { accountId: ACCOUNT, kind: "user", name: each });
          t.is(held?.identity.path, shown.get(each.toLowerCase()));
        }
        const all = await world.read((view) => readAllIdentities(view, { accountId: ACCOUNT, kind: "user" }));
        t.deepEqual(
          all.map(({ identity }) => `${identity.name.toLowerCase()} ${identity.path}`),
          [...shown].map(([key, at]) => `${key} ${at}`).toSorted(),
        );
      }
      await state.deleteWorld(world);
    });
    await fc.assert(sequences, { numRuns: SEQUENCES });
  });
});
