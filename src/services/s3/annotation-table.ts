/**
 * The table of annotations within a bucket's metadata configuration.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_AnnotationTableConfigurationUpdates.html
 */
import type { Operations } from "../../protocol/generated/s3.ts";
import { invalidRequest } from "./errors.ts";

type TableUpdates =
  Operations["UpdateBucketMetadataAnnotationTableConfiguration"]["input"]["AnnotationTableConfiguration"];

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/;

/** Errors: InvalidRequest for a key that does not fit the encryption, or a role that is none. */
export const assertTableUpdates = ({ EncryptionConfiguration: encryption, Role }: TableUpdates): void => {
  if (Role !== undefined && !ROLE_ARN.test(Role)) throw invalidRequest("The specified IAM role ARN is not valid.");
  assertTableEncryption(encryption);
};

/** Holds the encryption of a metadata table to itself. Errors: InvalidRequest for a key that does not fit it. */
export const assertTableEncryption = (encryption: TableUpdates["EncryptionConfiguration"]): void => {
  if (encryption === undefined) return;
  const { SseAlgorithm, KmsKeyArn } = encryption;
  if (SseAlgorithm === "aws:kms" && KmsKeyArn === undefined) {
    throw invalidRequest("The KMS key ARN must be specified for server-side encryption with aws:kms.");
  }
  if (SseAlgorithm !== "aws:kms" && KmsKeyArn !== undefined) {
    throw invalidRequest("A KMS key ARN is only applicable to server-side encryption with aws:kms.");
  }
};
