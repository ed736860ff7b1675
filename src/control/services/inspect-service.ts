/** Looks into accounts' stores, past S3 and all permissions. */
import type { ServiceImpl } from "@connectrpc/connect";
import { bucketNameFor, findBucket } from "../../state/buckets.ts";
import { bucketUsage } from "../../state/counters.ts";
import { listObjects, listUploads, listVersions } from "../../state/listing.ts";
import { PARTITIONS, type Bucket, type ListedVersion, type Partition, type Upload } from "../../state/model.ts";
import type { State } from "../../state/state.ts";
import type { View } from "../../state/view.ts";
import type { World } from "../../state/world.ts";
import { dumpState } from "../dump.ts";
import { notFound } from "../errors.ts";
import {
  readAccountIds,
  readBucketName,
  readKeyText,
  readOptionalAccountId,
  readPartition,
  readWorld,
} from "../fields.ts";
import type { InspectService } from "../generated/standin/v1/inspect_pb.ts";
import { bucketMessage, uploadMessage, versionMessage } from "../messages.ts";
import { createPageTokens, readPageSize } from "../paging.ts";
import { takePage, walkAccounts, walkBuckets, type BucketAndUsage } from "../walk.ts";
import { readObject } from "./read-object.ts";

const bucketTokens = createPageTokens<[accountId: string, partition: string, name: string]>("buckets", { parts: 3 });
const objectTokens = createPageTokens<[key: string]>("objects", { parts: 1 });
const versionTokens = createPageTokens<[key: string, versionId: string]>("versions", { parts: 2 });
const uploadTokens = createPageTokens<[key: string, uploadId: string]>("uploads", { parts: 2 });

export const createInspectService = ({ state }: { readonly state: State }): ServiceImpl<typeof InspectService> => ({
  listBuckets: async (request) => {
    const world = readWorld(state, request.world);
    const walk = walkAllBuckets(world, {
      accountId: readOptionalAccountId(request.accountId),
      partition: readPartition(request.partition),
      after: bucketTokens.read(request.pageToken),
    });
    const { items, more } = await takePage(walk, readPageSize(request.pageSize));
    const last = items.at(-1)?.bucket;
    return {
      buckets: items.map(({ bucket, usage }) => bucketMessage(bucket, usage)),
      nextPageToken: more && last !== undefined ? bucketTokens.write([last.accountId, last.partition, last.name]) : "",
    };
  },

  getBucket: async (request) => {
    const world = readWorld(state, request.world);
    const find = readBucket(world, request);
    const { bucket, usage } = await world.read(async (view) => {
      const bucket = await find(view);
      return { bucket, usage: await bucketUsage(view, bucket) };
    });
    return { bucket: bucketMessage(bucket, usage) };
  },

  listObjects: async (request) => {
    const world = readWorld(state, request.world);
    const find = readBucket(world, request);
    const wanted = { prefix: readKeyText(request.prefix, "prefix"), limit: readPageSize(request.pageSize) };
    const page = request.versions
      ? await readVersionPage(world, find, { ...wanted, after: versionTokens.read(request.pageToken) })
      : await readObjectPage(world, find, { ...wanted, after: objectTokens.read(request.pageToken) });
    return { objects: page.versions.map(versionMessage), nextPageToken: page.nextPageToken };
  },

  getObject: async (request) => {
    const world = readWorld(state, request.world);
    const find = readBucket(world, request);
    return readObject(world, find, { bodies: state.bodies, request });
  },

  listUploads: async (request) => {
    const world = readWorld(state, request.world);
    const find = readBucket(world, request);
    const wanted = { prefix: readKeyText(request.prefix, "prefix"), limit: readPageSize(request.pageSize) };
    const after = uploadTokens.read(request.pageToken);
    const marker = after === undefined ? {} : { keyMarker: after[0], uploadIdMarker: after[1] };
    const { entries, truncated } = await world.read(async (view) =>
      listUploads(view, await find(view), { ...wanted, ...marker }),
    );
    const uploads: Upload[] = entries.flatMap((entry) => ("upload" in entry ? [entry.upload] : []));
    const last = uploads.at(-1);
    return {
      uploads: uploads.map(uploadMessage),
      nextPageToken: truncated && last !== undefined ? uploadTokens.write([last.key, last.uploadId]) : "",
    };
  },

  dumpState: (request, { signal }) =>
    dumpState(readWorld(state, request.world), { accountIds: readAccountIds(request.accountIds), signal }),
});

/** Buckets of one account or of all, of one partition or of all, from where a page ended. */
async function* walkAllBuckets(
  world: World,
  options: {
    accountId: string | undefined;
    partition: Partition | undefined;
    after: readonly [accountId: string, partition: string, name: string] | undefined;
  },
): AsyncGenerator<BucketAndUsage> {
  const { accountId, after } = options;
  const partitions = options.partition === undefined ? PARTITIONS : [options.partition];
  if (after !== undefined) {
    const [accountId, afterPartition, name] = after;
    for (const partition of partitions.slice(
      Math.max(
        0,
        partitions.findIndex((known) => known === afterPartition),
      ),
    )) {
      yield* walkBuckets(world, { accountId, partition, after: partition === afterPartition ? name : undefined });
    }
  }
  if (accountId !== undefined) {
    if (after !== undefined) return;
    for (const partition of partitions) yield* walkBuckets(world, { accountId, partition, after: undefined });
    return;
  }
  for await (const account of walkAccounts(world, { after: after?.[0] })) {
    for (const partition of partitions) {
      yield* walkBuckets(world, { accountId: account.accountId, partition, after: undefined });
    }
  }
}

type BucketFinder = (view: View) => Promise<Bucket>;

/** Checks which bucket a request names; the finder then looks it up. NOT_FOUND if it is not there or another account's. */
const readBucket = (world: World, request: { bucket: string; accountId: string; partition: string }): BucketFinder => {
  const name = readBucketName(request.bucket);
  const accountId = readOptionalAccountId(request.accountId);
  const partition = readPartition(request.partition) ?? "aws";
  return async (view) => {
    const { accountOverride, fallbackAccount } = world.settings;
    const callerAccountId = accountId ?? accountOverride ?? fallbackAccount;
    const bucket = await findBucket(view, bucketNameFor(world, { partition, name, callerAccountId }));
    if (bucket === undefined || (accountId !== undefined && bucket.accountId !== accountId))
      throw notFound({ type: "bucket", name, world: world.name });
    return bucket;
  };
};

type VersionPage = { readonly versions: readonly ListedVersion[]; readonly nextPageToken: string };

const readObjectPage = async (
  world: World,
  find: BucketFinder,
  { prefix, limit, after }: { prefix: string; limit: number; after: readonly [key: string] | undefined },
): Promise<VersionPage> => {
  const { entries, truncated, next } = await world.read(async (view) =>
    listObjects(view, await find(view), { prefix, limit, ...(after === undefined ? {} : { after: after[0] }) }),
  );
  return {
    versions: entries.flatMap((entry) => ("object" in entry ? [{ ...entry.object, isLatest: true }] : [])),
    nextPageToken: truncated && next !== undefined ? objectTokens.write([next]) : "",
  };
};

const readVersionPage = async (
  world: World,
  find: BucketFinder,
  options: { prefix: string; limit: number; after: readonly [key: string, versionId: string] | undefined },
): Promise<VersionPage> => {
  const { prefix, limit, after } = options;
  const marker = after === undefined ? {} : { keyMarker: after[0], versionIdMarker: after[1] };
  const { entries, truncated } = await world.read(async (view) =>
    listVersions(view, await find(view), { prefix, limit, ...marker }),
  );
  const versions = entries.flatMap((entry) => ("version" in entry ? [entry.version] : []));
  const last = versions.at(-1);
  return {
    versions,
    nextPageToken: truncated && last !== undefined ? versionTokens.write([last.key, last.versionId]) : "",
  };
};
