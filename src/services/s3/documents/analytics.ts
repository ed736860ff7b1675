/** Storage class analysis. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAnalyticsConfiguration.html */
import type { AnalyticsConfiguration } from "../../../protocol/generated/s3.ts";
import { assertPrefix } from "./checks.ts";
import { assertExportTarget } from "./destination.ts";
import type { DocumentPlace } from "./document.ts";
import { assertObjectFilter } from "./object-filter.ts";

/** An analysis that is put. Errors: MalformedXML, InvalidRequest, InvalidTag. */
export const readAnalytics = (configuration: AnalyticsConfiguration): AnalyticsConfiguration => {
  assertObjectFilter(configuration.Filter);
  assertPrefix(configuration.StorageClassAnalysis.DataExport?.Destination.S3BucketDestination.Prefix);
  return configuration;
};

/** Holds the place of its export to what can be one. Errors: those of `assertExportTarget`. */
export const assertAnalyticsFits = async (
  { StorageClassAnalysis: { DataExport: dataExport } }: AnalyticsConfiguration,
  { bucket }: DocumentPlace,
): Promise<void> => {
  if (dataExport === undefined) return;
  const { Bucket: arn, BucketAccountId: accountId } = dataExport.Destination.S3BucketDestination;
  assertExportTarget({ arn, accountId }, bucket);
};

/** Reads what was kept. */
export const parseAnalytics = (document: string): AnalyticsConfiguration =>
  JSON.parse(document) as AnalyticsConfiguration;
