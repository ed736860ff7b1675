/** Replication is carried out: what a rule takes arrives as AWS would bring it, when the world's clock says so, and tells how it stands. */
import {
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectAclCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectTaggingCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import test from "ava";
import { canonicalOwnerId } from "../../../../src/protocol/caller.ts";

import { MINE, OTHER, MINUTE, start, makeVersioned, replicate, put, status, keys } from "./suite.ts";

test("what is put after a rule is replicated with all that it is, and both sides tell so", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await put(s3, "source", "before");
  await replicate(s3, "source", [{ to: "target" }]);
  const versionId = await put(s3, "source", "a", { Metadata: { m: "1" }, Tagging: "t=1", ContentType: "text/x" });
  t.is(await status(s3, "source", "a"), "PENDING");
  t.deepEqual(await keys(s3, "target"), []);
  t.deepEqual(await pass(MINUTE), ["replicated s3://source/a to s3://target"]);
  t.is(await status(s3, "source", "a"), "COMPLETED");
  t.is(await status(s3, "source", "before"), undefined);
  const source = await s3.send(new GetObjectCommand({ Bucket: "source", Key: "a" }));
  const replica = await s3.send(new GetObjectCommand({ Bucket: "target", Key: "a" }));
  t.is(await replica.Body?.transformToString(), "body of a");
  t.is(replica.ReplicationStatus, "REPLICA");
  t.is(replica.VersionId, versionId);
  t.deepEqual(
    [replica.ETag, replica.LastModified, replica.Metadata, replica.ContentType],
    [source.ETag, source.LastModified, source.Metadata, source.ContentType],
  );
  const { TagSet } = await s3.send(new GetObjectTaggingCommand({ Bucket: "target", Key: "a" }));
  t.deepEqual(TagSet, [{ Key: "t", Value: "1" }]);
  t.deepEqual(await keys(s3, "target"), ["a"]);
});

test("filters by prefix and tags choose what is replicated, and of two rules to one bucket the one that has priority", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [
    {
      to: "target",
      Filter: { Prefix: "in/" },
      Destination: { Bucket: "arn:aws:s3:::target", StorageClass: "ONEZONE_IA" },
    },
    { to: "target", Filter: { And: { Prefix: "in/", Tags: [{ Key: "a", Value: "b" }] } } },
    { to: "target", Filter: { Tag: { Key: "off", Value: "" } }, Status: "Disabled" },
  ]);
  await put(s3, "source", "in/plain");
  await put(s3, "source", "in/tagged", { Tagging: "a=b&c=d" });
  await put(s3, "source", "out/tagged", { Tagging: "a=b" });
  await put(s3, "source", "out/off", { Tagging: "off=" });
  await pass(MINUTE);
  t.deepEqual(await keys(s3, "target"), ["in/plain", "in/tagged"]);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: "target", Key: "in/plain" }))).StorageClass, "ONEZONE_IA");
  t.is((await s3.send(new HeadObjectCommand({ Bucket: "target", Key: "in/tagged" }))).StorageClass, undefined);
  t.is(await status(s3, "source", "out/tagged"), undefined);
});

test("several destinations each get it, and the source is complete once all have it", async (t) => {
  const { s3, pass } = await start(t);
  for (const name of ["source", "one", "two"]) await makeVersioned(s3, name);
  await replicate(s3, "source", [{ to: "one" }, { to: "two" }]);
  await put(s3, "source", "a");
  t.is((await pass(MINUTE)).length, 2);
  t.is(await status(s3, "source", "a"), "COMPLETED");
  t.deepEqual([await keys(s3, "one"), await keys(s3, "two")], [["a"], ["a"]]);
});

test("delete markers follow where the rule says so, deletions for good never do", async (t) => {
  const { s3, pass } = await start(t);
  for (const name of ["source", "with", "without"]) await makeVersioned(s3, name);
  await replicate(s3, "source", [
    { to: "with", DeleteMarkerReplication: { Status: "Enabled" } },
    { to: "without", DeleteMarkerReplication: { Status: "Disabled" } },
  ]);
  const VersionId = await put(s3, "source", "a");
  const marker = await s3.send(new DeleteObjectCommand({ Bucket: "source", Key: "a" }));
  await pass(MINUTE);
  t.deepEqual([await keys(s3, "with"), await keys(s3, "without")], [["a", "a!"], ["a"]]);
  const { DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "with" }));
  t.is(DeleteMarkers[0]?.VersionId, marker.VersionId);
  t.true(DeleteMarkers[0]?.IsLatest);
  await s3.send(new DeleteObjectCommand({ Bucket: "source", Key: "a", VersionId }));
  t.deepEqual(await pass(MINUTE), []);
  t.deepEqual(await keys(s3, "with"), ["a", "a!"]);
});

test("changes of tags follow what was replicated, and replicas are not replicated on", async (t) => {
  const { s3, pass } = await start(t);
  for (const name of ["source", "middle", "end"]) await makeVersioned(s3, name);
  await replicate(s3, "source", [{ to: "middle" }]);
  await replicate(s3, "middle", [{ to: "end" }]);
  await put(s3, "source", "a");
  await put(s3, "middle", "own");
  await pass(2 * MINUTE);
  t.deepEqual([await keys(s3, "middle"), await keys(s3, "end")], [["a", "own"], ["own"]]);
  const tagging = { TagSet: [{ Key: "later", Value: "1" }] };
  await s3.send(new PutObjectTaggingCommand({ Bucket: "source", Key: "a", Tagging: tagging }));
  t.is(await status(s3, "source", "a"), "PENDING");
  await pass(MINUTE);
  t.is(await status(s3, "source", "a"), "COMPLETED");
  t.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket: "middle", Key: "a" }))).TagSet, tagging.TagSet);
  // Of a replica only where the rule says so.
  await s3.send(new PutObjectTaggingCommand({ Bucket: "middle", Key: "a", Tagging: { TagSet: [] } }));
  t.deepEqual(await pass(MINUTE), []);
});

test("changes of replicas go back where a rule replicates them", async (t) => {
  const { s3, pass } = await start(t);
  for (const name of ["left", "right"]) await makeVersioned(s3, name);
  const both = { SourceSelectionCriteria: { ReplicaModifications: { Status: "Enabled" } } } as const;
  await replicate(s3, "left", [{ to: "right", ...both }]);
  await replicate(s3, "right", [{ to: "left", ...both }]);
  await put(s3, "left", "a");
  await pass(MINUTE);
  const tagging = { TagSet: [{ Key: "on", Value: "right" }] };
  await s3.send(new PutObjectTaggingCommand({ Bucket: "right", Key: "a", Tagging: tagging }));
  await pass(MINUTE);
  t.deepEqual((await s3.send(new GetObjectTaggingCommand({ Bucket: "left", Key: "a" }))).TagSet, tagging.TagSet);
  t.deepEqual(await pass(MINUTE), []);
  t.deepEqual([await keys(s3, "left"), await keys(s3, "right")], [["a"], ["a"]]);
});

test("across accounts a replica is its writer's, or the bucket's account's where the rule says so", async (t) => {
  const { server, s3, pass } = await start(t);
  const other = server.s3({ accountId: OTHER });
  await makeVersioned(s3, "source");
  await makeVersioned(other, "kept", { ObjectOwnership: "ObjectWriter" });
  await makeVersioned(other, "overridden", { ObjectOwnership: "ObjectWriter" });
  await replicate(s3, "source", [
    { to: "kept" },
    {
      to: "overridden",
      Destination: {
        Bucket: "arn:aws:s3:::overridden",
        Account: OTHER,
        AccessControlTranslation: { Owner: "Destination" },
      },
    },
  ]);
  await put(s3, "source", "a");
  await pass(MINUTE);
  const owner = async (Bucket: string) => (await other.send(new GetObjectAclCommand({ Bucket, Key: "a" }))).Owner?.ID;
  t.is(await owner("kept"), canonicalOwnerId(MINE));
  t.is(await owner("overridden"), canonicalOwnerId(OTHER));
});

test("objects made of parts and copies are replicated as they are", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket: "source", Key: "parts" }));
  const upload = { Bucket: "source", Key: "parts", UploadId };
  const Parts = [];
  for (const PartNumber of [1, 2]) {
    const Body = Buffer.alloc(5 * 1024 * 1024, PartNumber);
    const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body }));
    Parts.push({ PartNumber, ETag });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  await pass(MINUTE);
  const part = { Key: "parts", PartNumber: 2 };
  const source = await s3.send(new HeadObjectCommand({ Bucket: "source", ...part }));
  const replica = await s3.send(new HeadObjectCommand({ Bucket: "target", ...part }));
  t.deepEqual([replica.ETag, replica.PartsCount, replica.ContentLength], [source.ETag, 2, 5 * 1024 * 1024]);
  // A copy of what was replicated is a new object, which is replicated itself.
  await s3.send(new CopyObjectCommand({ Bucket: "source", Key: "copy", CopySource: "source/parts" }));
  t.is(await status(s3, "source", "copy"), "PENDING");
  await pass(MINUTE);
  t.deepEqual(await keys(s3, "target"), ["copy", "parts"]);
});

test("versions that arrive in any order stand in their source's", async (t) => {
  const { s3, control, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const first = await put(s3, "source", "a", { Body: "first" });
  await control.worlds.updateWorld({ settings: { replicationDelay: durationFromMs(0) } });
  const second = await put(s3, "source", "a", { Body: "second" });
  await pass(1);
  t.is((await s3.send(new HeadObjectCommand({ Bucket: "target", Key: "a" }))).VersionId, second);
  await pass(MINUTE);
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "target" }));
  t.deepEqual(
    Versions.map(({ VersionId, IsLatest }) => [VersionId, IsLatest]),
    [
      [second, true],
      [first, false],
    ],
  );
  const got = await s3.send(new GetObjectCommand({ Bucket: "target", Key: "a", VersionId: first }));
  t.is(await got.Body?.transformToString(), "first");
});

test("where the destination has a version of its own in the place, both stay, and the replica comes last", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const own = await put(s3, "target", "a", { Body: "own" });
  await put(s3, "source", "a", { Body: "replica" });
  await pass(MINUTE);
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "target" }));
  t.is(Versions.length, 2);
  t.is(Versions[1]?.VersionId, own);
  const got = await s3.send(new GetObjectCommand({ Bucket: "target", Key: "a" }));
  t.is(await got.Body?.transformToString(), "replica");
});

test("a replica that came last is found again: changes of its source make no further version", async (t) => {
  const { s3, pass } = await start(t);
  await makeVersioned(s3, "source");
  await makeVersioned(s3, "target");
  await replicate(s3, "source", [{ to: "target" }]);
  const own = await put(s3, "target", "a", { Body: "own" });
  await put(s3, "source", "a", { Body: "replica" });
  const tagAs = async (Value: string) => {
    await s3.send(
      new PutObjectTaggingCommand({ Bucket: "source", Key: "a", Tagging: { TagSet: [{ Key: "is", Value }] } }),
    );
    await pass(MINUTE);
    const { TagSet = [] } = await s3.send(new GetObjectTaggingCommand({ Bucket: "target", Key: "a" }));
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "target" }));
    return {
      tag: TagSet[0]?.Value,
      versions: Versions.map(({ VersionId, IsLatest }) => [VersionId === own, IsLatest]),
    };
  };
  const both = [
    [false, true],
    [true, false],
  ];
  t.deepEqual(await tagAs("one"), { tag: "one", versions: both });
  t.deepEqual(await tagAs("two"), { tag: "two", versions: both });
  const later = await put(s3, "target", "a", { Body: "later" });
  await s3.send(new DeleteObjectCommand({ Bucket: "target", Key: "a", VersionId: own }));
  await tagAs("three");
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket: "target" }));
  t.deepEqual(
    Versions.map(({ VersionId, IsLatest }) => [VersionId === later, IsLatest]),
    both.map(([, isLatest]) => [isLatest, isLatest]),
  );
});
