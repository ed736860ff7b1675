/** What the tables of S3's operations share. */
import { hash } from "node:crypto";
import type * as sdk from "@aws-sdk/client-s3";
import type { Operations } from "../../../src/protocol/generated/s3.ts";
import type { OperationRows } from "../../support/operation-rows.ts";

/** What each operation finds, in an account of its own: a bucket with the object `k`, and another, empty bucket. */
export type Stage = {
  readonly s3: sdk.S3Client;
  readonly accountId: string;
  readonly Bucket: string;
  readonly Other: string;
};

export type S3Rows = OperationRows<Stage, Operations, typeof sdk>;

export const Key = "k";
export const TEXT = "body";
export const ETAG = `"${hash("md5", TEXT)}"`;
export const TAGS = [{ Key: "a", Value: "b" }];

/** Asks about the bucket, and nothing else. */
export const ofBucket = ({ Bucket }: Stage): { Bucket: string } => ({ Bucket });

/** Asks about the object, and nothing else. */
export const ofObject = ({ Bucket }: Stage): { Bucket: string; Key: string } => ({ Bucket, Key });

/** The name of a directory bucket, which CreateSession's row makes. */
export const directoryOf = ({ accountId }: Stage): string => `directory-${accountId}--use1-az4--x-s3`;
