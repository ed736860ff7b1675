/** What the tests over the AWS SDK share. */
import { CreateBucketCommand, type S3Client, type S3ServiceException } from "@aws-sdk/client-s3";

/** An error as a client sees it: code, status, and the elements beside them. */
export type Failure = S3ServiceException & { readonly Code?: string } & Readonly<Record<string, unknown>>;

/** The error that a call must end with. */
export const failure = async (call: Promise<unknown>): Promise<Failure> => {
  try {
    await call;
  } catch (error) {
    return error as Failure;
  }
  throw new Error("the call succeeded");
};

/** `[code, status]` of the error that a call must end with. HEAD errors have no code but the SDK's own. */
export const outcome = async (call: Promise<unknown>): Promise<[string, number | undefined]> => {
  const { name, $metadata } = await failure(call);
  return [name, $metadata.httpStatusCode];
};

let buckets = 0;

/** A new bucket with a name of its own. */
export const makeBucket = async (s3: S3Client, prefix: string): Promise<string> => {
  buckets += 1;
  const Bucket = `${prefix}-${process.pid}-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
};
