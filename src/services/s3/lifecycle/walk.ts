/**
 * Goes through a bucket whose rules are new, page by page, and has everything looked at when its time comes. It is due work itself:
 * how far it has come stands in its record, so that it goes on where it was after a restart.
 */
import type { DoneWork } from "../../../harness/due-work.ts";
import { lifecycleStart, putDue } from "../../../state/due.ts";
import { listUploads, listVersions } from "../../../state/listing.ts";
import { LIFECYCLE_PAGE } from "../limits.ts";
import type { Lifecycle } from "./rules.ts";
import { scheduleLatest, scheduleNoncurrent, scheduleUpload } from "./schedule.ts";
import type { BucketTask, WalkPlace } from "./tasks.ts";
import type { Work } from "./work.ts";

type VersionsPlace = Extract<WalkPlace, { of: "versions" }>;
type UploadsPlace = Extract<WalkPlace, { of: "uploads" }>;

/** Goes on from there, at once. */
const putWalk = ({ tx, bucket, nowMs }: Work, place: WalkPlace): Promise<void> => {
  const start = lifecycleStart(bucket, nowMs);
  const document: BucketTask = { partition: bucket.partition, bucket: bucket.name, task: { do: "walk", place } };
  return putDue(tx, bucket.accountId, { ...start, document: JSON.stringify(document) });
};

/** Walks a page. */
export const runWalk = async (work: Work, place: WalkPlace | undefined): Promise<readonly DoneWork[]> => {
  const next = place?.of === "uploads" ? await walkUploads(work, place) : await walkVersions(work, place);
  if (next !== undefined) {
    await putWalk(work, next);
  }
  return [];
};

/** Lists leave out tags that are kept apart; whether they fit is seen when the time comes. */
const withoutTags = (lifecycle: Lifecycle): Lifecycle => ({
  ...lifecycle,
  rules: lifecycle.rules.map((rule) => ({ ...rule, filter: { ...rule.filter, tags: [] } })),
});

const walkVersions = async (work: Work, place: VersionsPlace | undefined): Promise<WalkPlace | undefined> => {
  const { tx, bucket } = work;
  const scope = { ...work, lifecycle: withoutTags(work.lifecycle) };
  const marker = place === undefined ? {} : { keyMarker: place.key, versionIdMarker: place.versionId };
  const page = await listVersions(tx, bucket, { prefix: "", ...marker, limit: LIFECYCLE_PAGE });
  let last = place;
  for (const entry of page.entries) {
    if (!("version" in entry)) continue;
    const { isLatest, ...version } = entry.version;
    if (isLatest || last?.key !== version.key) await scheduleLatest(tx, scope, version);
    else await scheduleNoncurrent(tx, scope, { version, sinceMs: last.lastModifiedMs });
    const { key, versionId, lastModifiedMs } = version;
    last = { of: "versions", key, versionId, lastModifiedMs };
  }
  if (page.truncated) return last;
  return bucket.hadUploads ? { of: "uploads" } : undefined;
};

const walkUploads = async (
  { tx, bucket }: Work,
  { key: keyMarker, uploadId: uploadIdMarker }: UploadsPlace,
): Promise<WalkPlace | undefined> => {
  const marker = keyMarker === undefined || uploadIdMarker === undefined ? {} : { keyMarker, uploadIdMarker };
  const page = await listUploads(tx, bucket, { prefix: "", ...marker, limit: LIFECYCLE_PAGE });
  let last: UploadsPlace | undefined;
  for (const entry of page.entries) {
    if (!("upload" in entry)) continue;
    await scheduleUpload(tx, bucket, entry.upload);
    last = { of: "uploads", key: entry.upload.key, uploadId: entry.upload.uploadId };
  }
  return page.truncated ? last : undefined;
};
