/** The documents that are not rows of the table, because a bucket's own members follow from them, hold to the same. */
import {
  CreateBucketCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketVersioningCommand,
  type ObjectOwnership,
} from "@aws-sdk/client-s3";
import test from "ava";
import { canonicalOwnerId } from "../../../../src/protocol/caller.ts";
import { startTestServer } from "../../../support/server.ts";
import { makeBucket } from "../client.ts";
import { invalidArgument, type Fields } from "../error-cases.ts";
import { malformed, testRejections } from "./rejections.ts";

const server = await startTestServer();
const s3 = server.s3();

test.after.always(() => server.close());

const withBucket = (prefix: string) => ({ server, makeBucket: () => makeBucket(s3, prefix) });

const byDefault = (content: string): string =>
  `<Rule><ApplyServerSideEncryptionByDefault>${content}</ApplyServerSideEncryptionByDefault></Rule>`;

testRejections(
  {
    operation: "PutBucketEncryption",
    query: "encryption",
    root: "ServerSideEncryptionConfiguration",
    content: byDefault("<SSEAlgorithm>AES256</SSEAlgorithm>"),
    once: "SSEAlgorithm",
    rejections: [
      { what: "an empty rule", content: "<Rule/>", error: malformed() },
      { what: "no algorithm", content: byDefault(""), error: malformed() },
      { what: "an unknown algorithm", content: byDefault("<SSEAlgorithm>ROT13</SSEAlgorithm>"), error: malformed() },
      {
        what: "two rules",
        content: byDefault("<SSEAlgorithm>AES256</SSEAlgorithm>").repeat(2),
        error: malformed(),
      },
      {
        what: "a key that encrypts nothing",
        content: byDefault("<SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID>"),
        error: {
          Code: "InvalidArgument",
          Message: "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
          ArgumentName: "ApplyServerSideEncryptionByDefault",
        },
      },
    ],
  },
  withBucket("encryption"),
);

const tag = (key: string, value: string): string => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`;
const tags = (content: string): string => `<TagSet>${content}</TagSet>`;
const badTag = (Message: string, fields: Fields): Fields => ({ Code: "InvalidTag", Message, ...fields });

testRejections(
  {
    operation: "PutBucketTagging",
    query: "tagging",
    root: "Tagging",
    content: tags(tag("k", "v")),
    once: "TagSet",
    rejections: [
      { what: "a tag without a key", fact: 43, content: tags("<Tag><Value>v</Value></Tag>"), error: malformed() },
      { what: "a tag without a value", fact: 43, content: tags("<Tag><Key>k</Key></Tag>"), error: malformed() },
      {
        what: "one key twice",
        fact: 45,
        content: tags(tag("k", "a") + tag("k", "b")),
        error: badTag("Cannot provide multiple Tags with the same key", { TagKey: "k" }),
      },
      {
        what: "a key that AWS keeps for itself",
        fact: 45,
        content: tags(tag("aws:k", "v")),
        error: badTag("System tags cannot be added/updated by requester", { TagKey: "aws:k" }),
      },
      {
        what: "a key that is too long",
        content: tags(tag("k".repeat(129), "v")),
        error: badTag("The TagKey you have provided is invalid", { TagKey: "k".repeat(129) }),
      },
      {
        what: "51 tags",
        content: tags(Array.from({ length: 51 }, (_, at) => tag(`k${at}`, "v")).join("")),
        error: { Code: "BadRequest", Message: "Bucket tag count cannot be greater than 50" },
      },
    ],
  },
  withBucket("tagged"),
);

testRejections(
  {
    operation: "PutBucketOwnershipControls",
    query: "ownershipControls",
    root: "OwnershipControls",
    content: "<Rule><ObjectOwnership>BucketOwnerPreferred</ObjectOwnership></Rule>",
    once: "ObjectOwnership",
    rejections: [
      { what: "an empty rule", content: "<Rule/>", error: malformed() },
      {
        what: "an unknown ownership",
        content: "<Rule><ObjectOwnership>Nobody</ObjectOwnership></Rule>",
        error: malformed(),
      },
      {
        what: "two rules",
        fact: 43,
        content: "<Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule>".repeat(2),
        error: malformed(),
      },
    ],
  },
  withBucket("owned"),
);

testRejections(
  {
    operation: "PutPublicAccessBlock",
    query: "publicAccessBlock",
    root: "PublicAccessBlockConfiguration",
    content: "<BlockPublicAcls>true</BlockPublicAcls>",
    once: "BlockPublicAcls",
    emptyRoot: "accepted",
    rejections: [
      { what: "neither true nor false", content: "<BlockPublicAcls>yes</BlockPublicAcls>", error: malformed() },
      { what: "nothing where a word belongs", content: "<BlockPublicPolicy/>", error: malformed() },
    ],
  },
  withBucket("blocked"),
);

testRejections(
  {
    operation: "PutBucketVersioning",
    query: "versioning",
    root: "VersioningConfiguration",
    content: "<Status>Enabled</Status>",
    once: "Status",
    emptyRoot: { Code: "IllegalVersioningConfigurationException", Message: "The Versioning element must be specified" },
    rejections: [
      { what: "a status in lower case", fact: 14, content: "<Status>enabled</Status>", error: malformed() },
      { what: "an unknown status", fact: 14, content: "<Status>Disabled</Status>", error: malformed() },
    ],
  },
  withBucket("versioned"),
);

const retention = (content: string): string =>
  `<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>${content}</DefaultRetention></Rule>`;

testRejections(
  {
    operation: "PutObjectLockConfiguration",
    query: "object-lock",
    root: "ObjectLockConfiguration",
    content: retention("<Mode>GOVERNANCE</Mode><Days>1</Days>"),
    once: "ObjectLockEnabled",
    emptyBody: malformed(),
    rejections: [
      {
        what: "both days and years",
        fact: 43,
        content: retention("<Mode>GOVERNANCE</Mode><Days>1</Days><Years>1</Years>"),
        error: malformed(),
      },
      { what: "no mode", fact: 43, content: retention("<Days>1</Days>"), error: malformed() },
      { what: "no period", content: retention("<Mode>GOVERNANCE</Mode>"), error: malformed() },
      { what: "an unknown mode", content: retention("<Mode>LAX</Mode><Days>1</Days>"), error: malformed() },
      {
        what: "no days",
        content: retention("<Mode>GOVERNANCE</Mode><Days>0</Days>"),
        error: {
          Code: "InvalidArgument",
          Message: "Default retention period must be a positive integer value.",
          ArgumentName: "Days",
        },
      },
      {
        what: "too many years",
        content: retention("<Mode>GOVERNANCE</Mode><Years>101</Years>"),
        error: { Code: "InvalidArgument", Message: "Default retention period too large.", ArgumentName: "Years" },
      },
    ],
  },
  {
    server,
    makeBucket: async () => {
      const Bucket = await makeBucket(s3, "locked");
      await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
      return Bucket;
    },
  },
);

const OWNER = `<Owner><ID>${canonicalOwnerId("123456789012")}</ID></Owner>`;
const XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';
const grant = (grantee: string, permission = "READ"): string =>
  `${OWNER}<AccessControlList><Grant>${grantee}<Permission>${permission}</Permission></Grant></AccessControlList>`;
const user = (id: string): string => `<Grantee ${XSI} xsi:type="CanonicalUser"><ID>${id}</ID></Grantee>`;
const MALFORMED_ACL = "MalformedACLError";

testRejections(
  {
    operation: "PutBucketAcl",
    query: "acl",
    root: "AccessControlPolicy",
    content: grant(user("b".repeat(64))),
    once: "Owner",
    malformedCode: MALFORMED_ACL,
    emptyBody: {
      Code: "MissingSecurityHeader",
      Message: "Your request was missing a required header",
      MissingHeaderName: "x-amz-acl",
    },
    rejections: [
      {
        what: "no owner",
        fact: 43,
        content: grant(user("b".repeat(64))).replace(OWNER, ""),
        error: malformed(MALFORMED_ACL),
      },
      { what: "no grants", content: OWNER, error: malformed(MALFORMED_ACL) },
      {
        what: "an unknown permission",
        content: grant(user("b".repeat(64)), "OWN"),
        error: malformed(MALFORMED_ACL),
      },
      {
        what: "a malformed id",
        fact: 46,
        content: grant(user("nobody")),
        error: invalidArgument("Invalid id", "CanonicalUser/ID", "nobody"),
      },
      {
        what: "an unknown group",
        fact: 46,
        content: grant(`<Grantee ${XSI} xsi:type="Group"><URI>http://example.com/all</URI></Grantee>`),
        error: invalidArgument("Invalid group uri", "Group/URI", "http://example.com/all"),
      },
    ],
  },
  {
    server,
    makeBucket: async () => {
      const Bucket = `acl-${process.pid}`;
      const ObjectOwnership: ObjectOwnership = "BucketOwnerPreferred";
      await s3.send(new CreateBucketCommand({ Bucket, ObjectOwnership }));
      const OwnershipControls = { Rules: [{ ObjectOwnership }] };
      await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls }));
      return Bucket;
    },
  },
);
