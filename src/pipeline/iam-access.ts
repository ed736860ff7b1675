/**
 * Asks policies about a request to IAM, in `strict`. Keys that IAM has beside the global ones:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html#awsidentityandaccessmanagementiam-policy-keys
 */
import { iamHolder, iamResource, type IamNames, type IamOperation } from "../access/iam-resources.ts";
import type { Identified } from "../identity/identify.ts";
import { findRegisteredKey } from "../identity/registered-key.ts";
import type { Caller } from "../protocol/caller.ts";
import { IamError } from "../services/iam/errors.ts";
import { findHeld, findManagedPolicy } from "../state/identities/find.ts";
import type { IdentityTag, RoleIdentity, UserIdentity } from "../state/identities/model.ts";
import type { World } from "../state/world.ts";
import { authorizeQuery } from "./query-access.ts";
import type { RequestScope } from "./scope.ts";

/** The members of inputs that policies may ask for. */
type IamInput = IamNames & {
  readonly AccessKeyId?: string | undefined;
  readonly PermissionsBoundary?: string | undefined;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[] | undefined;
  readonly TagKeys?: readonly string[] | undefined;
};

/**
 * Throws AccessDenied for what the caller may not do; InvalidClientTokenId for credentials that IAM does not take at all: those of
 * GetFederationToken, and those of GetSessionToken without a second factor. Nothing is asked outside of `strict`.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
 */
export const authorizeIam = async (
  scope: RequestScope,
  { operation, input, identified }: { operation: IamOperation; input: IamInput; identified: Identified },
): Promise<void> => {
  const { world } = scope;
  if (world.settings.authMode !== "strict") return;
  const { caller } = identified;
  if (caller.principal.kind === "Anonymous") throw new IamError("MissingAuthenticationToken");
  requireUsableSession(caller);
  const { accountId, partition } = caller;
  const ownUser = await unnamedUser(world, { operation, input, caller });
  const holder = await heldHolder(world, { accountId, operation, input, ownUser });
  const resourceTags = holder?.tags ?? (await policyTags(world, input));
  const boundary = input.PermissionsBoundary ?? holder?.permissionsBoundary;
  await authorizeQuery(scope, identified, {
    action: `iam:${operation}`,
    resource: iamResource(operation, input, { partition, accountId, ownUser, holderPath: holder?.path }),
    tags: requestTagsOf(input),
    resourceTags,
    values: {
      "iam:permissionsboundary": boundary === undefined ? undefined : [boundary],
      "iam:policyarn": holder === undefined || input.PolicyArn === undefined ? undefined : [input.PolicyArn],
      ...Object.fromEntries(
        resourceTags?.map(({ key, value }) => [`iam:resourcetag/${key.toLowerCase()}`, [value]]) ?? [],
      ),
    },
  });
};

const requireUsableSession = ({ session, principal }: Caller): void => {
  if (session === undefined) return;
  const isSessionToken = session.kind === "GetSessionToken" || principal.kind === "User";
  if (principal.kind === "FederatedUser" || (isSessionToken && session.mfa !== true)) {
    throw new IamError("InvalidClientTokenId");
  }
};

/** Whom a request is about that names no user: the caller, or the user of the key that it asks for. */
const unnamedUser = async (
  world: World,
  { operation, input, caller }: { operation: IamOperation; input: IamInput; caller: Caller },
): Promise<string | undefined> => {
  if (input.UserName !== undefined) return undefined;
  if (operation === "GetAccessKeyLastUsed") {
    const key = await findRegisteredKey(world, input.AccessKeyId ?? "");
    return key?.accountId === caller.accountId ? key.userName : undefined;
  }
  return caller.principal.kind === "User" ? caller.principal.userName : undefined;
};

const heldHolder = async (
  world: World,
  {
    accountId,
    operation,
    input,
    ownUser,
  }: { accountId: string; operation: IamOperation; input: IamInput; ownUser: string | undefined },
): Promise<UserIdentity | RoleIdentity | undefined> => {
  const named = iamHolder(operation, input, { ownUser });
  return named === undefined ? undefined : (await findHeld(world, { accountId, ...named }))?.identity;
};

const policyTags = async (world: World, { PolicyArn }: IamInput): Promise<readonly IdentityTag[] | undefined> =>
  PolicyArn === undefined ? undefined : (await findManagedPolicy(world, PolicyArn))?.tags;

const requestTagsOf = ({ Tags, TagKeys }: IamInput): readonly IdentityTag[] | undefined =>
  Tags?.map(({ Key, Value }) => ({ key: Key, value: Value })) ?? TagKeys?.map((key) => ({ key, value: "" }));
