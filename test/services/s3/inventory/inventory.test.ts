/** Inventory lists, as they are delivered when the world's clock says so. */
import { gunzipSync } from "node:zlib";
import { createHash } from "node:crypto";
import {
  CreateBucketCommand,
  DeleteBucketInventoryConfigurationCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketInventoryConfigurationCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type InventoryConfiguration,
  type InventoryOptionalField,
  type S3Client,
} from "@aws-sdk/client-s3";
import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../../../../src/control/client.ts";
import { canonicalOwnerId } from "../../../../src/protocol/caller.ts";
import { startTestServer } from "../../../support/server.ts";

const ACCOUNT = "123456789012";
const DAY_MS = 86_400_000;
/** A Friday, at noon. */
const AT = Date.UTC(2026, 0, 2, 12);

const configurationOf = (change: Partial<InventoryConfiguration> = {}): InventoryConfiguration => ({
  Id: "all",
  IsEnabled: true,
  IncludedObjectVersions: "Current",
  Schedule: { Frequency: "Daily" },
  Destination: { S3BucketDestination: { Bucket: "arn:aws:s3:::reports", Format: "CSV", Prefix: "lists" } },
  ...change,
});

type Suite = {
  readonly s3: S3Client;
  readonly put: (change?: Partial<InventoryConfiguration>) => Promise<void>;
  /** Lets days go by; answers what was done meanwhile. */
  readonly pass: (days: number) => Promise<string[]>;
  /** The keys of all manifests there are. */
  readonly manifests: () => Promise<string[]>;
};

const start = async (t: ExecutionContext): Promise<Suite> => {
  const server = await startTestServer({ seed: 1 });
  t.teardown(() => server.close());
  const { clock } = createControlClient({ baseUrl: server.running.controlUrl });
  await clock.freezeClock({ at: timestampFromMs(AT) });
  const s3 = server.s3();
  for (const Bucket of ["photos", "reports"]) await s3.send(new CreateBucketCommand({ Bucket }));
  return {
    s3,
    put: async (change) => {
      const InventoryConfiguration = configurationOf(change);
      const { Id } = InventoryConfiguration;
      await s3.send(new PutBucketInventoryConfigurationCommand({ Bucket: "photos", Id, InventoryConfiguration }));
    },
    pass: async (days) => {
      const { done } = await clock.advanceClock({ by: durationFromMs(days * DAY_MS) });
      return done.map(({ description }) => description);
    },
    manifests: async () => {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "reports" }));
      return Contents.map(({ Key = "" }) => Key).filter((key) => key.endsWith("/manifest.json"));
    },
  };
};

const textOf = async (s3: S3Client, Key: string | undefined): Promise<string> => {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "reports", Key }));
  return (await Body?.transformToString()) ?? "";
};

type Manifest = { files: { key: string; size: number; MD5checksum: string }[]; fileSchema: string };

/** The rows of a manifest's list, by the names of its columns. */
const rowsOf = async (s3: S3Client, manifestKey: string | undefined): Promise<Record<string, string>[]> => {
  const { files, fileSchema } = JSON.parse(await textOf(s3, manifestKey)) as Manifest;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: "reports", Key: files[0]?.key }));
  const text = gunzipSync((await Body?.transformToByteArray()) ?? new Uint8Array()).toString();
  const names = fileSchema.split(", ");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const values = line.slice(1, -1).split('","');
      return Object.fromEntries(names.map((name, at) => [name, values[at] ?? "(none)"]));
    });
};

test("a daily list is delivered day by day, with a manifest, its checksum and a symlink", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a b/ü", Body: "picture" }));
  await suite.put();
  t.deepEqual(await suite.pass(0.5), []);
  t.is((await suite.pass(0.5)).length, 1);
  t.deepEqual(await suite.manifests(), ["lists/photos/all/2026-01-03T01-00Z/manifest.json"]);
  const [manifestKey] = await suite.manifests();
  const text = await textOf(s3, manifestKey);
  const { files, ...manifest } = JSON.parse(text) as Manifest & Record<string, unknown>;
  t.deepEqual(manifest, {
    sourceBucket: "photos",
    destinationBucket: "arn:aws:s3:::reports",
    version: "2016-11-30",
    creationTimestamp: String(Date.UTC(2026, 0, 3, 1)),
    fileFormat: "CSV",
    fileSchema: "Bucket, Key",
  });
  const [file] = files;
  t.regex(file?.key ?? "", /^lists\/photos\/all\/data\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.csv\.gz$/);
  const data = await s3.send(new HeadObjectCommand({ Bucket: "reports", Key: file?.key }));
  t.is(data.ContentLength, file?.size);
  t.is(data.ETag, `"${file?.MD5checksum}"`);
  const checksum = await textOf(s3, manifestKey?.replace(".json", ".checksum"));
  t.is(checksum, createHash("md5").update(text).digest("hex"));
  const symlink = await textOf(s3, "lists/photos/all/hive/dt=2026-01-03-01-00/symlink.txt");
  t.is(symlink, `s3://reports/${file?.key}\n`);
  t.deepEqual(await rowsOf(s3, manifestKey), [{ Bucket: "photos", Key: "a%20b/%C3%BC" }]);
  t.is((await suite.pass(3)).length, 3);
  t.is((await suite.manifests()).length, 4);
});

test("a weekly list is made on Sundays; a change of the schedule and a switch hold at once", async (t) => {
  const suite = await start(t);
  await suite.put({ Schedule: { Frequency: "Weekly" } });
  await suite.pass(14);
  t.deepEqual(
    (await suite.manifests()).map((key) => key.split("/")[3]),
    ["2026-01-04T01-00Z", "2026-01-11T01-00Z"],
  );
  await suite.put({ Schedule: { Frequency: "Daily" } });
  t.is((await suite.pass(2)).length, 2);
  await suite.put({ Schedule: { Frequency: "Weekly" } });
  t.deepEqual(await suite.pass(1), []);
  await suite.put({ IsEnabled: false });
  t.deepEqual(await suite.pass(30), []);
  await suite.put();
  t.is((await suite.pass(1)).length, 1);
  await suite.s3.send(new DeleteBucketInventoryConfigurationCommand({ Bucket: "photos", Id: "all" }));
  t.deepEqual(await suite.pass(30), []);
});

const FIELDS: InventoryOptionalField[] = [
  "Size",
  "LastModifiedDate",
  "ETag",
  "StorageClass",
  "IsMultipartUploaded",
  "ReplicationStatus",
  "EncryptionStatus",
  "ObjectLockRetainUntilDate",
  "ObjectLockMode",
  "ObjectLockLegalHoldStatus",
  "IntelligentTieringAccessTier",
  "BucketKeyStatus",
  "ChecksumAlgorithm",
  "ObjectAccessControlList",
  "ObjectOwner",
];

test("a list of all versions tells of each with the fields that were chosen", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  await s3.send(new PutBucketVersioningCommand({ Bucket: "photos", VersioningConfiguration: { Status: "Enabled" } }));
  const first = await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "k", Body: "picture" }));
  const Metadata = { long: "x".repeat(1500) };
  const second = await s3.send(
    new PutObjectCommand({
      Bucket: "photos",
      Key: "k",
      Body: "picture 2",
      ServerSideEncryption: "aws:kms",
      StorageClass: "STANDARD_IA",
      ChecksumAlgorithm: "SHA256",
      Metadata,
    }),
  );
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: "photos", Key: "k" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "other", Body: "x" }));
  await suite.put({ IncludedObjectVersions: "All", OptionalFields: FIELDS, Filter: { Prefix: "k" } });
  await suite.pass(1);
  const [markerRow, secondRow, firstRow, ...more] = await rowsOf(s3, (await suite.manifests())[0]);
  t.deepEqual(more, []);
  t.deepEqual(Object.keys(firstRow ?? {}), ["Bucket", "Key", "VersionId", "IsLatest", "IsDeleteMarker", ...FIELDS]);
  const owner = canonicalOwnerId(ACCOUNT);
  const { ObjectAccessControlList: acl = "", ...rest } = firstRow ?? {};
  t.deepEqual(JSON.parse(Buffer.from(acl, "base64").toString()), {
    version: "2022-11-10",
    status: "AVAILABLE",
    grants: [{ canonicalId: owner, type: "CanonicalUser", permission: "FULL_CONTROL" }],
  });
  t.deepEqual(rest, {
    Bucket: "photos",
    Key: "k",
    VersionId: first.VersionId ?? "",
    IsLatest: "false",
    IsDeleteMarker: "false",
    Size: "7",
    LastModifiedDate: "2026-01-02T12:00:00.000Z",
    ETag: first.ETag?.replaceAll('"', "") ?? "",
    StorageClass: "STANDARD",
    IsMultipartUploaded: "false",
    ReplicationStatus: "",
    EncryptionStatus: "SSE-S3",
    ObjectLockRetainUntilDate: "",
    ObjectLockMode: "",
    ObjectLockLegalHoldStatus: "",
    IntelligentTieringAccessTier: "",
    BucketKeyStatus: "DISABLED",
    ChecksumAlgorithm: "CRC32",
    ObjectOwner: owner,
  });
  t.is(secondRow?.["VersionId"], second.VersionId);
  t.is(secondRow?.["EncryptionStatus"], "SSE-KMS");
  t.is(secondRow?.["StorageClass"], "STANDARD_IA");
  t.is(secondRow?.["ChecksumAlgorithm"], "SHA256");
  t.is(markerRow?.["VersionId"], marker.VersionId);
  t.is(markerRow?.["IsLatest"], "true");
  t.is(markerRow?.["IsDeleteMarker"], "true");
  t.is(markerRow?.["Size"], "");
  t.is(markerRow?.["LastModifiedDate"], "2026-01-02T12:00:00.000Z");
});

test("a list tells when rules expire what is current, and how locked objects are held", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  const Bucket = "locked";
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "held",
      Body: "x",
      Tagging: "temporary=yes",
      ObjectLockMode: "GOVERNANCE",
      ObjectLockRetainUntilDate: new Date(Date.UTC(2027, 0, 1)),
      ObjectLockLegalHoldStatus: "ON",
      StorageClass: "INTELLIGENT_TIERING",
    }),
  );
  const Filter = { Tag: { Key: "temporary", Value: "yes" } };
  const Rules = [{ ID: "r", Status: "Enabled" as const, Filter, Expiration: { Days: 30 } }];
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  const OptionalFields: InventoryOptionalField[] = [
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "LifecycleExpirationDate",
  ];
  const InventoryConfiguration = configurationOf({ OptionalFields });
  await s3.send(new PutBucketInventoryConfigurationCommand({ Bucket, Id: "all", InventoryConfiguration }));
  await suite.pass(1);
  t.deepEqual(await rowsOf(s3, (await suite.manifests())[0]), [
    {
      Bucket,
      Key: "held",
      ObjectLockRetainUntilDate: "2027-01-01T00:00:00.000Z",
      ObjectLockMode: "Governance",
      ObjectLockLegalHoldStatus: "On",
      IntelligentTieringAccessTier: "FREQUENT",
      LifecycleExpirationDate: "2026-02-02T00:00:00.000Z",
    },
  ]);
});

test("a list of more than a page holds every key once, in order", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  const keys = Array.from({ length: 1_005 }, (_, at) => `k${String(at).padStart(5, "0")}`);
  for (let at = 0; at < keys.length; at += 67) {
    await Promise.all(
      keys.slice(at, at + 67).map((Key) => s3.send(new PutObjectCommand({ Bucket: "photos", Key, Body: "x" }))),
    );
  }
  await suite.put();
  await suite.put({ Id: "versions", IncludedObjectVersions: "All" });
  t.is((await suite.pass(1)).length, 2);
  for (const manifest of await suite.manifests()) {
    t.deepEqual(
      (await rowsOf(s3, manifest)).map(({ Key }) => Key),
      keys,
    );
  }
});

test("the data is encrypted as the destination says; one that is not there is told of, and tried again", async (t) => {
  const suite = await start(t);
  const { s3 } = suite;
  const S3BucketDestination = { Bucket: "arn:aws:s3:::later", Format: "CSV" as const };
  const Encryption = { SSEKMS: { KeyId: `arn:aws:kms:us-east-1:${ACCOUNT}:key/k` } };
  await suite.put({ Destination: { S3BucketDestination: { ...S3BucketDestination, Encryption } } });
  t.deepEqual(await suite.pass(1), ["could not deliver inventory all of s3://photos to arn:aws:s3:::later"]);
  await s3.send(new CreateBucketCommand({ Bucket: "later" }));
  t.is((await suite.pass(1)).length, 1);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "later" }));
  t.is(Contents.length, 4);
  for (const { Key } of Contents) {
    const head = await s3.send(new HeadObjectCommand({ Bucket: "later", Key }));
    t.is(head.ServerSideEncryption, "aws:kms");
    t.is(head.SSEKMSKeyId, Encryption.SSEKMS.KeyId);
  }
});

test("a list whose keys would be longer than any may be is told of, and nothing of it is there", async (t) => {
  const suite = await start(t);
  const S3BucketDestination = { Bucket: "arn:aws:s3:::reports", Format: "CSV", Prefix: "p".repeat(1_000) } as const;
  await suite.put({ Destination: { S3BucketDestination } });
  t.deepEqual(await suite.pass(1), ["could not deliver inventory all of s3://photos to arn:aws:s3:::reports"]);
  t.is((await suite.s3.send(new ListObjectsV2Command({ Bucket: "reports" }))).KeyCount, 0);
});

for (const Format of ["ORC", "Parquet"] as const) {
  test(`lists as ${Format} are not supported, and it says so by name`, async (t) => {
    const suite = await start(t);
    const S3BucketDestination = { Bucket: "arn:aws:s3:::reports", Format };
    const error = await t.throwsAsync(suite.put({ Destination: { S3BucketDestination } }), { name: "NotImplemented" });
    t.is(error?.message, `The inventory format ${Format} is not implemented.`);
  });
}
