/** Intelligent tiering. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html */
import type { IntelligentTieringConfiguration } from "../../../protocol/generated/s3.ts";
import { ARCHIVE_TIER_DAYS_MAX, ARCHIVE_TIER_DAYS_MIN, DEEP_ARCHIVE_TIER_DAYS_MIN } from "../limits.ts";
import { argumentError, assertInteger, assertSchema } from "./checks.ts";
import { assertObjectFilter } from "./object-filter.ts";

const DEEP = "DEEP_ARCHIVE_ACCESS";

/** Tiering that is put. Errors: MalformedXML, InvalidArgument for days out of range or order, InvalidRequest, InvalidTag. */
export const readIntelligentTiering = (
  configuration: IntelligentTieringConfiguration,
): IntelligentTieringConfiguration => {
  const { Filter: filter, Tierings: tierings } = configuration;
  assertObjectFilter(filter);
  assertSchema(tierings.length > 0);
  assertSchema(new Set(tierings.map(({ AccessTier }) => AccessTier)).size === tierings.length);
  for (const { AccessTier: tier, Days: days } of tierings) {
    const least = tier === DEEP ? DEEP_ARCHIVE_TIER_DAYS_MIN : ARCHIVE_TIER_DAYS_MIN;
    assertInteger(days);
    if (days < least || days > ARCHIVE_TIER_DAYS_MAX) {
      const message = `'Days' for ${tier} must be between ${least} and ${ARCHIVE_TIER_DAYS_MAX}`;
      throw argumentError("Days", days, message);
    }
  }
  const deep = tierings.find(({ AccessTier }) => AccessTier === DEEP);
  const archive = tierings.find(({ AccessTier }) => AccessTier !== DEEP);
  if (deep !== undefined && archive !== undefined && deep.Days <= archive.Days) {
    throw argumentError("Days", deep.Days, `'Days' for ${DEEP} must be greater than 'Days' for ARCHIVE_ACCESS`);
  }
  return configuration;
};

/** Reads what was kept. */
export const parseIntelligentTiering = (document: string): IntelligentTieringConfiguration =>
  JSON.parse(document) as IntelligentTieringConfiguration;
