/** What `x-amz-rename-source` names. https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html */
import { utf8OfHeader } from "../../protocol/header-text.ts";
import { invalidArgument } from "./errors.ts";
import { assertKey } from "./object-key.ts";

const HEADER = "x-amz-rename-source";

/**
 * The key of the object to rename. The header is percent-encoded and holds `key`, `/key` or `/bucket/key`; a key that begins with a
 * slash has it encoded.
 * Errors: InvalidArgument where there is no key, or an escape that is none; KeyTooLongError.
 */
export const parseRenameSource = (header: string, { bucketName }: { readonly bucketName: string }): string => {
  const sent = utf8OfHeader(header);
  const path = sent.startsWith("/") ? sent.slice(1) : sent;
  const inBucket = sent.startsWith(`/${bucketName}/`) ? path.slice(bucketName.length + 1) : path;
  const key = decode(inBucket);
  if (key === undefined || key === "") {
    throw invalidArgument("Invalid rename source object key", { name: HEADER, value: header });
  }
  assertKey(key);
  return key;
};

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};
