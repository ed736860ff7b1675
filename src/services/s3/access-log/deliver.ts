/**
 * Delivers the lines of access logs that wait: those of a bucket go into one object of its target bucket, and stop waiting in the
 * same transaction.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html
 */
import type { DueContext, DueHandler } from "../../../harness/due-handler.ts";
import type { DoneWork } from "../../../harness/due-work.ts";
import { canonicalOwnerId } from "../../../protocol/caller.ts";
import type { LoggingEnabled } from "../../../protocol/generated/s3.ts";
import { bucketNameFor, findBucket, requireBucket } from "../../../state/buckets.ts";
import { listDue, takeDue, type Due } from "../../../state/due.ts";
import { AccountChangedError, BucketGoneError } from "../../../state/errors.ts";
import type { AclGrant, Bucket } from "../../../state/model.ts";
import type { Tx } from "../../../state/view.ts";
import { deliveryOf, receiving } from "../delivery/delivered-object.ts";
import { LOG_DELIVERY, mayDeliver } from "../delivery/may-deliver.ts";
import { S3Error } from "../errors.ts";
import { grantsOfDocument } from "../grants.ts";
import { ACCESS_LOG_LINES_MAX } from "../limits.ts";
import { logDay, logKey } from "./log-key.ts";
import { parseWaitingLine, type WaitingLine } from "./waiting-line.ts";

/** Lines that go into one object. */
type Batch = {
  readonly accountId: string;
  readonly first: WaitingLine;
  readonly dues: readonly Due[];
  readonly lines: readonly string[];
};

/** Delivers what waits for one instant. What cannot be delivered is dropped, as by S3. */
export const deliverAccessLogs: DueHandler = async (context, accountId, dues) => {
  const done: DoneWork[] = [];
  for (const batch of batchesOf(accountId, await withMore(context, { accountId, dues }))) {
    done.push(await deliver(context, batch));
  }
  return done;
};

/** All that waits for the instant, up to what goes into an object. */
const withMore = async (
  { world, nowMs }: DueContext,
  { accountId, dues }: { accountId: string; dues: readonly Due[] },
): Promise<readonly Due[]> => {
  const last = dues.at(-1);
  if (last === undefined) return dues;
  const limit = Math.max(ACCESS_LOG_LINES_MAX - dues.length, 0);
  const more = await world.read((view) =>
    listDue(view, accountId, { kind: "accessLog", untilMs: nowMs, after: last, limit }),
  );
  return [...dues, ...more.filter(({ dueAtMs }) => dueAtMs === last.dueAtMs)];
};

const batchesOf = (accountId: string, dues: readonly Due[]): Batch[] => {
  const batches = new Map<string, { accountId: string; first: WaitingLine; dues: Due[]; lines: string[] }>();
  for (const due of dues) {
    const line = parseWaitingLine(due);
    const { partition, bucket, target, receivedAtMs } = line;
    const place = JSON.stringify([partition, bucket, target, logDay(target, receivedAtMs)]);
    const batch = batches.get(place) ?? { accountId, first: line, dues: [], lines: [] };
    batches.set(place, batch);
    batch.dues.push(due);
    batch.lines.push(`${line.line}\n`);
  }
  return [...batches.values()];
};

const deliver = async (context: DueContext, batch: Batch): Promise<DoneWork> => {
  const { first, lines } = batch;
  const done = (what: string): DoneWork => ({ kind: "accessLog", dueAtMs: context.nowMs, what });
  const of = `${lines.length} log lines of s3://${first.bucket}`;
  const { TargetBucket: targetName } = first.target;
  const key = keyOf(context, batch);
  try {
    const target = await findTarget(context, batch);
    if (target !== undefined && (await mayWrite(context, { batch, target, key }))) {
      await write(context, { batch, target, key });
      return done(`delivered ${of} to s3://${targetName}/${key}`);
    }
  } catch (error) {
    // The target would refuse such an object to anybody, or is gone by now.
    if (!(error instanceof S3Error) && !(error instanceof BucketGoneError)) throw error;
  }
  await context.world.transact((tx) => takeAll(tx, batch));
  return done(`dropped ${of}: s3://${targetName} does not take them`);
};

const keyOf = ({ draw, nowMs }: DueContext, { first, accountId }: Batch): string =>
  logKey({
    target: first.target,
    accountId,
    region: first.region,
    bucket: first.bucket,
    deliveredAtMs: nowMs,
    requestedAtMs: first.receivedAtMs,
    unique: draw.bytes("access-log", 8).toString("hex").toUpperCase(),
  });

type Written = { readonly batch: Batch; readonly target: Bucket; readonly key: string };

const write = (context: DueContext, { batch, target, key }: Written): Promise<void> => {
  const grants = grantsOf(batch.first.target, target);
  return receiving(context.bodies, Buffer.from(batch.lines.join("")), async (received) => {
    const contentType = "text/plain";
    const put = deliveryOf(context, { key, received, contentType, ...(grants === undefined ? {} : { grants }) });
    await context.world.transact(async (tx) => {
      await takeAll(tx, batch);
      await put(tx, await requireBucket(tx, target));
    });
  });
};

/** Throws `AccountChangedError`, so that nothing happens, where one of them waits no more. */
const takeAll = async (tx: Tx, { accountId, dues }: Batch): Promise<void> => {
  for (const due of dues) if (!(await takeDue(tx, accountId, due))) throw new AccountChangedError(accountId);
};

/** The target bucket, where it is one that the bucket may log to: of its own account and region. */
const findTarget = async ({ world }: DueContext, { accountId, first }: Batch): Promise<Bucket | undefined> => {
  const { partition, region, target } = first;
  const name = bucketNameFor(world, { partition, name: target.TargetBucket, callerAccountId: accountId });
  const bucket = await world.read((view) => findBucket(view, name));
  return bucket?.accountId === accountId && bucket.region === region ? bucket : undefined;
};

/** S3's log delivery writes by the target bucket's policy. */
const mayWrite = ({ world, nowMs }: DueContext, { batch, target, key }: Written): Promise<boolean> =>
  mayDeliver(world, {
    service: LOG_DELIVERY,
    bucket: target,
    key,
    source: { accountId: batch.accountId, bucket: batch.first.bucket },
    nowMs,
  });

/** What the target's configuration grants on each log object, beside its owner's own right. */
const grantsOf = ({ TargetGrants: grants = [] }: LoggingEnabled, target: Bucket): readonly AclGrant[] | undefined => {
  if (grants.length === 0) return undefined;
  const owner = { ID: canonicalOwnerId(target.accountId) };
  const own: AclGrant = { grantee: { id: owner.ID }, permission: "FULL_CONTROL" };
  return [own, ...grantsOfDocument({ Owner: owner, Grants: grants })];
};
