/** A world whose clock stands still until a test moves it, with buckets that are replicated. */
import {
  CreateBucketCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type ReplicationRule,
  type S3Client,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ExecutionContext } from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";

export const MINE = "123456789012";
export const OTHER = "111122223333";
export const MINUTE = 60_000;
export const START = Date.parse("2026-01-15T10:30:00Z");
export const ROLE = `arn:aws:iam::${MINE}:role/replication`;

export const start = async (t: ExecutionContext, { delayMs = MINUTE }: { delayMs?: number } = {}) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  await control.clock.freezeClock({ at: timestampFromMs(START), atOnce: true });
  await control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(delayMs) } });
  return {
    server,
    control,
    s3: server.s3(),
    /** Lets time pass; answers what replication did. */
    pass: async (ms: number) => {
      const { done } = await control.clock.advanceClock({ by: durationFromMs(ms), atOnce: true });
      return done.filter(({ kind }) => kind === "replication").map(({ description }) => description);
    },
  };
};

export const makeVersioned = async (s3: S3Client, Bucket: string, more: object = {}): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket, ...more }));
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
};

export type Rule = Partial<ReplicationRule> & { readonly to: string };

export const replicate = (s3: S3Client, Bucket: string, rules: readonly Rule[]) =>
  s3.send(
    new PutBucketReplicationCommand({
      Bucket,
      ReplicationConfiguration: {
        Role: ROLE,
        Rules: rules.map(({ to, Destination, ...rule }, index) => ({
          ID: `rule-${index}`,
          Status: "Enabled",
          Priority: index,
          Filter: { Prefix: "" },
          DeleteMarkerReplication: { Status: "Disabled" },
          ...rule,
          Destination: { Bucket: `arn:aws:s3:::${to}`, ...Destination },
        })),
      },
    }),
  );

export const put = async (s3: S3Client, Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  (await s3.send(new PutObjectCommand({ Bucket, Key, Body: `body of ${Key}`, ...more }))).VersionId ?? "";

export const status = async (s3: S3Client, Bucket: string, Key: string, VersionId?: string) =>
  (await s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }))).ReplicationStatus;

export const keys = async (s3: S3Client, Bucket: string): Promise<string[]> => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  return [...Versions.map(({ Key }) => `${Key}`), ...DeleteMarkers.map(({ Key }) => `${Key}!`)].toSorted((a, b) =>
    a < b ? -1 : 1,
  );
};
