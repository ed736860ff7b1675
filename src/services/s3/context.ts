/** The surroundings of an operation: the pipeline makes them for each request. */
import type { Caller, Session } from "../../protocol/caller.ts";
import type { Operations } from "../../protocol/generated/s3.ts";
import type { Payload } from "../../protocol/payload.ts";
import type { AccessPoint } from "../../state/access-points.ts";
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

/** An action, on a key or on the bucket itself where none is named. */
export type WantedAccess = {
  /** `s3:GetObject` */
  readonly action: string;
  /** Another one than that of the request. */
  readonly bucket?: Bucket;
  readonly key?: string | undefined;
  readonly versionId?: string | undefined;
  /** The ETag on which it depends, where that is another than the request's. */
  readonly ifMatch?: string | undefined;
};

/** What a session with a directory bucket is for. */
export type BucketSessionOptions = {
  readonly durationSeconds: number;
  readonly directoryBucket: NonNullable<Session["directoryBucket"]>;
};

type IssuedCredentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
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
  /** The access point that the request came through. */
  readonly accessPoint?: AccessPoint | undefined;
  /** Whether it named that as a bucket. */
  readonly namedByAlias?: boolean | undefined;
  /** Another bucket, for copies, by its name or that of an access point. What of it the caller may read is asked by `demand`. Throws NoSuchBucket. */
  readonly findBucket: (name: string) => Promise<Bucket>;
  /**
   * Whether the caller may do something beside what its request was let through for: bypass governance, for example. Not to be
   * asked within a transaction.
   */
  readonly may: (wanted: WantedAccess) => Promise<boolean>;
  /** The same for what cannot be done without: DeleteObjects asks for each key. Throws AccessDenied. */
  readonly demand: (wanted: WantedAccess) => Promise<void>;
  /**
   * Its Authorization header, or `null`, where a request is signed with Signature Version 2 and the world judges signatures: what is
   * under a key of AWS KMS is for Version 4 alone.
   */
  readonly signedV2?: string | undefined;
  /** The body, for operations that do not decode it. */
  readonly payload: Payload;
  readonly endpoint: Endpoint;
  /** Makes temporary credentials of the caller's for one directory bucket. */
  readonly issueSession: (options: BucketSessionOptions) => IssuedCredentials;
  /** The address that the request came from. */
  readonly sourceIp?: string | undefined;
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
