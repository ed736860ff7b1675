/** The surroundings of an operation: the pipeline makes them for each request. */
import type { Caller } from "../../protocol/caller.ts";
import type { Operations } from "../../protocol/generated/s3.ts";
import type { Payload } from "../../protocol/payload.ts";
import type { Bodies } from "../../state/bodies/bodies.ts";
import type { Draw } from "../../state/id-stream.ts";
import type { Bucket } from "../../state/model.ts";
import type { World } from "../../state/world.ts";

/** How the client reached the server, for answers that name a URL or depend on the region's endpoint. */
export type Endpoint = {
  readonly region: string;
  readonly secure: boolean;
  /** The Host header, with its port; begins with the bucket when `style` is `virtual`. */
  readonly host: string;
  readonly style: "path" | "virtual";
};

/** What an S3 operation gets beside its input. */
export type S3Context = {
  readonly world: World;
  readonly bodies: Bodies;
  readonly caller: Caller;
  /** The world's time, drawn once for the request. */
  readonly nowMs: number;
  readonly draw: Draw;
  /** The bucket that the request names, as it was found; absent for ListBuckets and CreateBucket. */
  readonly bucket?: Bucket | undefined;
  /** Another bucket as this caller may see it, for copies. Throws NoSuchBucket. */
  readonly findBucket: (name: string) => Promise<Bucket>;
  /** The body, for operations that do not decode it. */
  readonly payload: Payload;
  readonly endpoint: Endpoint;
};

/** An operation's name, as S3's model has it. */
export type S3OperationName = keyof Operations;

/** One operation: typed input in, typed output out. Throws `S3Error`; any other throw is a bug or the state's. */
export type S3Handler<Name extends S3OperationName> = (
  context: S3Context,
  input: Operations[Name]["input"],
) => Promise<Operations[Name]["output"]>;

/** The bucket of an operation that names one. */
export const bucketOf = ({ bucket }: S3Context): Bucket => {
  if (bucket === undefined) throw new Error("this operation runs only on a bucket that was found");
  return bucket;
};
