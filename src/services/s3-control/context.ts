/** What an operation of S3 Control gets beside its input: the pipeline makes it for each request. */
import type { Caller } from "../../protocol/caller.ts";
import type { Operations } from "../../protocol/generated/s3-control.ts";
import type { Bucket } from "../../state/model.ts";
import type { World } from "../../state/world.ts";

export type S3ControlContext = {
  readonly world: World;
  readonly caller: Caller;
  /** The account that the request names, which is the caller's. */
  readonly accountId: string;
  /** The region that the request is for: access points are of one region. */
  readonly region: string;
  /** The world's time, drawn once for the request. */
  readonly nowMs: number;
  /** A bucket by its name; undefined where the caller knows none of that name. */
  readonly findBucket: (name: string) => Promise<Bucket | undefined>;
};

/** An operation's name, as S3 Control's model has it; those that are built alone. */
export type S3ControlOperationName = keyof Operations;

/** One operation: typed input in, typed output out. Throws `S3Error`; any other throw is a bug or the state's. */
export type S3ControlHandler<Name extends S3ControlOperationName> = (
  context: S3ControlContext,
  input: Operations[Name]["input"],
) => Promise<Operations[Name]["output"]>;
