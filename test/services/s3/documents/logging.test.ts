import {
  CreateBucketCommand,
  GetBucketLoggingCommand,
  PutBucketLoggingCommand,
  PutBucketRequestPaymentCommand,
  type BucketLoggingStatus,
  type BucketLogsPermission,
  type LoggingEnabled,
} from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { failure, makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

const put = (Bucket: string, status: BucketLoggingStatus) =>
  s3.send(new PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: status }));
const get = async (Bucket: string) => (await s3.send(new GetBucketLoggingCommand({ Bucket }))).LoggingEnabled;

const makeTarget = async (ObjectOwnership: "BucketOwnerPreferred" | "BucketOwnerEnforced", accountId?: string) => {
  const Bucket = `logs-${process.pid}-${ObjectOwnership.toLowerCase()}-${accountId ?? "own"}`;
  const client = server.s3(accountId === undefined ? {} : { accountId });
  await client.send(new CreateBucketCommand({ Bucket, ObjectOwnership }));
  return Bucket;
};

const withAcls = await makeTarget("BucketOwnerPreferred");
const withoutAcls = await makeTarget("BucketOwnerEnforced");
const foreign = await makeTarget("BucketOwnerPreferred", "222222222222");

const paid = await makeBucket(s3, "paid");
const RequestPaymentConfiguration = { Payer: "Requester" } as const;
await s3.send(new PutBucketRequestPaymentCommand({ Bucket: paid, RequestPaymentConfiguration }));

test.after.always(() => server.close());

test("logging comes back as it was put, and an empty status turns it off", async (t) => {
  const Bucket = await makeBucket(s3, "logged");
  t.is(await get(Bucket), undefined);
  const ID = "a".repeat(64);
  const plain: LoggingEnabled = { TargetBucket: withoutAcls, TargetPrefix: "logs/" };
  const all: LoggingEnabled = {
    TargetBucket: withAcls,
    TargetPrefix: "",
    TargetGrants: [
      { Grantee: { Type: "CanonicalUser", ID }, Permission: "READ" },
      {
        Grantee: { Type: "Group", URI: "http://acs.amazonaws.com/groups/global/AllUsers" },
        Permission: "FULL_CONTROL",
      },
    ],
    TargetObjectKeyFormat: { PartitionedPrefix: { PartitionDateSource: "EventTime" } },
  };
  const simple: LoggingEnabled = { ...plain, TargetObjectKeyFormat: { SimplePrefix: {} } };
  for (const LoggingEnabled of [plain, all, simple]) {
    await put(Bucket, { LoggingEnabled });
    t.deepEqual(await get(Bucket), LoggingEnabled);
  }
  await put(Bucket, {});
  t.is(await get(Bucket), undefined);
});

test("S3's log delivery may be granted READ_ACP on logs, which AWS was recorded to keep although it does not document it", async (t) => {
  const Bucket = await makeBucket(s3, "logged");
  const Grantee = { Type: "Group", URI: "http://acs.amazonaws.com/groups/s3/LogDelivery" } as const;
  const TargetGrants = ["WRITE", "READ_ACP"].map((Permission) => ({
    Grantee,
    Permission: Permission as BucketLogsPermission,
  }));
  const LoggingEnabled = { TargetBucket: withAcls, TargetPrefix: "log", TargetGrants };
  await put(Bucket, { LoggingEnabled });
  t.deepEqual(await get(Bucket), LoggingEnabled);
});

test("a bucket may log to itself", async (t) => {
  const Bucket = await makeBucket(s3, "logged");
  await put(Bucket, { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: "logs/" } });
  t.is((await get(Bucket))?.TargetBucket, Bucket);
});

test("fact 17: logs of another region are refused, and who is not at home there is told both places", async (t) => {
  const makeIn = async (region: "eu-west-1" | "us-west-2") => {
    const Bucket = `logged-${process.pid}-${region}`;
    const CreateBucketConfiguration = { LocationConstraint: region };
    await server.s3({ region }).send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }));
    return Bucket;
  };
  const [home, europe, west] = [await makeBucket(s3, "logged"), await makeIn("eu-west-1"), await makeIn("us-west-2")];
  const refusal = (Bucket: string, TargetBucket: string) =>
    failure(put(Bucket, { LoggingEnabled: { TargetBucket, TargetPrefix: "" } }));

  const fromHome = await refusal(home, europe);
  t.is(fromHome.name, "CrossLocationLoggingProhibitted");
  t.is(fromHome.message, "Cross S3 location logging not allowed. ");
  t.is(fromHome.$metadata.httpStatusCode, 403);
  t.is(fromHome["TargetBucketLocation"], "eu-west-1");
  t.is(fromHome["SourceBucketLocation"], undefined);

  const fromWest = await refusal(west, europe);
  t.is(fromWest["TargetBucketLocation"], "eu-west-1");
  t.is(fromWest["SourceBucketLocation"], "us-west-2");
  t.is(await get(home), undefined);
});

const enabled = (content: string): string => `<LoggingEnabled>${content}</LoggingEnabled>`;
const to = (target: string, rest = ""): string =>
  enabled(`<TargetBucket>${target}</TargetBucket><TargetPrefix>logs/</TargetPrefix>${rest}`);
const grant = (content: string): string => `<TargetGrants><Grant>${content}</Grant></TargetGrants>`;
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const user = (id: string): string => `<Grantee ${XSI} xsi:type="CanonicalUser"><ID>${id}</ID></Grantee>`;
const badTarget = (Message: string, TargetBucket: string) => ({
  Code: "InvalidTargetBucketForLogging",
  Message,
  TargetBucket,
});

testRejections(
  {
    operation: "PutBucketLogging",
    query: "logging",
    root: "BucketLoggingStatus",
    content: to(withAcls),
    once: "TargetPrefix",
    emptyRoot: "accepted",
    rejections: [
      { what: "no target", content: enabled("<TargetPrefix/>"), error: malformed() },
      { what: "no prefix", content: enabled(`<TargetBucket>${withAcls}</TargetBucket>`), error: malformed() },
      {
        what: "a target that is not there",
        fact: 17,
        content: to("no-such-target"),
        error: badTarget("The target bucket for logging does not exist", "no-such-target"),
      },
      {
        what: "another account's target",
        content: to(foreign),
        error: badTarget("The owner for the bucket to be logged and the target bucket must be the same.", foreign),
      },
      {
        what: "a target whose requesters pay",
        content: to(paid),
        error: badTarget(
          "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.",
          paid,
        ),
      },
      {
        what: "grants in a bucket without ACLs",
        content: to(withoutAcls, grant(`${user("a".repeat(64))}<Permission>READ</Permission>`)),
        error: {
          Code: "AccessControlListNotSupported",
          Message: "Target grants not allowed for bucket owner enforced buckets",
        },
      },
      {
        what: "a grant to nobody",
        content: to(withAcls, grant("<Permission>READ</Permission>")),
        error: malformed(),
      },
      { what: "a grant of nothing", content: to(withAcls, grant(user("a".repeat(64)))), error: malformed() },
      {
        what: "a permission that there is not",
        content: to(withAcls, grant(`${user("a".repeat(64))}<Permission>LIST</Permission>`)),
        error: malformed(),
      },
      {
        what: "a grantee of a malformed id",
        content: to(withAcls, grant(`${user("nobody")}<Permission>READ</Permission>`)),
        error: invalidArgument("Invalid id", "CanonicalUser/ID", "nobody"),
      },
      {
        what: "both forms of keys",
        content: to(withAcls, "<TargetObjectKeyFormat><SimplePrefix/><PartitionedPrefix/></TargetObjectKeyFormat>"),
        error: malformed(),
      },
      {
        what: "no form of keys",
        content: to(withAcls, "<TargetObjectKeyFormat/>"),
        error: malformed(),
      },
      {
        what: "an unknown source of dates",
        content: to(
          withAcls,
          "<TargetObjectKeyFormat><PartitionedPrefix><PartitionDateSource>Today</PartitionDateSource></PartitionedPrefix></TargetObjectKeyFormat>",
        ),
        error: malformed(),
      },
      {
        what: "a prefix that is longer than a key",
        content: enabled(`<TargetBucket>${withAcls}</TargetBucket><TargetPrefix>${"p".repeat(1_025)}</TargetPrefix>`),
        error: invalidRequest("The maximum size of a prefix is 1024."),
      },
    ],
  },
  { server, makeBucket: () => makeBucket(s3, "logged") },
);
