import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import test, { type ExecutionContext } from "ava";

type Child = ChildProcessByStdio<null, Readable, Readable>;

const ROOT = path.resolve(import.meta.dirname, "..");
const MAIN = path.join(ROOT, "src/main.ts");
const FREE = ["--port", "0", "--control-port", "0"];

const run = (
  t: ExecutionContext,
  command: string,
  { args, env = {} }: { args: readonly string[]; env?: Readonly<Record<string, string>> },
): Child => {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(STANDIN|MOTO)_/.test(name)));
  const child = spawn(command, args, { cwd: ROOT, env: { ...clean, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  t.teardown(() => void child.kill("SIGKILL"));
  return child;
};

const start = (t: ExecutionContext, args: readonly string[], env: Readonly<Record<string, string>> = {}): Child =>
  run(t, process.execPath, { args: [MAIN, ...args], env });

const firstOutput = async ({ stdout }: Child): Promise<string> => {
  const [chunk] = (await once(stdout, "data")) as [Buffer];
  return String(chunk);
};

const parseLine = (line: string): Record<string, string> =>
  Object.fromEntries(Object.entries(JSON.parse(line) as object).map(([name, value]) => [name, String(value)]));

const exit = async (child: Child): Promise<{ code: number | null; error: string }> => {
  const [[code], error] = await Promise.all([once(child, "exit") as Promise<[number | null]>, text(child.stderr)]);
  return { code, error };
};

const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "standin-main-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test("once both ports listen the addresses are printed, and a signal stops the server", async (t) => {
  const child = start(t, [...FREE, "--ephemeral", "--json"]);
  const line = await firstOutput(child);
  const { dataUrl, controlUrl, pid } = parseLine(line);
  t.is(pid, String(child.pid));
  for (const url of [dataUrl, controlUrl]) t.true((await fetch(url ?? "")).status > 0);
  child.kill("SIGTERM");
  t.deepEqual(await exit(child), { code: 0, error: "" });
});

test("flags and the environment reach the server", async (t) => {
  const child = start(t, [...FREE, "--ephemeral", "--json", "--account", "111111111111"], { STANDIN_AUTH: "strict" });
  const { dataUrl = "", controlUrl = "" } = parseLine(await firstOutput(child));
  const call = await fetch(new URL("/standin.v1.AccountService/GetDefaultAccount", controlUrl), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  t.like(await call.json(), { fallbackAccountId: "111111111111" });
  // In strict an unsigned request may not list buckets.
  t.is((await fetch(dataUrl)).status, 403);
  child.kill("SIGTERM");
  t.is((await exit(child)).code, 0);
});

test("npm start passes flags and signals on", async (t) => {
  const child = run(t, "npm", { args: ["start", "--silent", "--", ...FREE, "--ephemeral", "--json"] });
  const { dataUrl = "", pid } = parseLine(await firstOutput(child));
  t.true((await fetch(dataUrl)).status > 0);
  child.kill("SIGTERM");
  await exit(child);
  await t.throwsAsync(fetch(dataUrl));
  t.throws(() => process.kill(Number(pid), 0), { code: "ESRCH" });
});

test("without --json the addresses are for people", async (t) => {
  const child = start(t, [...FREE, "--ephemeral"]);
  t.regex(
    await firstOutput(child),
    /^Standin \d+\.\d+\.\d+\n {2}S3 and STS +http:\/\/127\.0\.0\.1:\d+\n {2}control plane +http:\/\/127\.0\.0\.1:\d+\n/,
  );
  child.kill("SIGINT");
  t.is((await exit(child)).code, 0);
});

test("a bad flag is one clear line and exit code 2", async (t) => {
  const { code, error } = await exit(start(t, ["--prot", "1"]));
  t.is(code, 2);
  t.is(error, "standin: Unknown option '--prot'; see standin --help\n");
});

test("a taken port is one clear line and exit code 2", async (t) => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.teardown(() => void taken.close());
  const { port } = taken.address() as net.AddressInfo;
  const { code, error } = await exit(start(t, ["--port", String(port), "--control-port", "0", "--ephemeral"]));
  t.is(code, 2);
  t.is(error, `standin: port ${port} on 127.0.0.1 is taken by another program\n`);
});

test("a taken control port is one clear line and exit code 2", async (t) => {
  const taken = net.createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  t.teardown(() => void taken.close());
  const { port } = taken.address() as net.AddressInfo;
  const { code, error } = await exit(start(t, ["--port", "0", "--control-port", String(port), "--ephemeral"]));
  t.is(code, 2);
  t.is(error, `standin: port ${port} on 127.0.0.1 is taken by another program\n`);
});

test("a data directory that cannot be made is one clear line and exit code 2", async (t) => {
  const file = path.join(await newFolder(t), "file");
  await writeFile(file, "");
  const { code, error } = await exit(start(t, [...FREE, "--data-dir", path.join(file, "data")]));
  t.is(code, 2);
  t.regex(error, /^standin: .*file.*\n$/);
});

test("a data directory in use is one clear line and exit code 2", async (t) => {
  const folder = await newFolder(t);
  const args = [...FREE, "--data-dir", folder, "--json"];
  await firstOutput(start(t, args));
  const { code, error } = await exit(start(t, args));
  t.is(code, 2);
  t.is(error, `standin: data directory ${folder} is in use by another Standin\n`);
});

// Root writes anywhere.
(process.getuid?.() === 0 ? test.skip : test)(
  "a data directory that may not be written is one clear line and exit code 2",
  async (t) => {
    const folder = await newFolder(t);
    await chmod(folder, 0o500);
    const { code, error } = await exit(start(t, [...FREE, "--data-dir", folder]));
    t.is(code, 2);
    t.regex(error, /^standin: .*permission denied\n$/);
  },
);

test("a flag's value that is none is one clear line and exit code 2", async (t) => {
  const { code, error } = await exit(start(t, ["--account", "12"]));
  t.is(code, 2);
  t.is(error, 'standin: --account: "12" is not an account id of twelve digits\n');
});

test("the version and the help go to standard output", async (t) => {
  const version = start(t, ["--version"]);
  t.regex(await text(version.stdout), /^\d+\.\d+\.\d+\n$/);
  const help = start(t, ["--help"]);
  t.regex(await text(help.stdout), /^standin: .*Usage: standin \[serve\]/s);
});
