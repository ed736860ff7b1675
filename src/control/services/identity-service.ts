/** Users, roles, policies and identity providers that a harness registers: what `strict` decides on. */
import type { ServiceImpl } from "@connectrpc/connect";
import { worldClock } from "../../harness/world-clock.ts";
import type { Platform } from "../../platform/platform.ts";
import { nameOf, type IdentityKind, type IdentityOf } from "../../state/identities/model.ts";
import { deleteIdentity, listIdentities, putIdentity, readRegisteredIdentity } from "../../state/identities/store.ts";
import type { State } from "../../state/state.ts";
import type { World } from "../../state/world.ts";
import { notFound } from "../errors.ts";
import { readAccountId, readWorld } from "../fields.ts";
import type { IdentityService } from "../generated/standin/v1/identity_pb.ts";
import { readProviderUrl, readSamlName } from "../identity-fields.ts";
import { oidcMessage, policyMessage, roleMessage, samlMessage, userMessage } from "../identity-messages.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import {
  readOidcProvider,
  readPolicy,
  readPolicyNameField,
  readRole,
  readSamlProvider,
  readUser,
  readUserNameField,
} from "../read-identity.ts";

type Registrable = Exclude<IdentityKind, "accessKey">;
type Registered = IdentityOf<Registrable>;

type Options = { readonly state: State; readonly platform: Platform };

export const createIdentityService = ({ state, platform }: Options): ServiceImpl<typeof IdentityService> => {
  const open = (name: string): { readonly world: World; readonly nowMs: number } => {
    const world = readWorld(state, name);
    return { world, nowMs: worldClock(world, platform).nowMs() };
  };
  return {
    putUser: async (request) => {
      const { world, nowMs } = open(request.world);
      return { user: userMessage(await put(world, readUser(request.user, nowMs))) };
    },
    getUser: async (request) => ({
      user: userMessage(await get(placeOf(state, request, "user", readUserNameField(request.userName, "userName")))),
    }),
    listUsers: async (request) => {
      const { page, nextPageToken } = await list(readWorld(state, request.world), { ...request, kind: "user" });
      return { users: page.map(userMessage), nextPageToken };
    },
    deleteUser: async (request) => {
      await forget(placeOf(state, request, "user", readUserNameField(request.userName, "userName")));
      return {};
    },

    putRole: async (request) => {
      const { world, nowMs } = open(request.world);
      return { role: roleMessage(await put(world, readRole(request.role, nowMs))) };
    },
    getRole: async (request) => ({
      role: roleMessage(await get(placeOf(state, request, "role", readUserNameField(request.roleName, "roleName")))),
    }),
    listRoles: async (request) => {
      const { page, nextPageToken } = await list(readWorld(state, request.world), { ...request, kind: "role" });
      return { roles: page.map(roleMessage), nextPageToken };
    },
    deleteRole: async (request) => {
      await forget(placeOf(state, request, "role", readUserNameField(request.roleName, "roleName")));
      return {};
    },

    putPolicy: async (request) => {
      const { world, nowMs } = open(request.world);
      return { policy: policyMessage(await put(world, readPolicy(request.policy, nowMs))) };
    },
    getPolicy: async (request) => {
      const name = readPolicyNameField(request.policyName, "policyName");
      return { policy: policyMessage(await get(placeOf(state, request, "policy", name))) };
    },
    listPolicies: async (request) => {
      const { page, nextPageToken } = await list(readWorld(state, request.world), { ...request, kind: "policy" });
      return { policies: page.map(policyMessage), nextPageToken };
    },
    deletePolicy: async (request) => {
      await forget(placeOf(state, request, "policy", readPolicyNameField(request.policyName, "policyName")));
      return {};
    },

    putOidcProvider: async (request) => {
      const { world, nowMs } = open(request.world);
      return { oidcProvider: oidcMessage(await put(world, readOidcProvider(request.oidcProvider, nowMs))) };
    },
    getOidcProvider: async (request) => {
      const url = readProviderUrl(request.url, "url");
      return { oidcProvider: oidcMessage(await get(placeOf(state, request, "oidcProvider", url))) };
    },
    listOidcProviders: async (request) => {
      const world = readWorld(state, request.world);
      const { page, nextPageToken } = await list(world, { ...request, kind: "oidcProvider" });
      return { oidcProviders: page.map(oidcMessage), nextPageToken };
    },
    deleteOidcProvider: async (request) => {
      await forget(placeOf(state, request, "oidcProvider", readProviderUrl(request.url, "url")));
      return {};
    },

    putSamlProvider: async (request) => {
      const { world, nowMs } = open(request.world);
      return { samlProvider: samlMessage(await put(world, readSamlProvider(request.samlProvider, nowMs))) };
    },
    getSamlProvider: async (request) => {
      const name = readSamlName(request.providerName, "providerName");
      return { samlProvider: samlMessage(await get(placeOf(state, request, "samlProvider", name))) };
    },
    listSamlProviders: async (request) => {
      const world = readWorld(state, request.world);
      const { page, nextPageToken } = await list(world, { ...request, kind: "samlProvider" });
      return { samlProviders: page.map(samlMessage), nextPageToken };
    },
    deleteSamlProvider: async (request) => {
      await forget(placeOf(state, request, "samlProvider", readSamlName(request.providerName, "providerName")));
      return {};
    },
  };
};

type Place<K extends Registrable> = {
  readonly world: World;
  readonly accountId: string;
  readonly kind: K;
  readonly name: string;
};

const placeOf = <K extends Registrable>(
  state: State,
  request: { readonly world: string; readonly accountId: string },
  ...[kind, name]: readonly [kind: K, name: string]
): Place<K> => ({
  world: readWorld(state, request.world),
  accountId: readAccountId(request.accountId),
  kind,
  name,
});

/** Over what is there of its name; that one's id and when it was made stay. */
const put = <I extends Registered>(world: World, identity: I): Promise<I> =>
  world.transact(async (tx) => {
    const { accountId, kind } = identity;
    const before = await readRegisteredIdentity(tx, { accountId, kind, name: nameOf(identity) });
    const id = before !== undefined && "id" in before ? { id: before.id } : {};
    const registered = { ...identity, ...id, createdAtMs: before?.createdAtMs ?? identity.createdAtMs };
    await putIdentity(tx, registered, "world");
    return registered;
  });

const missing = ({ world, kind, name }: Place<Registrable>) => notFound({ type: kind, name, world: world.name });

const get = async <K extends Registrable>(place: Place<K>): Promise<IdentityOf<K>> => {
  const found = await place.world.read((view) => readRegisteredIdentity(view, place));
  if (found === undefined) throw missing(place);
  return found;
};

const forget = async (place: Place<Registrable>): Promise<void> => {
  const deleted = await place.world.transact(async (tx) => {
    if ((await readRegisteredIdentity(tx, place)) === undefined) return false;
    await deleteIdentity(tx, place, "world");
    return true;
  });
  if (!deleted) throw missing(place);
};

const tokens: { readonly [K in Registrable]: ReturnType<typeof createPageTokens<[name: string]>> } = {
  user: createPageTokens("users", { parts: 1 }),
  role: createPageTokens("roles", { parts: 1 }),
  policy: createPageTokens("policies", { parts: 1 }),
  oidcProvider: createPageTokens("oidcProviders", { parts: 1 }),
  samlProvider: createPageTokens("samlProviders", { parts: 1 }),
};

const list = async <K extends Registrable>(
  world: World,
  request: { readonly kind: K; readonly accountId: string; readonly pageSize: number; readonly pageToken: string },
): Promise<{ readonly page: readonly IdentityOf<K>[]; readonly nextPageToken: string }> => {
  const { kind } = request;
  const accountId = readAccountId(request.accountId);
  const after = tokens[kind].read(request.pageToken)?.[0];
  const pageSize = readPageSize(request.pageSize);
  const held = await world.read((view) =>
    listIdentities(view, { accountId, kind, after, limit: pageSize + 1, home: "world" }),
  );
  const page = held.slice(0, pageSize).map(({ identity }) => identity);
  const last = page.at(-1);
  const nextPageToken = held.length > pageSize && last !== undefined ? tokens[kind].write([nameOf(last)]) : "";
  return { page, nextPageToken };
};
