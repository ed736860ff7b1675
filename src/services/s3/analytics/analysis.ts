/**
 * What a storage class analysis counts, and the lines that it exports.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html#analytics-storage-class-export-file-format
 */
import type { AnalyticsFilter } from "../../../protocol/generated/s3.ts";
import type { ObjectVersion } from "../../../state/model.ts";
import { csvLine } from "../csv-line.ts";

const DAY_MS = 86_400_000;
const BYTES_PER_MB = 1024 * 1024;

/** Groups of ages, by the first day of each. */
const AGES: readonly (readonly [fromDays: number, name: string])[] = [
  [0, "000-014"],
  [15, "015-029"],
  [30, "030-044"],
  [45, "045-059"],
  [60, "060-074"],
  [75, "075-089"],
  [90, "090-119"],
  [120, "120-149"],
  [150, "150-179"],
  [180, "180-364"],
  [365, "365-729"],
  [730, "730+"],
];
const ALL_AGES = "ALL";

type Count = { objects: number; bytes: number };

/** Counts of objects by storage class and age, as of a time. */
export type Analysis = { readonly atMs: number; readonly counts: Map<string, Map<string, Count>> };

export const newAnalysis = (atMs: number): Analysis => ({ atMs, counts: new Map() });

const ageGroup = (ageMs: number): string =>
  AGES.findLast(([fromDays]) => ageMs >= fromDays * DAY_MS)?.[1] ?? AGES[0]?.[1] ?? ALL_AGES;

/** Counts an object. */
export const countObject = (
  { atMs, counts }: Analysis,
  { storageClass, lastModifiedMs, sizeBytes }: ObjectVersion,
): void => {
  const ofClass = counts.get(storageClass) ?? new Map<string, Count>();
  counts.set(storageClass, ofClass);
  for (const age of [ALL_AGES, ageGroup(atMs - lastModifiedMs)]) {
    const count = ofClass.get(age) ?? { objects: 0, bytes: 0 };
    ofClass.set(age, { objects: count.objects + 1, bytes: count.bytes + sizeBytes });
  }
};

const COLUMNS = [
  "Date",
  "ConfigId",
  "Filter",
  "StorageClass",
  "ObjectAge",
  "ObjectCount",
  "DataUploaded_MB",
  "Storage_MB",
  "DataRetrieved_MB",
  "GetRequestCount",
  "CumulativeAccessRatio",
  "ObjectAgeForSIATransition",
  "RecommendedObjectAgeForSIATransition",
];

/** The first line of an export. */
export const ANALYSIS_HEADER = csvLine(COLUMNS);

/** A filter in words, as the export shows it. */
const filterText = (filter: AnalyticsFilter | undefined): string => {
  const { prefix, tags } = filterParts(filter);
  return [...(prefix === "" ? [] : [`prefix=${prefix}`]), ...tags.map(({ Key, Value }) => `tag=${Key}:${Value}`)].join(
    "&",
  );
};

type FilterParts = {
  readonly prefix: string;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
};

/** All that a filter demands. */
export const filterParts = (filter: AnalyticsFilter | undefined): FilterParts => {
  if (filter?.And !== undefined) return { prefix: filter.And.Prefix ?? "", tags: filter.And.Tags ?? [] };
  if (filter?.Tag !== undefined) return { prefix: "", tags: [filter.Tag] };
  return { prefix: filter?.Prefix ?? "", tags: [] };
};

/** Whether an object has all tags of a filter. */
export const hasTags = ({ attributes: { tags = [] } }: ObjectVersion, { tags: wanted }: FilterParts): boolean =>
  wanted.every(({ Key, Value }) => tags.some(({ key, value }) => key === Key && value === Value));

const megabytes = (bytes: number): string => (bytes / BYTES_PER_MB).toFixed(6);

/** A day's lines: for each storage class all ages together, and each that there is. Reads are not watched: their columns are empty. */
export const analysisLines = (
  { atMs, counts }: Analysis,
  { id, filter }: { readonly id: string; readonly filter: AnalyticsFilter | undefined },
): string => {
  const date = new Date(atMs).toISOString().slice(0, 10);
  const lines: string[] = [];
  for (const [storageClass, ofClass] of [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    for (const age of [ALL_AGES, ...AGES.map(([, name]) => name)]) {
      const count = ofClass.get(age);
      if (count === undefined) continue;
      const { objects, bytes } = count;
      const known = [date, id, filterText(filter), storageClass, age, String(objects), "", megabytes(bytes)];
      lines.push(csvLine([...known, ...COLUMNS.slice(known.length).map(() => "")]));
    }
  }
  return lines.join("");
};
