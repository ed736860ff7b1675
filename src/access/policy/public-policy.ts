/**
 * What S3 calls a public policy.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status
 */
import { readOperator, type Condition } from "./conditions.ts";
import { readIpRange } from "./ip-ranges.ts";
import type { Policy, Statement } from "./policy.ts";

/** Keys that a fixed value of makes a statement one for some, whoever they are. */
const CONFINING_KEYS = new Set([
  "aws:principalaccount",
  "aws:principalarn",
  "aws:principalorgid",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceorgid",
  "aws:sourceowner",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:userid",
  "s3:dataaccesspointaccount",
  "s3:x-amz-server-side-encryption-aws-kms-key-id",
]);

/** Operators that hold a request to the values; with IfExists or ForAllValues, or negated, one without the key goes through. */
const CONFINING_OPERATORS = new Set([
  "StringEquals",
  "StringEqualsIgnoreCase",
  "StringLike",
  "ArnEquals",
  "ArnLike",
  "IpAddress",
]);

const isFixed = (value: string): boolean => !/[*?]/.test(value) && !value.includes("${");

/** An access point's name may vary as long as its account does not. */
const ACCESS_POINT = /^arn:aws[a-z-]*:s3:[^:]*:\d{12}:.+$/;

/** The fewest bits that must be the same: ranges that leave more open are public. No private network (RFC 1918) is so broad. */
const RANGE_BITS_MIN = { ipv4: 8, ipv6: 32 } as const;

const isConfiningValue = (name: string, value: string): boolean => {
  if (name === "s3:dataaccesspointarn") return ACCESS_POINT.test(value) && !value.includes("${");
  if (name !== "aws:sourceip") return CONFINING_KEYS.has(name) && isFixed(value);
  const range = readIpRange(value);
  return range !== undefined && range.bits >= RANGE_BITS_MIN[range.family];
};

const confines = ({ operator, name, wanted }: Condition): boolean => {
  const parts = readOperator(operator);
  if (parts === undefined || parts.ifExists || parts.quantifier === "ForAllValues") return false;
  if (!CONFINING_OPERATORS.has(parts.name) || (parts.name === "IpAddress") !== (name === "aws:sourceip")) return false;
  return wanted.length > 0 && wanted.every((value) => isConfiningValue(name, value));
};

const isForEveryone = ({ principals }: Statement): boolean =>
  principals === undefined || principals.except || principals.named.some(({ text }) => text === "*");

/** True where a statement allows something to whoever asks, or to more than fixed accounts, networks and resources. */
export const isPublicPolicy = ({ statements }: Policy): boolean =>
  statements.some(
    (statement) =>
      statement.effect === "Allow" && isForEveryone(statement) && !statement.conditions.some((each) => confines(each)),
  );
