/** A strict data plane whose users, roles and providers a test registers. */
import { STSClient, type Credentials } from "@aws-sdk/client-sts";
import type { ExecutionContext } from "ava";
import { uniqueId } from "../../../src/identity/unique-id.ts";
import { putAccessKey } from "../../../src/state/access-keys.ts";
import type { Identity, OidcProvider, RoleIdentity, SamlProvider } from "../../../src/state/identities/model.ts";
import { putIdentity } from "../../../src/state/identities/store.ts";
import type { AuthMode } from "../../../src/state/model.ts";
import type { World } from "../../../src/state/world.ts";
import { updateWorld } from "../../../src/state/world-settings.ts";
import { startPipeline } from "../../pipeline/pipeline-server.ts";

export const OWNER = "111111111111";
export const OTHER = "222222222222";

export type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
type Statement = Readonly<Record<string, unknown>>;

export const policy = (...Statement: readonly Statement[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement });
export const allow = (Action: string | readonly string[], Resource: string | readonly string[] = "*"): Statement => ({
  Effect: "Allow",
  Action,
  Resource,
});
export const deny = (Action: string, Resource = "*"): Statement => ({ Effect: "Deny", Action, Resource });
/** A statement of a trust policy. */
export const trust = (Principal: unknown, Condition?: unknown, Action: unknown = "sts:AssumeRole"): Statement => ({
  Effect: "Allow",
  Principal,
  Action,
  ...(Condition === undefined ? {} : { Condition }),
});

export const keysOf = (issued: Credentials | undefined): Keys => ({
  accessKeyId: issued?.AccessKeyId ?? "",
  secretAccessKey: issued?.SecretAccessKey ?? "",
  sessionToken: issued?.SessionToken ?? "",
});

export const roleArn = (name: string, accountId = OWNER): string => `arn:aws:iam::${accountId}:role/${name}`;
export const userArn = (name: string, accountId = OWNER): string => `arn:aws:iam::${accountId}:user/${name}`;

type Named = { readonly accountId?: string; readonly policies?: readonly string[] };

const common = (accountId: string, name: string) => ({ accountId, name, path: "/", createdAtMs: 0, tags: [] });
const inline = (policies: readonly string[] = []) =>
  policies.map((document, index) => ({ name: `p${index}`, document }));

export type StrictWorld = {
  readonly endpoint: string;
  readonly port: number;
  readonly world: World;
  sts(keys: Keys): STSClient;
  /** Registers a user, and a key of its. */
  user(name: string, options?: Named): Promise<Keys>;
  /** A key of the root of an account. */
  root(accountId: string): Promise<Keys>;
  role(name: string, options: Named & Partial<RoleIdentity> & { readonly trustPolicy: string }): Promise<RoleIdentity>;
  provider(provider: Partial<OidcProvider> & Pick<OidcProvider, "url">): Promise<void>;
  samlProvider(provider: Pick<SamlProvider, "accountId" | "name" | "metadata">): Promise<void>;
};

export const startStrictWorld = async (
  t: ExecutionContext,
  { authMode = "strict" }: { readonly authMode?: AuthMode } = {},
): Promise<StrictWorld> => {
  const { port, state } = await startPipeline(t);
  const world = state.world("default");
  if (world === undefined) throw new Error("there is no default world");
  await updateWorld(world, { settings: { authMode } });
  const endpoint = `http://127.0.0.1:${port}`;
  const register = (identity: Identity) => world.transact((tx) => putIdentity(tx, identity, "world"));
  const key = async (accountId: string, userName?: string): Promise<Keys> => {
    const name = userName ?? "root";
    const accessKeyId = `AKIA${name.toUpperCase().replaceAll(/[^A-Z2-7]/g, "")}${accountId}`
      .slice(0, 20)
      .padEnd(20, "7");
    const accessKey = { accessKeyId, secretAccessKey: "secret", accountId };
    await putAccessKey(world, { createdAtMs: 0, ...accessKey, ...(userName !== undefined && { userName }) });
    return accessKey;
  };
  return {
    endpoint,
    port,
    world,
    sts: (credentials) => {
      const client = new STSClient({ endpoint, region: "us-east-1", maxAttempts: 1, credentials });
      t.teardown(() => client.destroy());
      return client;
    },
    user: async (name, { accountId = OWNER, policies } = {}) => {
      const id = uniqueId({ prefix: "AIDA", accountId, name });
      await register({
        kind: "user",
        ...common(accountId, name),
        id,
        inlinePolicies: inline(policies),
        attachedPolicyArns: [],
      });
      return key(accountId, name);
    },
    root: (accountId) => key(accountId),
    role: async (name, { accountId = OWNER, policies, ...given }) => {
      const role: RoleIdentity = {
        kind: "role",
        ...common(accountId, name),
        id: uniqueId({ prefix: "AROA", accountId, name: `registered/${name}` }),
        inlinePolicies: inline(policies),
        attachedPolicyArns: [],
        maxSessionDurationSeconds: 3600,
        ...given,
      };
      await register(role);
      return role;
    },
    provider: (provider) =>
      register({
        kind: "oidcProvider",
        accountId: OWNER,
        clientIds: ["client"],
        thumbprints: [],
        createdAtMs: 0,
        tags: [],
        ...provider,
      }),
    samlProvider: (provider) =>
      register({ kind: "samlProvider", createdAtMs: 0, validUntilMs: 0, tags: [], ...provider }),
  };
};

/** `Code: message` of what a call was refused with, or `accepted`. */
export const refusalOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call;
  } catch (error) {
    const { Error: wire, message } = error as { Error?: { Code?: string }; message: string };
    return `${wire?.Code ?? (error as Error).name}: ${message}`;
  }
  return "accepted";
};
