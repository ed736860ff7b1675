/**
 * Notes answered requests in the access logs of buckets that have one. The line is written once the answer has been read, so that
 * nobody waits for it.
 */
import { Readable } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { noteAfterAnswer } from "../harness/after-answers.ts";
import { readClock } from "../harness/world-clock.ts";
import type { Authorization, Identified } from "../identity/identify.ts";
import { callerArn, canonicalOwnerId, type Caller } from "../protocol/caller.ts";
import type { LoggingEnabled } from "../protocol/generated/s3.ts";
import type { WireResponse } from "../protocol/wire.ts";
import { accessLine, type AccessLine } from "../services/s3/access-log/line.ts";
import { loggedOperation } from "../services/s3/access-log/operation-names.ts";
import { placeOfLine, putWaitingLine } from "../services/s3/access-log/waiting-line.ts";
import { parseLogging } from "../services/s3/documents/logging.ts";
import { accessPointArn } from "../services/s3-control/names.ts";
import { parsedConfiguration } from "../state/configuration-cache.ts";
import { requireBucket } from "../state/buckets.ts";
import { AccountChangedError, BucketGoneError, WorldGoneError } from "../state/errors.ts";
import type { Bucket } from "../state/model.ts";
import type { RequestScope } from "./scope.ts";

type Answered = {
  /** Whose log it is. */
  readonly bucket: Bucket;
  readonly answer: WireResponse;
  /** What its lines say otherwise than the request's own, which is the first of the request's bucket. */
  readonly lines: readonly Partial<AccessLine>[];
  /** How many lines of the request come before these. */
  readonly before: number;
};

/** What is known when the answer is. */
type Known = Answered & { readonly answeredAtMs: number; readonly tls: RequestScope["request"]["tls"] };

/** Has the request noted in the log of `bucket`, which has a logging configuration, once its answer is read. */
export const logAccess = (scope: RequestScope, answered: Answered): void => {
  const { world, deps, request } = scope;
  const { answer } = answered;
  const known: Known = { ...answered, answeredAtMs: readClock(world, deps.platform).nowMs, tls: request.tls };
  const log = (): void => noteAfterAnswer(world, write(scope, known));
  const { body } = answer;
  if (body instanceof Readable) body.once("close", log);
  else log();
};

/** What may have come to its end since the request. */
const GONE = [WorldGoneError, AccountChangedError, BucketGoneError] as const;

/** Never rejects: nobody can be told any more. */
const write = async (scope: RequestScope, known: Known): Promise<void> => {
  const { world, deps, draw, nowMs } = scope;
  const { partition, name, region, accountId } = known.bucket;
  try {
    // The answer is sent at the end of this turn of the event loop.
    await turn();
    await turn();
    const target = await targetOf(scope, known.bucket);
    if (target === undefined) return;
    const own = lineOf(scope, known);
    await world.transact(async (tx) => {
      // Nothing is left behind in an account that was reset since.
      await requireBucket(tx, known.bucket);
      for (const [at, further] of known.lines.entries()) {
        const text = accessLine({ ...own, ...further });
        const line = { partition, bucket: name, region, target, receivedAtMs: nowMs, line: text };
        const place = placeOfLine({ position: draw.position, part: known.before + at });
        await putWaitingLine(tx, world.settings, { line, accountId, place, nowMs });
      }
    });
  } catch (error) {
    if (GONE.some((kind) => error instanceof kind)) return;
    deps.platform.logger.warn("a line of an access log was lost", { requestId: draw.requestId, error });
  }
};

const targetOf = (
  { world }: RequestScope,
  bucket: Bucket,
): LoggingEnabled | undefined | Promise<LoggingEnabled | undefined> =>
  parsedConfiguration(world, bucket, { kind: "logging", parse: parseLogging });

const lineOf = (scope: RequestScope, { bucket, answer, answeredAtMs, tls }: Known): AccessLine => {
  const { request, draw, trail, world, deps } = scope;
  const { operation, identified, key, errorCode, aclRequired, passage } = trail.facts;
  const { method, rawPath, rawQuery, headers } = request;
  const target = rawQuery === "" ? rawPath : `${rawPath}?${rawQuery}`;
  return {
    bucketOwner: canonicalOwnerId(bucket.accountId),
    bucket: bucket.name,
    receivedAtMs: scope.nowMs,
    remoteIp: request.remoteAddress,
    requester: identified?.signed === true ? requesterOf(identified.caller) : undefined,
    requestId: draw.requestId,
    operation: loggedOperation(operation, { method, hasKey: key !== undefined }),
    key,
    requestUri: `${method} ${target} HTTP/1.1`,
    status: answer.status,
    errorCode,
    bytesSent: bytesSent(method, answer),
    objectBytes: answer.status < 300 ? objectBytes(scope, answer) : undefined,
    totalMs: readClock(world, deps.platform).nowMs - scope.nowMs,
    turnAroundMs: answeredAtMs - scope.nowMs,
    referrer: headers["referer"],
    userAgent: headers["user-agent"],
    versionId: headerOf(answer, "x-amz-version-id"),
    hostId: draw.hostId,
    ...authenticationOf(identified),
    cipherSuite: tls?.cipherSuite,
    tlsVersion: tls?.version,
    hostHeader: request.host,
    accessPointArn: passage && accessPointArn(passage.point),
    aclRequired,
    sourceRegion: bucket.region,
  };
};

/** A root by its canonical id, everybody else by ARN. */
const requesterOf = (caller: Caller): string | undefined => {
  const { kind } = caller.principal;
  if (kind === "Anonymous") return undefined;
  return kind === "Root" ? canonicalOwnerId(caller.accountId) : callerArn(caller);
};

type Authentication = Pick<AccessLine, "signatureVersion" | "authenticationType">;

const AUTHENTICATIONS: Readonly<Record<Authorization["kind"], Authentication>> = {
  "v4-header": { signatureVersion: "SigV4", authenticationType: "AuthHeader" },
  "v4-query": { signatureVersion: "SigV4", authenticationType: "QueryString" },
  "v4-form": { signatureVersion: "SigV4" },
  "v2-header": { signatureVersion: "SigV2", authenticationType: "AuthHeader" },
  "v2-query": { signatureVersion: "SigV2", authenticationType: "QueryString" },
  "v2-form": { signatureVersion: "SigV2" },
};

const authenticationOf = (identified: Identified | undefined): Authentication =>
  identified?.authorization === undefined ? {} : AUTHENTICATIONS[identified.authorization.kind];

const headerOf = ({ headers }: WireResponse, name: string): string | undefined => {
  for (const each in headers) if (each.toLowerCase() === name) return headers[each];
  return undefined;
};

const bytesSent = (method: string, answer: WireResponse): number | undefined => {
  const { body, status } = answer;
  if (method === "HEAD" || body === undefined || status === 204 || status === 304) return 0;
  if (typeof body === "string") return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  const length = headerOf(answer, "content-length");
  return length === undefined ? undefined : Number(length);
};

/** The object that was read or written, whole: of a range, what it is of. */
const objectBytes = ({ request, trail }: RequestScope, answer: WireResponse): number | undefined => {
  switch (trail.facts.operation) {
    case "GetObject":
    case "HeadObject":
    case "Website": {
      const size = headerOf(answer, "content-range")?.split("/")[1] ?? headerOf(answer, "content-length");
      return size === undefined ? undefined : Number(size);
    }
    case "PutObject":
    case "UploadPart": {
      const size = request.headers["x-amz-decoded-content-length"] ?? request.headers["content-length"];
      return size === undefined ? undefined : Number(size);
    }
    default:
      return undefined;
  }
};
