/** Where a replication rule sends replicas, and what they are there. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Destination.html */
import type { Destination, SseKmsEncryptedObjects } from "../../../protocol/generated/s3.ts";
import { invalidRequest, S3Error } from "../errors.ts";
import { REPLICATION_MINUTES } from "../limits.ts";
import { isNameableStorageClass } from "../storage-class.ts";
import { argumentError, assertSchema } from "./checks.ts";

const KMS_KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)\/.+$/;

/** `encrypted`: what the rule says of objects under a KMS key. Errors: MalformedXML, InvalidArgument, InvalidRequest. */
export const assertDestination = (
  destination: Destination,
  { encrypted }: { readonly encrypted: SseKmsEncryptedObjects | undefined },
): void => {
  const { StorageClass: storageClass, AccessControlTranslation: translation, Account: account } = destination;
  assertSchema(storageClass === undefined || isNameableStorageClass(storageClass));
  if (translation !== undefined && account === undefined) {
    throw invalidRequest("Account must be specified if the Owner in AccessControlTranslation has a value");
  }
  assertEncryption(destination, encrypted);
  assertTimeControl(destination);
};

const assertEncryption = (
  { EncryptionConfiguration: encryption }: Destination,
  encrypted: SseKmsEncryptedObjects | undefined,
): void => {
  if (encryption !== undefined && encrypted === undefined) {
    throw invalidRequest("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.");
  }
  const keyId = encryption?.ReplicaKmsKeyID;
  if (encrypted !== undefined && keyId === undefined && encryption?.UseSourceMultiRegionKey === undefined) {
    throw invalidRequest("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.");
  }
  if (keyId !== undefined && !KMS_KEY_ARN.test(keyId)) {
    throw argumentError("ReplicaKmsKeyID", keyId, "Invalid ReplicaKmsKeyID ARN.");
  }
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-time-control.html */
const assertTimeControl = ({ ReplicationTime: control, Metrics: metrics }: Destination): void => {
  const threshold = metrics?.EventThreshold?.Minutes;
  if (control !== undefined) {
    if (metrics === undefined) {
      throw invalidRequest("Replication destination must contain both ReplicationTime and Metrics or neither.");
    }
    if (control.Time.Minutes !== REPLICATION_MINUTES) {
      throw ofTimeControl("ReplicationTime", "Invalid time minute value");
    }
  }
  if (control?.Status === "Enabled") {
    if (threshold === undefined) {
      throw ofTimeControl("ReplicationMetrics", "ReplicationMetrics must contain an event threshold");
    }
    if (threshold !== REPLICATION_MINUTES) {
      throw ofTimeControl("ReplicationMetrics", "Invalid event threshold minute value");
    }
  } else if (metrics?.EventThreshold !== undefined) {
    throw ofTimeControl(
      "Metrics",
      "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
    );
  }
};

const ofTimeControl = (name: string, message: string): S3Error =>
  new S3Error("InvalidArgument", { ArgumentName: name }, { message });
