/** What moto's `data.json` shows: the instances of its models, by service and by the model's name. */
import { listAccounts } from "../../state/accounts.ts";
import { listBuckets } from "../../state/buckets.ts";
import { listVersions } from "../../state/listing.ts";
import { PARTITIONS } from "../../state/model.ts";
import type { Bucket, ListedVersion } from "../../state/model.ts";
import type { World } from "../../state/world.ts";

/** Instances of one model shown at most. */
export const MODEL_INSTANCES_MAX = 10_000;
/** Records read in one view, which must end within a second. */
const PAGE_RECORDS = 1000;

type Instance = Readonly<Record<string, unknown>>;

export type ModelData = {
  readonly s3: Readonly<Record<"FakeBucket" | "FakeDeleteMarker" | "FakeKey", readonly Instance[]>>;
};

/** Buckets and versions of all accounts, by moto's names for them and for what they have; `MODEL_INSTANCES_MAX` of each at most. */
export const modelData = async (world: World): Promise<ModelData> => {
  const data = { FakeBucket: [] as Instance[], FakeDeleteMarker: [] as Instance[], FakeKey: [] as Instance[] };
  for await (const bucket of allBuckets(world)) {
    if (data.FakeBucket.length < MODEL_INSTANCES_MAX) data.FakeBucket.push(bucketInstance(bucket));
    await addVersions(world, bucket, data);
  }
  return { s3: data };
};

async function* allBuckets(world: World): AsyncGenerator<Bucket> {
  const accounts = await world.read((view) => listAccounts(view, { limit: MODEL_INSTANCES_MAX }));
  for (const { accountId } of accounts) {
    for (const partition of PARTITIONS) {
      yield* await world.read((view) => listBuckets(view, { accountId, partition, limit: MODEL_INSTANCES_MAX }));
    }
  }
}

const addVersions = async (
  world: World,
  bucket: Bucket,
  data: Record<"FakeDeleteMarker" | "FakeKey", Instance[]>,
): Promise<void> => {
  let last: ListedVersion | undefined;
  do {
    const after = last && { keyMarker: last.key, versionIdMarker: last.versionId };
    const { entries, truncated } = await world.read((view) =>
      listVersions(view, bucket, { prefix: "", limit: PAGE_RECORDS, ...after }),
    );
    const versions = entries.flatMap((entry) => ("version" in entry ? [entry.version] : []));
    for (const version of versions) {
      const instances = version.kind === "object" ? data.FakeKey : data.FakeDeleteMarker;
      if (instances.length < MODEL_INSTANCES_MAX) instances.push(versionInstance(bucket, version));
    }
    last = truncated ? versions.at(-1) : undefined;
  } while (last !== undefined && data.FakeKey.length < MODEL_INSTANCES_MAX);
};

const bucketInstance = (bucket: Bucket): Instance => ({
  name: bucket.name,
  account_id: bucket.accountId,
  partition: bucket.partition,
  region_name: bucket.region,
  location: bucket.region,
  arn: `arn:${bucket.partition}:s3:::${bucket.name}`,
  creation_date_ISO8601: new Date(bucket.createdAtMs).toISOString(),
  versioning_status: bucket.versioning === "Unversioned" ? null : bucket.versioning,
  is_versioned: bucket.versioning === "Enabled",
  object_lock_enabled: bucket.objectLockEnabled,
});

const versionInstance = (bucket: Bucket, version: ListedVersion): Instance => ({
  name: version.key,
  bucket_name: bucket.name,
  account_id: bucket.accountId,
  version_id: version.versionId,
  is_latest: version.isLatest,
  last_modified_ISO8601: new Date(version.lastModifiedMs).toISOString(),
  ...(version.kind === "object" && {
    arn: `arn:${bucket.partition}:s3:::${bucket.name}/${version.key}`,
    etag: `"${version.etag}"`,
    size: version.sizeBytes,
    storage_class: version.storageClass,
  }),
});
