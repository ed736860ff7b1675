/** The object lock of a bucket: what it asks of every new version that names no retention of its own. */
import type { Operations } from "../../protocol/generated/s3.ts";
import { getConfiguration } from "../../state/buckets.ts";
import type { Bucket, ObjectAttributes, ObjectLock } from "../../state/model.ts";
import type { View } from "../../state/view.ts";
import { invalidRequest, S3Error } from "./errors.ts";
import { periodMs, readPeriod } from "./object-lock.ts";

/** A bucket's object lock as AWS writes it. */
type LockConfiguration = NonNullable<Operations["GetObjectLockConfiguration"]["output"]["ObjectLockConfiguration"]>;
type DefaultRetention = NonNullable<NonNullable<LockConfiguration["Rule"]>["DefaultRetention"]>;

/** AWS does not give the number back. */
const refuse =
  (what: string) =>
  (problem: "not positive" | "too large", { name }: { name: string }): S3Error => {
    const text = problem === "too large" ? "too large." : "must be a positive integer value.";
    return new S3Error("InvalidArgument", { ArgumentName: name }, { message: `${what} ${text}` });
  };

/** Errors: MalformedXML, InvalidArgument for a period that is out of range. */
export const assertLockConfiguration = (configuration: LockConfiguration | undefined): LockConfiguration => {
  if (configuration?.ObjectLockEnabled !== "Enabled") throw new S3Error("MalformedXML");
  const { Rule: rule } = configuration;
  if (rule === undefined) return configuration;
  const { Mode: mode, Days: days, Years: years, DefaultEventHold: hold } = rule.DefaultRetention ?? {};
  if (mode === undefined) throw new S3Error("MalformedXML");
  // A default event hold may stand alone.
  if (days !== undefined || years !== undefined || hold === undefined) {
    readPeriod({ days, years }, refuse("Default retention period"));
  }
  if (hold !== undefined) {
    readPeriod({ days: hold.Days, years: hold.Years }, refuse("Default event hold duration"));
  }
  return configuration;
};

/** The object lock of a bucket; undefined where it has none. */
export const readLockConfiguration = async (view: View, bucket: Bucket): Promise<LockConfiguration | undefined> => {
  if (!bucket.objectLockEnabled) return undefined;
  const document = await getConfiguration(view, bucket, "objectLock");
  return document === undefined
    ? { ObjectLockEnabled: "Enabled" }
    : // Written by PutObjectLockConfiguration, which checked it.
      (JSON.parse(document) as LockConfiguration);
};

const defaultLock = (
  { Mode: mode, Days: days, Years: years, DefaultEventHold: hold }: DefaultRetention,
  createdAtMs: number,
): ObjectLock => ({
  mode: mode === "COMPLIANCE" ? mode : "GOVERNANCE",
  ...(days === undefined && years === undefined ? {} : { retainUntilMs: createdAtMs + periodMs(period(days, years)) }),
  ...(hold === undefined ? {} : { eventHold: { status: "ON", period: period(hold.Days, hold.Years) } }),
});

const period = (days: number | undefined, years: number | undefined) =>
  days === undefined ? { years: years ?? 0 } : { days };

type Defaulting = {
  readonly attributes: ObjectAttributes;
  readonly createdAtMs: number;
  readonly needsDigest?: boolean;
};

/**
 * The attributes of a version that is being written, with the retention that its bucket gives it by default: from
 * `createdAtMs` on, the version's own time. A retention that the writer named stands; a legal hold may stand beside the
 * default. No read at all in buckets without a configuration. Set `needsDigest` where AWS asks the writers of locked
 * objects to vouch for the bytes, and this one did not: then a default is an error.
 * Errors: InvalidRequest.
 */
export const withDefaultLock = (
  view: View,
  bucket: Bucket,
  options: Defaulting,
): ObjectAttributes | Promise<ObjectAttributes> => {
  const { attributes } = options;
  if (!bucket.objectLockEnabled || attributes.lock?.mode !== undefined) return attributes;
  return addDefaultLock(view, bucket, options);
};

const addDefaultLock = async (
  view: View,
  bucket: Bucket,
  { attributes, createdAtMs, needsDigest = false }: Defaulting,
): Promise<ObjectAttributes> => {
  const retention = (await readLockConfiguration(view, bucket))?.Rule?.DefaultRetention;
  if (retention === undefined) return attributes;
  if (needsDigest) throw uploadDigestMissing("Put Object");
  return { ...attributes, lock: { ...attributes.lock, ...defaultLock(retention, createdAtMs) } };
};

/** InvalidRequest for bytes under a lock that nobody vouches for. */
export const uploadDigestMissing = (request: "Put Object" | "Put Part"): S3Error =>
  invalidRequest(
    `Content-MD5 OR x-amz-checksum- HTTP header is required for ${request} requests with Object Lock parameters`,
  );
