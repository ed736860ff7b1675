/** IAM's quotas. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */

export const USERS_MAX = 5_000;
export const ROLES_MAX = 1_000;
export const POLICIES_MAX = 1_500;
export const OIDC_PROVIDERS_MAX = 100;
export const SAML_PROVIDERS_MAX = 100;
export const ACCESS_KEYS_PER_USER_MAX = 2;
/** Managed policies attached to one user or role. */
export const ATTACHED_POLICIES_MAX = 10;
export const POLICY_VERSIONS_MAX = 5;
export const TAGS_MAX = 50;
export const CLIENT_IDS_MAX = 100;
export const THUMBPRINTS_MAX = 5;

/** Characters of documents, blanks not counted: all inline policies of one together, a managed policy, a trust policy. */
export const INLINE_CHARS_MAX = { user: 2_048, role: 10_240 } as const;
export const MANAGED_POLICY_CHARS_MAX = 6_144;
export const TRUST_POLICY_CHARS_MAX = 2_048;

/** Entries of a page where a request names no number. */
export const PAGE_ITEMS = 100;

/** Seconds of a role's sessions, where nothing else was said. */
export const MAX_SESSION_DURATION_SECONDS = 3_600;
