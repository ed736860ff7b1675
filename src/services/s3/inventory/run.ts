/**
 * Makes inventory lists when they are due: data as compressed CSV, a manifest that says where it is, and the manifest's checksum.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
 */
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { DueContext } from "../../../harness/due-handler.ts";
import type { InventoryConfiguration, InventoryEncryption } from "../../../protocol/generated/s3.ts";
import type { Bucket } from "../../../state/model.ts";
import { deliveryOf, receiving, type Delivery, type Received } from "../delivery/delivered-object.ts";
import { readingPinned } from "../delivery/pinned-reading.ts";
import { reportHandler, type Report, type ReportRow } from "../delivery/report.ts";
import { parseInventory } from "../documents/inventory.ts";
import type { EncryptionInput } from "../encryption.ts";
import { uuidOf } from "../uuid.ts";
import { columnsOf } from "./fields.ts";
import { inventoryRows } from "./rows.ts";

type InventoryReport = Report<InventoryConfiguration>;

/** Where all of a configuration's lists stand. */
const folderOf = (bucket: Bucket, { Destination, Id: id }: InventoryConfiguration): string => {
  const { Prefix: prefix } = Destination.S3BucketDestination;
  return `${prefix === undefined || prefix === "" ? "" : `${prefix}/`}${bucket.name}/${id}`;
};

/** Answers the key of the manifest. */
const makeInventory = (context: DueContext, report: InventoryReport): Promise<string> => {
  const { bucket, configuration } = report;
  const versions = configuration.IncludedObjectVersions === "All" ? "All" : "Current";
  const columns = columnsOf({ versions, fields: configuration.OptionalFields ?? [] });
  const schema = columns.columns.map(({ name }) => name).join(", ");
  const prefix = configuration.Filter?.Prefix ?? "";
  return readingPinned(context.world, bucket, (read) => {
    const rows = Readable.from(inventoryRows(read, { ...columns, versions, prefix }), { objectMode: false });
    // Whoever reads it meets what goes wrong.
    const zipped = pipeline(rows, createGzip(), () => undefined);
    return receiving(context.bodies, zipped, (data) => deliver(context, report, { data, schema }));
  });
};

/** Inventories as reports. */
export const INVENTORIES: ReportRow<InventoryConfiguration> = {
  kind: "inventory",
  noun: "inventory",
  parse: parseInventory,
  frequencyOf: ({ IsEnabled, Schedule }) => {
    if (!IsEnabled) return undefined;
    return Schedule.Frequency === "Weekly" ? "Weekly" : "Daily";
  },
  destinationOf: ({ Destination: { S3BucketDestination } }) => ({
    arn: S3BucketDestination.Bucket,
    accountId: S3BucketDestination.AccountId,
  }),
  keyOf: (bucket, configuration) => `${folderOf(bucket, configuration)}/data/`,
  make: makeInventory,
};

/** Makes the lists that are due. */
export const makeInventories = reportHandler(INVENTORIES);

const EVENT_STAMP = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d)/;

/** `2016-11-06T21-32Z` and `2016-11-06-21-32`. */
const stampsOf = (timeMs: number): { readonly folder: string; readonly partition: string } => {
  const [, date = "", hours = "", minutes = ""] = EVENT_STAMP.exec(new Date(timeMs).toISOString()) ?? [];
  return { folder: `${date}T${hours}-${minutes}Z`, partition: `${date}-${hours}-${minutes}` };
};

const encryptionOf = (encryption: InventoryEncryption | undefined): EncryptionInput => {
  if (encryption?.SSEKMS !== undefined) {
    return { ServerSideEncryption: "aws:kms", SSEKMSKeyId: encryption.SSEKMS.KeyId };
  }
  return encryption?.SSES3 === undefined ? {} : { ServerSideEncryption: "AES256" };
};

const deliver = async (
  context: DueContext,
  { bucket, configuration, destination, begin }: InventoryReport,
  { data, schema }: { readonly data: Received; readonly schema: string },
): Promise<string> => {
  const { nowMs, bodies, world, draw } = context;
  const prefix = folderOf(bucket, configuration);
  const { folder, partition } = stampsOf(nowMs);
  const dataKey = `${prefix}/data/${uuidOf(draw.bytes("inventory", 16))}.csv.gz`;
  const manifest = {
    sourceBucket: bucket.name,
    destinationBucket: `arn:${destination.partition}:s3:::${destination.name}`,
    version: "2016-11-30",
    creationTimestamp: String(nowMs),
    fileFormat: "CSV",
    fileSchema: schema,
    files: [{ key: dataKey, size: data.body.sizeBytes, MD5checksum: data.md5.toString("hex") }],
  };
  const encryption = encryptionOf(configuration.Destination.S3BucketDestination.Encryption);
  const objectOf = (key: string, contentType: string, received: Received): Delivery => ({
    key,
    received,
    contentType,
    encryption,
  });
  const symlink = `s3://${destination.name}/${dataKey}\n`;
  const manifestKey = `${prefix}/${folder}/manifest.json`;
  await receiving(bodies, Buffer.from(JSON.stringify(manifest, undefined, 2)), (manifestFile) =>
    receiving(bodies, Buffer.from(manifestFile.md5.toString("hex")), (checksumFile) =>
      receiving(bodies, Buffer.from(symlink), async (symlinkFile) => {
        const puts = [
          objectOf(dataKey, "application/x-gzip", data),
          objectOf(`${prefix}/hive/dt=${partition}/symlink.txt`, "text/plain", symlinkFile),
          objectOf(manifestKey, "application/json", manifestFile),
          objectOf(`${prefix}/${folder}/manifest.checksum`, "text/plain", checksumFile),
        ].map((delivery) => deliveryOf(context, delivery));
        await world.transact(async (tx) => {
          const target = await begin(tx);
          for (const put of puts) await put(tx, target);
        });
      }),
    ),
  );
  return manifestKey;
};
