/** The npm package as it is published: packed, put where a project has it, and used from there. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import anyTest, { type TestFn } from "ava";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import manifest from "../package.json" with { type: "json" };
import { snippetsOf, type Snippet } from "./support/snippets.ts";

const run = promisify(execFile);

const ROOT = path.resolve(import.meta.dirname, "..");
const MODULES = path.join(ROOT, "node_modules");
/** What npm packs beside `files`. */
const BESIDE = ["package.json", "README.md", "LICENSE"];

/** A project that has the package among its modules, and the files that were packed. */
type Project = { readonly folder: string; readonly installed: string; readonly files: readonly string[] };

const test = anyTest as TestFn<Project>;

/** Builds beside the sources: `dist/` there may be in use. */
const pack = async (staging: string): Promise<string[]> => {
  await Promise.all(
    [...BESIDE, ...manifest.files.filter((file) => file !== "dist")].map((file) =>
      cp(path.join(ROOT, file), path.join(staging, file), { recursive: true }),
    ),
  );
  const script = path.join(ROOT, "scripts/build.ts");
  await run(process.execPath, [script, "--types", "--out", path.join(staging, "dist")]);
  const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: staging });
  const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
  return packed.files.map((file) => file.path);
};

/** As npm installs it: what was packed, and the packages that it declares, no others. */
const install = async ({ staging, folder, files }: { staging: string; folder: string; files: readonly string[] }) => {
  const modules = path.join(folder, "node_modules");
  const installed = path.join(modules, manifest.name);
  for (const file of files) await cp(path.join(staging, file), path.join(installed, file));
  for (const name of [...Object.keys(manifest.dependencies), "@types/node"]) {
    await mkdir(path.dirname(path.join(modules, name)), { recursive: true });
    await symlink(path.join(MODULES, name), path.join(modules, name));
  }
  await writeFile(path.join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return installed;
};

test.before(async (t) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), "standin-package-"));
  const staging = path.join(folder, "staging");
  t.context = { folder, installed: "", files: [] };
  const files = await pack(staging);
  t.context = { folder, files, installed: await install({ staging, folder, files }) };
});

test.after.always((t) => rm(t.context.folder, { recursive: true, force: true }));

test("the package holds the program, its types and its documents, and no sources", (t) => {
  const { files } = t.context;
  for (const file of [
    "dist/standin.js",
    "dist/index.js",
    "dist/types/index.d.ts",
    "README.md",
    "CHANGELOG.md",
    "LICENSE",
  ])
    t.true(files.includes(file), file);
  t.true(files.some((file) => file.startsWith("proto/standin/v1/")));
  for (const file of files) t.regex(file, /^(dist|docs|proto)\/|^[^/]+\.(md|json)$|^LICENSE$/);
});

test("publint has nothing to say of the package", async (t) => {
  const { messages, pkg } = await publint({ pkgDir: t.context.installed, pack: false, strict: true });
  t.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

const PROGRAM = `
import { createControlClient, DefaultAccountMode, startStandin, UsageError } from "standin";

const standin = await startStandin({ account: "222222222222" });
const put = await fetch(new URL("/from-the-package", standin.endpoint), { method: "PUT" });
const { buckets } = await standin.control.inspect.listBuckets({ accountId: "222222222222" });
const other = createControlClient({ baseUrl: standin.controlUrl });
await other.accounts.setDefaultAccount({ accountId: "333333333333", mode: DefaultAccountMode.FALLBACK });
const refused: boolean = await startStandin({ account: "1" }).then(() => false, (error: unknown) => error instanceof UsageError);
const names: string[] = buckets.map(({ name }) => name);
await standin.close();
console.log(JSON.stringify({ status: put.status, names, refused }));
`;

test("a project starts a server from the package", async (t) => {
  const { folder } = t.context;
  const file = path.join(folder, "program.ts");
  await writeFile(file, PROGRAM);
  const { stdout } = await run(process.execPath, [file], { cwd: folder });
  t.deepEqual(JSON.parse(stdout), { status: 200, names: ["from-the-package"], refused: true });
});

const usesPackage = (document: string): Snippet[] =>
  snippetsOf(document).filter(({ code }) => code.includes('from "standin"'));

test("a project runs what the README says", async (t) => {
  const snippets = usesPackage("README.md");
  t.is(snippets.length, 1);
  for (const { code, prints } of snippets) {
    const file = path.join(t.context.folder, "readme.mjs");
    await writeFile(file, code);
    const { stdout } = await run(process.execPath, [file], { cwd: t.context.folder });
    t.deepEqual(stdout.trimEnd().split("\n"), prints);
  }
});

const COMPILER_OPTIONS = {
  target: "es2023",
  module: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  types: ["node"],
};

const WRONG = `
import { startStandin } from "standin";

// @ts-expect-error: there is no such option.
await startStandin({ acount: "222222222222" });
// @ts-expect-error: a port is a number.
await startStandin({ port: "5000" });
`;

test("a project compiles against the package's types, and so do the documents' examples", async (t) => {
  const { folder } = t.context;
  const project = path.join(folder, "compiled");
  await mkdir(project);
  await writeFile(path.join(project, "program.ts"), PROGRAM);
  await writeFile(path.join(project, "wrong.ts"), WRONG);
  for (const [at, { code }] of ["README.md", "docs/control-plane.md", "docs/worlds.md"].flatMap(usesPackage).entries())
    await writeFile(path.join(project, `document-${at}.ts`), code);
  await writeFile(path.join(project, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
  const tsc = run(path.join(MODULES, ".bin/tsc"), ["--project", project]);
  const complaints = await tsc.then(
    () => "",
    (error: { stdout: string }) => error.stdout,
  );
  t.is(complaints, "");
});

test("the package's program starts where it is installed", async (t) => {
  const { stdout } = await run(path.join(t.context.installed, manifest.bin.standin), ["--version"]);
  t.is(stdout, `${manifest.version}\n`);
});
