/** Identities as the control plane answers them. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { defaultDocument } from "../state/identities/find.ts";
import {
  identityArn,
  type ManagedPolicy,
  type OidcProvider,
  type RoleIdentity,
  type SamlProvider,
  type UserIdentity,
} from "../state/identities/model.ts";
import type {
  OidcProviderSchema,
  PolicySchema,
  RoleSchema,
  SamlProviderSchema,
  UserSchema,
} from "./generated/standin/v1/identity_pb.ts";

const SECOND_MS = 1_000;

/** An account is in all partitions; its ARNs are shown as most know them. */
const arnOf = (identity: Parameters<typeof identityArn>[0]): string => identityArn(identity, "aws");

const holderOf = (holder: UserIdentity | RoleIdentity) => ({
  accountId: holder.accountId,
  path: holder.path,
  inlinePolicies: [...holder.inlinePolicies],
  attachedPolicyArns: [...holder.attachedPolicyArns],
  permissionsBoundary: holder.permissionsBoundary ?? "",
  tags: [...holder.tags],
  arn: arnOf(holder),
  createdAt: timestampFromMs(holder.createdAtMs),
});

export const userMessage = (user: UserIdentity): MessageInitShape<typeof UserSchema> => ({
  ...holderOf(user),
  userName: user.name,
  userId: user.id,
});

export const roleMessage = (role: RoleIdentity): MessageInitShape<typeof RoleSchema> => ({
  ...holderOf(role),
  roleName: role.name,
  roleId: role.id,
  trustPolicy: role.trustPolicy,
  maxSessionDuration: durationFromMs(role.maxSessionDurationSeconds * SECOND_MS),
  description: role.description ?? "",
});

export const policyMessage = (policy: ManagedPolicy): MessageInitShape<typeof PolicySchema> => ({
  accountId: policy.accountId,
  policyName: policy.name,
  path: policy.path,
  document: defaultDocument(policy),
  description: policy.description ?? "",
  tags: [...policy.tags],
  policyId: policy.id,
  arn: arnOf(policy),
  createdAt: timestampFromMs(policy.createdAtMs),
});

export const oidcMessage = (provider: OidcProvider): MessageInitShape<typeof OidcProviderSchema> => ({
  accountId: provider.accountId,
  url: provider.url,
  clientIds: [...provider.clientIds],
  thumbprints: [...provider.thumbprints],
  keySet: provider.keySet ?? "",
  tags: [...provider.tags],
  arn: arnOf(provider),
  createdAt: timestampFromMs(provider.createdAtMs),
});

export const samlMessage = (provider: SamlProvider): MessageInitShape<typeof SamlProviderSchema> => ({
  accountId: provider.accountId,
  providerName: provider.name,
  metadata: provider.metadata,
  tags: [...provider.tags],
  arn: arnOf(provider),
  createdAt: timestampFromMs(provider.createdAtMs),
});
