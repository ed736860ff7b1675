import type { ConfigurationKind } from "./model.ts";

/** Every kind of document that a bucket may have. */
export const CONFIGURATION_KINDS: Readonly<Record<ConfigurationKind, true>> = {
  acl: true,
  encryption: true,
  lifecycle: true,
  metadata: true,
  objectLock: true,
  ownershipControls: true,
  publicAccessBlock: true,
  tagging: true,
};
