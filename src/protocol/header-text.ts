/**
 * Texts in headers, which Node gives and takes a character a byte. Some stand for headers without having been any: fields of a
 * browser's form, parameters of a presigned URL. They may hold what no header can, and what an object keeps of them goes out in
 * headers whenever it is read.
 */
import { AwsError } from "./aws-error.ts";

/** Metadata goes out as RFC 2047 words, and tags in documents: either may be any text. */
const ANY_TEXT = /^x-amz-(?:meta-|tagging$)/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;
// eslint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\x00-\x7f]/;

/**
 * The text as a header of that name would have brought it: in UTF-8, a character a byte. `name` is in lower case.
 * Errors: InvalidArgument for control characters, such as the end of a line.
 */
export const asHeaderText = (name: string, text: string): string => {
  if (ANY_TEXT.test(name)) return text;
  if (CONTROL.test(text)) {
    throw new AwsError(
      "InvalidArgument",
      { ArgumentName: name, ArgumentValue: text },
      { status: 400, message: "Header value cannot be represented using ISO-8859-1." },
    );
  }
  return BEYOND_ASCII.test(text) ? Buffer.from(text).toString("latin1") : text;
};

/** The text of a header that was sent as plain UTF-8. */
export const utf8OfHeader = (header: string): string =>
  BEYOND_ASCII.test(header) ? Buffer.from(header, "latin1").toString("utf8") : header;
