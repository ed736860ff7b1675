/** What `x-amz-copy-source` names. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
import { utf8OfHeader } from "../../protocol/header-text.ts";
import { hasBucketNameForm } from "./bucket-name.ts";
import { invalidArgument, S3Error } from "./errors.ts";

/** A source, its escapes decoded; `bucketName` may be the ARN of an access point. */
export type CopySource = { readonly bucketName: string; readonly key: string; readonly versionId?: string };

const VERSION_ID = "?versionId=";

/** AWS does not give the header back. */
const malformed = (what: "bucket name" | "encoding" | "object key"): S3Error =>
  invalidArgument(`Invalid copy source ${what}`, { name: "x-amz-copy-source", value: "x-amz-copy-source" });

/** As of a form: a plus is a blank. Clients that mean a plus write `%2B`. */
const decode = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    throw malformed("encoding");
  }
};

/** `arn:aws:s3:region:account:accesspoint/name/object/key`, which has its own kind of path behind it. */
const ACCESS_POINT_OBJECT = /^(arn:[^:]+:s3:[^:]+:\d{12}:accesspoint\/[^/]+)\/object\/([^]+)$/;

/**
 * Parses `[/]bucket/key[?versionId=id]`, percent-encoded, or the ARN of an object behind an access point.
 * Errors: InvalidArgument where there is no bucket, a name that no bucket can have, no key, or an escape that is none.
 */
export const parseCopySource = (header: string): CopySource => {
  const sent = utf8OfHeader(header);
  const versionAt = sent.lastIndexOf(VERSION_ID);
  const path = decode(versionAt < 0 ? sent : sent.slice(0, versionAt));
  const source = splitPath(path, path.startsWith("/") ? 1 : 0);
  const versionId = versionAt < 0 ? undefined : decode(sent.slice(versionAt + VERSION_ID.length));
  return { ...source, ...(versionId === undefined ? {} : { versionId }) };
};

const splitPath = (path: string, from: number): Pick<CopySource, "bucketName" | "key"> => {
  if (path.startsWith("arn:", from)) {
    const [, point, key] = ACCESS_POINT_OBJECT.exec(path.slice(from)) ?? [];
    if (point === undefined || key === undefined) throw malformed("object key");
    return { bucketName: point, key };
  }
  const slash = path.indexOf("/", from);
  const bucketName = path.slice(from, slash);
  const key = path.slice(slash + 1);
  if (slash < 0 || key === "") throw malformed("object key");
  if (!hasBucketNameForm(bucketName)) throw malformed("bucket name");
  return { bucketName, key };
};
