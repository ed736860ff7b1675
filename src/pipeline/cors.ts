/**
 * What browsers are told of who may read a bucket's answers, by its CORS configuration.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html
 */
import type { WireResponse } from "../protocol/wire.ts";
import { corsHeaders, parseCorsRules, readRequestedHeaders, type CorsRule } from "../services/s3/cors/rules.ts";
import { parsedConfiguration } from "../state/configuration-cache.ts";
import type { Bucket } from "../state/model.ts";
import type { World } from "../state/world.ts";
import type { RequestScope } from "./scope.ts";

/** A bucket's CORS rules; undefined where it has no configuration. */
export const corsRulesOf = (
  world: World,
  bucket: Bucket,
): readonly CorsRule[] | undefined | Promise<readonly CorsRule[] | undefined> =>
  parsedConfiguration(world, bucket, { kind: "cors", parse: parseCorsRules });

/**
 * The answer with what `bucket`'s rules say of the request's Origin. One that no rule fits is left as it is: the browser then
 * keeps it from the page.
 */
export const withCors = async (
  { world, request }: RequestScope,
  { bucket, origin, answer }: { readonly bucket: Bucket; readonly origin: string; readonly answer: WireResponse },
): Promise<WireResponse> => {
  const rules = await corsRulesOf(world, bucket);
  if (rules === undefined) return answer;
  const headers = readRequestedHeaders(request.headers["access-control-request-headers"]);
  const allowed = corsHeaders(rules, { origin, method: request.method, headers });
  return allowed === undefined ? answer : { ...answer, headers: { ...answer.headers, ...allowed } };
};
