/**
 * Reports that S3 makes of a bucket by a configuration with an id, day by day: when the next is due, what is left to do when it
 * is, and where it goes.
 */
import type { DueContext, DueHandler } from "../../../harness/due-handler.ts";
import type { DoneWork } from "../../../harness/due-work.ts";
import { bucketNameFor, findBucket, requireBucket } from "../../../state/buckets.ts";
import { putDue, takeDue, type Due } from "../../../state/due.ts";
import { AccountChangedError } from "../../../state/errors.ts";
import type { Bucket, Partition } from "../../../state/model.ts";
import { getNamedConfiguration } from "../../../state/named-configurations.ts";
import type { Tx } from "../../../state/view.ts";
import { S3Error } from "../errors.ts";
import { mayDeliver, REPORT_DELIVERY } from "./may-deliver.ts";
import { isReportTime, nextReportMs, type Frequency } from "./schedule.ts";

/** A report to be made. */
export type Report<Configuration> = {
  readonly bucket: Bucket;
  readonly configuration: Configuration;
  /** Where it goes. */
  readonly destination: Bucket;
  /**
   * To be called first in the transaction that puts the report there: takes what is due, has the next one made in time, and answers
   * the destination as it stands. It throws where nothing may be done any more.
   */
  readonly begin: (tx: Tx) => Promise<Bucket>;
};

/** A kind of reports; its configurations and its due work have its name. */
export type ReportRow<Configuration extends { readonly Id: string }> = {
  readonly kind: "inventory" | "analytics";
  /** In words. */
  readonly noun: string;
  readonly parse: (document: string) => Configuration;
  /** How often it is made; undefined: not at all. */
  readonly frequencyOf: (configuration: Configuration) => Frequency | undefined;
  readonly destinationOf: (configuration: Configuration) => {
    readonly arn: string;
    readonly accountId: string | undefined;
  };
  /** A key that stands for all that it puts there. */
  readonly keyOf: (bucket: Bucket, configuration: Configuration) => string;
  /** Makes it; answers the key by which it is found. */
  readonly make: (context: DueContext, report: Report<Configuration>) => Promise<string>;
};

/** Which report is due: of a bucket, by the configuration with that id. */
type ReportName = { readonly partition: Partition; readonly bucket: string; readonly id: string };

/**
 * Has a configuration's reports made from now on, in the transaction that puts it. The next waits once, however often it is asked
 * for; when its time comes, the configuration as it is then says whether it is made.
 */
export const scheduleReport = async <Configuration extends { readonly Id: string }>(
  row: ReportRow<Configuration>,
  tx: Tx,
  { bucket, configuration, nowMs }: { bucket: Bucket; configuration: Configuration | undefined; nowMs: number },
): Promise<void> => {
  const frequency = configuration && row.frequencyOf(configuration);
  if (configuration === undefined || frequency === undefined) return;
  const name: ReportName = { partition: bucket.partition, bucket: bucket.name, id: configuration.Id };
  await putDue(tx, bucket.accountId, {
    kind: row.kind,
    dueAtMs: nextReportMs(nowMs, frequency),
    id: `${name.partition}/${name.bucket}/${name.id}`,
    document: JSON.stringify(name),
  });
};

/** Makes the reports of a kind that are due. One whose destination does not take it is left out until the next is due. */
export const reportHandler =
  <Configuration extends { readonly Id: string }>(row: ReportRow<Configuration>): DueHandler =>
  async (context, accountId, dues) => {
    const done: DoneWork[] = [];
    for (const due of dues) {
      const what = await runOne(row, context, { accountId, due });
      if (what !== undefined) done.push({ kind: row.kind, dueAtMs: context.nowMs, what });
    }
    return done;
  };

type Waiting = { readonly accountId: string; readonly due: Due };

/** Answers what was done, in words. */
const runOne = async <Configuration extends { readonly Id: string }>(
  row: ReportRow<Configuration>,
  context: DueContext,
  waiting: Waiting,
): Promise<string | undefined> => {
  const { world, nowMs } = context;
  const found = await findConfiguration(row, context, waiting);
  const frequency = found && row.frequencyOf(found.configuration);
  if (found === undefined || frequency === undefined || !isReportTime(nowMs, frequency)) {
    // It was deleted, switched off, or is made at other times by now.
    await world.transact((tx) => take(tx, waiting));
    return undefined;
  }
  const { bucket, configuration } = found;
  const next = async (tx: Tx): Promise<void> => {
    await take(tx, waiting);
    await scheduleReport(row, tx, { bucket: await requireBucket(tx, bucket), configuration, nowMs });
  };
  const of = `${row.noun} ${configuration.Id} of s3://${bucket.name}`;
  const destination = await findDestination(row, context, found);
  try {
    if (destination !== undefined) {
      const begin = async (tx: Tx): Promise<Bucket> => {
        await next(tx);
        return requireBucket(tx, destination);
      };
      const key = await row.make(context, { bucket, configuration, destination, begin });
      return `delivered ${of} to s3://${destination.name}/${key}`;
    }
  } catch (error) {
    // The destination would refuse such an object to anybody.
    if (!(error instanceof S3Error)) throw error;
  }
  await world.transact(next);
  return `could not deliver ${of} to ${row.destinationOf(configuration).arn}`;
};

/** Throws `AccountChangedError` where it waits no more. */
const take = async (tx: Tx, { accountId, due }: Waiting): Promise<void> => {
  if (!(await takeDue(tx, accountId, due))) throw new AccountChangedError(accountId);
};

type Found<Configuration> = { readonly bucket: Bucket; readonly configuration: Configuration };

/** What a report that is due is of; undefined where its bucket or its configuration is gone. */
const findConfiguration = <Configuration extends { readonly Id: string }>(
  { kind, parse }: ReportRow<Configuration>,
  { world }: DueContext,
  { accountId, due }: Waiting,
): Promise<Found<Configuration> | undefined> => {
  const { partition, bucket: name, id } = JSON.parse(due.document) as ReportName;
  return world.read(async (view) => {
    const bucket = await findBucket(view, bucketNameFor(world, { partition, name, callerAccountId: accountId }));
    if (bucket?.accountId !== accountId) return undefined;
    const document = await getNamedConfiguration(view, bucket, { kind, id });
    return document === undefined ? undefined : { bucket, configuration: parse(document) };
  });
};

const ARN_PREFIX = /^arn:[a-z-]+:s3:::/;

/** Where a report may go: a bucket of the same region, and of the account that is named, which lets S3 write into it. */
const findDestination = async <Configuration extends { readonly Id: string }>(
  row: ReportRow<Configuration>,
  { world, nowMs }: DueContext,
  { bucket: source, configuration }: Found<Configuration>,
): Promise<Bucket | undefined> => {
  const { arn, accountId } = row.destinationOf(configuration);
  const name = bucketNameFor(world, {
    partition: source.partition,
    name: arn.replace(ARN_PREFIX, ""),
    callerAccountId: accountId ?? source.accountId,
  });
  const bucket = await world.read((view) => findBucket(view, name));
  if (bucket === undefined || bucket.region !== source.region) return undefined;
  if (accountId !== undefined && bucket.accountId !== accountId) return undefined;
  const allowed = await mayDeliver(world, {
    service: REPORT_DELIVERY,
    bucket,
    key: row.keyOf(source, configuration),
    source: { accountId: source.accountId, bucket: source.name },
    nowMs,
  });
  return allowed ? bucket : undefined;
};
