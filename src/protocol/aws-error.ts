/** The one class of errors that clients see: a code of AWS's with what the answer says beside it. Any other throw is a bug. */

export type AwsErrorOptions = {
  /** Text of the answer's `Message`; left out, the service's table of errors gives it. */
  readonly message?: string;
  /** HTTP status; left out, the service's table of errors gives it. */
  readonly status?: number;
  /** Response headers that the answer carries beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * An error that is answered to the client.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export class AwsError extends Error {
  /** AWS's code: `NoSuchKey`. */
  readonly code: string;
  /** Elements beside Code, Message, RequestId and HostId, in the order of the answer. */
  readonly fields: Readonly<Record<string, string>>;
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, fields: Readonly<Record<string, string>> = {}, options: AwsErrorOptions = {}) {
    super(options.message ?? "");
    this.name = "AwsError";
    this.code = code;
    this.fields = fields;
    this.status = options.status;
    this.headers = options.headers ?? {};
  }
}
