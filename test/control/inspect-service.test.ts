import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { createControlClient } from "../../src/control/client.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { callOk, callRefused } from "./control-plane.ts";

const ONE = "111111111111";
const TWO = "222222222222";

/** Two accounts with a bucket each; the first one's has versions and uploads. */
const withSeed = async (use: (server: TestServer, control: string) => Promise<void>): Promise<void> => {
  const server = await startTestServer();
  try {
    const s3 = server.s3({ accountId: ONE });
    await s3.send(new CreateBucketCommand({ Bucket: "one" }));
    const versioned = { Bucket: "one", VersioningConfiguration: { Status: "Enabled" } } as const;
    await s3.send(new PutBucketVersioningCommand(versioned));
    for (const [Key, Body] of [
      ["a", "first"],
      ["a", "second"],
      ["a/b", "nested"],
      ["gone", "away"],
    ] as const) {
      await s3.send(
        new PutObjectCommand({ Bucket: "one", Key, Body, ContentType: "text/plain", Metadata: { by: "test" } }),
      );
    }
    await s3.send(new DeleteObjectCommand({ Bucket: "one", Key: "gone" }));
    for (const Key of ["up", "up", "other"]) {
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "one", Key }));
      await s3.send(new UploadPartCommand({ Bucket: "one", Key, UploadId, PartNumber: 7, Body: "part" }));
    }
    const other = server.s3({ accountId: TWO, region: "eu-west-1" });
    await other.send(new CreateBucketCommand({ Bucket: "two" }));
    await other.send(new PutObjectCommand({ Bucket: "two", Key: "k", Body: Buffer.alloc(2_000_000, "x") }));
    await use(server, server.running.controlUrl);
  } finally {
    await server.close();
  }
};

/** All pages of a list, each of `pageSize` entries but the last. */
const pagesOf = async (
  t: ExecutionContext,
  control: string,
  list: { rpc: string; body: object; member: string; pageSize: number },
): Promise<Record<string, unknown>[]> => {
  const found: Record<string, unknown>[] = [];
  let pageToken: unknown = "";
  do {
    const page = await callOk(t, control, list.rpc, { ...list.body, pageSize: list.pageSize, pageToken });
    const entries = page[list.member] as Record<string, unknown>[];
    found.push(...entries);
    pageToken = page["nextPageToken"];
    t.true(entries.length === list.pageSize || pageToken === "");
  } while (pageToken !== "");
  return found;
};

test("buckets of one account or of all are listed with what they hold", async (t) => {
  await withSeed(async (_server, control) => {
    const rpc = "InspectService/ListBuckets";
    for (const pageSize of [1, 2, 100]) {
      const all = await pagesOf(t, control, { rpc, body: {}, member: "buckets", pageSize });
      t.deepEqual(
        all.map(({ name, accountId }) => [name, accountId]),
        [
          ["one", ONE],
          ["two", TWO],
        ],
      );
      t.like(all[0], {
        partition: "aws",
        region: "us-east-1",
        versioning: "Enabled",
        objectCount: 2,
        versionCount: 5,
        uploadCount: 3,
        sizeBytes: "33",
      });
      const two = await pagesOf(t, control, { rpc, body: { accountId: TWO }, member: "buckets", pageSize });
      t.deepEqual(two, all.slice(1));
    }
    t.deepEqual(await callOk(t, control, rpc, { accountId: "999999999999" }), { buckets: [], nextPageToken: "" });
    t.deepEqual(await callOk(t, control, rpc, { partition: "aws-cn" }), { buckets: [], nextPageToken: "" });
    await callRefused(t, control, { rpc, body: { partition: "azure" }, code: "invalid_argument" });
  });
});

test("a bucket is found by its name, and only in the account that is named", async (t) => {
  await withSeed(async (_server, control) => {
    const rpc = "InspectService/GetBucket";
    t.like(await callOk(t, control, rpc, { bucket: "two" }), {
      bucket: { name: "two", region: "eu-west-1", sizeBytes: "2000000" },
    });
    await callOk(t, control, rpc, { bucket: "two", accountId: TWO });
    const details = [{ type: "bucket", name: "two", world: "default" }];
    for (const elsewhere of [{ accountId: ONE }, { partition: "aws-cn" }]) {
      await callRefused(t, control, { rpc, body: { bucket: "two", ...elsewhere }, code: "not_found", details });
    }
    for (const bucket of ["", "a/b", "a".repeat(256), "a\u0000b"]) {
      await callRefused(t, control, { rpc, body: { bucket }, code: "invalid_argument" });
    }
  });
});

test("objects are listed with a prefix, page by page", async (t) => {
  await withSeed(async (_server, control) => {
    const list = { rpc: "InspectService/ListObjects", member: "objects", pageSize: 1 };
    const objects = await pagesOf(t, control, { ...list, body: { bucket: "one" } });
    t.deepEqual(
      objects.map(({ key, isLatest, sizeBytes }) => [key, isLatest, sizeBytes]),
      [
        ["a", true, "6"],
        ["a/b", true, "6"],
      ],
    );
    t.like(objects[0], { storageClass: "STANDARD", ownerAccountId: ONE, deleteMarker: false });
    const nested = await pagesOf(t, control, { ...list, body: { bucket: "one", prefix: "a/" } });
    t.deepEqual(nested, objects.slice(1));
  });
});

test("versions are listed with delete markers, newest first, page by page", async (t) => {
  await withSeed(async (_server, control) => {
    const body = { bucket: "one", versions: true };
    for (const pageSize of [1, 2, 5, 100]) {
      const versions = await pagesOf(t, control, {
        rpc: "InspectService/ListObjects",
        body,
        member: "objects",
        pageSize,
      });
      t.deepEqual(
        versions.map(({ key, isLatest, deleteMarker, sizeBytes }) => [key, isLatest, deleteMarker, sizeBytes]),
        [
          ["a", true, false, "6"],
          ["a", false, false, "5"],
          ["a/b", true, false, "6"],
          ["gone", true, true, "0"],
          ["gone", false, false, "4"],
        ],
      );
    }
  });
});

test("a list's token is no good for the list of versions", async (t) => {
  await withSeed(async (_server, control) => {
    const rpc = "InspectService/ListObjects";
    const page = await callOk(t, control, rpc, { bucket: "one", pageSize: 1 });
    const body = { bucket: "one", versions: true, pageToken: page["nextPageToken"] };
    await callRefused(t, control, { rpc, body, code: "invalid_argument" });
  });
});

test("an object comes with its metadata, its versions and as much of its content as was asked for", async (t) => {
  await withSeed(async (server, control) => {
    const { inspect } = createControlClient({ baseUrl: server.running.controlUrl });
    const latest = await inspect.getObject({ bucket: "one", key: "a", contentBytesMax: 3 });
    t.is(Buffer.from(latest.content).toString(), "sec");
    t.like(latest.object, { key: "a", isLatest: true, etag: "a9f0e61a137d86aa9db53465e0801612", sizeBytes: 6n });
    t.is(latest.object?.checksum?.algorithm, "CRC32");
    t.like(latest.metadata, { contentType: "text/plain" });
    t.deepEqual(latest.metadata?.userMetadata, { by: "test" });
    t.deepEqual(
      latest.versions.map(({ isLatest }) => isLatest),
      [true, false],
    );
    const versionId = latest.versions[1]?.versionId ?? "";
    const older = await inspect.getObject({ bucket: "one", key: "a", versionId, contentBytesMax: 1_048_576 });
    t.is(Buffer.from(older.content).toString(), "first");
    t.false(older.object?.isLatest);
    const large = await inspect.getObject({ bucket: "two", key: "k", contentBytesMax: 1_048_576 });
    t.deepEqual(Buffer.from(large.content), Buffer.alloc(1_048_576, "x"));
    const json = await callOk(t, control, "InspectService/GetObject", { bucket: "two", key: "k", contentBytesMax: 2 });
    t.like(json, { content: "eHg=", object: { versionId: "null", sizeBytes: "2000000" } });
  });
});

test("a delete marker is shown, and what is not there is not found", async (t) => {
  await withSeed(async (_server, control) => {
    const rpc = "InspectService/GetObject";
    const gone = await callOk(t, control, rpc, { bucket: "one", key: "gone" });
    t.like(gone, { object: { deleteMarker: true, isLatest: true }, content: "" });
    t.false("metadata" in gone);
    const details = [{ type: "object", name: "one/b", world: "default" }];
    await callRefused(t, control, { rpc, body: { bucket: "one", key: "b" }, code: "not_found", details });
    const version = { bucket: "one", key: "a", versionId: "none" };
    await callRefused(t, control, { rpc, body: version, code: "not_found" });
    await callRefused(t, control, { rpc, body: { bucket: "none", key: "a" }, code: "not_found" });
    for (const bad of [{ key: "" }, { key: "a", contentBytesMax: 1_048_577 }]) {
      await callRefused(t, control, { rpc, body: { bucket: "one", ...bad }, code: "invalid_argument" });
    }
  });
});

test("unfinished uploads are listed with a prefix, page by page", async (t) => {
  await withSeed(async (_server, control) => {
    const list = { rpc: "InspectService/ListUploads", member: "uploads", pageSize: 1 };
    const uploads = await pagesOf(t, control, { ...list, body: { bucket: "one" } });
    t.deepEqual(
      uploads.map(({ key }) => key),
      ["other", "up", "up"],
    );
    t.like(uploads[0], { ownerAccountId: ONE, storageClass: "STANDARD" });
    t.regex(String(uploads[0]?.["initiatorId"]), /^[0-9a-f]{64}$/);
    t.deepEqual(await pagesOf(t, control, { ...list, body: { bucket: "one", prefix: "up" } }), uploads.slice(1));
  });
});

test("a dump streams every record after the one it belongs to", async (t) => {
  await withSeed(async (server) => {
    const { inspect } = createControlClient({ baseUrl: server.running.controlUrl });
    const kinds: unknown[] = [];
    for await (const { record } of inspect.dumpState({ accountIds: [TWO, ONE, "999999999999"] }))
      kinds.push(record.case);
    const expected =
      "account bucket object account bucket object object object object object upload part upload part upload part";
    t.is(kinds.join(" "), expected);
    let accounts = 0;
    for await (const { record } of inspect.dumpState({})) if (record.case === "account") accounts += 1;
    t.is(accounts, 2);
  });
});

test("a dump of more records than one page holds has each once", async (t) => {
  await withSeed(async (server) => {
    const s3 = server.s3({ accountId: TWO });
    const keys = Array.from({ length: 600 }, (_, index) => `many/${String(index).padStart(4, "0")}`);
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(
        keys.slice(at, at + 50).map((Key) => s3.send(new PutObjectCommand({ Bucket: "two", Key, Body: "x" }))),
      );
    }
    const { inspect } = createControlClient({ baseUrl: server.running.controlUrl });
    const found: string[] = [];
    for await (const { record } of inspect.dumpState({ accountIds: [TWO] })) {
      if (record.case === "object") found.push(record.value.key);
    }
    t.deepEqual(found, ["k", ...keys]);
    // Whoever has seen enough may leave.
    for await (const { record } of inspect.dumpState({})) if (record.case === "object") break;
    t.is((await inspect.listBuckets({})).buckets.length, 2);
  });
});
