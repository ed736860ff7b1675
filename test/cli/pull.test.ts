import { spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { isThere as isProgramThere } from "../interop/programs.ts";
import { newFolder, run, serve } from "./processes.ts";

const ACCOUNT = "111111111111";

const s3Of = (t: ExecutionContext, endpoint: string, accessKeyId: string): S3Client => {
  const credentials = { accessKeyId, secretAccessKey: "test" };
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  t.teardown(() => client.destroy());
  return client;
};

const PART = Buffer.alloc(5 * 1024 * 1024, "p");

const fill = async (s3: S3Client): Promise<void> => {
  const Bucket = "plain";
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: "in/described",
      Body: "hello",
      ContentType: "text/plain",
      CacheControl: "no-cache",
      Metadata: { name: "value" },
      Tagging: "a=b&c+d=e%2Ff",
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket, Key: "in/empty", Body: new Uint8Array(0) }));
  await s3.send(new PutObjectCommand({ Bucket, Key: "out/side", Body: "not asked for" }));
  const target = { Bucket, Key: "in/parts" };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...target, ContentType: "video/mp4" }));
  const Parts = [];
  for (const [at, Body] of [PART, Buffer.from("the rest")].entries()) {
    const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: at + 1, Body }));
    Parts.push({ ETag, PartNumber: at + 1 });
  }
  await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload: { Parts } }));
  const versioned = { Bucket: "versioned" };
  await s3.send(new CreateBucketCommand(versioned));
  const VersioningConfiguration = { Status: "Enabled" } as const;
  await s3.send(new PutBucketVersioningCommand({ ...versioned, VersioningConfiguration }));
  for (const Body of ["one", "two"]) await s3.send(new PutObjectCommand({ ...versioned, Key: "k", Body }));
  await s3.send(new DeleteObjectCommand({ ...versioned, Key: "k" }));
};

/** Answers the ETag of the object that was uploaded in parts. */
const isThere = async (t: ExecutionContext, from: S3Client, to: S3Client): Promise<string | undefined> => {
  const { Contents = [] } = await to.send(new ListObjectsV2Command({ Bucket: "plain" }));
  t.deepEqual(
    Contents.map(({ Key }) => Key),
    ["in/described", "in/empty", "in/parts"],
  );
  const described = { Bucket: "plain", Key: "in/described" };
  const got = await to.send(new GetObjectCommand(described));
  t.is(await got.Body?.transformToString(), "hello");
  t.like(got, { ContentType: "text/plain", CacheControl: "no-cache", Metadata: { name: "value" } });
  const { TagSet } = await to.send(new GetObjectTaggingCommand(described));
  t.deepEqual(TagSet, [
    { Key: "a", Value: "b" },
    { Key: "c d", Value: "e/f" },
  ]);
  const parts = new HeadObjectCommand({ Bucket: "plain", Key: "in/parts" });
  const { ContentLength, ContentType } = await from.send(parts);
  const copied = await to.send(parts);
  t.like(copied, { ContentLength, ContentType });
  t.is((await to.send(new GetBucketVersioningCommand({ Bucket: "versioned" }))).Status, "Enabled");
  const { Versions = [], DeleteMarkers = [] } = await to.send(new ListObjectVersionsCommand({ Bucket: "versioned" }));
  t.deepEqual(
    Versions.map(({ Size, IsLatest }) => [Size, IsLatest]),
    [
      [3, false],
      [3, false],
    ],
  );
  t.is(DeleteMarkers[0]?.IsLatest, true);
  const [latest] = Versions;
  const two = await to.send(
    new GetObjectCommand({ Bucket: "versioned", Key: "k", VersionId: latest?.VersionId ?? "" }),
  );
  t.is(await two.Body?.transformToString(), "two");
  return copied.ETag;
};

const pullAll = async (t: ExecutionContext, { from, to }: { from: string; to: string }): Promise<void> => {
  const keys = ["--access-key-id", ACCOUNT, "--secret-access-key", "test"];
  const args = ["pull", "--from", from, "--to", to, "--account", ACCOUNT, ...keys];
  const plain = await run(t, [...args, "--bucket", "plain", "--prefix", "in/"]);
  t.deepEqual([plain.code, plain.error], [0, "plain: 3 objects, 5.0 MiB\n"]);
  const versioned = await run(t, [...args, "--bucket", "versioned"]);
  t.deepEqual([versioned.code, versioned.error], [0, "versioned: 2 objects, 0.0 MiB\n"]);
};

test("pull copies buckets of another Standin", async (t) => {
  const [from, to] = await Promise.all([serve(t, ["--ephemeral"]), serve(t, ["--ephemeral"])]);
  const source = s3Of(t, from.dataUrl, ACCOUNT);
  await fill(source);
  await pullAll(t, { from: from.dataUrl, to: to.dataUrl });
  const etag = await isThere(t, source, s3Of(t, to.dataUrl, ACCOUNT));
  const { ETag } = await source.send(new HeadObjectCommand({ Bucket: "plain", Key: "in/parts" }));
  t.is(etag, ETag);
  t.regex(etag ?? "", /-2"$/);
});

test("pull copies into a named world", async (t) => {
  const server = await serve(t, ["--ephemeral"]);
  await fill(s3Of(t, server.dataUrl, ACCOUNT));
  const created = await fetch(`${server.controlUrl}/standin.v1.WorldService/CreateWorld`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: "other" }),
  });
  const { world } = (await created.json()) as { world: { endpoint: string } };
  const keys = ["--access-key-id", ACCOUNT, "--secret-access-key", "test", "--account", "222222222222"];
  const ends = ["--from", server.dataUrl, "--to", server.dataUrl, "--world", "other"];
  t.is((await run(t, ["pull", "--bucket", "plain", "--prefix", "in/d", ...ends, ...keys])).code, 0);
  const got = await s3Of(t, world.endpoint, "222222222222").send(new ListObjectsV2Command({ Bucket: "plain" }));
  t.deepEqual(
    got.Contents?.map(({ Key }) => Key),
    ["in/described"],
  );
});

const freePort = async (): Promise<number> => {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
};

test("pull copies buckets of moto", async (t) => {
  if (!(await isProgramThere(t, "moto_server", "--help"))) return;
  const port = await freePort();
  const moto = spawn("moto_server", ["-p", String(port)], { stdio: "ignore" });
  t.teardown(() => void moto.kill("SIGKILL"));
  const from = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries += 1) {
    if (
      await fetch(from).then(
        () => true,
        () => false,
      )
    )
      break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const source = s3Of(t, from, ACCOUNT);
  await fill(source);
  const to = await serve(t, ["--ephemeral"]);
  await pullAll(t, { from, to: to.dataUrl });
  await isThere(t, source, s3Of(t, to.dataUrl, ACCOUNT));
});

test("what pull cannot do is one clear line", async (t) => {
  const folder = await newFolder(t);
  const to = await serve(t, ["--ephemeral"]);
  const refused = async (args: readonly string[], line: RegExp, env: Record<string, string> = {}): Promise<void> => {
    const { code, error } = await run(t, ["pull", "--to", to.dataUrl, ...args], { env, cwd: folder });
    t.is(code, 2, error);
    t.regex(error, line);
    t.is(error.trimEnd().split("\n").length, 1, error);
  };
  const keys = ["--access-key-id", ACCOUNT, "--secret-access-key", "test"];
  await refused([], /^standin: which --bucket\? usage: /);
  await refused(["--bucket", "none", "--from", to.dataUrl, ...keys], /^standin: none: NoSuchBucket: /);
  await refused(
    ["--bucket", "b", "--account", "12", ...keys],
    /^standin: --account: "12" is not an account id of twelve/,
  );
  await refused(["--bucket", "b", "--from", "foo", ...keys], /^standin: --from: "foo" is not a URL/);
  await refused(["--bucket", "b", "--to", "localhost:5000", ...keys], /^standin: --to: "localhost:5000" is not a URL/);
  await refused(["--bucket", "b", "--access-key-id", "x"], /^standin: --access-key-id needs --secret-access-key/);
  await refused(["--bucket", "b", "--from", "http://127.0.0.1:1", ...keys], /^standin: b: .*ECONNREFUSED/);
});
