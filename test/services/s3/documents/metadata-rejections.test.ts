import { CreateBucketMetadataConfigurationCommand } from "@aws-sdk/client-s3";
import test from "ava";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";
import { invalidArgument, invalidRequest } from "../error-cases.ts";
import { malformed, testRejections, type Rejection } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const empty = { server, makeBucket: () => makeBucket(s3, "metadata") };
const configured = {
  server,
  makeBucket: async () => {
    const Bucket = await makeBucket(s3, "metadata");
    const MetadataConfiguration = {
      JournalTableConfiguration: { RecordExpiration: { Expiration: "DISABLED" as const } },
    };
    await s3.send(new CreateBucketMetadataConfigurationCommand({ Bucket, MetadataConfiguration }));
    return Bucket;
  },
};

const expiring = (content: string): string => `<RecordExpiration>${content}</RecordExpiration>`;
const OFF = expiring("<Expiration>DISABLED</Expiration>");
const ON = "<Expiration>ENABLED</Expiration>";
const outOfRange = (days: string) => invalidArgument("'Days' must be between 7 and 2147483647", "Days", days);

/** What no journal table may say; `within` puts its content into the document. */
const ofJournal = (within: (content: string) => string): Rejection[] => [
  { what: "no expiration", content: within(""), error: malformed() },
  { what: "an expiration that says nothing", content: within(expiring("")), error: malformed() },
  { what: "an unknown expiration", content: within(expiring("<Expiration>On</Expiration>")), error: malformed() },
  { what: "an expiration after no days", content: within(expiring(ON)), error: malformed() },
  {
    what: "days where nothing expires",
    content: within(OFF.replace("<Exp", "<Days>7</Days><Exp")),
    error: malformed(),
  },
  { what: "days that are no number", content: within(expiring(`${ON}<Days>week</Days>`)), error: malformed() },
  { what: "six days", content: within(expiring(`${ON}<Days>6</Days>`)), error: outOfRange("6") },
  {
    what: "days that no 32 bits hold",
    content: within(expiring(`${ON}<Days>2147483648</Days>`)),
    error: outOfRange("2147483648"),
  },
];

const encrypted = (content: string): string => `<EncryptionConfiguration>${content}</EncryptionConfiguration>`;

/** What no table's encryption may be. */
const ofEncryption = (within: (encryption: string) => string): Rejection[] => [
  { what: "an encryption without an algorithm", content: within(encrypted("")), error: malformed() },
  {
    what: "an unknown algorithm",
    content: within(encrypted("<SseAlgorithm>aws:kms:dsse</SseAlgorithm>")),
    error: malformed(),
  },
  {
    what: "an encryption without its key",
    content: within(encrypted("<SseAlgorithm>aws:kms</SseAlgorithm>")),
    error: invalidRequest("The KMS key ARN must be specified for server-side encryption with aws:kms."),
  },
  {
    what: "a key that encrypts nothing",
    content: within(encrypted("<SseAlgorithm>AES256</SseAlgorithm><KmsKeyArn>k</KmsKeyArn>")),
    error: invalidRequest("A KMS key ARN is only applicable to server-side encryption with aws:kms."),
  },
];

const journal = (content: string): string => `<JournalTableConfiguration>${content}</JournalTableConfiguration>`;
const inventory = (content: string): string =>
  `${journal(OFF)}<InventoryTableConfiguration>${content}</InventoryTableConfiguration>`;
const ENABLED = "<ConfigurationState>ENABLED</ConfigurationState>";

testRejections(
  {
    operation: "CreateBucketMetadataConfiguration",
    query: "metadataConfiguration",
    method: "POST",
    root: "MetadataConfiguration",
    content: inventory(ENABLED),
    once: "JournalTableConfiguration",
    rejections: [
      ...ofJournal(journal),
      ...ofEncryption((encryption) => inventory(ENABLED + encryption)),
      { what: "an inventory without a state", content: inventory(""), error: malformed() },
      {
        what: "an unknown state",
        content: inventory(ENABLED.replace("ENABLED", "PAUSED")),
        error: malformed(),
      },
    ],
  },
  empty,
);

const destination = (arn: string, name = "my_table"): string =>
  `<S3TablesDestination><TableBucketArn>${arn}</TableBucketArn><TableName>${name}</TableName></S3TablesDestination>`;
const ARN = "arn:aws:s3tables:us-east-1:123456789012:bucket/my-tables";
const badArn = (arn: string) => invalidArgument("The specified table bucket ARN is not valid.", "TableBucketArn", arn);

testRejections(
  {
    operation: "CreateBucketMetadataTableConfiguration",
    query: "metadataTable",
    method: "POST",
    root: "MetadataTableConfiguration",
    content: destination(ARN),
    once: "TableName",
    rejections: [
      { what: "an empty destination", content: "<S3TablesDestination/>", error: malformed() },
      { what: "a destination that is no ARN", content: destination("my-tables"), error: badArn("my-tables") },
      {
        what: "another account's tables",
        content: destination(ARN.replace("123456789012", "222222222222")),
        error: badArn(ARN.replace("123456789012", "222222222222")),
      },
      {
        what: "another region's tables",
        content: destination(ARN.replace("us-east-1", "eu-west-1")),
        error: badArn(ARN.replace("us-east-1", "eu-west-1")),
      },
      {
        what: "a name that no table has",
        content: destination(ARN, "My-Table"),
        error: invalidArgument("The specified table name is not valid.", "TableName", "My-Table"),
      },
    ],
  },
  empty,
);

testRejections(
  {
    operation: "UpdateBucketMetadataInventoryTableConfiguration",
    query: "metadataInventoryTable",
    readQuery: "metadataConfiguration",
    root: "InventoryTableConfiguration",
    content: ENABLED,
    once: "ConfigurationState",
    rejections: [
      ...ofEncryption((encryption) => ENABLED + encryption),
      { what: "an unknown state", content: ENABLED.replace("ENABLED", "enabled"), error: malformed() },
    ],
  },
  configured,
);

testRejections(
  {
    operation: "UpdateBucketMetadataJournalTableConfiguration",
    query: "metadataJournalTable",
    readQuery: "metadataConfiguration",
    root: "JournalTableConfiguration",
    content: OFF,
    once: "RecordExpiration",
    rejections: ofJournal((content) => content),
  },
  configured,
);

testRejections(
  {
    operation: "UpdateBucketMetadataAnnotationTableConfiguration",
    query: "metadataAnnotationTable",
    readQuery: "metadataConfiguration",
    root: "AnnotationTableConfiguration",
    content: ENABLED,
    once: "ConfigurationState",
    rejections: [
      ...ofEncryption((encryption) => ENABLED + encryption),
      {
        what: "a role that is none",
        content: `${ENABLED}<Role>reader</Role>`,
        error: invalidRequest("The specified IAM role ARN is not valid."),
      },
    ],
  },
  configured,
);
