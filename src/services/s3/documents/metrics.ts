/** Request metrics. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html */
import type { MetricsConfiguration } from "../../../protocol/generated/s3.ts";
import { assertObjectFilter } from "./object-filter.ts";

/** Metrics that are put. Errors: MalformedXML, InvalidRequest, InvalidTag, InvalidArgument. */
export const readMetrics = (configuration: MetricsConfiguration): MetricsConfiguration => {
  assertObjectFilter(configuration.Filter);
  return configuration;
};

/** Reads what was kept. */
export const parseMetrics = (document: string): MetricsConfiguration => JSON.parse(document) as MetricsConfiguration;
