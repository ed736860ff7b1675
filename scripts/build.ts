/**
 * Bundles the program into dist/, so that it starts in half the time: `dist/standin.js` for the command line and
 * `dist/index.js` for the npm package. Only the native part of the database stays in node_modules.
 *
 *   node scripts/build.ts               bundles
 *   node scripts/build.ts --if-stale    bundles if a source is newer than the bundle
 *   node scripts/build.ts --types       also writes the package's declarations, dist/types/
 *   node scripts/build.ts --out DIR     writes to DIR in place of dist/
 */
import { existsSync } from "node:fs";
import { chmod, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { build, type Metafile, type Plugin } from "esbuild";
import { mergeChunks } from "./build/merge-chunks.ts";
import { emitTypes } from "./build/types.ts";

const { values: options } = parseArgs({
  options: { "if-stale": { type: "boolean" }, types: { type: "boolean" }, out: { type: "string" } },
});

const ROOT = path.resolve(import.meta.dirname, "..");
const OUT = path.resolve(options.out ?? path.join(ROOT, "dist"));
const CHUNKS = path.join(OUT, "chunks");
const PROGRAM = path.join(OUT, "standin.js");
/** A change to any of these makes a bundle stale. */
const SOURCES = ["src", "scripts/build.ts", "package.json", "package-lock.json"];

const filesUnder = async (place: string): Promise<string[]> => {
  if (!(await stat(place)).isDirectory()) return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
};

const isStale = async (): Promise<boolean> => {
  if (!existsSync(PROGRAM)) return true;
  const built = (await stat(PROGRAM)).mtimeMs;
  const files = (await Promise.all(SOURCES.map((source) => filesUnder(path.join(ROOT, source))))).flat();
  const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs));
  return times.some((time) => time > built);
};

/**
 * classic-level finds its native part beside itself, and bundled it is elsewhere: look where npm put it. It is looked up
 * from `level`, the package that we depend on, since some package managers show a program no others.
 */
const nativeLevel: Plugin = {
  name: "native-level",
  setup: (esbuild) => {
    esbuild.onLoad({ filter: /classic-level[\\/]binding\.js$/ }, () => ({
      contents: `
        const { createRequire } = require("node:module");
        const level = createRequire(createRequire(__standinUrl).resolve("level"));
        const folder = require("node:path").dirname(level.resolve("classic-level/package.json"));
        module.exports = require("node-gyp-build")(folder);`,
      loader: "js",
    }));
  },
};

/** Koa brings a table of 2,500 media types for response helpers that `src/http` does not use: a seventh of the start-up time. */
const noMediaTypes: Plugin = {
  name: "no-media-types",
  setup: (esbuild) => {
    esbuild.onLoad({ filter: /mime-db[\\/]index\.js$/ }, () => ({ contents: "module.exports = {};", loader: "js" }));
  },
};

/**
 * `import` of node:http touches every one of its exports, one of which loads Node's whole HTTP client: 13 ms and 10 MiB.
 * Asked for like this it is the same module without that.
 */
const leanHttp: Plugin = {
  name: "lean-http",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^node:http$/ }, ({ path }) => ({ path, namespace: "builtin" }));
    esbuild.onLoad({ filter: /.*/, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
      loader: "js",
    }));
  },
};

/** CommonJS packages in the bundle call `require` for Node's own modules. */
const REQUIRE = `import { createRequire as __standinRequire } from "node:module";
const __standinUrl = import.meta.url;
const require = __standinRequire(__standinUrl);`;

/** Bundles what `source` needs; answers the files that were written. */
const bundleOne = async (name: string, source: string): Promise<Metafile["outputs"]> => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { [name]: path.join(ROOT, source) },
    outdir: OUT,
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    // What is imported late, as the server is by the command line and TLS by the server, is loaded late.
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    // Names stay: they are what a stack in the log says, and cost nothing to speak of.
    minifySyntax: true,
    legalComments: "linked",
    banner: { js: REQUIRE },
    plugins: [nativeLevel, noMediaTypes, leanHttp],
    metafile: true,
    logLevel: "warning",
  });
  return metafile.outputs;
};

const bundle = async (): Promise<void> => {
  // Each by itself: what both need would be cut into more and smaller files, and the program would start later.
  const [program, index] = await Promise.all([bundleOne("standin", "src/main.ts"), bundleOne("index", "src/index.ts")]);
  const ofIndex = Object.keys(index).map((file) => path.join(ROOT, file));
  const next = path.join(ROOT, "src/server.ts");
  const ofProgram = await mergeChunks({ root: ROOT, outputs: program, program: PROGRAM, next, banner: REQUIRE });
  await removeOthers(new Set([...ofIndex, ...ofProgram]));
  await chmod(PROGRAM, 0o755);
};

/** Chunks of earlier builds have other names and would pile up. */
const removeOthers = async (kept: ReadonlySet<string>): Promise<void> => {
  if (!existsSync(CHUNKS)) return;
  const files = await filesUnder(CHUNKS);
  await Promise.all(files.filter((file) => !kept.has(file)).map((file) => rm(file)));
};

if (options["if-stale"] !== true || (await isStale())) await bundle();
if (options.types === true) await emitTypes(path.join(OUT, "types"));
