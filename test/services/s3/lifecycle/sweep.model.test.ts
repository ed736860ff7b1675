/** Rules of all kinds over many versions, with the clock moved day by day, leave what a plain model holds. */
import { isDeepStrictEqual } from "node:util";
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type LifecycleRule,
  type ListObjectVersionsCommandOutput,
} from "@aws-sdk/client-s3";
import test from "ava";
import * as fc from "fast-check";
import { add, passTime, remove, type Mode, type PlainBucket, type PlainVersion } from "./plain-model.ts";
import { DAY, HOUR, makeBucket, putRules, setVersioning, START, startSuite, type Rule, type Suite } from "./suite.ts";

/** Versions that are made in each bucket, about. */
const VERSIONS = Number(process.env["STANDIN_LIFECYCLE_VERSIONS"] ?? 400);
const SEED = Number(process.env["STANDIN_LIFECYCLE_SEED"] ?? 1);
const DAYS = 12;
/** Writes of different keys at one time. */
const BATCH = 25;

const RULES: readonly Rule[] = [
  { ID: "days", Filter: { Prefix: "e/" }, Expiration: { Days: 5 } },
  { ID: "date", Filter: { Prefix: "d/" }, Expiration: { Date: new Date(Date.parse("2026-01-22T00:00:00Z")) } },
  { ID: "tag", Filter: { Tag: { Key: "x", Value: "1" } }, Expiration: { Days: 3 } },
  {
    ID: "size",
    Filter: { And: { ObjectSizeGreaterThan: 3, ObjectSizeLessThan: 8 } },
    Transitions: [{ Days: 1, StorageClass: "GLACIER" }],
  },
  {
    ID: "deeper",
    Filter: { And: { Prefix: "p/", ObjectSizeGreaterThan: 5 } },
    Transitions: [{ Days: 4, StorageClass: "DEEP_ARCHIVE" }],
  },
  {
    ID: "newer",
    Filter: { Prefix: "n/" },
    NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 2 },
  },
  {
    ID: "noncurrent",
    Filter: { And: { Prefix: "e/", ObjectSizeGreaterThan: 2 } },
    NoncurrentVersionTransitions: [{ NoncurrentDays: 1, StorageClass: "GLACIER_IR" }],
    NoncurrentVersionExpiration: { NoncurrentDays: 4 },
  },
  { ID: "markers", Filter: { Prefix: "m/" }, Expiration: { ExpiredObjectDeleteMarker: true } },
  { ID: "old", Filter: { Prefix: "m/" }, NoncurrentVersionExpiration: { NoncurrentDays: 1 } },
  { ID: "uploads", Filter: { Prefix: "" }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 } },
];

const PREFIXES = ["e/", "d/", "n/", "m/", "p/"];

type Op = {
  readonly kind: "put" | "tagged" | "delete" | "deleteVersion" | "tag" | "upload";
  readonly prefix: string;
  readonly key: number;
  readonly size: number;
  readonly pick: number;
};

const opsOf = (count: number, seed: number): readonly Op[] => {
  const keys = Math.max(4, Math.ceil(count / 20));
  const op = fc.record({
    kind: fc.constantFrom<Op["kind"]>("put", "put", "put", "put", "tagged", "delete", "deleteVersion", "tag", "upload"),
    prefix: fc.constantFrom(...PREFIXES),
    key: fc.nat(keys - 1),
    size: fc.integer({ min: 1, max: 10 }),
    pick: fc.nat(1_000),
  });
  return fc.sample(op, { numRuns: count, seed });
};

/** Rounds of operations on different keys, since what happens to one key must happen at different times. */
const roundsOf = (ops: readonly Op[]): readonly (readonly Op[])[] => {
  const rounds: Op[][] = [];
  for (const op of ops) {
    const last = rounds.at(-1);
    const clashes = last?.some((other) => other.prefix === op.prefix && other.key === op.key);
    if (last === undefined || last.length === BATCH || clashes === true) rounds.push([op]);
    else last.push(op);
  }
  return rounds;
};

const XTAG = { x: "1" };

/** Does an operation to a bucket and its model. */
const apply = async (
  { s3 }: Suite,
  {
    Bucket,
    model,
    uploads,
    nowMs,
  }: { Bucket: string; model: PlainBucket; uploads: Map<string, number>; nowMs: number },
  op: Op,
): Promise<void> => {
  const Key = `${op.prefix}${op.key}`;
  const versions = model.keys.get(Key) ?? [];
  switch (op.kind) {
    case "put":
    case "tagged": {
      const tags = op.kind === "tagged" ? XTAG : {};
      const Tagging = new URLSearchParams(tags).toString();
      const { VersionId = "null" } = await s3.send(
        new PutObjectCommand({ Bucket, Key, Body: "x".repeat(op.size), Tagging }),
      );
      const version = { marker: false, versionId: VersionId, modifiedMs: nowMs, size: op.size, tags };
      return add(model, Key, { ...version, storageClass: "STANDARD" });
    }
    case "delete": {
      const { VersionId } = await s3.send(new DeleteObjectCommand({ Bucket, Key }));
      return remove(model, Key, { markerId: VersionId, nowMs });
    }
    case "deleteVersion": {
      const { versionId } = versions[op.pick % Math.max(1, versions.length)] ?? {};
      if (versionId === undefined) return undefined;
      await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId: versionId }));
      return remove(model, Key, { versionId, nowMs });
    }
    case "tag": {
      const index = op.pick % Math.max(1, versions.length);
      const version = versions[index];
      if (version === undefined || version.marker || version.versionId === undefined) return undefined;
      const TagSet = [{ Key: "x", Value: "1" }];
      await s3.send(new PutObjectTaggingCommand({ Bucket, Key, VersionId: version.versionId, Tagging: { TagSet } }));
      model.keys.set(Key, versions.with(index, { ...version, tags: XTAG }));
      return undefined;
    }
    case "upload": {
      const { UploadId = "" } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
      uploads.set(UploadId, nowMs);
      return undefined;
    }
  }
};

type Shown = {
  readonly marker: boolean;
  readonly modifiedMs: number;
  readonly storageClass: string;
  readonly size: number;
};

const shownOf = ({ marker, modifiedMs, storageClass, size }: PlainVersion): Shown => ({
  marker,
  modifiedMs,
  storageClass,
  size,
});

const modelContents = ({ keys }: PlainBucket): Record<string, Shown[]> =>
  Object.fromEntries(
    [...keys].filter(([, versions]) => versions.length > 0).map(([key, all]) => [key, all.map(shownOf)]),
  );

const bucketContents = async ({ s3 }: Suite, Bucket: string): Promise<Record<string, Shown[]>> => {
  const found: Record<string, Shown[]> = {};
  let marker: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } | undefined = {};
  while (marker !== undefined) {
    const page: ListObjectVersionsCommandOutput = await s3.send(new ListObjectVersionsCommand({ Bucket, ...marker }));
    const { Versions = [], DeleteMarkers = [] } = page;
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page;
    marker = page.IsTruncated === true ? { KeyMarker, VersionIdMarker } : undefined;
    const shown = (key: string | undefined, version: Shown): void => void (found[key ?? ""] ??= []).push(version);
    for (const { Key, LastModified, StorageClass: storageClass = "", Size: size = 0 } of Versions) {
      shown(Key, { marker: false, modifiedMs: Number(LastModified), storageClass, size });
    }
    for (const { Key, LastModified } of DeleteMarkers) {
      shown(Key, { marker: true, modifiedMs: Number(LastModified), storageClass: "", size: 0 });
    }
  }
  for (const versions of Object.values(found)) versions.sort((a, b) => b.modifiedMs - a.modifiedMs);
  return found;
};

/** What a bucket and its model hold of the keys of which they do not hold the same. */
const differences = async (suite: Suite, Bucket: string, model: PlainBucket): Promise<object> => {
  const found = await bucketContents(suite, Bucket);
  const wanted = modelContents(model);
  const keys = [...new Set([...Object.keys(found), ...Object.keys(wanted)])];
  const differing = keys.filter((key) => !isDeepStrictEqual(found[key], wanted[key]));
  return Object.fromEntries(differing.map((key) => [key, { found: found[key], wanted: wanted[key] }]));
};

const MODES: readonly (readonly [name: string, first: Mode, then: Mode])[] = [
  ["plain", "Unversioned", "Unversioned"],
  ["versioned", "Enabled", "Enabled"],
  ["suspended", "Enabled", "Suspended"],
];

for (const [Bucket, first, then] of MODES) {
  test(`rules of all kinds over ${VERSIONS} changes of a ${Bucket} bucket leave what a plain model holds`, async (t) => {
    t.timeout(600_000);
    const suite = await startSuite(t);
    await makeBucket(suite, Bucket, first === "Enabled" ? { versioning: "Enabled" } : {});
    const model: PlainBucket = { mode: first, rules: [], keys: new Map() };
    const uploads = new Map<string, number>();
    const rounds = roundsOf(opsOf(VERSIONS, SEED));
    const perDay = Math.ceil(rounds.length / DAYS);
    let nowMs = START;
    const pass = async (ms: number): Promise<void> => {
      await suite.pass(ms);
      passTime(model, { fromMs: nowMs, untilMs: nowMs + ms });
      nowMs += ms;
    };
    for (let day = 0; day < DAYS; day += 1) {
      // What was there before must come under the rules too.
      if (day === 2) {
        await putRules(suite, Bucket, RULES, "varies_by_storage_class");
        model.rules = RULES.map((rule): LifecycleRule => ({ ...rule, Status: "Enabled" }));
      }
      if (day === 6 && then === "Suspended") {
        await setVersioning(suite.s3, Bucket, then);
        model.mode = then;
      }
      for (const round of rounds.slice(day * perDay, (day + 1) * perDay)) {
        const place = { Bucket, model, uploads, nowMs };
        await Promise.all(round.map((op) => apply(suite, place, op)));
        // To a minute's second: lists show whole ones.
        await pass(Math.floor((10 * HOUR) / perDay / 60_000) * 60_000 || 1_000);
      }
      await pass(START + (day + 1) * DAY - nowMs);
      t.deepEqual(await differences(suite, Bucket, model), {}, `day ${day}`);
    }
    for (let later = 0; later < 10; later += 1) await pass(DAY);
    t.deepEqual(await differences(suite, Bucket, model), {});
    const { Uploads = [] } = await suite.s3.send(new ListMultipartUploadsCommand({ Bucket }));
    t.deepEqual(Uploads, []);
    t.true(uploads.size > 0);
    t.true([...model.keys.values()].some((versions) => versions.length > 0));
  });
}
