/** What is done with an answer of S3 on its way out, whatever the request came to: CORS headers and the access log. */
import type { WireResponse } from "../protocol/wire.ts";
import { batchLines, copySourceLine } from "../services/s3/access-log/further-lines.ts";
import type { Bucket } from "../state/model.ts";
import { logAccess } from "./access-log.ts";
import { withCors } from "./cors.ts";
import { findNamedBucket } from "./named-bucket.ts";
import type { RequestScope } from "./scope.ts";

/** The answer as it goes out; at once for most requests: those from no web page to buckets that log nothing. */
export const finishAnswer = (scope: RequestScope, answer: WireResponse): WireResponse | Promise<WireResponse> => {
  const { service, bucket, sourceBucket, errorCode } = scope.trail.facts;
  const { origin } = scope.request.headers;
  const bucketName = nameOf(scope);
  if (bucketName === undefined || (service !== "s3" && service !== undefined)) return answer;
  // Of a request that was refused early, nobody has looked its bucket up; of others without one there is none.
  const isLogged = bucket === undefined ? errorCode !== undefined : logs(bucket);
  if (origin === undefined && !isLogged && (sourceBucket === undefined || !logs(sourceBucket))) return answer;
  return finish(scope, answer, { bucketName });
};

/** The bucket that a request names; one that was refused before its operation was known names it by host or path all the same. */
const nameOf = ({ trail, address, request }: RequestScope): string | undefined => {
  const { service, bucketName, errorCode } = trail.facts;
  if (service !== undefined || errorCode === undefined) return bucketName;
  return address.bucket ?? (PLAIN_BUCKET.exec(request.rawPath)?.[1] || undefined);
};

/** A name without escapes: no bucket's needs any. */
const PLAIN_BUCKET = /^\/([A-Za-z0-9._-]*)/;

/** What these do to a bucket decides where they are logged. */
const CHANGE_LOGGING: ReadonlySet<string> = new Set(["PutBucketLogging", "DeleteBucket"]);

const logs = ({ configurations }: Bucket): boolean => configurations.includes("logging");

const finish = async (
  scope: RequestScope,
  answer: WireResponse,
  { bucketName }: { readonly bucketName: string },
): Promise<WireResponse> => {
  const { trail, deps, draw, request } = scope;
  let finished = answer;
  try {
    const known = CHANGE_LOGGING.has(trail.facts.operation ?? "") ? undefined : trail.facts.bucket;
    const bucket = known ?? (await findNamedBucket(scope, bucketName));
    if (bucket === undefined) return answer;
    const { origin } = request.headers;
    if (origin !== undefined && request.method !== "OPTIONS")
      finished = await withCors(scope, { bucket, origin, answer });
    log(scope, { bucket, answer: finished });
  } catch (error) {
    // The request was answered, and its effect stands.
    deps.platform.logger.error("an answer could not be finished", { requestId: draw.requestId, error });
  }
  return finished;
};

/** In the log of the bucket that was asked, and in that of the one that was copied from. */
const log = (
  scope: RequestScope,
  { bucket, answer }: { readonly bucket: Bucket; readonly answer: WireResponse },
): void => {
  const { sourceBucket, deleted, operation } = scope.trail.facts;
  const lines = [{}, ...(deleted === undefined ? [] : batchLines(deleted))];
  if (logs(bucket)) logAccess(scope, { bucket, answer, lines, before: 0 });
  const source = scope.request.headers["x-amz-copy-source"];
  if (sourceBucket === undefined || source === undefined || !logs(sourceBucket)) return;
  const copied = copySourceLine(source, { operation });
  logAccess(scope, { bucket: sourceBucket, answer, lines: [copied], before: lines.length });
};
