/** From messages of the control plane to identities, all but what the register says of them itself. */
import { uniqueId } from "../identity/unique-id.ts";
import type {
  ManagedPolicy,
  OidcProvider,
  RoleIdentity,
  SamlProvider,
  UserIdentity,
} from "../state/identities/model.ts";
import { samlMetadataEndMs } from "../state/identities/saml-metadata.ts";
import { readDuration } from "./durations.ts";
import { invalidField } from "./errors.ts";
import { readAccountId } from "./fields.ts";
import type {
  OidcProvider as OidcMessage,
  Policy,
  Role,
  SamlProvider as SamlMessage,
  User,
} from "./generated/standin/v1/identity_pb.ts";
import {
  readAttachedArns,
  readBoundary,
  readDescription,
  readDocument,
  readIdentityName,
  readIdentityTags,
  readInlinePolicies,
  readKeySet,
  readPath,
  readProviderUrl,
  readSamlName,
} from "./identity-fields.ts";
import { CLIENT_IDS_MAX, THUMBPRINTS_MAX } from "./limits.ts";

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** What a message must hold. */
export const requireMessage = <T>(message: T | undefined, field: string): T => {
  if (message === undefined) throw invalidField(field, "must be given");
  return message;
};

export const readUserNameField = (name: string, field: string): string =>
  readIdentityName(name, { field, charsMax: 64 });
export const readPolicyNameField = (name: string, field: string): string =>
  readIdentityName(name, { field, charsMax: 128 });

const holderOf = (message: User | Role, field: string, accountId: string) => ({
  path: readPath(message.path, `${field}.path`),
  inlinePolicies: readInlinePolicies(message.inlinePolicies, `${field}.inlinePolicies`),
  attachedPolicyArns: readAttachedArns(message.attachedPolicyArns, `${field}.attachedPolicyArns`, accountId),
  ...readBoundary(message.permissionsBoundary, `${field}.permissionsBoundary`, accountId),
  tags: readIdentityTags(message.tags, `${field}.tags`),
});

export const readUser = (given: User | undefined, nowMs: number): UserIdentity => {
  const message = requireMessage(given, "user");
  const accountId = readAccountId(message.accountId, "user.accountId");
  const name = readUserNameField(message.userName, "user.userName");
  const id = uniqueId({ prefix: "AIDA", accountId, name });
  return { kind: "user", accountId, name, id, createdAtMs: nowMs, ...holderOf(message, "user", accountId) };
};

export const readRole = (given: Role | undefined, nowMs: number): RoleIdentity => {
  const message = requireMessage(given, "role");
  const accountId = readAccountId(message.accountId, "role.accountId");
  const name = readUserNameField(message.roleName, "role.roleName");
  const durationMs = readDuration(message.maxSessionDuration, {
    field: "role.maxSessionDuration",
    msMin: HOUR_MS,
    msMax: 12 * HOUR_MS,
  });
  return {
    kind: "role",
    accountId,
    name,
    id: uniqueId({ prefix: "AROA", accountId, name }),
    createdAtMs: nowMs,
    ...holderOf(message, "role", accountId),
    trustPolicy: readDocument(message.trustPolicy, "role.trustPolicy", "trust"),
    maxSessionDurationSeconds: Math.floor((durationMs ?? HOUR_MS) / SECOND_MS),
    ...readDescription(message.description, "role.description"),
  };
};

export const readPolicy = (given: Policy | undefined, nowMs: number): ManagedPolicy => {
  const message = requireMessage(given, "policy");
  const accountId = readAccountId(message.accountId, "policy.accountId");
  const name = readPolicyNameField(message.policyName, "policy.policyName");
  const document = readDocument(message.document, "policy.document", "identity");
  return {
    kind: "policy",
    accountId,
    name,
    path: readPath(message.path, "policy.path"),
    id: uniqueId({ prefix: "ANPA", accountId, name }),
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    tags: readIdentityTags(message.tags, "policy.tags"),
    ...readDescription(message.description, "policy.description"),
    defaultVersionId: "v1",
    lastVersion: 1,
    versions: [{ versionId: "v1", document, createdAtMs: nowMs }],
  };
};

const THUMBPRINT = /^[0-9A-Fa-f]{40}$/;

export const readOidcProvider = (given: OidcMessage | undefined, nowMs: number): OidcProvider => {
  const message = requireMessage(given, "oidcProvider");
  const { clientIds, thumbprints } = message;
  if (clientIds.length > CLIENT_IDS_MAX) {
    throw invalidField("oidcProvider.clientIds", `must be at most ${CLIENT_IDS_MAX}`);
  }
  const isClientId = (id: string): boolean => id !== "" && id.length <= 255 && id.isWellFormed();
  if (!clientIds.every(isClientId)) throw invalidField("oidcProvider.clientIds", "must have 1 to 255 characters each");
  if (thumbprints.length > THUMBPRINTS_MAX || !thumbprints.every((thumbprint) => THUMBPRINT.test(thumbprint))) {
    throw invalidField("oidcProvider.thumbprints", `must be at most ${THUMBPRINTS_MAX} of 40 hex digits each`);
  }
  return {
    kind: "oidcProvider",
    accountId: readAccountId(message.accountId, "oidcProvider.accountId"),
    url: readProviderUrl(message.url, "oidcProvider.url"),
    clientIds: [...new Set(clientIds)],
    thumbprints,
    ...readKeySet(message.keySet, "oidcProvider.keySet"),
    createdAtMs: nowMs,
    tags: readIdentityTags(message.tags, "oidcProvider.tags"),
  };
};

export const readSamlProvider = (given: SamlMessage | undefined, nowMs: number): SamlProvider => {
  const message = requireMessage(given, "samlProvider");
  const { metadata } = message;
  const validUntilMs = samlMetadataEndMs(metadata, nowMs);
  if (validUntilMs === undefined) throw invalidField("samlProvider.metadata", "must be XML with an EntityDescriptor");
  return {
    kind: "samlProvider",
    accountId: readAccountId(message.accountId, "samlProvider.accountId"),
    name: readSamlName(message.providerName, "samlProvider.providerName"),
    metadata,
    validUntilMs,
    createdAtMs: nowMs,
    tags: readIdentityTags(message.tags, "samlProvider.tags"),
  };
};
