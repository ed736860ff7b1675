/** A world with a bucket that logs, and its lines as they are read. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketLoggingCommand,
  type LoggingEnabled,
  type S3Client,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ExecutionContext } from "ava";
import { createControlClient, type ControlClient } from "../../../../src/control/client.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";

export const ACCOUNT = "123456789012";
export const AT = Date.UTC(2026, 1, 28, 23, 58, 30);
export const HOUR_MS = 3_600_000;

export type Suite = {
  readonly server: TestServer;
  readonly s3: S3Client;
  readonly clock: ControlClient["clock"];
  /** Delivers what waits, and answers every log object of `logs` by its key. */
  readonly delivered: () => Promise<Map<string, string[]>>;
};

/** A world that stands still, with the buckets `photos`, which logs to `logs`. */
export const start = async (t: ExecutionContext, target: Partial<LoggingEnabled> = {}): Promise<Suite> => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const { clock } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(AT) });
  const s3 = server.s3();
  for (const Bucket of ["photos", "logs"]) await s3.send(new CreateBucketCommand({ Bucket }));
  const LoggingEnabled = { TargetBucket: "logs", TargetPrefix: "log/", ...target };
  await s3.send(new PutBucketLoggingCommand({ Bucket: "photos", BucketLoggingStatus: { LoggingEnabled } }));
  return {
    server,
    s3,
    clock,
    delivered: async () => {
      await clock.advanceClock({ by: durationFromMs(HOUR_MS) });
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "logs" }));
      const found = new Map<string, string[]>();
      for (const { Key = "" } of Contents) {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: "logs", Key }));
        const text = (await Body?.transformToString()) ?? "";
        t.true(text.endsWith("\n"));
        found.set(Key, text.slice(0, -1).split("\n"));
      }
      return found;
    },
  };
};

const FIELD = /\[[^\]]*\]|"[^"]*"|\S+/g;

/** A line's fields, by what AWS calls them. */
export const read = (line: string | undefined) => {
  const fields = line?.match(FIELD) ?? [];
  const [owner, bucket, time, ip, requester, requestId, operation, key, uri, status, error, sent, size, ...more] =
    fields;
  const [total, turnAround, referrer, agent, version, hostId, signature, cipher, auth, host, tls, point, acl, region] =
    more;
  const timing = { total, turnAround };
  const client = { referrer, agent, ip, requester, host };
  const security = { signature, cipher, auth, tls, acl, point };
  return {
    count: fields.length,
    owner,
    bucket,
    time,
    requestId,
    operation,
    key,
    uri,
    status,
    error,
    sent,
    size,
    version,
    hostId,
    region,
    timing,
    client,
    security,
  };
};

export const linesOf = async ({ delivered }: Suite): Promise<ReturnType<typeof read>[]> =>
  [...(await delivered()).values()].flat().map(read);
