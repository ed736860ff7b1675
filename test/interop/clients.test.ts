/** Clients that people use, as programs, with every signature verified: s3cmd, rclone and restic. */
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import test, { type ExecutionContext } from "ava";
import { filesOf, fillTree, newFolder } from "./folders.ts";
import { isThere, run } from "./programs.ts";
import { CREDENTIALS, startStrict } from "./strict-server.ts";

type Session = {
  /** A command of the client; it answers what was printed and must succeed. */
  readonly say: (...args: readonly string[]) => Promise<string>;
  readonly cwd: string;
  readonly endpoint: string;
};

type Client = {
  readonly program: string;
  /** What the client is told of the server, which it looks for at `endpoint`. */
  readonly env: (endpoint: string, cwd: string) => Readonly<Record<string, string>>;
};

/** A client in a folder of its own, where `up` has files; nothing where the machine lacks it. */
const start = async (t: ExecutionContext, { program, env }: Client): Promise<Session | undefined> => {
  if (!(await isThere(t, program, program === "s3cmd" ? "--version" : "version"))) return;
  const [{ endpoint }, cwd] = [await startStrict(t), await newFolder(t)];
  await fillTree(path.join(cwd, "up"));
  const told = { HOME: cwd, ...env(endpoint, cwd) };
  const say = async (...args: readonly string[]): Promise<string> => {
    const { code, output } = await run(program, args, { cwd, env: told });
    t.is(code, 0, `${program} ${args.join(" ")}: ${output}`);
    return output;
  };
  return { say, cwd, endpoint };
};

/** What was brought down is what was brought up. */
const same = async (t: ExecutionContext, { cwd }: Session, { down }: { down: string }): Promise<void> => {
  const [before, after] = [await filesOf(path.join(cwd, "up")), await filesOf(path.join(cwd, down))];
  t.deepEqual(Object.keys(after), Object.keys(before));
  for (const [name, content] of Object.entries(before)) t.true(after[name] === content, `${name} has another content`);
};

const rclone: Client = {
  program: "rclone",
  env: (endpoint, cwd) => ({
    RCLONE_CONFIG: path.join(cwd, "rclone.conf"),
    RCLONE_CONFIG_THERE_TYPE: "s3",
    // Its AWS puts the bucket before the host, which here is an address.
    RCLONE_CONFIG_THERE_PROVIDER: "Minio",
    RCLONE_CONFIG_THERE_ENDPOINT: endpoint,
    RCLONE_CONFIG_THERE_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    RCLONE_CONFIG_THERE_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    RCLONE_S3_CHUNK_SIZE: "5M",
    RCLONE_S3_UPLOAD_CUTOFF: "5M",
    RCLONE_RETRIES: "1",
  }),
};

test.serial("rclone syncs a tree up and down, checks, copies, moves and purges it", async (t) => {
  const session = await start(t, rclone);
  if (session === undefined) return;
  const { say, cwd } = session;
  await writeFile(path.join(cwd, "rclone.conf"), "");
  await say("mkdir", "there:rclone");
  await say("sync", "up", "there:rclone/all");
  await say("check", "up", "there:rclone/all", "--download");
  // Nothing is left to do: it compares the times that it keeps in the metadata.
  t.notRegex(await say("sync", "up", "there:rclone/all", "--verbose"), /Copied \(/);
  await say("sync", "there:rclone/all", "down");
  await same(t, session, { down: "down" });
  for (const version of ["1", "2"]) {
    const listed = await say("lsf", "--s3-list-version", version, "--recursive", "--files-only", "there:rclone/all");
    t.deepEqual(listed.trim().split("\n").toSorted(), Object.keys(await filesOf(path.join(cwd, "up"))).toSorted());
  }
  await say("copy", "there:rclone/all", "there:rclone/copied");
  await say("check", "up", "there:rclone/copied");
  await say("moveto", "there:rclone/copied/a.txt", "there:rclone/copied/moved.txt");
  t.is(await say("cat", "there:rclone/copied/moved.txt"), "in a.txt");
  const url = (await say("link", "--expire", "1m", "there:rclone/all/a.txt")).trim();
  t.is(await (await fetch(url)).text(), "in a.txt");
  await rm(path.join(cwd, "up/b/c.txt"));
  await appendFile(path.join(cwd, "up/large.bin"), "more");
  await say("sync", "up", "there:rclone/all");
  await say("sync", "there:rclone/all", "down");
  await same(t, session, { down: "down" });
  await say("purge", "there:rclone");
  t.is(await say("lsd", "there:"), "");
});

const s3cmd: Client = { program: "s3cmd", env: () => ({}) };

test.serial("s3cmd puts, gets, syncs, copies, signs and deletes", async (t) => {
  const session = await start(t, s3cmd);
  if (session === undefined) return;
  const { cwd } = session;
  await writeFile(path.join(cwd, "s3cfg"), s3cmdSettings(new URL(session.endpoint).host));
  const say = async (...args: readonly string[]): Promise<string> => {
    return session.say("--config=s3cfg", "--no-progress", ...args);
  };
  // It signs its first request for a region named US, and again for that which the refusal names.
  t.regex(await say("mb", "s3://cmd"), /created/);
  await say("put", "up/large.bin", "s3://cmd/large.bin");
  await say("get", "s3://cmd/large.bin", "large.down");
  t.true((await readFile(path.join(cwd, "large.down"))).equals(await readFile(path.join(cwd, "up/large.bin"))));
  t.is((await say("sync", "up/", "s3://cmd/all/")).split("upload:").length - 1, 6);
  t.notRegex(await say("sync", "up/", "s3://cmd/all/"), /upload:/);
  await say("sync", "s3://cmd/all/", "down/");
  await same(t, session, { down: "down" });
  t.is((await say("ls", "--recursive", "s3://cmd/all/")).trim().split("\n").length, 6);
  // Without --acl-private it copies the ACL too, which AWS refuses in a bucket without ACLs, and so do we.
  await say("cp", "--acl-private", "s3://cmd/all/b/d/e f+g.txt", "s3://cmd/copied/ü +%.txt");
  await say("cp", "--acl-private", "s3://cmd/large.bin", "s3://cmd/copied/large.bin");
  await say("mv", "--acl-private", "s3://cmd/all/a.txt", "s3://cmd/moved.txt");
  await say("modify", "--acl-private", "--add-header=x-amz-meta-colour:blue", "s3://cmd/moved.txt");
  t.regex(await say("info", "s3://cmd/moved.txt"), /x-amz-meta-colour: +blue/);
  const url = (await say("signurl", "s3://cmd/moved.txt", "+60")).trim();
  t.is(await (await fetch(url)).text(), "in a.txt");
  t.regex(await say("du", "s3://cmd"), /9 objects/);
  t.is((await say("del", "--recursive", "--force", "s3://cmd/all/")).split("delete:").length - 1, 5);
  await say("rb", "--recursive", "--force", "s3://cmd");
  t.is((await say("ls")).trim(), "");
});

const s3cmdSettings = (host: string): string =>
  [
    "[default]",
    `access_key = ${CREDENTIALS.accessKeyId}`,
    `secret_key = ${CREDENTIALS.secretAccessKey}`,
    `host_base = ${host}`,
    `host_bucket = ${host}`,
    "use_https = False",
    "multipart_chunk_size_mb = 5",
    "",
  ].join("\n");

const restic: Client = {
  program: "restic",
  env: (endpoint, cwd) => ({
    RESTIC_REPOSITORY: `s3:${endpoint}/restic/in/a/folder`,
    RESTIC_PASSWORD: "interop",
    RESTIC_CACHE_DIR: path.join(cwd, "cache"),
    AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  }),
};

test.serial("restic backs up, checks every byte, restores, forgets and prunes", async (t) => {
  const session = await start(t, restic);
  if (session === undefined) return;
  const { say, cwd } = session;
  await say("init");
  await say("backup", "up");
  t.regex(await say("check", "--read-data"), /no errors were found/);
  await say("restore", "latest", "--target", "restored");
  await same(t, session, { down: "restored/up" });
  await appendFile(path.join(cwd, "up/large.bin"), "more");
  await rm(path.join(cwd, "up/a.txt"));
  await say("backup", "up");
  await say("forget", "--keep-last", "1", "--prune");
  t.is((JSON.parse(await say("snapshots", "--json", "--no-lock")) as unknown[]).length, 1);
  await say("restore", "latest", "--target", "again");
  await same(t, session, { down: "again/up" });
  t.regex(await say("check", "--read-data"), /no errors were found/);
});
