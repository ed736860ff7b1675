/** Restores of archived objects. https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html */
import type { Operations } from "../../protocol/generated/s3.ts";
import type { ObjectRestore, ObjectVersion } from "../../state/model.ts";
import { invalidArgument, S3Error } from "./errors.ts";
import { RESTORE_DAYS_MAX } from "./limits.ts";
import { isArchived, isRestored } from "./storage-class.ts";

type RestoreRequest = NonNullable<Operations["RestoreObject"]["input"]["RestoreRequest"]>;

const DAY_MS = 86_400_000;

/** How fast an archive is fetched: the later, the faster. */
const TIERS: readonly string[] = ["Bulk", "Standard", "Expedited"];
const DEFAULT_TIER = "Standard";

/** A restore that a client asks for. */
type WantedRestore = { readonly days: number; readonly tier: string };

/** Errors: MalformedXML, MethodNotAllowed for a query over the archive, InvalidArgument. */
export const readRestoreRequest = (request: RestoreRequest | undefined): WantedRestore => {
  if (request === undefined) throw new S3Error("MalformedXML");
  const { Type: type, Days: days, GlacierJobParameters: parameters, SelectParameters: select } = request;
  if (type === "SELECT") {
    // AWS no longer takes queries over archives.
    const message = "The specific method for Select type jobs is not allowed against this resource.";
    throw new S3Error("MethodNotAllowed", {}, { message });
  }
  if (type !== undefined || select !== undefined || request.OutputLocation !== undefined || days === undefined) {
    throw new S3Error("MalformedXML");
  }
  const argument = { name: "Days", value: String(days) };
  if (days < 1) throw invalidArgument("restoration days should be at least 1", argument);
  if (days > RESTORE_DAYS_MAX) throw invalidArgument("restoration days are too many", argument);
  return { days, tier: parameters?.Tier ?? request.Tier ?? DEFAULT_TIER };
};

/** A copy stays until the midnight after its days, in Greenwich. */
const expiryMs = (fromMs: number, days: number): number => Math.ceil(fromMs / DAY_MS + days) * DAY_MS;

type StartedRestore = {
  readonly restore: ObjectRestore;
  /** Whether this only prolongs or shortens the life of a copy that is there. */
  readonly repeated: boolean;
};

/**
 * What becomes of an object's restore by a request. One that is under way can only be made faster.
 * Errors: InvalidObjectState for what is no archive, RestoreAlreadyInProgress, InvalidArgument for a tier that the class
 * does not have.
 */
export const startRestore = (
  { storageClass, attributes: { restore } }: ObjectVersion,
  options: { readonly wanted: WantedRestore; readonly nowMs: number; readonly durationMs: number },
): StartedRestore => {
  const { wanted, nowMs, durationMs } = options;
  const { days, tier } = wanted;
  if (!isArchived(storageClass)) {
    const message = "Restore is not allowed for the object's current storage class";
    throw new S3Error("InvalidObjectState", {}, { message });
  }
  if (storageClass === "DEEP_ARCHIVE" && tier === "Expedited") {
    throw invalidArgument("Retrieval option is not supported by this storage class", { name: "Tier", value: tier });
  }
  if (restore !== undefined && isRestored(restore, nowMs)) {
    return { restore: { ...restore, expiresAtMs: expiryMs(nowMs, days) }, repeated: true };
  }
  const readyAtMs = nowMs + durationMs;
  const begun = { readyAtMs, expiresAtMs: expiryMs(readyAtMs, days), tier };
  if (restore === undefined || restore.expiresAtMs <= nowMs) return { restore: begun, repeated: false };
  if (TIERS.indexOf(tier) <= TIERS.indexOf(restore.tier)) throw new S3Error("RestoreAlreadyInProgress");
  // It is fetched from where it is by now: never later than before.
  return { restore: { ...restore, tier, readyAtMs: Math.min(readyAtMs, restore.readyAtMs) }, repeated: false };
};

/** What GET and HEAD say; undefined once the copy is gone. */
export const restoreHeader = (restore: ObjectRestore, nowMs: number): string | undefined => {
  if (nowMs < restore.readyAtMs) return 'ongoing-request="true"';
  if (nowMs >= restore.expiresAtMs) return undefined;
  return `ongoing-request="false", expiry-date="${new Date(restore.expiresAtMs).toUTCString()}"`;
};

/** The member of a list's entry, where the client asks for it. */
type RestoreStatusMember = { RestoreStatus: { IsRestoreInProgress: boolean; RestoreExpiryDate?: Date } };

/** What lists say; undefined for an object that has no restore, or whose copy is gone. */
export const restoreStatusMember = (
  { attributes: { restore } }: ObjectVersion,
  nowMs: number,
): RestoreStatusMember | undefined => {
  if (restore === undefined || restore.expiresAtMs <= nowMs) return undefined;
  if (nowMs < restore.readyAtMs) return { RestoreStatus: { IsRestoreInProgress: true } };
  return { RestoreStatus: { IsRestoreInProgress: false, RestoreExpiryDate: new Date(restore.expiresAtMs) } };
};
