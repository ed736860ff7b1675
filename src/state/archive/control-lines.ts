/** What S3 Control keeps of an account as lines of an archive, and back: held to their types, since an archive may be anybody's. */
import { accessPointRecords, allAccessPoints, readAccessPointDocument, type AccessPoint } from "../access-points.ts";
import { readAccountBlock } from "../account-block.ts";
import { layered } from "../keys.ts";
import { PARTITIONS } from "../model.ts";
import type { LayeredEntry } from "../stack.ts";
import type { View } from "../view.ts";
import { damaged, type AccessPointLine, type AccountBlockLine } from "./format.ts";

const SETTINGS = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
const PLACE = /^[a-z0-9-]{1,50}$/;
const ACCOUNT_ID = /^\d{12}$/;

/** The lines of an account, its access points by region and name. */
export const controlLines = async (view: View, accountId: string): Promise<(AccountBlockLine | AccessPointLine)[]> => {
  const lines: (AccountBlockLine | AccessPointLine)[] = [];
  const block = await readAccountBlock(view, accountId);
  if (block !== undefined) {
    const publicAccessBlock = JSON.parse(block) as AccountBlockLine["publicAccessBlock"];
    lines.push({ type: "accountBlock", publicAccessBlock });
  }
  for await (const point of allAccessPoints(view, accountId)) lines.push(await accessPointLine(view, point));
  return lines;
};

const accessPointLine = async (view: View, point: AccessPoint): Promise<AccessPointLine> => {
  const { accountId: _, ...shown } = point;
  const policy = await readAccessPointDocument(view, point, "policy");
  const tags = await readAccessPointDocument(view, point, "tags");
  return {
    type: "accessPoint",
    ...shown,
    ...(policy === undefined ? {} : { policy }),
    ...(tags === undefined ? {} : { tags: JSON.parse(tags) as readonly unknown[] }),
  };
};

const assertBlock = (block: Readonly<Record<string, unknown>>): void => {
  const isBlock = Object.keys(block).toSorted().join() === SETTINGS.join();
  if (!isBlock || !Object.values(block).every((value) => typeof value === "boolean"))
    throw damaged("a public access block has other settings than the four");
};

/** The record of a line. Throws `ArchiveError` for one that is none. */
export const accountBlockRecord = ({ publicAccessBlock }: AccountBlockLine): LayeredEntry => {
  assertBlock(publicAccessBlock);
  return [layered.accountBlock, JSON.stringify(publicAccessBlock)];
};

const isTag = (tag: unknown): boolean => {
  if (typeof tag !== "object" || tag === null || Object.keys(tag).toSorted().join() !== "key,value") return false;
  return Object.values(tag).every((text) => typeof text === "string");
};

/** The records of a line, that by which it is found first. Throws `ArchiveError` for one that is none. */
export const accessPointLineRecords = (
  { type: _type, policy, tags, ...shown }: AccessPointLine,
  accountId: string,
): LayeredEntry[] => {
  const { region, name, partition, bucketAccountId, publicAccessBlock } = shown;
  assertBlock(publicAccessBlock);
  if (!PLACE.test(region) || !PLACE.test(name)) throw damaged(`an access point is named ${region}/${name}`);
  if (!PARTITIONS.includes(partition) || !ACCOUNT_ID.test(bucketAccountId))
    throw damaged(`the access point ${name} is for a bucket of nobody's`);
  if (tags?.every(isTag) === false) throw damaged(`the access point ${name} has tags that are none`);
  const records = accessPointRecords({ ...shown, accountId });
  if (policy !== undefined) records.push([layered.accessPointDocument(region, name, "policy"), policy]);
  if (tags !== undefined) records.push([layered.accessPointDocument(region, name, "tags"), JSON.stringify(tags)]);
  return records;
};
