/** The documents' snippets, run as they stand against a server; only the ports are others. */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import test, { type ExecutionContext } from "ava";
import { isThere, run } from "./interop/programs.ts";
import { startTestServer, type TestServer } from "./support/server.ts";
import { snippetsOf, type Snippet } from "./support/snippets.ts";

const MODULES = path.resolve(import.meta.dirname, "../node_modules");
/** Where the documents say that the server is. */
const DATA = "127.0.0.1:5000";
const CONTROL = /(?:127\.0\.0\.1|localhost):5001/g;
/** curl says nothing but the answer, and ends with an error where that is one. */
const CURL_SETTINGS = "silent\nshow-error\nfail-with-body\n";

const newFolder = async (t: ExecutionContext): Promise<string> => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "standin-readme-"));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await symlink(MODULES, path.join(folder, "node_modules"));
  await writeFile(path.join(folder, ".curlrc"), CURL_SETTINGS);
  return folder;
};

/** With the bucket that the documents' examples look into. */
const newServer = async (t: ExecutionContext): Promise<TestServer> => {
  const server = await startTestServer();
  t.teardown(() => server.close());
  await server.request("PUT", "/photos");
  return server;
};

type Runner = {
  readonly command: string;
  readonly args: readonly string[];
  readonly file: string;
  /** How to see that the machine has what it needs, each a program with its arguments. */
  readonly needs: (code: string) => readonly (readonly [command: string, ...args: string[]])[];
};

const RUNNERS: Readonly<Record<string, Runner>> = {
  python: {
    command: "python3",
    args: [],
    file: "snippet.py",
    needs: (code) => [["python3", "-c", code.match(/^import .*$/gm)?.join("\n") ?? ""]],
  },
  js: { command: process.execPath, args: [], file: "snippet.mjs", needs: () => [] },
  sh: {
    command: "bash",
    args: ["-eu", "-o", "pipefail"],
    file: "snippet.sh",
    needs: (code) => [
      ["bash", "--version"],
      ...["aws", "curl", "grpcurl"].filter((name) => new RegExp(`^${name} `, "m").test(code)).map(versionOf),
    ],
  },
};

const versionOf = (program: string): [string, string] => [program, program === "grpcurl" ? "-version" : "--version"];

const runs = async (t: ExecutionContext, { language, code, prints }: Snippet): Promise<void> => {
  const runner = RUNNERS[language];
  if (runner === undefined) return void t.fail(`nothing here runs ${language}`);
  for (const need of runner.needs(code)) if (!(await isThere(t, ...need))) return;
  const [folder, { endpoint, running }] = [await newFolder(t), await newServer(t)];
  const here = code.replaceAll(DATA, new URL(endpoint).host).replaceAll(CONTROL, new URL(running.controlUrl).host);
  await writeFile(path.join(folder, runner.file), here);
  const outcome = await run(runner.command, [...runner.args, runner.file], { cwd: folder, env: { CURL_HOME: folder } });
  t.is(outcome.code, 0, outcome.output);
  for (const printed of prints) t.true(outcome.output.includes(printed), outcome.output);
};

/** Those that need the server that is running; `make` is how the tests came to run, and the program and the package have tests of their own. */
const needServer = (document: string): Snippet[] =>
  snippetsOf(document).filter(
    ({ language, code }) =>
      language in RUNNERS && !/^(?:make|npm|standin) /m.test(code) && !code.includes('from "standin"'),
  );

/** What a shell still knows of an earlier snippet. */
const variablesOf = (code: string): string => code.match(/^[a-z]+=.*$/gm)?.join("\n") ?? "";

/** A reader has one session, in which the earlier snippets in Python, and the variables of those for a shell, still hold. */
const inSession = (snippets: readonly Snippet[], at: number): string => {
  const own = snippets[at];
  const before = snippets.slice(0, at).filter(({ language }) => language === own?.language);
  const kept = { python: (code: string) => code, sh: variablesOf }[own?.language ?? ""];
  return [...(kept === undefined ? [] : before.map(({ code }) => kept(code))), own?.code ?? ""].join("\n");
};

for (const document of [
  "README.md",
  "docs/control-plane.md",
  "docs/worlds.md",
  "docs/archives.md",
  "docs/events.md",
  "docs/explain.md",
  "docs/identities.md",
]) {
  const snippets = needServer(document);
  for (const [at, snippet] of snippets.entries())
    test(`${document}: snippet ${at + 1}, ${snippet.language}, does what it says`, (t) =>
      runs(t, { ...snippet, code: inSession(snippets, at) }));
}

test("the README has a snippet for each kind of client", (t) => {
  const snippets = needServer("README.md");
  t.deepEqual(
    snippets.map(({ language }) => language),
    ["python", "js", "sh", "sh"],
  );
  t.is(snippets.flatMap(({ prints }) => prints).length, 2);
});
