/** Which requests are for a bucket's website. Apart from what answers them, since most worlds never see one. */
import { findNamedBucket } from "./named-bucket.ts";
import type { RequestScope } from "./scope.ts";

/**
 * The bucket whose website a request is for, by its host: a website endpoint, or a domain that is called like a bucket with a
 * website and that no base host of ours has. Undefined for a request to S3 itself.
 */
export const websiteOfHost = (scope: RequestScope): string | undefined | Promise<string | undefined> => {
  const { address, request } = scope;
  if (address.service === "s3-website") return address.bucket ?? request.host;
  return address.domain === undefined ? undefined : websiteOfDomain(scope, address.domain);
};

/** What websites are asked. */
const ASKED: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);
const SIGNED_QUERY = /(?:^|&)(?:X-Amz-Signature|Signature)=/;

const websiteOfDomain = async (scope: RequestScope, domain: string): Promise<string | undefined> => {
  const { method, headers, rawQuery } = scope.request;
  // Nobody signs a request to a website, or sends it anything.
  if (!ASKED.has(method) || headers["authorization"] !== undefined) return undefined;
  if (SIGNED_QUERY.test(rawQuery)) return undefined;
  const bucket = await findNamedBucket(scope, domain);
  return bucket?.configurations.includes("website") === true ? domain : undefined;
};
