/**
 * The limits of S3 Control.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-restrictions-limitations-naming-rules.html
 */

/** Access points of an account in a region. */
export const ACCESS_POINTS_MAX = 10_000;
/** Access points of one page of a list, and of one that names no number. */
export const ACCESS_POINTS_PAGE_MAX = 1_000;
/** Tags of an access point or of a bucket. */
export const RESOURCE_TAGS_MAX = 50;
