/** What the steps of a request learnt, so that all of it is known after any failure. */
import type { Identified } from "../identity/identify.ts";
import type { DeleteObjectsOutput } from "../protocol/generated/s3.ts";
import type { Bucket } from "../state/model.ts";
import type { Access } from "./access.ts";
import type { Passage } from "./access-point.ts";

export type TrailFacts = {
  /** By AWS's name, or the model's: `PutObject`, `PostObject`, `Preflight`, `AssumeRole`. */
  readonly operation?: string;
  readonly service?: "s3" | "s3-control" | "sts" | "iam";
  readonly identified?: Identified;
  /** The bucket's name in the request, which need not be there. */
  readonly bucketName?: string | undefined;
  readonly key?: string | undefined;
  /** The bucket that it names, once the caller may use it. */
  readonly bucket?: Bucket;
  /** The access point that it came through, once its bucket was found. */
  readonly passage?: Passage;
  /** The one that it copies from. */
  readonly sourceBucket?: Bucket;
  /** The access point that it copies through. */
  readonly sourcePassage?: Passage | undefined;
  /** What came of a DeleteObjects, key by key. */
  readonly deleted?: DeleteObjectsOutput;
  /** How it is judged. */
  readonly access?: Access;
  /** The host that the request was signed for, where that is another one than it came to and counts as well. */
  readonly signedHost?: string;
  /** Whether an ACL alone allowed it. */
  readonly aclRequired?: boolean;
  /** The code of the error that was answered. */
  readonly errorCode?: string;
};

/** Grows from step to step. */
export class Trail {
  /** All that is known up to now. The same object from first to last: a copy for each step costs more than many a step. */
  readonly facts: TrailFacts = {};

  /** Adds what a step learnt. */
  note(facts: TrailFacts): void {
    Object.assign(this.facts, facts);
  }
}
