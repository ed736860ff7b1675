/** Looking identities up for requests: kept in memory, answered at once where it is known there. */
import type { World } from "../world.ts";
import { findAwsManagedPolicy } from "./aws-managed.ts";
import type {
  HeldIdentity,
  IdentityKind,
  ManagedPolicy,
  OidcProvider,
  RoleIdentity,
  SamlProvider,
  UserIdentity,
} from "./model.ts";
import { identityKey } from "./records.ts";
import { readIdentity, type IdentityName } from "./store.ts";

/** At once where the answer is in memory. */
export type MaybeSoon<T> = T | Promise<T>;

/** Goes on with a value now if it is there now. */
export const whenFound = <T, R>(value: MaybeSoon<T>, then: (value: T) => MaybeSoon<R>): MaybeSoon<R> =>
  value instanceof Promise ? value.then(then) : then(value);

/** The identity of that name with its home, as `readIdentity` finds it. */
export const findHeld = <K extends IdentityKind>(
  world: World,
  wanted: IdentityName<K>,
): MaybeSoon<HeldIdentity<K> | undefined> => {
  const key = identityKey(wanted.kind, wanted.name);
  const known = world.cache.identities.get(wanted.accountId)?.records;
  const held = known?.get(key);
  if (held !== undefined || known?.has(key) === true) return held as HeldIdentity<K> | undefined;
  return world.read(async (view) => {
    const read = await readIdentity(view, wanted);
    view.cache?.identitiesOf(wanted.accountId).records.set(key, read as HeldIdentity | undefined);
    return read;
  });
};

type Wanted = { readonly accountId: string; readonly name: string };

/** The user of exactly that name. */
export const findUser = (world: World, { accountId, name }: Wanted): MaybeSoon<UserIdentity | undefined> =>
  whenFound(findHeld(world, { accountId, kind: "user", name }), (held) =>
    held?.identity.name === name ? held.identity : undefined,
  );

/** The role of exactly that name: whoever assumes one has to write it as it is. */
export const findRole = (world: World, { accountId, name }: Wanted): MaybeSoon<RoleIdentity | undefined> =>
  whenFound(findHeld(world, { accountId, kind: "role", name }), (held) =>
    held?.identity.name === name ? held.identity : undefined,
  );

/** The role whose name is this but for its case: an account has no two such. */
export const findRoleOfAnyCase = (world: World, { accountId, name }: Wanted): MaybeSoon<RoleIdentity | undefined> =>
  whenFound(findHeld(world, { accountId, kind: "role", name }), (held) => held?.identity);

export const findOidcProvider = (
  world: World,
  { accountId, url }: { readonly accountId: string; readonly url: string },
): MaybeSoon<OidcProvider | undefined> =>
  whenFound(findHeld(world, { accountId, kind: "oidcProvider", name: url }), (held) => held?.identity);

export const findSamlProvider = (world: World, { accountId, name }: Wanted): MaybeSoon<SamlProvider | undefined> =>
  whenFound(findHeld(world, { accountId, kind: "samlProvider", name }), (held) => held?.identity);

const POLICY_ARN = /^arn:(?:aws|aws-cn|aws-us-gov):iam::(aws|\d{12}):policy(\/(?:[!-~]*\/)?)([\w+=,.@-]+)$/;

/** What the ARN of a managed policy says; `accountId` is `aws` for AWS's own. Undefined for any other text. */
export const parsePolicyArn = (
  arn: string,
): { readonly accountId: string; readonly path: string; readonly name: string } | undefined => {
  const [, accountId, path, name] = POLICY_ARN.exec(arn) ?? [];
  return accountId === undefined || path === undefined || name === undefined ? undefined : { accountId, path, name };
};

/** A managed policy by its ARN, AWS's own or an account's, whichever account asks. */
export const findManagedPolicy = (world: World, arn: string): MaybeSoon<ManagedPolicy | undefined> => {
  const parsed = parsePolicyArn(arn);
  if (parsed === undefined) return undefined;
  const { accountId, path, name } = parsed;
  if (accountId === "aws") return findAwsManagedPolicy({ path, name });
  return whenFound(findHeld(world, { accountId, kind: "policy", name }), (held) =>
    held?.identity.name === name && held.identity.path === path ? held.identity : undefined,
  );
};

/** The document that a managed policy stands for now. */
export const defaultDocument = ({ versions, defaultVersionId }: ManagedPolicy): string =>
  versions.find(({ versionId }) => versionId === defaultVersionId)?.document ?? "";

/** The identities of one account: those of the world's register first, then those that clients made through IAM. */
export const identitiesOf = (world: World, accountId: string) => ({
  findUser: (name: string) => findUser(world, { accountId, name }),
  findRole: (name: string) => findRole(world, { accountId, name }),
  findOidcProvider: (url: string) => findOidcProvider(world, { accountId, url }),
  findSamlProvider: (name: string) => findSamlProvider(world, { accountId, name }),
  /** By its ARN, of any account or AWS's own. */
  findManagedPolicy: (arn: string) => findManagedPolicy(world, arn),
});
