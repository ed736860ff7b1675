/**
 * PostObject, which AWS's model leaves out: a PutObject by a browser's form.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
 */
import type { Operations, Tagging } from "../generated/s3.ts";

type PutObject = Operations["PutObject"];

/** What an upload by form is answered when nothing else is asked for. */
export type PostObjectStatus = 200 | 201 | 204;

export type PostObjectInput = PutObject["input"] & {
  /** The tags in a document of their own, where a PUT has them in a header. */
  readonly TaggingDocument?: Tagging | undefined;
  readonly SuccessActionStatus: PostObjectStatus;
  /** Where the browser goes next: an absolute URL. */
  readonly SuccessActionRedirect?: string | undefined;
};

export type PostObjectOutput = PutObject["output"] & {
  readonly Bucket: string;
  readonly Key: string;
  /** The object's URL. */
  readonly Location: string;
  readonly Status: PostObjectStatus | 303;
  /** Where the browser goes next, with what has become of its upload in the query. */
  readonly Redirect?: string | undefined;
};
