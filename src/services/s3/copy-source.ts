/** What `x-amz-copy-source` names. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
import { invalidArgument, type S3Error } from "./errors.ts";

/** A source, its escapes decoded. */
export type CopySource = { readonly bucketName: string; readonly key: string; readonly versionId?: string };

const VERSION_ID = "?versionId=";

const malformed = (): S3Error =>
  invalidArgument("Invalid copy source object key", { name: "x-amz-copy-source", value: "x-amz-copy-source" });

/** A header that was sent as plain UTF-8 arrives a character a byte. */
const asSent = (header: string): string =>
  // eslint-disable-next-line no-control-regex
  /^[\x00-\x7f]*$/.test(header) ? header : Buffer.from(header, "latin1").toString("utf8");

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
};

/**
 * Parses `[/]bucket/key[?versionId=id]`, percent-encoded.
 * Errors: InvalidArgument where there is no bucket, no key, or an escape that is none.
 */
export const parseCopySource = (header: string): CopySource => {
  const sent = asSent(header);
  const versionAt = sent.lastIndexOf(VERSION_ID);
  const path = decode(versionAt < 0 ? sent : sent.slice(0, versionAt));
  const from = path.startsWith("/") ? 1 : 0;
  const slash = path.indexOf("/", from);
  const bucketName = path.slice(from, slash);
  const key = path.slice(slash + 1);
  if (slash < 0 || bucketName === "" || key === "") throw malformed();
  const versionId = versionAt < 0 ? undefined : decode(sent.slice(versionAt + VERSION_ID.length));
  return { bucketName, key, ...(versionId === undefined ? {} : { versionId }) };
};
