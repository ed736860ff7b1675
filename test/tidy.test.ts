/** Rules of the source tree that no other tool checks. Each is data here, and a failure names the file. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import test from "ava";

const ROOT = path.resolve(import.meta.dirname, "..");
const LINES_MAX = 400;

/** Who may import whom: a folder of `src/`, or a file in it. Each may import itself and `platform`. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["server.ts", "config.ts", "start-error.ts", "cli"],
  "index.ts": ["server.ts", "config.ts", "start-error.ts", "control"],
  "config.ts": ["config-options.ts", "config-values.ts"],
  "config-options.ts": [],
  "config-values.ts": [],
  "start-error.ts": ["config.ts", "engine", "state"],
  // The composition root: it puts all of them together.
  "server.ts": [
    "config.ts",
    "http",
    "pipeline",
    "control",
    "services",
    "access",
    "identity",
    "protocol",
    "harness",
    "state",
    "engine",
    "seed",
  ],
  // Commands that steer a server from outside, by its control plane, and the doctor, which opens what no server has open.
  cli: ["seed", "state", "engine", "protocol", "control", "config-values.ts", "start-error.ts"],
  // Filling a world with buckets and objects as S3 makes them, past its API.
  seed: ["services", "protocol", "harness", "state", "engine", "config-values.ts"],
  // `protocol` for the types of a request and a response as plain data.
  http: ["pipeline", "protocol"],
  pipeline: ["services", "access", "identity", "protocol", "harness", "state"],
  control: ["access", "identity", "harness", "state", "protocol"],
  // `access` for the language of policies, which are held against it when they are put.
  services: ["access", "protocol", "harness", "state"],
  access: ["protocol", "harness", "state"],
  identity: ["protocol", "harness", "state"],
  protocol: [],
  harness: ["state"],
  state: ["engine"],
  engine: [],
  platform: [],
};

/** Who alone knows a package. One that is not here may not be imported at all. */
const OWNERS: Readonly<Record<string, string>> = {
  koa: "http",
  level: "engine",
  "@bufbuild/protobuf": "control",
  "@connectrpc/connect": "control",
  "@connectrpc/connect-node": "control",
  "fast-xml-parser": "protocol",
  "hash-wasm": "protocol",
  "csv-parse": "services",
  hyparquet: "services",
  jose: "services",
  "xml-crypto": "services",
  "modern-tar": "state",
  yaml: "seed",
  // Its types; the package is the user's own.
  "@aws-sdk/client-s3": "cli",
};

/** What makes two runs differ comes from `platform`, which can be replaced. */
const NOT_REPEATABLE = [
  /\bDate\.now\(/,
  /\bnew Date\(\)/,
  /\bMath\.random\(/,
  /\brandom(Bytes|UUID|Int|Fill|FillSync)\(/,
  /\bgetRandomValues\(/,
];

/** Files outside `platform` that may, and why. */
const NOT_REPEATABLE_ALLOWED: Readonly<Record<string, string>> = {};

/** Who reads the environment: everything else is told by its caller. */
const READS_ENVIRONMENT = new Set(["main.ts"]);

type Source = { readonly file: string; readonly text: string };

const sourcesOf = async (folder: string): Promise<Source[]> => {
  const entries = await readdir(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"));
  return Promise.all(
    files.map(async (entry) => {
      const place = path.join(entry.parentPath, entry.name);
      return { file: path.relative(path.join(ROOT, folder), place), text: await readFile(place, "utf8") };
    }),
  );
};

const isGenerated = ({ file }: Source): boolean => file.split(path.sep).includes("generated");

/** The folder of `src/` that a file lies in, or the file itself at the top. */
const unitOf = (file: string): string => file.split(path.sep)[0] ?? "";

const IMPORT =
  /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']/gm;

const importsOf = ({ text }: Source): string[] =>
  [...text.matchAll(IMPORT)].map((found) => found[1] ?? found[2] ?? found[3] ?? "");

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

test("every folder of src/ imports only what it may", async (t) => {
  for (const source of await sourcesOf("src")) {
    const from = unitOf(source.file);
    const allowed = MAY_IMPORT[from];
    t.truthy(allowed, `src/${source.file}: a place that the table does not know`);
    for (const specifier of importsOf(source).filter((name) => name.startsWith("."))) {
      const target = path.join(path.dirname(source.file), specifier);
      // package.json, for the version.
      if (target.startsWith("..")) continue;
      const to = unitOf(target);
      const fine = to === from || to === "platform" || allowed?.includes(to) === true;
      t.true(fine, `src/${source.file} may not import ${specifier}`);
    }
  }
});

test("a package is imported by its owner alone", async (t) => {
  for (const source of await sourcesOf("src")) {
    const foreign = importsOf(source).filter((name) => !name.startsWith(".") && !name.startsWith("node:"));
    for (const specifier of foreign) {
      const owner = OWNERS[packageOf(specifier)];
      t.is(unitOf(source.file), owner ?? "nobody", `src/${source.file} may not import ${specifier}`);
    }
  }
});

test("time and chance come from platform/ alone", async (t) => {
  for (const source of await sourcesOf("src")) {
    if (unitOf(source.file) === "platform" || isGenerated(source) || source.file in NOT_REPEATABLE_ALLOWED) continue;
    for (const pattern of NOT_REPEATABLE) t.notRegex(source.text, pattern, `src/${source.file}`);
  }
});

test("the environment is read at the start alone", async (t) => {
  for (const { file, text } of await sourcesOf("src"))
    if (!READS_ENVIRONMENT.has(file)) t.notRegex(text, /\bprocess\.env\b/, `src/${file}`);
});

test("no file is longer than it can be read", async (t) => {
  const all = await Promise.all(
    ["src", "test", "scripts", "bench"].map(async (folder) => [folder, await sourcesOf(folder)] as const),
  );
  for (const [folder, sources] of all)
    for (const source of sources.filter((each) => !isGenerated(each))) {
      const lines = source.text.split("\n").length - 1;
      t.true(lines <= LINES_MAX, `${folder}/${source.file} has ${lines} lines, more than ${LINES_MAX}`);
    }
});

test("no test is left to run alone", async (t) => {
  for (const { file, text } of await sourcesOf("test"))
    t.notRegex(text, /\btest(\.\w+)*\.only\b(?!\/)/, `test/${file}`);
});
