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
