/** A world whose clock stands still until a test moves it, with buckets whose rules are carried out. */
import {
  CreateBucketCommand,
  ListObjectVersionsCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type LifecycleRule,
  type PutObjectCommandInput,
  type S3Client,
  type TransitionDefaultMinimumObjectSize,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { ExecutionContext } from "ava";
import { createControlClient, type ControlClient } from "../../../../src/control/client.ts";
import { startTestServer, type TestServer } from "../../../support/server.ts";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Half past ten in the morning: what is done at midnights is not done yet. */
export const START = Date.parse("2026-01-15T10:30:00Z");

export type Suite = {
  readonly server: TestServer;
  readonly s3: S3Client;
  readonly control: ControlClient;
  /** Lets time pass; answers what was done, in words, without the names of rules. */
  pass(ms: number): Promise<string[]>;
};

export const startSuite = async (t: ExecutionContext): Promise<Suite> => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const control = createControlClient({ baseUrl: server.running.controlUrl });
  await control.clock.freezeClock({ at: timestampFromMs(START), atOnce: true });
  return {
    server,
    control,
    s3: server.s3(),
    pass: async (ms) => {
      const { done } = await control.clock.advanceClock({ by: durationFromMs(ms), atOnce: true });
      return done.map(({ description }) => description);
    },
  };
};

export type Rule = Omit<LifecycleRule, "Status">;

/** Rules that are enabled, for the whole bucket unless they name a filter. */
export const putRules = async (
  { s3 }: Suite,
  Bucket: string,
  rules: readonly Rule[],
  TransitionDefaultMinimumObjectSize?: TransitionDefaultMinimumObjectSize,
): Promise<void> => {
  const Rules = rules.map((rule): LifecycleRule => ({ Filter: { Prefix: "" }, ...rule, Status: "Enabled" }));
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules },
      TransitionDefaultMinimumObjectSize,
    }),
  );
};

export const makeBucket = async (
  { s3 }: Suite,
  Bucket: string,
  { versioning, lock = false }: { versioning?: "Enabled"; lock?: boolean } = {},
): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: lock }));
  if (versioning !== undefined) await setVersioning(s3, Bucket, versioning);
};

export const setVersioning = async (s3: S3Client, Bucket: string, Status: "Enabled" | "Suspended"): Promise<void> => {
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
};

export const put = async (
  { s3 }: Suite,
  Bucket: string,
  Key: string,
  more: Partial<PutObjectCommandInput> = {},
): Promise<string> => {
  const { VersionId = "" } = await s3.send(new PutObjectCommand({ Bucket, Key, Body: "x", ...more }));
  return VersionId;
};

/** All versions of a bucket as `key`, newest first: `a`, `a!` for a delete marker, `a:CLASS` for another class, `(…)` for noncurrent. */
export const contents = async ({ s3 }: Suite, Bucket: string): Promise<string[]> => {
  const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
  const all = [
    ...Versions.map((version) => ({
      ...version,
      text: `${version.Key}${version.StorageClass === "STANDARD" ? "" : `:${version.StorageClass}`}`,
    })),
    ...DeleteMarkers.map((marker) => ({ ...marker, text: `${marker.Key}!` })),
  ];
  const order = (a: (typeof all)[number], b: (typeof all)[number]): number =>
    (a.Key ?? "").localeCompare(b.Key ?? "") ||
    Number(b.IsLatest) - Number(a.IsLatest) ||
    Number(b.LastModified) - Number(a.LastModified);
  return all.toSorted(order).map(({ text, IsLatest }) => (IsLatest === true ? text : `(${text})`));
};
