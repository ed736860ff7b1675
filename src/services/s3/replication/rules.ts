/** Which rules of a bucket's replication configuration a version comes under. */
import type { ReplicationConfiguration, ReplicationRule } from "../../../protocol/generated/s3.ts";
import { getConfiguration } from "../../../state/buckets.ts";
import type { Bucket, ObjectVersion, Version } from "../../../state/model.ts";
import type { View } from "../../../state/view.ts";
import { bucketNameOfArn } from "../documents/destination.ts";
import { parseReplication } from "../documents/replication.ts";
import { isArchived } from "../storage-class.ts";

/** A rule, and the bucket that it replicates to. */
export type Route = { readonly rule: ReplicationRule; readonly destination: string };

export const readReplicationRules = async (
  view: View,
  bucket: Bucket,
): Promise<ReplicationConfiguration | undefined> => {
  const document = await getConfiguration(view, bucket, "replication");
  return document === undefined ? undefined : parseReplication(document);
};

/** What a version needs of a rule's filter and of what else the rule says of its kind. */
type Fits = (rule: ReplicationRule) => boolean;

/**
 * Where a version goes: of several rules to one bucket the one with the highest priority counts.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
 */
export const routesOf = (
  { Rules: rules }: ReplicationConfiguration,
  { bucket, fits }: { readonly bucket: Bucket; readonly fits: Fits },
): Route[] => {
  const routes = new Map<string, Route>();
  const byPriority = rules.toSorted((one, other) => (other.Priority ?? 0) - (one.Priority ?? 0));
  for (const rule of byPriority) {
    const destination = bucketNameOfArn(rule.Destination.Bucket, bucket);
    if (destination === undefined || routes.has(destination) || rule.Status !== "Enabled" || !fits(rule)) continue;
    routes.set(destination, { rule, destination });
  }
  return [...routes.values()];
};

const prefixOf = ({ Prefix: own, Filter: filter }: ReplicationRule): string =>
  own ?? filter?.Prefix ?? filter?.And?.Prefix ?? "";

const tagsOf = ({ Filter: filter }: ReplicationRule) =>
  filter?.Tag === undefined ? (filter?.And?.Tags ?? []) : [filter.Tag];

/** Whether a rule replicates an object when it is made. */
export const fitsObject =
  ({ key, attributes, storageClass }: ObjectVersion): Fits =>
  (rule) => {
    if (!key.startsWith(prefixOf(rule)) || isArchived(storageClass)) return false;
    const { tags = [], encryption } = attributes;
    const hasTag = ({ Key, Value }: { Key?: string | undefined; Value?: string | undefined }): boolean =>
      tags.some(({ key: name, value }) => name === Key && value === (Value ?? ""));
    if (!tagsOf(rule).every(hasTag)) return false;
    const underKms = encryption?.algorithm.startsWith("aws:kms") === true;
    return !underKms || rule.SourceSelectionCriteria?.SseKmsEncryptedObjects?.Status === "Enabled";
  };

/** Whether a rule replicates delete markers of a key; rules of before there were filters do so always. */
export const fitsMarker =
  ({ key }: Version): Fits =>
  (rule) =>
    key.startsWith(prefixOf(rule)) &&
    (rule.DeleteMarkerReplication === undefined
      ? rule.Filter === undefined
      : rule.DeleteMarkerReplication.Status === "Enabled");

/** Whether a rule replicates what is changed of a replica. */
export const fitsReplica: Fits = ({ SourceSelectionCriteria: criteria }) =>
  criteria?.ReplicaModifications?.Status === "Enabled";
