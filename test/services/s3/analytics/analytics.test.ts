/** Exports of storage class analyses, as they are delivered when the world's clock says so. */
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketAnalyticsConfigurationCommand,
  PutObjectCommand,
  type AnalyticsFilter,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { startTestServer } from "../../../support/server.ts";

const DAY_MS = 86_400_000;
const MB = 1024 * 1024;

const start = async (t: ExecutionContext) => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  const { clock } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(Date.UTC(2026, 0, 1, 12)) });
  const s3 = server.s3();
  for (const Bucket of ["photos", "reports"]) await s3.send(new CreateBucketCommand({ Bucket }));
  return {
    s3,
    put: async (Id: string, { filter, exported = true }: { filter?: AnalyticsFilter; exported?: boolean } = {}) => {
      const S3BucketDestination = { Bucket: "arn:aws:s3:::reports", Format: "CSV" as const, Prefix: "analysis/" };
      const DataExport = { OutputSchemaVersion: "V_1" as const, Destination: { S3BucketDestination } };
      const AnalyticsConfiguration = {
        Id,
        StorageClassAnalysis: exported ? { DataExport } : {},
        ...(filter === undefined ? {} : { Filter: filter }),
      };
      await s3.send(new PutBucketAnalyticsConfigurationCommand({ Bucket: "photos", Id, AnalyticsConfiguration }));
    },
    pass: async (days: number) => {
      const { done } = await clock.advanceClock({ by: durationFromMs(days * DAY_MS) });
      return done.map(({ description }) => description);
    },
    read: async (id: string): Promise<string[][]> => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "reports", Key: `analysis/photos/${id}.csv` }));
      const text = (await Body?.transformToString()) ?? "";
      return text
        .trimEnd()
        .split("\n")
        .map((line) => line.slice(1, -1).split('","'));
    },
  };
};

/** Date, id, filter, class, age, objects, megabytes. */
const shown = (line: string[] | undefined): unknown[] => [...(line?.slice(0, 6) ?? []), line?.[7]];

test("every day adds its lines to the file, by storage class and age", async (t) => {
  const { s3, put, pass, read } = await start(t);
  const Body = Buffer.alloc(MB);
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "old", Body }));
  await pass(20);
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "new", Body }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "cold", Body, StorageClass: "STANDARD_IA" }));
  await put("all");
  t.deepEqual(await pass(1), ["delivered analysis all of s3://photos to s3://reports/analysis/photos/all.csv"]);
  const [header = [], ...first] = await read("all");
  t.deepEqual(header.slice(0, 6), ["Date", "ConfigId", "Filter", "StorageClass", "ObjectAge", "ObjectCount"]);
  t.deepEqual(first.map(shown), [
    ["2026-01-22", "all", "", "STANDARD", "ALL", "2", "2.000000"],
    ["2026-01-22", "all", "", "STANDARD", "000-014", "1", "1.000000"],
    ["2026-01-22", "all", "", "STANDARD", "015-029", "1", "1.000000"],
    ["2026-01-22", "all", "", "STANDARD_IA", "ALL", "1", "1.000000"],
    ["2026-01-22", "all", "", "STANDARD_IA", "000-014", "1", "1.000000"],
  ]);
  for (const line of first) t.is(line.length, header.length);
  await pass(1);
  const [, ...both] = await read("all");
  t.deepEqual(both.slice(0, first.length), first);
  t.is(both.length, 2 * first.length);
  t.is(both.at(-1)?.[0], "2026-01-23");
});

test("a filter counts what has its prefix and all of its tags", async (t) => {
  const { s3, put, pass, read } = await start(t);
  const Metadata = { long: "x".repeat(1500) };
  const objects: [string, string, object?][] = [
    ["a/1", "team=red&x=1"],
    ["a/2", "team=red"],
    ["a/3", "team=red&x=1", { Metadata }],
    ["b/1", "team=red&x=1"],
  ];
  for (const [Key, Tagging, more] of objects) {
    await s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "x", Tagging, ...more }));
  }
  const Tags = [
    { Key: "team", Value: "red" },
    { Key: "x", Value: "1" },
  ];
  await put("both", { filter: { And: { Prefix: "a/", Tags } } });
  await put("tag", { filter: { Tag: { Key: "team", Value: "red" } } });
  await put("prefix", { filter: { Prefix: "b/" } });
  await put("unexported", { exported: false });
  t.is((await pass(1)).length, 3);
  const counts = async (id: string) => shown((await read(id))[1]).slice(1, 6);
  t.deepEqual(await counts("both"), ["both", "prefix=a/&tag=team:red&tag=x:1", "STANDARD", "ALL", "2"]);
  t.deepEqual(await counts("tag"), ["tag", "tag=team:red", "STANDARD", "ALL", "4"]);
  t.deepEqual(await counts("prefix"), ["prefix", "prefix=b/", "STANDARD", "ALL", "1"]);
  const { KeyCount } = await s3.send(new ListObjectsV2Command({ Bucket: "reports" }));
  t.is(KeyCount, 3);
});
