/** Replication rules. https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html */
import type { ReplicationConfiguration, ReplicationRule } from "../../../protocol/generated/s3.ts";
import type { Draw } from "../../../state/id-stream.ts";
import { invalidRequest } from "../errors.ts";
import { CONFIGURATION_RULES_MAX, DOCUMENT_INTEGER_MAX, RULE_ID_CHARS_MAX } from "../limits.ts";
import { argumentError, assertFilterTags, assertPrefix, assertSchema, countGiven } from "./checks.ts";
import { bucketNameOfArn, findNamedBucket } from "./destination.ts";
import type { DocumentPlace } from "./document.ts";
import { drawRuleId } from "./drawn-id.ts";
import { assertDestination } from "./replication-destination.ts";

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/;

/** Replication rules that are put, with an id for each. Errors: MalformedXML, InvalidArgument, InvalidRequest, InvalidTag. */
export const readReplication = (
  { Role: role, Rules: rules }: ReplicationConfiguration,
  { draw }: { readonly draw: Draw },
): ReplicationConfiguration => {
  if (!ROLE_ARN.test(role)) throw argumentError("Role", role, "Invalid Role ARN.");
  assertSchema(rules.length > 0);
  if (rules.length > CONFIGURATION_RULES_MAX) {
    throw invalidRequest(
      `The number of replication rules must not exceed the allowed limit of ${CONFIGURATION_RULES_MAX} rules.`,
    );
  }
  const isOld = rules.some(({ Filter }) => Filter === undefined);
  for (const rule of rules) assertRule(rule, { isOld });
  assertUnique(rules);
  return {
    Role: role,
    Rules: rules.map((rule) => ({ ...rule, ID: rule.ID === undefined || rule.ID === "" ? drawRuleId(draw) : rule.ID })),
  };
};

const assertRule = (rule: ReplicationRule, { isOld }: { readonly isOld: boolean }): void => {
  // Left of the time when existing objects were replicated by request: S3 replicates them by a batch job now.
  assertSchema(rule.ExistingObjectReplication === undefined);
  assertFilter(rule);
  for (const member of ["Priority", "DeleteMarkerReplication"] as const) {
    if ((rule[member] === undefined) !== isOld) throw otherVersion(member, { isOld });
  }
  const { Priority: priority = 0, DeleteMarkerReplication: markers, SourceSelectionCriteria: criteria } = rule;
  if (priority < 0 || priority > DOCUMENT_INTEGER_MAX) {
    throw invalidRequest(`Priority must be between 0 and ${DOCUMENT_INTEGER_MAX}.`);
  }
  if (markers !== undefined) {
    assertSchema(markers.Status !== undefined);
    if (markers.Status === "Enabled" && tagsOf(rule).length > 0) {
      throw invalidRequest(
        "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.",
      );
    }
  }
  if (criteria !== undefined && countGiven(criteria.SseKmsEncryptedObjects, criteria.ReplicaModifications) === 0) {
    throw invalidRequest("SourceSelectionCriteria cannot be empty.");
  }
  assertDestination(rule.Destination, { encrypted: criteria?.SseKmsEncryptedObjects });
};

/** Rules with filters name a priority and say what becomes of delete markers; those of before cannot. */
const otherVersion = (member: string, { isOld }: { readonly isOld: boolean }) =>
  invalidRequest(
    `${member} ${isOld ? "cannot be used" : "must be specified"} for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.`,
  );

const tagsOf = ({ Filter: filter }: ReplicationRule) =>
  filter?.Tag === undefined ? (filter?.And?.Tags ?? []) : [filter.Tag];

const assertFilter = (rule: ReplicationRule): void => {
  const { Filter: filter, Prefix: ownPrefix } = rule;
  assertSchema(countGiven(filter, ownPrefix) === 1);
  const { And: and, Prefix: prefix, Tag: tag, Not: not } = filter ?? {};
  assertSchema(countGiven(and, prefix, tag, not) <= 1);
  if (and !== undefined) assertSchema((and.Tags?.length ?? 0) + countGiven(and.Prefix, and.Not) > 1);
  assertPrefix(ownPrefix ?? prefix ?? and?.Prefix);
  assertFilterTags(tagsOf(rule));
};

const assertUnique = (rules: readonly ReplicationRule[]): void => {
  const ids = new Set<string>();
  const priorities = new Set<number>();
  for (const { ID: id = "", Priority: priority } of rules) {
    if (id.length > RULE_ID_CHARS_MAX) {
      throw argumentError("ID", id, `Rule Id cannot be greater than ${RULE_ID_CHARS_MAX}`);
    }
    if (ids.has(id)) throw argumentError("ID", id, "Rule Id must be unique");
    if (id !== "") ids.add(id);
    if (priority === undefined) continue;
    if (priorities.has(priority)) throw invalidRequest(`Found duplicate priority ${priority}.`);
    priorities.add(priority);
  }
};

/**
 * Holds both sides of each rule to what can be replicated. Errors: InvalidRequest for a bucket without versioning, and for a
 * destination that is not there, has none, or is the source; InvalidArgument for an ARN of no bucket.
 */
export const assertReplicationFits = async (
  { Rules: rules }: ReplicationConfiguration,
  place: DocumentPlace,
): Promise<void> => {
  const { bucket } = place;
  if (bucket.versioning !== "Enabled") {
    throw invalidRequest("Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  }
  for (const { Destination: destination } of rules) {
    const name = bucketNameOfArn(destination.Bucket, bucket);
    if (name === undefined) throw argumentError("Bucket", destination.Bucket, "Invalid bucket ARN");
    const target = await findNamedBucket(place, { name, accountId: destination.Account });
    if (target?.id === bucket.id) {
      throw invalidRequest("Destination bucket cannot be the same as the source bucket.");
    }
    // S3 says the same of one that is not there.
    if (target?.versioning !== "Enabled") throw invalidRequest("Destination bucket must have versioning enabled.");
  }
};

/** Reads what was kept. */
export const parseReplication = (document: string): ReplicationConfiguration =>
  JSON.parse(document) as ReplicationConfiguration;
