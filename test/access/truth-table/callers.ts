/** The table's callers as they stand in a world: registered, with keys or sessions of their own. */
import { AssumeRoleCommand, GetFederationTokenCommand, GetSessionTokenCommand } from "@aws-sdk/client-sts";
import { createControlClient, type ControlClient } from "../../../src/control/client.ts";
import { ALICE, BOB, keysFrom } from "../../support/accounts.ts";
import type { TestServer } from "../../support/server.ts";
import type { Keys } from "../../support/signed.ts";
import { policyText, registerKeys, type StatementText } from "../fixtures.ts";
import { CALLERS, CALLER_NAMES, type CallerName, type Grant, type TableCaller } from "./dimensions.ts";

export const SESSION_NAME = "ci";

/** The accounts' numbers. */
export const accountIdOf = ({ account }: TableCaller): string => (account === "other" ? BOB : ALICE);

const ACTIONS: Readonly<Record<Exclude<Grant, "nothing">, string>> = { all: "s3:*", reads: "s3:GetObject" };

const allow = (Action: string): StatementText => ({ Effect: "Allow", Action, Resource: "*" });

const granting = (grant: Grant | "everything"): readonly StatementText[] =>
  grant === "all" || grant === "reads" ? [allow(ACTIONS[grant])] : [];

type Stage = {
  readonly server: TestServer;
  readonly control: ControlClient;
  readonly roots: Readonly<Record<string, Keys>>;
};

/** Keys by the callers' names; none for the anonymous one. */
export type TableKeys = ReadonlyMap<CallerName, Keys | undefined>;

/** Makes all of them, in a world in `strict`. */
export const makeCallers = async (server: TestServer, roots: Readonly<Record<string, Keys>>): Promise<TableKeys> => {
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  const stage: Stage = { server, control, roots };
  await control.identities.putPolicy({
    policy: { accountId: ALICE, policyName: "reads", document: policyText(allow(ACTIONS.reads)) },
  });
  const made = await Promise.all(CALLER_NAMES.map(async (name) => [name, await keysOf(stage, name)] as const));
  return new Map(made);
};

const keysOf = (stage: Stage, name: CallerName): Promise<Keys | undefined> => {
  const caller: TableCaller = CALLERS[name];
  switch (caller.principal) {
    case "root":
      return Promise.resolve(stage.roots[accountIdOf(caller)]);
    case "user":
      return userKeys(stage, name, caller);
    case "role":
      return roleKeys(stage, name, caller);
    case "federated":
      return federatedKeys(stage, name, caller);
    case "anonymous":
  }
  return Promise.resolve(undefined);
};

const holderOf = ({ identity, denied, boundary }: TableCaller, extra: readonly StatementText[] = []) => {
  const denials = denied === true ? [{ ...allow("s3:*"), Effect: "Deny" }] : [];
  const statements = [...granting(identity), ...denials, ...extra];
  return {
    inlinePolicies: statements.length === 0 ? [] : [{ name: "inline", document: policyText(...statements) }],
    permissionsBoundary: boundary === undefined ? "" : `arn:aws:iam::${ALICE}:policy/${boundary}`,
  };
};

const registerUser = async (
  { server, control }: Stage,
  { userName, caller, extra }: { userName: string; caller: TableCaller; extra?: readonly StatementText[] },
): Promise<Keys> => {
  const accountId = accountIdOf(caller);
  await control.identities.putUser({ user: { accountId, userName, ...holderOf(caller, extra) } });
  return registerKeys(server, { accountId, userName });
};

const userKeys = async (stage: Stage, name: CallerName, caller: TableCaller): Promise<Keys> => {
  const keys = await registerUser(stage, { userName: name, caller });
  if (caller.sessionToken !== true) return keys;
  const sts = stage.server.sts({ credentials: keys });
  return keysFrom((await sts.send(new GetSessionTokenCommand({}))).Credentials);
};

const sessionPolicy = ({ session }: TableCaller): string | undefined =>
  session === undefined ? undefined : policyText(...granting(session));

const roleKeys = async ({ server, control, roots }: Stage, name: CallerName, caller: TableCaller): Promise<Keys> => {
  const accountId = accountIdOf(caller);
  if (caller.identity !== "everything") {
    const trustPolicy = policyText({ Effect: "Allow", Principal: { AWS: accountId }, Action: "sts:AssumeRole" });
    await control.identities.putRole({ role: { accountId, roleName: name, trustPolicy, ...holderOf(caller) } });
  }
  const sts = server.sts({ credentials: roots[accountId] ?? { accessKeyId: "", secretAccessKey: "" } });
  const RoleArn = `arn:aws:iam::${accountId}:role/${name}`;
  const assume = new AssumeRoleCommand({ RoleArn, RoleSessionName: SESSION_NAME, Policy: sessionPolicy(caller) });
  return keysFrom((await sts.send(assume)).Credentials);
};

const federatedKeys = async (stage: Stage, name: CallerName, caller: TableCaller): Promise<Keys> => {
  const extra = [allow("sts:GetFederationToken")];
  const credentials = await registerUser(stage, { userName: `maker-${name}`, caller, extra });
  const federate = new GetFederationTokenCommand({ Name: name, Policy: sessionPolicy(caller) });
  return keysFrom((await stage.server.sts({ credentials }).send(federate)).Credentials);
};
