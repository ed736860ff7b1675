/** Identities for tests of their register. */
import type { IamAccessKey, ManagedPolicy, RoleIdentity, UserIdentity } from "../../../src/state/identities/model.ts";
import { putIdentity } from "../../../src/state/identities/store.ts";
import type { World } from "../../../src/state/world.ts";

export const ACCOUNT = "111111111111";

export const user = (name: string, changes: Partial<UserIdentity> = {}): UserIdentity => ({
  kind: "user",
  accountId: ACCOUNT,
  name,
  path: "/",
  id: `AIDA${name.toUpperCase()}`,
  createdAtMs: 1,
  tags: [],
  inlinePolicies: [],
  attachedPolicyArns: [],
  ...changes,
});

export const role = (name: string, changes: Partial<RoleIdentity> = {}): RoleIdentity => ({
  kind: "role",
  accountId: ACCOUNT,
  name,
  path: "/",
  id: `AROA${name.toUpperCase()}`,
  createdAtMs: 1,
  tags: [],
  inlinePolicies: [],
  attachedPolicyArns: [],
  trustPolicy: "{}",
  maxSessionDurationSeconds: 3_600,
  ...changes,
});

export const policy = (name: string, document: string): ManagedPolicy => ({
  kind: "policy",
  accountId: ACCOUNT,
  name,
  path: "/",
  id: `ANPA${name.toUpperCase()}`,
  createdAtMs: 1,
  updatedAtMs: 1,
  tags: [],
  defaultVersionId: "v1",
  lastVersion: 1,
  versions: [{ versionId: "v1", document, createdAtMs: 1 }],
});

export const key = (accessKeyId: string, userName: string): IamAccessKey => ({
  kind: "accessKey",
  accountId: ACCOUNT,
  accessKeyId,
  secretAccessKey: "secret",
  userName,
  status: "Active",
  createdAtMs: 1,
});

type Putable = Parameters<typeof putIdentity>[1];

/** As clients make it through IAM. */
export const make = (world: World, ...identities: readonly Putable[]): Promise<void> =>
  world.transact(async (tx) => {
    for (const identity of identities) await putIdentity(tx, identity, "account");
  });

/** As a harness registers it. */
export const register = (world: World, ...identities: readonly Putable[]): Promise<void> =>
  world.transact(async (tx) => {
    for (const identity of identities) await putIdentity(tx, identity, "world");
  });
