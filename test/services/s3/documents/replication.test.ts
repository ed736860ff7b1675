import {
  DeleteBucketReplicationCommand,
  GetBucketReplicationCommand,
  PutBucketReplicationCommand,
  PutBucketVersioningCommand,
  type ReplicationConfiguration,
  type ReplicationRule,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

const versioned = async (client = s3): Promise<string> => {
  const Bucket = await makeBucket(client, "replicated");
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  return Bucket;
};
const put = (Bucket: string, configuration: ReplicationConfiguration) =>
  s3.send(new PutBucketReplicationCommand({ Bucket, ReplicationConfiguration: configuration }));
const get = async (Bucket: string) =>
  (await s3.send(new GetBucketReplicationCommand({ Bucket }))).ReplicationConfiguration;

const ROLE = "arn:aws:iam::123456789012:role/replication";
const target = await versioned();
const targetArn = `arn:aws:s3:::${target}`;
const foreign = await versioned(server.s3({ accountId: "222222222222" }));
const unversioned = await makeBucket(s3, "unversioned");

test.after.always(() => server.close());

test("replication rules come back as they were put, also of another account's bucket", async (t) => {
  const Bucket = await versioned();
  const rules: ReplicationRule[] = [
    {
      ID: "all of it",
      Priority: 1,
      Status: "Enabled",
      Filter: {},
      DeleteMarkerReplication: { Status: "Enabled" },
      Destination: {
        Bucket: targetArn,
        StorageClass: "STANDARD_IA",
        ReplicationTime: { Status: "Enabled", Time: { Minutes: 15 } },
        Metrics: { Status: "Enabled", EventThreshold: { Minutes: 15 } },
        EncryptionConfiguration: { ReplicaKmsKeyID: "arn:aws:kms:us-east-1:123456789012:key/k" },
      },
      SourceSelectionCriteria: {
        SseKmsEncryptedObjects: { Status: "Enabled" },
        ReplicaModifications: { Status: "Disabled" },
      },
    },
    {
      ID: "some of it",
      Priority: 0,
      Status: "Disabled",
      Filter: { And: { Prefix: "a/", Tags: [{ Key: "k", Value: "v" }] } },
      DeleteMarkerReplication: { Status: "Disabled" },
      Destination: {
        Bucket: `arn:aws:s3:::${foreign}`,
        Account: "222222222222",
        AccessControlTranslation: { Owner: "Destination" },
      },
    },
  ];
  await put(Bucket, { Role: ROLE, Rules: rules });
  t.deepEqual(await get(Bucket), { Role: ROLE, Rules: rules });
});

test("rules in the old form come back so, with an id each", async (t) => {
  const Bucket = await versioned();
  const Destination = { Bucket: targetArn };
  await put(Bucket, { Role: ROLE, Rules: [{ Status: "Enabled", Prefix: "a/", Destination }] });
  const { Rules: [rule] = [] } = (await get(Bucket)) ?? {};
  t.is(rule?.ID?.length, 48);
  t.deepEqual({ ...rule, ID: undefined }, { Status: "Enabled", Prefix: "a/", Destination, ID: undefined });
});

test("fact 48: neither side may be without versioning", async (t) => {
  const Bucket = await makeBucket(s3, "replicated");
  const rule: ReplicationRule = { Status: "Enabled", Prefix: "", Destination: { Bucket: targetArn } };
  const source = await failure(put(Bucket, { Role: ROLE, Rules: [rule] }));
  t.is(source.name, "InvalidRequest");
  t.is(source.message, "Versioning must be 'Enabled' on the bucket to apply a replication configuration");
  t.is((await failure(get(Bucket))).name, "ReplicationConfigurationNotFoundError");
});

test("versioning stays on while a bucket is replicated", async (t) => {
  const Bucket = await versioned();
  await put(Bucket, { Role: ROLE, Rules: [{ Status: "Enabled", Prefix: "", Destination: { Bucket: targetArn } }] });
  const suspend = () =>
    s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Suspended" } }));
  const error = await failure(suspend());
  t.is(error.name, "InvalidBucketState");
  t.is(
    error.message,
    "A replication configuration is present on this bucket, so the versioning state cannot be changed.",
  );
  t.is(error.$metadata.httpStatusCode, 409);
  await s3.send(new DeleteBucketReplicationCommand({ Bucket }));
  await t.notThrowsAsync(suspend());
});

test("fact 8: without replication rules there are none to get, and a second delete succeeds as the first", async (t) => {
  const Bucket = await versioned();
  await put(Bucket, { Role: ROLE, Rules: [{ Status: "Enabled", Prefix: "", Destination: { Bucket: targetArn } }] });
  for (const _ of [1, 2]) {
    const { $metadata } = await s3.send(new DeleteBucketReplicationCommand({ Bucket }));
    t.is($metadata.httpStatusCode, 204);
    const error = await failure(get(Bucket));
    t.is(error.name, "ReplicationConfigurationNotFoundError");
    t.is(error["BucketName"], Bucket);
    t.is(error.$metadata.httpStatusCode, 404);
  }
});

const MARKERS = "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>";
const destination = (rest = "", arn = targetArn): string => `<Destination><Bucket>${arn}</Bucket>${rest}</Destination>`;
const role = (rules: string, arn = ROLE): string => `<Role>${arn}</Role>${rules}`;
const bare = (content: string): string => `<Rule><Status>Enabled</Status>${content}</Rule>`;
const rule = (rest = destination(), filter = "<Filter/>", priority = 1): string =>
  bare(`${filter}<Priority>${priority}</Priority>${MARKERS}${rest}`);
const otherVersion = (what: string) =>
  invalidRequest(
    `${what} for this version of Cross Region Replication configuration schema. Please refer to S3 Developer Guide for more information.`,
  );
const TAG = "<Tag><Key>k</Key><Value>v</Value></Tag>";
const UNVERSIONED = invalidRequest("Destination bucket must have versioning enabled.");
const THRESHOLD = "<EventThreshold><Minutes>15</Minutes></EventThreshold>";
const time = (minutes: number): string =>
  `<ReplicationTime><Status>Enabled</Status><Time><Minutes>${minutes}</Minutes></Time></ReplicationTime>`;
const ofTimeControl = (ArgumentName: string, Message: string) => ({ Code: "InvalidArgument", Message, ArgumentName });

testRejections(
  {
    operation: "PutBucketReplication",
    query: "replication",
    root: "ReplicationConfiguration",
    content: role(rule()),
    once: "Priority",
    rejections: [
      { what: "no role", content: rule(), error: malformed() },
      {
        what: "a role that is none",
        content: role(rule(), "replication"),
        error: invalidArgument("Invalid Role ARN.", "Role", "replication"),
      },
      { what: "no rules", content: role(""), error: malformed() },
      { what: "a rule without a destination", content: role(rule("")), error: malformed() },
      { what: "a rule without filter and prefix", content: role(bare(destination())), error: malformed() },
      { what: "a rule with both", content: role(rule(destination(), "<Filter/><Prefix/>")), error: malformed() },
      {
        what: "two predicates in a filter",
        content: role(rule(destination(), `<Filter><Prefix>a</Prefix>${TAG}</Filter>`)),
        error: malformed(),
      },
      {
        what: "an And of one tag",
        content: role(rule(destination(), `<Filter><And>${TAG}</And></Filter>`)),
        error: malformed(),
      },
      {
        what: "a filter without a priority",
        content: role(bare(`<Filter/>${MARKERS}${destination()}`)),
        error: otherVersion("Priority must be specified"),
      },
      {
        what: "a filter that says nothing of delete markers",
        content: role(bare(`<Filter/><Priority>1</Priority>${destination()}`)),
        error: otherVersion("DeleteMarkerReplication must be specified"),
      },
      {
        what: "a priority in the old form",
        content: role(bare(`<Prefix/><Priority>1</Priority>${destination()}`)),
        error: otherVersion("Priority cannot be used"),
      },
      {
        what: "delete markers in the old form",
        content: role(bare(`<Prefix/>${MARKERS}${destination()}`)),
        error: otherVersion("DeleteMarkerReplication cannot be used"),
      },
      {
        what: "delete markers by tag",
        content: role(rule(destination(), `<Filter>${TAG}</Filter>`).replace("<Status>Disabled", "<Status>Enabled")),
        error: invalidRequest(
          "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer Guide for more information.",
        ),
      },
      {
        what: "one priority twice",
        content: role(rule() + rule()),
        error: invalidRequest("Found duplicate priority 1."),
      },
      {
        what: "a priority below none",
        content: role(rule(destination(), "<Filter/>", -1)),
        error: invalidRequest("Priority must be between 0 and 2147483647."),
      },
      {
        what: "one id twice",
        content: role(rule(`<ID>x</ID>${destination()}`) + rule(`<ID>x</ID>${destination()}`, "<Filter/>", 2)),
        error: invalidArgument("Rule Id must be unique", "ID", "x"),
      },
      {
        what: "an id that is too long",
        content: role(rule(`<ID>${"i".repeat(256)}</ID>${destination()}`)),
        error: invalidArgument("Rule Id cannot be greater than 255", "ID", "i".repeat(256)),
      },
      {
        what: "existing objects",
        content: role(
          rule(`<ExistingObjectReplication><Status>Enabled</Status></ExistingObjectReplication>${destination()}`),
        ),
        error: malformed(),
      },
      {
        what: "a destination that is no ARN",
        content: role(rule(destination("", target))),
        error: invalidArgument("Invalid bucket ARN", "Bucket", target),
      },
      {
        what: "a destination that is not there",
        fact: 48,
        content: role(rule(destination("", "arn:aws:s3:::no-such-destination"))),
        error: UNVERSIONED,
      },
      {
        what: "a destination without versioning",
        fact: 48,
        content: role(rule(destination("", `arn:aws:s3:::${unversioned}`))),
        error: UNVERSIONED,
      },
      {
        what: "an unknown storage class",
        content: role(rule(destination("<StorageClass>COLD</StorageClass>"))),
        error: malformed(),
      },
      {
        what: "another owner without the account",
        content: role(
          rule(destination("<AccessControlTranslation><Owner>Destination</Owner></AccessControlTranslation>")),
        ),
        error: invalidRequest("Account must be specified if the Owner in AccessControlTranslation has a value"),
      },
      {
        what: "a key for replicas of nothing encrypted",
        content: role(rule(destination("<EncryptionConfiguration/>"))),
        error: invalidRequest("SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present."),
      },
      {
        what: "encrypted objects without a key for their replicas",
        content: role(
          rule(
            `<SourceSelectionCriteria><SseKmsEncryptedObjects><Status>Enabled</Status></SseKmsEncryptedObjects></SourceSelectionCriteria>${destination()}`,
          ),
        ),
        error: invalidRequest("ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present."),
      },
      {
        what: "no criteria where some are announced",
        content: role(rule(`<SourceSelectionCriteria/>${destination()}`)),
        error: invalidRequest("SourceSelectionCriteria cannot be empty."),
      },
      {
        what: "time control without metrics",
        content: role(rule(destination(time(15)))),
        error: invalidRequest("Replication destination must contain both ReplicationTime and Metrics or neither."),
      },
      {
        what: "another time than 15 minutes",
        content: role(rule(destination(`${time(10)}<Metrics><Status>Enabled</Status>${THRESHOLD}</Metrics>`))),
        error: ofTimeControl("ReplicationTime", "Invalid time minute value"),
      },
      {
        what: "time control without a threshold",
        content: role(rule(destination(`${time(15)}<Metrics><Status>Enabled</Status></Metrics>`))),
        error: ofTimeControl("ReplicationMetrics", "ReplicationMetrics must contain an event threshold"),
      },
      {
        what: "a threshold without time control",
        content: role(rule(destination(`<Metrics><Status>Enabled</Status>${THRESHOLD}</Metrics>`))),
        error: ofTimeControl(
          "Metrics",
          "Metrics cannot contain an event threshold when ReplicationTime is not specified or Disabled",
        ),
      },
    ],
  },
  { server, makeBucket: () => versioned() },
);
