/**
 * Answers that begin before the work is done. Copies and completions may read many bytes; when one takes long, S3 sends the head
 * of a success, white space from time to time, and then the result, or an error in the place of the result.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
import { Readable } from "node:stream";
import type { LateAnswerTimes } from "../platform/limits.ts";
import type { WireResponse } from "../protocol/wire.ts";
import type { S3OperationName } from "../services/s3/context.ts";

const SLOW: ReadonlySet<S3OperationName> = new Set(["CompleteMultipartUpload", "CopyObject", "UploadPartCopy"]);

/** Operations that AWS documents to answer 200 and say later whether they failed. */
export const mayAnswerLate = (operation: S3OperationName): boolean => SLOW.has(operation);

const XML_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';
const OWN_HEAD = /^<\?xml[^>]*\?>\s*/;

export type LateAnswerOptions = {
  /** What every answer carries; what the result would have added in headers is not known in time. */
  readonly headers: Readonly<Record<string, string>>;
  readonly times: LateAnswerTimes;
};

/** The answer that `work` comes to, or after a while the beginning of it. `work` must not reject. */
export const answerInTime = (work: Promise<WireResponse>, options: LateAnswerOptions): Promise<WireResponse> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(lateAnswer(work, options)), options.times.afterMs);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });

const lateAnswer = (work: Promise<WireResponse>, { headers, times }: LateAnswerOptions): WireResponse => {
  const timer = setInterval(() => body.push(" "), times.everyMs);
  const body = new Readable({
    read: () => undefined,
    destroy: (error, done) => {
      clearInterval(timer);
      done(error);
    },
  });
  // An XML declaration must stand before the white space.
  body.push(XML_HEAD);
  // What does not come to a document is a fault, and the connection is cut: nobody shall take the beginning for an answer.
  void work
    .finally(() => clearInterval(timer))
    .then((answer) => finish(body, answer))
    .catch((error: Error) => body.destroy(error));
  return { status: 200, headers: { ...headers, "Content-Type": "application/xml" }, body };
};

const finish = (body: Readable, answer: WireResponse): void => {
  body.push(documentOf(answer));
  body.push(null);
};

/** The document of an answer, without its declaration. */
const documentOf = ({ body }: WireResponse): string => {
  if (typeof body !== "string") throw new Error("only documents are answered late");
  return body.replace(OWN_HEAD, "");
};
