import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest, type Fields } from "../error-cases.ts";
import { malformed, testRejections, type Rejection } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const withBucket = { server, makeBucket: () => makeBucket(s3, "named") };

const ID = "<Id>id</Id>";
const TAG = "<Tag><Key>k</Key><Value>v</Value></Tag>";
const MISMATCH: Fields = {
  Code: "IdMismatch",
  Message: "Document ID does not match the specified configuration ID.",
};
const NO_BUCKET: Fields = { Code: "InvalidS3DestinationBucket", Message: "Invalid bucket ARN." };

/** What no configuration with an id may be; `inOf` puts a filter into one that is fine otherwise. */
const common = (query: string, whole: string, inOf: (filter: string) => string): Rejection[] => [
  { what: "another id in the body", fact: 47, content: whole, query: `${query}&id=other`, error: MISMATCH },
  { what: "no id in the body", content: whole.replace(ID, ""), error: malformed() },
  { what: "an empty filter", content: inOf("<Filter/>"), error: malformed() },
  {
    what: "two predicates in a filter",
    content: inOf(`<Filter><Prefix>a</Prefix>${TAG}</Filter>`),
    error: malformed(),
  },
  { what: "an And of one tag", content: inOf(`<Filter><And>${TAG}</And></Filter>`), error: malformed() },
  {
    what: "tags with the same key",
    content: inOf(`<Filter><And>${TAG}${TAG}</And></Filter>`),
    error: invalidRequest("Duplicate Tag Keys are not allowed."),
  },
];

const ANALYSIS = "<StorageClassAnalysis/>";
const exported = (content: string): string =>
  `${ID}<StorageClassAnalysis><DataExport><OutputSchemaVersion>V_1</OutputSchemaVersion><Destination><S3BucketDestination>${content}</S3BucketDestination></Destination></DataExport></StorageClassAnalysis>`;

testRejections(
  {
    operation: "PutBucketAnalyticsConfiguration",
    query: "analytics&id=id",
    root: "AnalyticsConfiguration",
    content: ID + ANALYSIS,
    once: "Id",
    rejections: [
      ...common("analytics", ID + ANALYSIS, (filter) => ID + filter + ANALYSIS),
      { what: "no analysis", content: ID, error: malformed() },
      {
        what: "an export that is not to a bucket",
        content: exported("<Format>CSV</Format><Bucket>reports</Bucket>"),
        error: NO_BUCKET,
      },
      {
        what: "an export in another format",
        content: exported("<Format>JSON</Format><Bucket>arn:aws:s3:::reports</Bucket>"),
        error: malformed(),
      },
      {
        what: "an export of another schema",
        content: exported("<Format>CSV</Format><Bucket>arn:aws:s3:::reports</Bucket>").replace("V_1", "V_2"),
        error: malformed(),
      },
      {
        what: "an export to an account that is none",
        content: exported(
          "<Format>CSV</Format><Bucket>arn:aws:s3:::reports</Bucket><BucketAccountId>1</BucketAccountId>",
        ),
        error: invalidArgument("The account id is not valid.", "AccountId", "1"),
      },
    ],
  },
  withBucket,
);

const tier = (name: string, days: number | string): string =>
  `<Tiering><AccessTier>${name}</AccessTier><Days>${days}</Days></Tiering>`;
const tiered = (...tiers: string[]): string => `${ID}<Status>Enabled</Status>${tiers.join("")}`;
const ARCHIVE = tier("ARCHIVE_ACCESS", 90);
const outOfRange = (name: string, least: number, days: number) =>
  invalidArgument(`'Days' for ${name} must be between ${least} and 730`, "Days", String(days));

testRejections(
  {
    operation: "PutBucketIntelligentTieringConfiguration",
    query: "intelligent-tiering&id=id",
    root: "IntelligentTieringConfiguration",
    content: tiered(ARCHIVE),
    once: "Status",
    rejections: [
      ...common("intelligent-tiering", tiered(ARCHIVE), (filter) => tiered(ARCHIVE) + filter),
      { what: "no tiers", content: tiered(), error: malformed() },
      { what: "no status", content: ID + ARCHIVE, error: malformed() },
      { what: "an unknown tier", content: tiered(tier("FREQUENT_ACCESS", 90)), error: malformed() },
      { what: "one tier twice", content: tiered(ARCHIVE, tier("ARCHIVE_ACCESS", 100)), error: malformed() },
      {
        what: "a tier without days",
        content: tiered("<Tiering><AccessTier>ARCHIVE_ACCESS</AccessTier></Tiering>"),
        error: malformed(),
      },
      { what: "days that are no number", content: tiered(tier("ARCHIVE_ACCESS", "soon")), error: malformed() },
      {
        what: "a tier too early",
        content: tiered(tier("ARCHIVE_ACCESS", 89)),
        error: outOfRange("ARCHIVE_ACCESS", 90, 89),
      },
      {
        what: "the deep tier too early",
        content: tiered(tier("DEEP_ARCHIVE_ACCESS", 179)),
        error: outOfRange("DEEP_ARCHIVE_ACCESS", 180, 179),
      },
      {
        what: "a tier too late",
        content: tiered(tier("DEEP_ARCHIVE_ACCESS", 731)),
        error: outOfRange("DEEP_ARCHIVE_ACCESS", 180, 731),
      },
      {
        what: "tiers in the wrong order",
        content: tiered(tier("ARCHIVE_ACCESS", 200), tier("DEEP_ARCHIVE_ACCESS", 200)),
        error: invalidArgument(
          "'Days' for DEEP_ARCHIVE_ACCESS must be greater than 'Days' for ARCHIVE_ACCESS",
          "Days",
          "200",
        ),
      },
    ],
  },
  withBucket,
);

testRejections(
  {
    operation: "PutBucketMetricsConfiguration",
    query: "metrics&id=id",
    root: "MetricsConfiguration",
    content: `${ID}<Filter><Prefix>a</Prefix></Filter>`,
    once: "Filter",
    rejections: [
      ...common("metrics", ID, (filter) => ID + filter),
      {
        what: "an access point that is none",
        content: `${ID}<Filter><AccessPointArn>point</AccessPointArn></Filter>`,
        error: invalidArgument("The access point ARN is not valid.", "AccessPointArn", "point"),
      },
      {
        what: "a prefix that is longer than a key",
        content: `${ID}<Filter><Prefix>${"p".repeat(1_025)}</Prefix></Filter>`,
        error: invalidRequest("The maximum size of a prefix is 1024."),
      },
    ],
  },
  withBucket,
);

const INTO =
  "<Destination><S3BucketDestination><Bucket>arn:aws:s3:::reports</Bucket><Format>CSV</Format></S3BucketDestination></Destination>";
const INVENTORY = `${ID}<IsEnabled>true</IsEnabled><IncludedObjectVersions>All</IncludedObjectVersions><Schedule><Frequency>Daily</Frequency></Schedule>${INTO}`;
const into = (content: string): string => INVENTORY.replace("<Format>CSV</Format>", `<Format>CSV</Format>${content}`);

testRejections(
  {
    operation: "PutBucketInventoryConfiguration",
    query: "inventory&id=id",
    root: "InventoryConfiguration",
    content: INVENTORY,
    once: "Schedule",
    rejections: [
      { what: "another id in the body", fact: 47, content: INVENTORY, query: "inventory&id=other", error: MISMATCH },
      { what: "no id in the body", content: INVENTORY.replace(ID, ""), error: malformed() },
      {
        what: "a destination that is no ARN",
        fact: 47,
        content: INVENTORY.replace("arn:aws:s3:::", ""),
        error: NO_BUCKET,
      },
      {
        what: "a destination in another partition",
        content: INVENTORY.replace("arn:aws:", "arn:aws-cn:"),
        error: NO_BUCKET,
      },
      { what: "no destination", content: INVENTORY.replace(INTO, ""), error: malformed() },
      { what: "another format", content: INVENTORY.replace("CSV", "JSON"), error: malformed() },
      { what: "another frequency", content: INVENTORY.replace("Daily", "Hourly"), error: malformed() },
      { what: "versions that are none", content: INVENTORY.replace("All", "Some"), error: malformed() },
      { what: "neither on nor off", content: INVENTORY.replace("true", "maybe"), error: malformed() },
      {
        what: "an unknown field",
        fact: 43,
        content: `${INVENTORY}<OptionalFields><Field>Color</Field></OptionalFields>`,
        error: malformed(),
      },
      {
        what: "a field twice",
        content: `${INVENTORY}<OptionalFields><Field>Size</Field><Field>Size</Field></OptionalFields>`,
        error: malformed(),
      },
      { what: "a filter without a prefix", content: `${INVENTORY}<Filter/>`, error: malformed() },
      { what: "no encryption where one is announced", content: into("<Encryption/>"), error: malformed() },
      {
        what: "two encryptions",
        content: into("<Encryption><SSE-S3/><SSE-KMS><KeyId>k</KeyId></SSE-KMS></Encryption>"),
        error: malformed(),
      },
      {
        what: "a key that is no ARN",
        content: into("<Encryption><SSE-KMS><KeyId>k</KeyId></SSE-KMS></Encryption>"),
        error: invalidArgument("The KMS key ARN is not valid.", "KeyId", "k"),
      },
      {
        what: "an account that is none",
        content: into("<AccountId>1</AccountId>"),
        error: invalidArgument("The account id is not valid.", "AccountId", "1"),
      },
    ],
  },
  withBucket,
);
