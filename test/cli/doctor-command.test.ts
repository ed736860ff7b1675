import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import test, { type ExecutionContext } from "ava";
import { newFolder, run, serve, type Ended } from "./processes.ts";

const LARGE = "l".repeat(100_000);

/** Puts a few objects, one of them a file, into the server of `dataDir`; it runs on. */
const serveFilled = async (t: ExecutionContext, dataDir: string) => {
  const server = await serve(t, ["--data-dir", dataDir]);
  const credentials = { accessKeyId: "111111111111", secretAccessKey: "test" };
  const s3 = new S3Client({ endpoint: server.dataUrl, region: "us-east-1", forcePathStyle: true, credentials });
  t.teardown(() => s3.destroy());
  await s3.send(new CreateBucketCommand({ Bucket: "photos" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "small", Body: "small" }));
  await s3.send(new PutObjectCommand({ Bucket: "photos", Key: "large", Body: LARGE }));
  return server;
};

/** The same, and stopped. */
const filledDir = async (t: ExecutionContext): Promise<string> => {
  const dataDir = await newFolder(t);
  await (await serveFilled(t, dataDir)).stop();
  return dataDir;
};

const doctor = async (t: ExecutionContext, args: readonly string[]): Promise<Ended & { readonly text: string }> => {
  const ended = await run(t, ["doctor", ...args]);
  return { ...ended, text: String(ended.output) };
};

const fileOf = async (dataDir: string): Promise<string> => {
  const files = await readdir(path.join(dataDir, "bodies"), { recursive: true, withFileTypes: true });
  const file = files.find((entry) => entry.isFile())!;
  return path.join(file.parentPath, file.name);
};

test("a directory with nothing wrong is told so and ends with 0", async (t) => {
  const dataDir = await filledDir(t);
  const { code, text, error } = await doctor(t, ["--data-dir", dataDir]);
  t.is(error, "");
  t.is(text, `nothing is wrong in ${dataDir}\n`);
  t.is(code, 0);
});

test("a byte of a body that was changed is found by its checksum, and nothing is guessed", async (t) => {
  const dataDir = await filledDir(t);
  const file = await fileOf(dataDir);
  const bytes = await readFile(file);
  bytes[50_000] = 0x21;
  await writeFile(file, bytes);
  for (const args of [[], ["--repair"]]) {
    const { code, text } = await doctor(t, ["--data-dir", dataDir, ...args]);
    t.regex(text, /^fault +body +the bytes of body f[0-9a-f]{16} have the \w+ \S+, not \S+\n1 fault in /);
    t.is(code, 1);
  }
});

test("a stray file is a fault that --repair takes away", async (t) => {
  const dataDir = await filledDir(t);
  const file = await fileOf(dataDir);
  await writeFile(`${file.slice(0, -8)}ffffff00`, "stray");
  const before = await doctor(t, ["--data-dir", dataDir]);
  t.regex(before.text, /^fault +file +the file \S+ has no record \(--repair removes it\)\n1 fault in /);
  t.is(before.code, 1);
  const repaired = await doctor(t, ["--data-dir", dataDir, "--repair"]);
  t.regex(repaired.text, /^repaired +file +the file \S+ has no record\nnothing is wrong, 1 put right in /);
  t.is(repaired.code, 0);
  t.is((await doctor(t, ["--data-dir", dataDir])).code, 0);
});

test("a running server is asked over its control plane, and --repair wants it stopped", async (t) => {
  const dataDir = await newFolder(t);
  const server = await serveFilled(t, dataDir);
  const url = ["--control-url", server.controlUrl];
  const well = await doctor(t, ["--data-dir", dataDir, ...url]);
  t.is(well.text, `nothing is wrong in ${dataDir}\n`, well.error);
  await appendFile(await fileOf(dataDir), "more");
  const ill = await doctor(t, ["--data-dir", dataDir, ...url]);
  t.regex(
    ill.text,
    /^fault +file +the file of body f[0-9a-f]{16} has 100004 bytes, its record says "100000" bytes\n1 fault in /,
  );
  t.is(ill.code, 1);
  const repair = await doctor(t, ["--data-dir", dataDir, "--repair", ...url]);
  t.is(repair.error, `standin: data directory ${dataDir} is in use by another Standin\n`);
  t.is(repair.code, 2);
});

test("a server that has another directory is not asked for this one", async (t) => {
  const [dataDir, other] = [await newFolder(t), await newFolder(t)];
  await serveFilled(t, dataDir);
  const { controlUrl } = await serve(t, ["--data-dir", other]);
  const { code, error } = await doctor(t, ["--data-dir", dataDir, "--control-url", controlUrl]);
  t.regex(error, /is in use, and not by the server at .*, which has /);
  t.is(code, 2);
  const nobody = await doctor(t, ["--data-dir", dataDir, "--control-url", "http://127.0.0.1:1"]);
  t.regex(
    nobody.error,
    /^standin: \S+ is in use, and the server at http:\/\/127\.0\.0\.1:1 \(--control-url\) says: .*\n$/,
  );
  t.is(nobody.code, 2);
});

test("a directory without state is refused and not made", async (t) => {
  const dataDir = path.join(await newFolder(t), "none");
  const { code, error } = await doctor(t, ["--data-dir", dataDir]);
  t.is(error, `standin: there is no state in ${dataDir} (--data-dir)\n`);
  t.is(code, 2);
  t.is((await doctor(t, ["--data-dir", dataDir])).code, 2);
});

for (const [what, harm] of Object.entries<(db: string, names: string[]) => Promise<void>>({
  "without its CURRENT": (db) => rm(path.join(db, "CURRENT")),
  "with a garbled CURRENT": (db) => writeFile(path.join(db, "CURRENT"), "garbage"),
  "with a garbled MANIFEST": (db, names) =>
    writeFile(
      path.join(
        db,
        names.find((name) => name.startsWith("MANIFEST"))!,
      ),
      "garbage ".repeat(50),
    ),
  "with a log that is damaged in its middle": async (db, names) => {
    const log = path.join(
      db,
      names.find((name) => name.endsWith(".log"))!,
    );
    const bytes = await readFile(log);
    bytes[60] = bytes[60]! ^ 0xff;
    await writeFile(log, bytes);
  },
})) {
  test(`a database ${what} is refused by doctor, repair and server alike, and not emptied`, async (t) => {
    const dataDir = await filledDir(t);
    const db = path.join(dataDir, "db");
    await harm(db, await readdir(db));
    const before = (await readdir(db)).filter((name) => /log$|ldb$|MANIFEST/.test(name) && name !== "LOG");
    for (const args of [["doctor"], ["doctor", "--repair"], ["serve", "--port", "0", "--control-port", "0"]]) {
      const { code, error } = await run(t, [...args, "--data-dir", dataDir]);
      t.regex(
        error,
        /^standin: data directory \S+: The database in .* (is damaged|cannot be opened): .*\n$/,
        args.join(" "),
      );
      t.is(code, 2);
    }
    const after = await readdir(db);
    t.true(before.every((name) => after.includes(name)));
  });
}
