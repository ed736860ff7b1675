import { invalidArgument } from "../errors.ts";
import { CONFIGURATION_ID_CHARS_MAX } from "../limits.ts";

const CONFIGURATION_ID = /^[A-Za-z0-9._-]+$/;

/**
 * Holds the id of a configuration of which there may be many to S3's rules: letters, digits, periods, dashes and underscores.
 * Errors: InvalidArgument. https://docs.aws.amazon.com/AmazonS3/latest/API/API_MetricsConfiguration.html
 */
export const assertConfigurationId = (id: string): void => {
  if (id.length <= CONFIGURATION_ID_CHARS_MAX && CONFIGURATION_ID.test(id)) return;
  throw invalidArgument("Invalid ConfigurationId specified.", { name: "id", value: id });
};
