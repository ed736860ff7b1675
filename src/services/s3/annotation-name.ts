/**
 * Names of annotations.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/annotations-overview.html#annotations-naming-rules
 */
import { S3Error } from "./errors.ts";
import { ANNOTATION_NAME_BYTES_MAX } from "./limits.ts";

/** Letters of any language, digits and three marks. */
const NAME = /^[\p{L}0-9_.-]+$/u;
const RESERVED = /^(?:aws|s3)/i;

const isTooLong = (text: string): boolean => Buffer.byteLength(text) > ANNOTATION_NAME_BYTES_MAX;

/** Whether an annotation can have this name. */
export const isAnnotationName = (name: string): boolean => !isTooLong(name) && NAME.test(name) && !RESERVED.test(name);

/** Errors: AnnotationNameTooLong, InvalidAnnotationName. */
export const assertAnnotationName = (name: string): void => {
  if (isAnnotationName(name)) return;
  throw new S3Error(isTooLong(name) ? "AnnotationNameTooLong" : "InvalidAnnotationName", { AnnotationName: name });
};

/** Errors: InvalidPrefix for a text that no name can begin with because of its length or characters. */
export const assertAnnotationPrefix = (prefix: string): void => {
  if (prefix === "" || (!isTooLong(prefix) && NAME.test(prefix))) return;
  throw new S3Error("InvalidPrefix", { AnnotationPrefix: prefix });
};
