/** Sizes and counts that bound a call of the control plane. Units are in the names. */
import { KIB, MIB } from "../platform/limits.ts";

/** One request message, after decompression. */
export const REQUEST_BYTES_MAX = MIB;
/** Messages of responses from this size on are compressed for clients that take it; within one machine it costs more than it saves. */
export const COMPRESSED_BYTES_MIN = 64 * KIB;

/** Entries of a page when the request names no number, and at most. */
export const PAGE_SIZE_DEFAULT = 100;
export const PAGE_SIZE_MAX = 1_000;

/** Accounts that one request may name. */
export const ACCOUNT_IDS_MAX = 10_000;

/** Bytes of an object's content that GetObject answers with. */
export const CONTENT_BYTES_MAX = MIB;
/** Versions of one key that GetObject answers with. */
export const KEY_VERSIONS_MAX = 1_000;

/** Entries that a walk reads from one view, so that none grows old and other requests get their turn. */
export const WALK_ACCOUNTS = 16;
export const WALK_BUCKETS = 100;
export const WALK_ENTRIES = 500;

/** Pieces of work that AdvanceClock tells of. */
export const DONE_WORK_MAX = 1_000;

/** Ids tried for a new key. */
export const KEY_DRAWS_MAX = 10_000;

/** Policies, tags and client ids of one identity. */
export const INLINE_POLICIES_MAX = 100;
export const ATTACHED_POLICIES_MAX = 20;
export const IDENTITY_TAGS_MAX = 50;
export const CLIENT_IDS_MAX = 100;
export const THUMBPRINTS_MAX = 5;

/** Condition keys that a simulated question gives values to, values of one, and managed policies of its session. */
export const SIMULATED_KEYS_MAX = 100;
export const SIMULATED_VALUES_MAX = 100;
/** Of one such value; none that a request has is longer, as patterns are held against it character by character. */
export const SIMULATED_VALUE_CHARS_MAX = 8 * KIB;
export const SIMULATED_POLICY_ARNS_MAX = 10;
