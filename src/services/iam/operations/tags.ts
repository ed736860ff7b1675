/**
 * Tags of users, roles, managed policies and identity providers: the same three operations for all. The keys of users' and roles'
 * tags differ by more than their case, those of the others need not. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
 */
import type { Tag } from "../../../protocol/generated/iam.ts";
import type { IdentityTag } from "../../../state/identities/model.ts";
import type { IamContext, IamHandler } from "../context.ts";
import {
  changeHolder,
  readTags,
  requireHolder,
  showTags,
  withoutTags,
  withTags,
  type HolderName,
} from "../entities.ts";
import { changePolicy, requirePolicy } from "../managed-policies.ts";
import { changeOidc, changeSaml, requireOidc, requireSaml } from "../providers.ts";
import { pageOf, type Page, type PageOptions } from "../paging.ts";

/** Of policies and providers. */
const CASES = { cases: "differ" } as const;

const byKey = (one: IdentityTag, other: IdentityTag): number => (one.key < other.key ? -1 : 1);

const tag = (context: IamContext, holder: HolderName, tags: readonly Tag[]): Promise<void> => {
  const added = readTags(tags);
  return changeHolder(context, holder, (held) => ({ ...held, tags: withTags(held.tags, added) }));
};

const untag = (context: IamContext, holder: HolderName, keys: readonly string[]): Promise<void> =>
  changeHolder(context, holder, (held) => ({ ...held, tags: withoutTags(held.tags, keys) }));

type TagPage = Omit<Page<Tag>, "items"> & { readonly Tags: readonly Tag[] };

const show = (tags: readonly IdentityTag[], options: PageOptions): TagPage => {
  const { items, ...page } = pageOf(tags.toSorted(byKey), options, ({ key }) => key);
  return { Tags: showTags(items), ...page };
};

const list = async (
  { world, caller: { accountId } }: IamContext,
  holder: HolderName,
  options: PageOptions,
): Promise<TagPage> => {
  const { identity } = await world.read((view) => requireHolder(view, { ...holder, accountId }));
  return show(identity.tags, options);
};

export const tagUser: IamHandler<"TagUser"> = async (context, { UserName, Tags }) => {
  await tag(context, { kind: "user", name: UserName }, Tags);
  return {};
};

export const tagRole: IamHandler<"TagRole"> = async (context, { RoleName, Tags }) => {
  await tag(context, { kind: "role", name: RoleName }, Tags);
  return {};
};

export const tagPolicy: IamHandler<"TagPolicy"> = async (context, { PolicyArn, Tags }) => {
  const added = readTags(Tags, CASES);
  await changePolicy(context, PolicyArn, (policy) => ({
    policy: { ...policy, tags: withTags(policy.tags, added, CASES) },
    answer: undefined,
  }));
  return {};
};

export const untagUser: IamHandler<"UntagUser"> = async (context, { UserName, TagKeys }) => {
  await untag(context, { kind: "user", name: UserName }, TagKeys);
  return {};
};

export const untagRole: IamHandler<"UntagRole"> = async (context, { RoleName, TagKeys }) => {
  await untag(context, { kind: "role", name: RoleName }, TagKeys);
  return {};
};

export const untagPolicy: IamHandler<"UntagPolicy"> = async (context, { PolicyArn, TagKeys }) => {
  await changePolicy(context, PolicyArn, (policy) => ({
    policy: { ...policy, tags: withoutTags(policy.tags, TagKeys, CASES) },
    answer: undefined,
  }));
  return {};
};

export const tagOpenIDConnectProvider: IamHandler<"TagOpenIDConnectProvider"> = async (
  context,
  { OpenIDConnectProviderArn, Tags },
) => {
  const added = readTags(Tags, CASES);
  await changeOidc(context, OpenIDConnectProviderArn, (provider) => ({
    ...provider,
    tags: withTags(provider.tags, added, CASES),
  }));
  return {};
};

export const tagSamlProvider: IamHandler<"TagSAMLProvider"> = async (context, { SAMLProviderArn, Tags }) => {
  const added = readTags(Tags, CASES);
  await changeSaml(context, SAMLProviderArn, (provider) => ({
    ...provider,
    tags: withTags(provider.tags, added, CASES),
  }));
  return {};
};

export const untagOpenIDConnectProvider: IamHandler<"UntagOpenIDConnectProvider"> = async (
  context,
  { OpenIDConnectProviderArn, TagKeys },
) => {
  await changeOidc(context, OpenIDConnectProviderArn, (provider) => ({
    ...provider,
    tags: withoutTags(provider.tags, TagKeys, CASES),
  }));
  return {};
};

export const untagSamlProvider: IamHandler<"UntagSAMLProvider"> = async (context, { SAMLProviderArn, TagKeys }) => {
  await changeSaml(context, SAMLProviderArn, (provider) => ({
    ...provider,
    tags: withoutTags(provider.tags, TagKeys, CASES),
  }));
  return {};
};

export const listOpenIDConnectProviderTags: IamHandler<"ListOpenIDConnectProviderTags"> = async (
  { world, caller: { accountId } },
  { OpenIDConnectProviderArn: arn, ...options },
) => {
  const { identity } = await world.read((view) => requireOidc(view, { accountId, arn }));
  return show(identity.tags, options);
};

export const listSamlProviderTags: IamHandler<"ListSAMLProviderTags"> = async (
  { world, caller: { accountId } },
  { SAMLProviderArn: arn, ...options },
) => {
  const { identity } = await world.read((view) => requireSaml(view, { accountId, arn }));
  return show(identity.tags, options);
};

export const listUserTags: IamHandler<"ListUserTags"> = (context, { UserName, ...options }) =>
  list(context, { kind: "user", name: UserName }, options);

export const listRoleTags: IamHandler<"ListRoleTags"> = (context, { RoleName, ...options }) =>
  list(context, { kind: "role", name: RoleName }, options);

export const listPolicyTags: IamHandler<"ListPolicyTags"> = async (
  { world, caller: { accountId } },
  { PolicyArn, ...options },
) => {
  const { identity } = await world.read((view) => requirePolicy(view, { accountId, arn: PolicyArn }));
  return show(identity.tags, options);
};
