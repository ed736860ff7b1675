/** Members of S3's structures that cannot hold just any text: the SDK or the codec reads them. `null` leaves a member out. */
import { createHash } from "node:crypto";
import { description } from "../../../src/protocol/generated/s3.ts";

const CUSTOMER_KEY = Buffer.alloc(32, 7);
const CUSTOMER_KEY_TEXT = CUSTOMER_KEY.toString("base64");
const CUSTOMER_KEY_MD5 = createHash("md5").update(CUSTOMER_KEY).digest("base64");

const BY_MEMBER: Readonly<Record<string, unknown>> = {
  "CreateBucketConfiguration.Bucket": undefined,
  "Grantee.Type": "CanonicalUser",
  "WriteGetObjectResponseRequest.RequestRoute": "route",
  "WriteGetObjectResponseRequest.StatusCode": 206,
};

const BY_NAME: Readonly<Record<string, unknown>> = {
  // Any word but ENABLED, which would make the SDK check what it reads.
  ChecksumMode: "some mode",
  Bucket: "some.bucket-name",
  ContentLength: null,
  CopySource: "bucket/some%20key?versionId=v",
  // A second form of Expires that the SDK makes up itself.
  ExpiresString: null,
  SSECustomerKey: CUSTOMER_KEY_TEXT,
  SSECustomerKeyMD5: CUSTOMER_KEY_MD5,
  CopySourceSSECustomerKey: CUSTOMER_KEY_TEXT,
  CopySourceSSECustomerKeyMD5: CUSTOMER_KEY_MD5,
};

/** A word of the set that a member, or a list's item, is of. */
export const wordOf = (structure: string, member: string): string | undefined => {
  const row = description.structures[structure]?.members.find(([name]) => name === member);
  const type = row?.[1] ?? description.lists[structure]?.of ?? "";
  return type.startsWith("enum ") ? description.enums[type.slice("enum ".length)]?.at(-1) : undefined;
};

export const fixedS3Value = (structure: string, member: string): unknown => {
  if (structure.endsWith("Request") && member === "ChecksumAlgorithm") return "SHA256";
  const key = `${structure}.${member}`;
  if (key in BY_MEMBER) return BY_MEMBER[key];
  return member in BY_NAME ? BY_NAME[member] : wordOf(structure, member);
};
