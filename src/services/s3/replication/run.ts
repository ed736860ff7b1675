/** Replication carried out when its time has come. https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html */
import type { DueContext, DueHandler } from "../../../harness/due-handler.ts";
import type { DoneWork } from "../../../harness/due-work.ts";
import { takeDue, type Due } from "../../../state/due.ts";
import type { Tx } from "../../../state/view.ts";
import { findPieces, type Piece } from "./pieces.ts";
import { replicate } from "./replicate.ts";
import { tellMissed } from "./status.ts";
import { readReplicationTask } from "./tasks.ts";

/** Pieces that one transaction does: others must not wait for all. */
const SLICE = 20;

export const runReplication: DueHandler = async (context, accountId, dues) => {
  const done: DoneWork[] = [];
  for (let from = 0; from < dues.length; from += SLICE) {
    const slice = dues.slice(from, from + SLICE);
    const pieces = await findPieces(context, { accountId, tasks: slice.map(readReplicationTask) });
    done.push(
      ...(await context.world.transact(async (tx) => {
        const results: DoneWork[] = [];
        for (const [index, due] of slice.entries()) {
          const piece = pieces[index];
          const what = piece && (await runPiece(tx, context, { accountId, due, piece }));
          if (what !== undefined) results.push({ kind: "replication", dueAtMs: due.dueAtMs, what });
        }
        return results;
      })),
    );
  }
  return done;
};

/** What was done, in words; undefined where nothing was to be done any more. */
const runPiece = async (
  tx: Tx,
  context: DueContext,
  { accountId, due, piece }: { accountId: string; due: Due; piece: Piece },
): Promise<string | undefined> => {
  if (!(await takeDue(tx, accountId, due))) return undefined;
  return piece.task.do === "missed" ? tellMissed(tx, context, piece) : replicate(tx, context, piece);
};
