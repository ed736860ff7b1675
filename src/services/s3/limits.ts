/**
 * Every limit of S3 that the operations hold, in one place.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
const GIB = 1024 ** 3;

/** UTF-8 bytes of an object's key. */
export const KEY_BYTES_MAX = 1_024;
/** UTF-8 bytes of an object's user metadata, names (without `x-amz-meta-`) and values together. */
export const METADATA_BYTES_MAX = 2_048;
/** UTF-8 bytes of an object's website redirect location. */
export const REDIRECT_BYTES_MAX = 2_048;
/** Bytes of one PutObject, of one part, and of a source that is copied at once. */
export const PUT_BYTES_MAX = 5 * GIB;
/** Bytes that every part but the last must have. */
export const PART_BYTES_MIN = 5 * 1024 ** 2;
/** The highest part number. The lowest is 1. With it an object has at most 48.8 TiB, which is S3's limit too. */
export const PART_NUMBER_MAX = 10_000;
/** Entries of one page of objects, versions, uploads or parts. */
export const PAGE_ENTRIES_MAX = 1_000;
/** The highest number that `max-keys` and its kin may name; what is above {@link PAGE_ENTRIES_MAX} is cut to it. */
export const PAGE_ENTRIES_ARGUMENT_MAX = 2_147_483_647;
/** Buckets of one page of ListBuckets, which is also what a list without `max-buckets` gives. */
export const BUCKETS_PAGE_MAX = 10_000;
/** Keys of one DeleteObjects. */
export const DELETE_KEYS_MAX = 1_000;
/** Keys of a DeleteObjects that one transaction deletes: S3 promises no atomicity over keys, and others must not wait for all. */
export const DELETE_SLICE_KEYS = 100;
/** Tags of an object. */
export const OBJECT_TAGS_MAX = 10;
/** Tags of a bucket. */
export const BUCKET_TAGS_MAX = 50;
/** Characters of a tag's key. */
export const TAG_KEY_CHARS_MAX = 128;
/** Characters of a tag's value. */
export const TAG_VALUE_CHARS_MAX = 256;
/** UTF-8 bytes of an annotation's name. */
export const ANNOTATION_NAME_BYTES_MAX = 512;
/** Bytes of an annotation's payload. */
export const ANNOTATION_BYTES_MAX = 1024 ** 2;
/** Annotations of one version, and of one page of them. */
export const ANNOTATIONS_MAX = 1_000;
/** Grants of an ACL. */
export const GRANTS_MAX = 100;
/** How often a copy starts again because its source was rewritten while its bytes were being read. */
export const COPY_ATTEMPTS_MAX = 3;
/** Characters of a client token. */
export const CLIENT_TOKEN_CHARS_MAX = 64;
/** Bytes of a customer's encryption key. */
export const CUSTOMER_KEY_BYTES = 32;
/** Characters of the id of a KMS key that a bucket's rule names: as many as KMS takes. */
export const KMS_KEY_ID_CHARS_MAX = 2_048;
/** Days of a default retention or of an event hold. The least is 1. */
export const LOCK_DAYS_MAX = 36_500;
/** Years of the same. */
export const LOCK_YEARS_MAX = 100;
/** Days that a restored copy stays. The least is 1. */
export const RESTORE_DAYS_MAX = 36_500;
/** Configurations of a kind with ids (analytics, intelligent tiering, inventory, metrics) that a bucket may have. */
export const NAMED_CONFIGURATIONS_MAX = 1_000;
/** Configurations of one page of those. */
export const NAMED_CONFIGURATIONS_PAGE = 100;
/** Characters of such a configuration's id. */
export const CONFIGURATION_ID_CHARS_MAX = 64;
/** Lines of one log object. */
export const ACCESS_LOG_LINES_MAX = 2_000;
/** Rules of a lifecycle, and of a replication configuration. */
export const CONFIGURATION_RULES_MAX = 1_000;
/** Characters of the id of a rule, of any document that has rules, and of a notification. */
export const RULE_ID_CHARS_MAX = 255;
/** The highest number in a document: they are 32-bit integers. */
export const DOCUMENT_INTEGER_MAX = 2_147_483_647;
/** Bytes that a lifecycle filter's sizes may name; `ObjectSizeGreaterThan` may also be 0. */
export const FILTER_SIZE_BYTES_MAX = 1_099_511_627_776_000;
/** Newer noncurrent versions that a lifecycle rule keeps. The least is 1. */
export const NEWER_VERSIONS_MAX = 100;
/** Rules of a CORS configuration. */
export const CORS_RULES_MAX = 100;
/** Bytes of a CORS configuration as it is sent. */
export const CORS_BYTES_MAX = 64 * 1024;
/** Routing rules of a website. */
export const ROUTING_RULES_MAX = 50;
/** Notifications of a bucket: of topics, queues and functions together. */
export const NOTIFICATIONS_MAX = 100;
/** Minutes of replication time control: the only number that there is. */
export const REPLICATION_MINUTES = 15;
/** Objects below it are not moved to another class by a lifecycle rule, unless that or the bucket says otherwise. */
export const TRANSITION_BYTES_MIN = 131_072;
/** Versions or uploads that lifecycle looks at in one transaction. */
export const LIFECYCLE_PAGE = 100;
/** Pieces of lifecycle's work that are done in one transaction: each touches a version and what hangs on it. */
export const LIFECYCLE_SLICE = 10;
/** Directory buckets of one page. */
export const DIRECTORY_BUCKETS_PAGE_MAX = 1_000;
/** Parts and appended runs of one object. */
export const APPENDS_MAX = 10_000;
/** How long a session with a directory bucket lasts, in seconds. */
export const DIRECTORY_SESSION_SECONDS = 300;
/** Entries that an inventory or an analysis reads at a time. */
export const INVENTORY_PAGE_ENTRIES = 1_000;
/** Days without access after which intelligent tiering archives an object: at least so many for each tier, at most the last. */
export const ARCHIVE_TIER_DAYS_MIN = 90;
export const DEEP_ARCHIVE_TIER_DAYS_MIN = 180;
export const ARCHIVE_TIER_DAYS_MAX = 730;
/** Days that a journal table keeps its records at least, and at most. */
export const JOURNAL_DAYS_MIN = 7;
export const JOURNAL_DAYS_MAX = 2_147_483_647;
/** How long a metadata table is being created, by the world's clock. */
export const METADATA_TABLE_CREATION_MS = 60_000;
/** How long after that an inventory table is filled with what is there: S3 takes a quarter of an hour at least. */
export const METADATA_TABLE_BACKFILL_MS = 15 * 60_000;
