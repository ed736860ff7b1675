/** What S3 answers to the body of a POST that is not the form it should be. */
import { AwsError } from "../aws-error.ts";

export const malformedForm = (): AwsError =>
  new AwsError(
    "MalformedPOSTRequest",
    {},
    { status: 400, message: "The body of your POST request is not well-formed multipart/form-data." },
  );

/** What stands before the file is larger than `bytesMax`. */
export const fieldsTooLarge = ({ bytesMax }: { readonly bytesMax: number }): AwsError =>
  new AwsError(
    "MaxPostPreDataLengthExceededError",
    { MaxPostPreDataLengthBytes: String(bytesMax) },
    { status: 400, message: "Your POST request fields preceding the upload file were too large." },
  );

const ONE_FILE = "POST requires exactly one file upload per request.";

/** A form without a file: AWS has a code for it and answers this one. */
export const noFile = (): AwsError =>
  new AwsError("InvalidArgument", { ArgumentName: "file", ArgumentValue: "0" }, { status: 400, message: ONE_FILE });

export const severalFiles = (): AwsError =>
  new AwsError("IncorrectNumberOfFilesInPostRequest", {}, { status: 400, message: ONE_FILE });
