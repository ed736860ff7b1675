/**
 * Exports storage class analyses when they are due: a CSV file for each configuration, to which every day adds its lines.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-analytics-storage-class.html
 */
import { Readable } from "node:stream";
import type { DueContext } from "../../../harness/due-handler.ts";
import type { AnalyticsConfiguration, AnalyticsS3BucketDestination } from "../../../protocol/generated/s3.ts";
import { AccountChangedError } from "../../../state/errors.ts";
import { listObjects } from "../../../state/listing.ts";
import type { Bucket } from "../../../state/model.ts";
import { currentObject } from "../../../state/objects.ts";
import { deliveryOf, receiving } from "../delivery/delivered-object.ts";
import { readingPinned, type ReadPage } from "../delivery/pinned-reading.ts";
import { reportHandler, type Report, type ReportRow } from "../delivery/report.ts";
import { parseAnalytics } from "../documents/analytics.ts";
import { withAttributes } from "../inventory/rows.ts";
import { INVENTORY_PAGE_ENTRIES } from "../limits.ts";
import {
  ANALYSIS_HEADER,
  analysisLines,
  countObject,
  filterParts,
  hasTags,
  newAnalysis,
  type Analysis,
} from "./analysis.ts";

const destinationOf = ({ StorageClassAnalysis }: AnalyticsConfiguration): AnalyticsS3BucketDestination | undefined =>
  StorageClassAnalysis.DataExport?.Destination.S3BucketDestination;

const keyOf = (bucket: Bucket, configuration: AnalyticsConfiguration): string =>
  `${destinationOf(configuration)?.Prefix ?? ""}${bucket.name}/${configuration.Id}.csv`;

const analyse = async (read: ReadPage, configuration: AnalyticsConfiguration, atMs: number): Promise<Analysis> => {
  const analysis = newAnalysis(atMs);
  const filter = filterParts(configuration.Filter);
  let after: string | undefined;
  for (;;) {
    const page = await read(async (view, bucket) => {
      const limit = INVENTORY_PAGE_ENTRIES;
      const listed = await listObjects(view, bucket, {
        prefix: filter.prefix,
        limit,
        ...(after === undefined ? {} : { after }),
      });
      const entries = listed.entries.flatMap((entry) =>
        "object" in entry ? [{ ...entry.object, isLatest: true }] : [],
      );
      const whole = filter.tags.length === 0 ? entries : await withAttributes(view, bucket, entries);
      return { whole, next: listed.truncated ? listed.next : undefined };
    });
    for (const version of page.whole)
      if (version.kind === "object" && hasTags(version, filter)) countObject(analysis, version);
    if (page.next === undefined) return analysis;
    after = page.next;
  }
};

type Place = { readonly destination: Bucket; readonly key: string };

/** Yesterday's file, as it is read on, or its first line. */
async function* historyOf(context: DueContext, { destination, key }: Place): AsyncGenerator<Uint8Array> {
  const content = await context.world.read(async (view) => {
    const object = await currentObject(view, destination, key);
    if (object === undefined) return undefined;
    const range = { offsetBytes: 0, lengthBytes: object.sizeBytes };
    return context.bodies.openContent(view, { bucket: destination, object, range });
  });
  if (content === undefined) yield Buffer.from(ANALYSIS_HEADER);
  else if (content instanceof Readable) yield* content as AsyncIterable<Uint8Array>;
  else yield content;
}

/** Answers the key of the file. */
const exportAnalysis = async (context: DueContext, report: Report<AnalyticsConfiguration>): Promise<string> => {
  const { bucket, configuration, destination, begin } = report;
  const { world, bodies, nowMs } = context;
  const key = keyOf(bucket, configuration);
  const before = await world.read((view) => currentObject(view, destination, key));
  const analysis = await readingPinned(world, bucket, (read) => analyse(read, configuration, nowMs));
  const lines = analysisLines(analysis, { id: configuration.Id, filter: configuration.Filter });
  const file = async function* (): AsyncGenerator<Uint8Array> {
    yield* historyOf(context, { destination, key });
    yield Buffer.from(lines);
  };
  await receiving(bodies, file(), async (received) => {
    const put = deliveryOf(context, { key, received, contentType: "text/csv" });
    await world.transact(async (tx) => {
      const target = await begin(tx);
      const present = await currentObject(tx, target, key);
      // Somebody put another file there meanwhile: it is to be read on instead.
      if (present?.etag !== before?.etag) throw new AccountChangedError(target.accountId);
      await put(tx, target);
    });
  });
  return key;
};

/** Exports of analyses as reports. */
export const ANALYSES: ReportRow<AnalyticsConfiguration> = {
  kind: "analytics",
  noun: "analysis",
  parse: parseAnalytics,
  frequencyOf: (configuration) => (destinationOf(configuration) === undefined ? undefined : "Daily"),
  destinationOf: (configuration) => {
    const { Bucket: arn = "", BucketAccountId: accountId } = destinationOf(configuration) ?? {};
    return { arn, accountId };
  },
  keyOf,
  make: exportAnalysis,
};

/** Makes the exports that are due. */
export const exportAnalyses = reportHandler(ANALYSES);
