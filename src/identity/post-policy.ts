/**
 * The policy of a POST form: what its signer lets whoever has it upload.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
 */
import { conditionFailed, extraFields, invalidPolicyDocument } from "./identity-errors.ts";

/** The fields of a form by lower-case name; `name` as the form spells it. */
type PolicyFields = ReadonlyMap<string, { readonly name: string; readonly value: string }>;

type Match = {
  readonly kind: "eq" | "starts-with";
  /** As the policy has it, in either form: `$key`. */
  readonly field: string;
  readonly value: string;
};
type Range = { readonly kind: "content-length-range"; readonly from: unknown; readonly to: unknown };
type Condition = Match | Range;

export type PostPolicy = { readonly expiresAtMs: number; readonly conditions: readonly Condition[] };

/** Bytes that a file must have and may have. */
export type SizeRange = { readonly sizeBytesMin: number; readonly sizeBytesMax: number };

const RANGE = "content-length-range";
/** S3 reads this form of ISO 8601 and no other: in UTC, with a `T`. */
const EXPIRATION = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z$/;

const invalidJson = (): Error => invalidPolicyDocument("Invalid JSON.");

const readExpiration = (expiration: unknown): number => {
  if (expiration === undefined) throw invalidPolicyDocument("Policy missing expiration.");
  const text = typeof expiration === "string" ? expiration : JSON.stringify(expiration);
  const expiresAtMs = EXPIRATION.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(expiresAtMs)) throw invalidPolicyDocument(`Invalid 'expiration' value: '${text}'`);
  return expiresAtMs;
};

/** `{"acl": "private"}` says the same as `["eq", "$acl", "private"]`. */
const readSimple = (condition: object): Condition => {
  const [entry, ...others] = Object.entries(condition);
  if (entry === undefined || others.length > 0) {
    throw invalidPolicyDocument(
      "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
    );
  }
  const [name, value] = entry as [string, unknown];
  if (value === null) throw invalidJson();
  if (typeof value !== "string") throw invalidPolicyDocument("Invalid Simple-Condition: value must be a string.");
  return { kind: "eq", field: `$${name}`, value };
};

const isBound = (value: unknown): boolean => typeof value === "string" || Number.isInteger(value);

const readList = (condition: readonly unknown[]): Condition => {
  const [operator, first, second] = condition;
  if (typeof operator !== "string") throw invalidPolicyDocument("Invalid Condition: missing operation identifier.");
  const kind = operator.toLowerCase();
  if (kind !== "eq" && kind !== "starts-with" && kind !== RANGE) {
    throw invalidPolicyDocument(`Invalid Condition: unknown operation '${operator}'.`);
  }
  if (condition.length !== 3) throw invalidPolicyDocument(`Invalid ${kind}: wrong number of arguments.`);
  if (kind === RANGE) {
    if (!isBound(first) || !isBound(second)) throw invalidJson();
    return { kind, from: first, to: second };
  }
  if (typeof first !== "string" || typeof second !== "string") throw invalidJson();
  return { kind, field: first, value: second };
};

const readCondition = (condition: unknown): Condition => {
  if (Array.isArray(condition)) return readList(condition as readonly unknown[]);
  if (typeof condition === "object" && condition !== null) return readSimple(condition);
  throw invalidPolicyDocument("Invalid condition test: must be a List or Object.");
};

const readDocument = (policy: string): Readonly<Record<string, unknown>> => {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(policy, "base64").toString());
  } catch {
    throw invalidJson();
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw invalidJson();
  return document as Readonly<Record<string, unknown>>;
};

/** Reads a policy, base64 as the form has it. Errors: InvalidPolicyDocument. */
export const parsePostPolicy = (policy: string): PostPolicy => {
  const document = readDocument(policy);
  const unknown = Object.keys(document).find((name) => name !== "expiration" && name !== "conditions");
  if (unknown !== undefined) throw invalidPolicyDocument(`Unexpected: '${unknown.toLowerCase()}'`);
  const { expiration, conditions } = document;
  const expiresAtMs = readExpiration(expiration);
  if (conditions === undefined) throw invalidPolicyDocument("Policy missing conditions.");
  if (!Array.isArray(conditions)) throw invalidPolicyDocument("Invalid 'conditions' value: must be a List.");
  return { expiresAtMs, conditions: conditions.map(readCondition) };
};

/** Fields that no condition has to allow: the signature, what it was made of, and what a page marks as its own. */
const NEEDS_NO_CONDITION: ReadonlySet<string> = new Set([
  "awsaccesskeyid",
  "file",
  "policy",
  "signature",
  "x-amz-signature",
]);
const IGNORED_PREFIX = "x-ignore-";
const BUCKET = "bucket";

/** A Content-Type may be a list, each of whose types has to fit. */
const startsWith = (value: string, { field, value: prefix }: Match): boolean =>
  field.toLowerCase() === "$content-type"
    ? value.split(",").every((type) => type.trimStart().startsWith(prefix))
    : value.startsWith(prefix);

const holds = (condition: Match, value: string | undefined): boolean => {
  if (value === undefined) return false;
  return condition.kind === "eq" ? value === condition.value : startsWith(value, condition);
};

const DECIMAL = /^-?\d{1,15}$/;

const readBound = (bound: unknown, { from, to }: Range): number => {
  const text = String(bound);
  if (!DECIMAL.test(text)) throw conditionFailed([RANGE, from, to]);
  return Number(text);
};

/**
 * Holds a form against a policy: every condition must hold, and every field must have one. Answers what sizes of a file the
 * policy lets through. `bucket`: the one that the form is sent to.
 * Errors: AccessDenied, naming the condition or the fields.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html#sigv4-ConditionMatching
 */
export const checkPostPolicy = (
  { conditions }: PostPolicy,
  { fields, bucket }: { readonly fields: PolicyFields; readonly bucket: string },
): SizeRange => {
  const covered = new Set<string>();
  let [sizeBytesMin, sizeBytesMax] = [0, Number.POSITIVE_INFINITY];
  for (const condition of conditions) {
    if (condition.kind === RANGE) {
      sizeBytesMin = Math.max(sizeBytesMin, readBound(condition.from, condition));
      sizeBytesMax = Math.min(sizeBytesMax, readBound(condition.to, condition));
      continue;
    }
    const name = condition.field.toLowerCase();
    const value = name === `$${BUCKET}` ? bucket : fields.get(name.slice(1))?.value;
    if (!name.startsWith("$") || !holds(condition, value)) {
      throw conditionFailed([condition.kind, condition.field, condition.value]);
    }
    covered.add(name.slice(1));
  }
  const extra = [...fields]
    .filter(([name]) => !covered.has(name) && !NEEDS_NO_CONDITION.has(name) && !name.startsWith(IGNORED_PREFIX))
    .map(([, { name }]) => name);
  // The bucket counts as a field, whether the form names it or only the URL does.
  if (!covered.has(BUCKET) && !fields.has(BUCKET)) extra.unshift(BUCKET);
  if (extra.length > 0) throw extraFields(extra);
  return { sizeBytesMin, sizeBytesMax };
};
