/** What the tests of object lock and of restores share. */
import { createHash } from "node:crypto";
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from "@aws-sdk/client-s3";
import type { Config } from "../../../src/config.ts";
import { silentLogger } from "../../../src/platform/logger.ts";
import { createSystemPlatform } from "../../../src/platform/system-platform.ts";
import { startTestServer, type RawResponse, type TestServer } from "../../support/server.ts";

export const DAY_MS = 86_400_000;

/** A server whose clock stands at `time.nowMs` until a test moves it. */
export const startAtTime = async (
  nowMs: number,
  settings: Partial<Config> = {},
): Promise<{ server: TestServer; time: { nowMs: number } }> => {
  const time = { nowMs };
  const platform = { ...createSystemPlatform({ logger: silentLogger }), clock: { now: () => time.nowMs } };
  return { server: await startTestServer(settings, { platform }), time };
};

let buckets = 0;

/** A new bucket with object lock. */
export const makeLockBucket = async (s3: S3Client): Promise<string> => {
  buckets += 1;
  const Bucket = `locked-${process.pid}-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  return Bucket;
};

/** A bucket without object lock. */
export const makePlainBucket = async (s3: S3Client, versioning?: "Enabled" | "Suspended"): Promise<string> => {
  buckets += 1;
  const Bucket = `plain-${process.pid}-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (versioning !== undefined) {
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: versioning } }));
  }
  return Bucket;
};

/** Puts an object and says which version it became; `null` where there are none. */
export const putVersion = async (s3: S3Client, input: PutObjectCommandInput): Promise<string> =>
  (await s3.send(new PutObjectCommand({ Body: "body", ...input }))).VersionId ?? "null";

/** Sends a document as it is written here, with its digest. */
export const sendDocument = (
  server: TestServer,
  path: string,
  options: { method?: "PUT" | "POST"; body: string },
): Promise<RawResponse> => {
  const { method = "PUT", body } = options;
  const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
  return server.request(method, path, { headers, body });
};
