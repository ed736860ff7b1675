/** Lifecycle rules carried out when their time has come. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lifecycle-mgmt.html */
import type { DueContext, DueHandler } from "../../../harness/due-handler.ts";
import type { DoneWork } from "../../../harness/due-work.ts";
import { findBucket } from "../../../state/buckets.ts";
import { takeDue, type Due } from "../../../state/due.ts";
import type { Tx } from "../../../state/view.ts";
import { LIFECYCLE_SLICE } from "../limits.ts";
import { newVersionId } from "../version-id.ts";
import { runKey } from "./latest.ts";
import { runNewer, runVersion } from "./noncurrent.ts";
import { readLifecycleRules } from "./rules.ts";
import { readTask, type Task } from "./tasks.ts";
import { runUpload } from "./uploads.ts";
import { runWalk } from "./walk.ts";
import type { Work } from "./work.ts";

export const runLifecycle: DueHandler = async (context, accountId, dues) => {
  const done: DoneWork[] = [];
  for (let from = 0; from < dues.length; from += LIFECYCLE_SLICE) {
    const slice = dues.slice(from, from + LIFECYCLE_SLICE).map((due) => pieceOf(context, { accountId, due }));
    done.push(
      ...(await context.world.transact(async (tx) => {
        const results: DoneWork[] = [];
        for (const piece of slice) results.push(...(await runPiece(tx, context, piece)));
        return results;
      })),
    );
  }
  return done;
};

type Piece = {
  readonly accountId: string;
  readonly due: Due;
  /** Made before the transaction, which may run more than once. */
  readonly markerVersionId: Work["markerVersionId"];
};

const pieceOf = ({ draw }: DueContext, { accountId, due }: { accountId: string; due: Due }): Piece => ({
  accountId,
  due,
  markerVersionId: newVersionId(draw),
});

/** Nothing is done for a bucket that is gone, or whose rules are. */
const runPiece = async (
  tx: Tx,
  { world, nowMs, draw }: DueContext,
  { accountId, due, markerVersionId }: Piece,
): Promise<readonly DoneWork[]> => {
  if (!(await takeDue(tx, accountId, due))) return [];
  const { partition, bucket: name, task } = readTask(due);
  const bucket = await findBucket(tx, { partition, name, ownerAccountId: accountId });
  const lifecycle = bucket && (await readLifecycleRules(tx, bucket));
  if (bucket === undefined || lifecycle === undefined) return [];
  return runTask({ tx, bucket, lifecycle, nowMs, markerVersionId, change: { world, nowMs, draw } }, task);
};

const runTask = (work: Work, task: Task): Promise<readonly DoneWork[]> => {
  switch (task.do) {
    case "key":
      return runKey(work, task.key);
    case "version":
      return runVersion(work, task);
    case "newer":
      return runNewer(work, task);
    case "upload":
      return runUpload(work, task);
    case "walk":
      return runWalk(work, task.place);
  }
};
