/** What the validators of several kinds of document check alike. */
import type { Tag } from "../../../protocol/generated/s3.ts";
import { invalidArgument, invalidRequest, S3Error } from "../errors.ts";
import { DOCUMENT_INTEGER_MAX, KEY_BYTES_MAX, TAG_KEY_CHARS_MAX, TAG_VALUE_CHARS_MAX } from "../limits.ts";

/** Errors: MalformedXML unless `holds`. */
export const assertSchema = (holds: boolean): void => {
  if (!holds) throw new S3Error("MalformedXML");
};

/** How many of them were given. */
export const countGiven = (...members: readonly unknown[]): number =>
  members.filter((member) => member !== undefined).length;

/** InvalidArgument about a number or a text of a document. */
export const argumentError = (name: string, value: string | number, message: string): S3Error =>
  invalidArgument(message, { name, value: String(value) });

/** Holds a number to the integers that a document can hold. Errors: MalformedXML. */
export const assertInteger = (value: number | undefined): void => {
  assertSchema(value === undefined || Math.abs(value) <= DOCUMENT_INTEGER_MAX);
};

/** Holds a prefix that objects are chosen by to a key's length. Errors: InvalidRequest. */
export const assertPrefix = (prefix: string | undefined): void => {
  if (prefix !== undefined && Buffer.byteLength(prefix) > KEY_BYTES_MAX) {
    throw invalidRequest(`The maximum size of a prefix is ${KEY_BYTES_MAX}.`);
  }
};

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** Holds tags that objects are chosen by to what tags can be. Errors: InvalidRequest for a key that comes twice, InvalidTag. */
export const assertFilterTags = (tags: readonly Tag[]): void => {
  for (const { Key: key, Value: value } of tags) {
    if (key === "" || key.length > TAG_KEY_CHARS_MAX || !TAG_TEXT.test(key)) {
      throw new S3Error("InvalidTag", { TagKey: key }, { message: "The TagKey you have provided is invalid" });
    }
    if (value.length > TAG_VALUE_CHARS_MAX || !TAG_TEXT.test(value)) {
      const fields = { TagKey: key, TagValue: value };
      throw new S3Error("InvalidTag", fields, { message: "The TagValue you have provided is invalid" });
    }
  }
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) {
    throw invalidRequest("Duplicate Tag Keys are not allowed.");
  }
};
