import type { ConfigurationKind, NamedConfigurationKind } from "./model.ts";

/** Every kind of document that a bucket may have. */
const CONFIGURATION_KINDS: Readonly<Record<ConfigurationKind, true>> = {
  abac: true,
  accelerate: true,
  acl: true,
  analytics: true,
  cors: true,
  encryption: true,
  intelligentTiering: true,
  inventory: true,
  lifecycle: true,
  logging: true,
  metadata: true,
  metrics: true,
  notification: true,
  objectLock: true,
  ownershipControls: true,
  policy: true,
  publicAccessBlock: true,
  replication: true,
  requestPayment: true,
  tagging: true,
  website: true,
};

const NAMED: Readonly<Record<NamedConfigurationKind, true>> = {
  analytics: true,
  intelligentTiering: true,
  inventory: true,
  metrics: true,
};

/** Whether a bucket may have many of a kind, each with an id. */
export const isNamedKind = (kind: ConfigurationKind): kind is NamedConfigurationKind => Object.hasOwn(NAMED, kind);

/** Whether a text names a kind of document. */
export const isConfigurationKind = (text: string): text is ConfigurationKind =>
  Object.hasOwn(CONFIGURATION_KINDS, text);

/** Whether a client gets a document back as the text that it sent, blanks and all. */
export const isKeptAsText = (kind: ConfigurationKind): boolean => kind === "policy";
