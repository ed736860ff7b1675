/** Retention and legal hold of objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
import type { Bucket, ObjectAttributes, Version } from "../../state/model.ts";
import { invalidArgument, invalidRequest, S3Error } from "./errors.ts";

type Lock = NonNullable<ObjectAttributes["lock"]>;

type LockInput = {
  readonly ObjectLockMode?: string | undefined;
  readonly ObjectLockRetainUntilDate?: Date | undefined;
  readonly ObjectLockLegalHoldStatus?: string | undefined;
};

const MODE = "x-amz-object-lock-mode";
const UNTIL = "x-amz-object-lock-retain-until-date";
const BOTH = `${UNTIL} and ${MODE} must both be supplied`;

/** AWS names a refused date as Java prints it, in Seattle's time of winter. */
const javaDate = (date: Date): string => {
  const [day = "", rest = "", month = "", year = "", time = ""] = new Date(date.getTime() - 8 * 3_600_000)
    .toUTCString()
    .split(" ");
  return `${day.replace(",", "")} ${month} ${rest} ${time} PST ${year}`;
};

/**
 * The lock that a write asks for; undefined for none.
 * Errors: InvalidRequest on a bucket without object lock, InvalidArgument.
 */
export const readLock = (
  input: LockInput,
  { bucket, nowMs }: { readonly bucket: Bucket; readonly nowMs: number },
): Lock | undefined => {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until, ObjectLockLegalHoldStatus: hold } = input;
  if (mode === undefined && until === undefined && hold === undefined) return undefined;
  if (!bucket.objectLockEnabled) throw invalidRequest("Bucket is missing Object Lock Configuration");
  if (mode !== undefined && mode !== "GOVERNANCE" && mode !== "COMPLIANCE") {
    throw invalidArgument("Unknown wormMode directive.", { name: MODE, value: mode });
  }
  if (hold !== undefined && hold !== "ON" && hold !== "OFF") {
    throw invalidArgument("Legal Hold must be either of 'ON' or 'OFF'", {
      name: "x-amz-object-lock-legal-hold",
      value: hold,
    });
  }
  if (mode !== undefined && until === undefined) throw invalidArgument(BOTH, { name: UNTIL, value: "" });
  if (until !== undefined && mode === undefined) throw invalidArgument(BOTH, { name: MODE, value: "" });
  if (until !== undefined && until.getTime() <= nowMs) {
    throw invalidArgument("The retain until date must be in the future!", {
      name: "RetainUntilDate",
      value: javaDate(until),
    });
  }
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(until === undefined ? {} : { retainUntilMs: until.getTime() }),
    ...(hold === undefined ? {} : { legalHold: hold === "ON" }),
  };
};

/** What GET and HEAD say of an object's lock. */
export const lockMembers = (
  lock: Lock | undefined,
): { ObjectLockMode?: string; ObjectLockRetainUntilDate?: Date; ObjectLockLegalHoldStatus?: string } =>
  lock === undefined
    ? {}
    : {
        ...(lock.mode === undefined ? {} : { ObjectLockMode: lock.mode }),
        ...(lock.retainUntilMs === undefined ? {} : { ObjectLockRetainUntilDate: new Date(lock.retainUntilMs) }),
        ...(lock.legalHold === undefined ? {} : { ObjectLockLegalHoldStatus: lock.legalHold ? "ON" : "OFF" }),
      };

/** Errors: InvalidArgument where a client would bypass what the bucket does not have. */
export const assertBypassFits = (bucket: Bucket, bypass: boolean | undefined): void => {
  if (bypass !== true || bucket.objectLockEnabled) return;
  throw invalidArgument("x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.", {
    name: "x-amz-bypass-governance-retention",
    value: "true",
  });
};

/** Errors: AccessDenied for a version that must not be deleted yet. */
export const assertUnlocked = (
  version: Version | undefined,
  { bypass, nowMs }: { readonly bypass: boolean | undefined; readonly nowMs: number },
): void => {
  if (version === undefined || version.kind === "deleteMarker" || version.attributes.lock === undefined) return;
  const { mode, retainUntilMs, legalHold } = version.attributes.lock;
  const retained = retainUntilMs !== undefined && retainUntilMs > nowMs && !(mode === "GOVERNANCE" && bypass === true);
  if (!retained && legalHold !== true) return;
  throw new S3Error("AccessDenied", {}, { message: "Access Denied because object protected by object lock." });
};
