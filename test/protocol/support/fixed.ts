/** Members of S3's structures that cannot hold just any text: the SDK or the codec reads them. `null` leaves a member out. */
import { createHash } from "node:crypto";

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
  Bucket: "some.bucket-name",
  ContentLength: null,
  CopySource: "bucket/some%20key?versionId=v",
  EncodingType: "url",
  // A second form of Expires that the SDK makes up itself.
  ExpiresString: null,
  SSECustomerKey: CUSTOMER_KEY_TEXT,
  SSECustomerKeyMD5: CUSTOMER_KEY_MD5,
  CopySourceSSECustomerKey: CUSTOMER_KEY_TEXT,
  CopySourceSSECustomerKeyMD5: CUSTOMER_KEY_MD5,
};

export const fixedS3Value = (structure: string, member: string): unknown => {
  if (structure.endsWith("Request") && member === "ChecksumAlgorithm") return "SHA256";
  const key = `${structure}.${member}`;
  return key in BY_MEMBER ? BY_MEMBER[key] : BY_NAME[member];
};
