/** Managed policies as requests name them, and where they are in use. */
import { AWS_MANAGED, findAwsManagedPolicy } from "../../state/identities/aws-managed.ts";
import { parsePolicyArn } from "../../state/identities/find.ts";
import type { HeldIdentity, ManagedPolicy, RoleIdentity, UserIdentity } from "../../state/identities/model.ts";
import { putIdentity, readAllIdentities, readIdentity } from "../../state/identities/store.ts";
import type { Tx, View } from "../../state/view.ts";
import type { IamContext } from "./context.ts";
import { countedChars, requireModifiable } from "./entities.ts";
import { IamError, quotaExceeded } from "./errors.ts";
import { MANAGED_POLICY_CHARS_MAX } from "./limits.ts";

/** The policy of an ARN, if the caller's account may use it: its own, or AWS's. */
export const findPolicy = async (
  view: View,
  { accountId, arn }: { readonly accountId: string; readonly arn: string },
): Promise<HeldIdentity<"policy"> | undefined> => {
  const parsed = parsePolicyArn(arn);
  if (parsed === undefined) return undefined;
  if (parsed.accountId === AWS_MANAGED) {
    const identity = findAwsManagedPolicy(parsed);
    return identity && { home: "world", identity };
  }
  if (parsed.accountId !== accountId) return undefined;
  const held = await readIdentity(view, { accountId, kind: "policy", name: parsed.name });
  return held?.identity.path === parsed.path && held.identity.name === parsed.name ? held : undefined;
};

/** Throws InvalidInput for a text that is no ARN of a policy, NoSuchEntity for a policy that is not there. */
export const requirePolicy = async (
  view: View,
  wanted: { readonly accountId: string; readonly arn: string },
): Promise<HeldIdentity<"policy">> => {
  requirePolicyArn(wanted.arn, "InvalidInput");
  const found = await findPolicy(view, wanted);
  if (found === undefined) throw new IamError("NoSuchEntity", `Policy ${wanted.arn} was not found.`);
  return found;
};

export const requirePolicyArn = (arn: string, code: "InvalidInput" | "ValidationError"): void => {
  if (parsePolicyArn(arn) === undefined) throw new IamError(code, `ARN ${arn} is not valid.`);
};

/** Changes a managed policy of the caller's account. Throws NoSuchEntity, UnmodifiableEntity and what `change` throws. */
export const changePolicy = <T>(
  { world, caller: { accountId } }: IamContext,
  arn: string,
  change: (policy: ManagedPolicy, tx: Tx) => { readonly policy: ManagedPolicy; readonly answer: T },
): Promise<T> =>
  world.transact(async (tx) => {
    const held = await requirePolicy(tx, { accountId, arn });
    requireOwnPolicy(held, arn);
    const { policy, answer } = change(held.identity, tx);
    await putIdentity(tx, policy, "account");
    return answer;
  });

/** Changes a policy about one of its versions. Throws NoSuchEntity where the policy has no such version, or is not there. */
export const changeVersions = (
  { world, caller: { accountId } }: IamContext,
  { arn, versionId }: { readonly arn: string; readonly versionId: string },
  change: (policy: ManagedPolicy) => ManagedPolicy,
): Promise<void> => {
  requirePolicyArn(arn, "InvalidInput");
  return world.transact(async (tx) => {
    const held = await findPolicy(tx, { accountId, arn });
    if (held?.identity.versions.every((version) => version.versionId !== versionId) !== false) {
      throw noSuchVersion(arn, versionId);
    }
    requireOwnPolicy(held, arn);
    await putIdentity(tx, change(held.identity), "account");
  });
};

/** Throws MalformedPolicyDocument, and LimitExceeded for one that is too long. */
export const checkManagedDocument = ({ checkDocument }: IamContext, document: string): void => {
  checkDocument(document, "identity");
  if (countedChars(document) > MANAGED_POLICY_CHARS_MAX) throw quotaExceeded("PolicySize", MANAGED_POLICY_CHARS_MAX);
};

/** AWS's own policies and those of the control plane are not for requests to change. */
export const requireOwnPolicy = (held: HeldIdentity<"policy">, arn: string): void => {
  if (held.identity.accountId === AWS_MANAGED) throw new IamError("AccessDenied", `Policy ${arn} is AWS's own.`);
  requireModifiable(held, `the policy ${arn}`);
};

/** Throws NoSuchEntity in the words for a version that is not there, or whose policy is not. */
export const noSuchVersion = (arn: string, versionId: string): IamError =>
  new IamError("NoSuchEntity", `Policy ${arn} version ${versionId} does not exist or is not attachable.`);

/** Who uses managed policies in an account: for those that count or list it. */
export type PolicyUsers = { readonly users: readonly UserIdentity[]; readonly roles: readonly RoleIdentity[] };

export const readPolicyUsers = async (view: View, accountId: string): Promise<PolicyUsers> => ({
  users: (await readAllIdentities(view, { accountId, kind: "user" })).map(({ identity }) => identity),
  roles: (await readAllIdentities(view, { accountId, kind: "role" })).map(({ identity }) => identity),
});

/** The part of an ARN that says which policy is meant, whatever the partition. */
const tail = (arn: string): string => arn.slice(arn.indexOf(":iam::"));

export const isSamePolicy = (arn: string, other: string): boolean => tail(arn) === tail(other);

export const usesPolicy = (holder: UserIdentity | RoleIdentity, arn: string): boolean =>
  holder.attachedPolicyArns.some((attached) => isSamePolicy(attached, arn));

export const isBoundedBy = ({ permissionsBoundary }: UserIdentity | RoleIdentity, arn: string): boolean =>
  permissionsBoundary !== undefined && isSamePolicy(permissionsBoundary, arn);
