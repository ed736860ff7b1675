import { readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { newFolder, run, serve } from "./processes.ts";

const s3Of = (t: ExecutionContext, endpoint: string): S3Client => {
  const credentials = { accessKeyId: "111111111111", secretAccessKey: "test" };
  const client = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials });
  t.teardown(() => client.destroy());
  return client;
};

const fill = async (s3: S3Client): Promise<void> => {
  await s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "a/b", Body: "hello" }));
};

const helloIn = async (s3: S3Client): Promise<string | undefined> =>
  (await s3.send(new GetObjectCommand({ Bucket: "photos", Key: "a/b" }))).Body?.transformToString();

test("export writes a file or standard output, and import reads either back", async (t) => {
  const folder = await newFolder(t);
  const first = await serve(t, ["--ephemeral"]);
  await fill(s3Of(t, first.dataUrl));
  const file = path.join(folder, "state.tar.zst");
  const env = { STANDIN_CONTROL_URL: first.controlUrl };
  t.like(await run(t, ["export", file], { env }), { code: 0, error: `wrote ${file}\n` });
  const piped = await run(t, ["export", "-", "--control-url", first.controlUrl]);
  t.true(piped.output.equals(await readFile(file)));
  const gzip = path.join(folder, "state.tgz");
  await run(t, ["export", gzip, "--account", "111111111111"], { env });
  t.is((await readFile(gzip)).readUInt16BE(0), 0x1f8b);
  t.deepEqual((await readdir(folder)).sort(), ["state.tar.zst", "state.tgz"]);

  const second = await serve(t, ["--ephemeral"]);
  const to = ["--control-url", second.controlUrl];
  const imported = await run(t, ["import", "-", ...to], { input: piped.output });
  t.is(imported.error, "imported 1 account; all others are empty\n");
  t.is(await helloIn(s3Of(t, second.dataUrl)), "hello");
  t.is((await run(t, ["import", gzip, ...to])).error, "imported 1 account\n");
  t.is((await run(t, ["import", file, "--snapshot", "seed", ...to])).error, "made snapshot seed of 1 account\n");
  t.like(await run(t, ["import", file, "--snapshot", "seed", ...to]), {
    code: 2,
    error: 'standin: there is a snapshot "seed" in world default already\n',
  });
  t.like(await run(t, ["import", file, "--snapshot", "seed", "--replace", ...to]), { code: 0 });
  const snapshot = await run(t, ["export", "-", "--snapshot", "seed", ...to]);
  t.true(snapshot.output.equals(piped.output));
});

test("what a command cannot do is one clear line and exit code 2", async (t) => {
  const folder = await newFolder(t);
  const server = await serve(t, ["--ephemeral"]);
  const to = ["--control-url", server.controlUrl];
  const file = path.join(folder, "file");
  await writeFile(file, "hello");
  const refused = async (args: readonly string[], line: RegExp): Promise<void> => {
    const { code, error } = await run(t, args);
    t.is(code, 2, error);
    t.regex(error, line);
    t.is(error.trimEnd().split("\n").length, 1, error);
  };
  await refused(["export"], /^standin: usage: standin export \[options\] FILE\|-\n$/);
  await refused(["export", "a", "--colour"], /^standin: Unknown option '--colour'; usage: /);
  await refused(
    ["export", file, "--control-url", "http://127.0.0.1:1"],
    /^standin: no control plane at http:\/\/127\.0\.0\.1:1 .*ECONNREFUSED/,
  );
  await refused(
    ["export", file, "--control-url", "localhost:1"],
    /^standin: --control-url: "localhost:1" is not a URL/,
  );
  await refused(["export", file, "--world", "none", ...to], /^standin: there is no world "none"\n$/);
  await refused(["export", path.join(folder, "no/file"), ...to], /^standin: .*no such file\n$/);
  await refused(["import", path.join(folder, "none"), ...to], /^standin: .*none: no such file\n$/);
  await refused(["import", folder, ...to], /^standin: .*: is a directory\n$/);
  await refused(["export", folder, ...to], /^standin: .*: is a directory\n$/);
  await refused(["import", file, ...to], /^standin: this is no archive of Standin/);
  await refused(
    ["--ephemeral", "--import", file, "--port", "0", "--control-port", "0"],
    /^standin: .*file: this is no archive of Standin/,
  );
  t.is(await readFile(file, "utf8"), "hello");
  t.deepEqual(await readdir(folder), ["file"]);
  const help = await run(t, ["export", "--help"]);
  t.regex(help.output.toString(), /^Usage: standin export .*--snapshot NAME/s);
});

test("serve begins with an archive, and leaves one behind that is the same if nothing was done", async (t) => {
  const folder = await newFolder(t);
  const [one, two, three] = ["1.tar.zst", "2.tar.zst", "3.tar.gz"].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  const first = await serve(t, ["--ephemeral", "--export-on-exit", one]);
  await fill(s3Of(t, first.dataUrl));
  t.is(await first.stop(), 0);
  const second = await serve(t, ["--ephemeral", "--import", one, "--export-on-exit", two]);
  t.is(await helloIn(s3Of(t, second.dataUrl)), "hello");
  t.is(await second.stop(), 0);
  t.true((await readFile(two)).equals(await readFile(one)));
  const data = path.join(folder, "data");
  const third = await serve(t, ["--data-dir", data, "--import", two, "--export-on-exit", three]);
  const { Buckets } = await s3Of(t, third.dataUrl).send(new ListBucketsCommand({}));
  t.is(Buckets?.length, 1);
  t.is(await third.stop(), 0);
  t.is((await readFile(three)).readUInt16BE(0), 0x1f8b);
});
