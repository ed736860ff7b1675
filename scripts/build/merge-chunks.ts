/**
 * Joins what the program loads when it starts. Splitting cuts the code that the server shares with what it loads late into a
 * file for each set of sharers, two dozen of them, and each file costs Node a quarter of a millisecond: a tenth of the start.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";

const LINE_CHARACTERS = 120;

type Outputs = Metafile["outputs"];

type MergeOptions = {
  /** The folder that the paths of `outputs` are relative to. */
  readonly root: string;
  readonly outputs: Outputs;
  /** The program's first file and the source whose chunk it goes on with; both absolute. */
  readonly program: string;
  readonly next: string;
  /** What stands at the head of each file. */
  readonly banner: string;
};

/** What `file` and what it imports statically come to. */
const closureOf = (outputs: Outputs, file: string, found: Set<string> = new Set()): Set<string> => {
  if (found.has(file)) return found;
  found.add(file);
  for (const { path: imported, kind, external } of outputs[file]?.imports ?? []) {
    if (kind === "import-statement" && external !== true) closureOf(outputs, imported, found);
  }
  return found;
};

/**
 * Joins the program's static imports into one file and those of `next` into another; answers the paths of both and of what goes on
 * being imported under its old name by code that is loaded late. That is then a list of names out of the joined file.
 */
export const mergeChunks = async ({ root, outputs, program, next, banner }: MergeOptions): Promise<string[]> => {
  const absolute = (file: string): string => path.join(root, file);
  const fileOf = (found: (file: string) => boolean): string => {
    const file = Object.keys(outputs).find(found);
    if (file === undefined) throw new Error("the bundle lacks a file that it is merged by");
    return file;
  };
  const first = fileOf((file) => absolute(file) === program);
  const second = fileOf(
    (file) => outputs[file]?.entryPoint !== undefined && absolute(outputs[file].entryPoint) === next,
  );
  // Commands that are loaded late share code with the program's first file that the server has no part in: it is named there too.
  const parts = [...closureOf(outputs, first, closureOf(outputs, second))].filter((file) => file !== first);
  const joined = new Set([first, ...parts].map(absolute));
  const prefixOf = new Map(parts.map((file, index) => [absolute(file), `part${index}_`]));
  const names = (file: string, form: (name: string, prefixed: string) => string): string =>
    (outputs[path.relative(root, file)]?.exports ?? [])
      .map((name) => form(name, `${prefixOf.get(file) ?? ""}${name}`))
      .join(", ");
  const others = parts.map(absolute).filter((file) => file !== absolute(second));
  const exported = others
    .map(
      (file) =>
        `export { ${names(file, (name, prefixed) => `${name} as ${prefixed}`)} } from "./${path.basename(file)}";`,
    )
    .join("\n");
  const joiner: Plugin = {
    name: "join",
    setup: (esbuild) => {
      esbuild.onResolve({ filter: /^\.{1,2}\// }, ({ path: imported, resolveDir }) => {
        const file = path.resolve(resolveDir, imported);
        if (joined.has(file)) return { path: file };
        // Loaded late. The outputs stand where their parts stood, so that it is found as before.
        return { path: imported, external: true };
      });
      esbuild.onLoad({ filter: /\.js$/ }, async ({ path: file }) => {
        const text = (await readFile(file, "utf8")).replace(banner, "");
        return { contents: file === absolute(second) ? `${text}\n${exported}` : text, loader: "js" };
      });
    },
  };
  const merged = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: program, out: path.basename(program, ".js") },
      { in: absolute(second), out: `chunks/${path.basename(second, ".js")}` },
    ],
    outdir: path.dirname(program),
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    minifySyntax: true,
    // A quarter of the text is indentation, which Node reads and hashes at each start. Lines stay short enough to point at.
    minifyWhitespace: true,
    lineLimit: LINE_CHARACTERS,
    legalComments: "inline",
    banner: { js: banner },
    plugins: [joiner],
    allowOverwrite: true,
    metafile: true,
    logLevel: "warning",
    // It stands in a package that the first pass has warned of, if there was anything to warn of.
    logOverride: { "direct-eval": "silent" },
  });
  const late = Object.keys(outputs).filter((file) => !joined.has(absolute(file)));
  const wanted = new Set(
    late.flatMap((file) => outputs[file]?.imports.map(({ path: imported }) => absolute(imported)) ?? []),
  );
  const kept = others.filter((file) => wanted.has(file));
  for (const file of kept) {
    const list = names(file, (name, prefixed) => `${prefixed} as ${name}`);
    await writeFile(file, `export { ${list} } from "./${path.basename(second)}";\n`);
  }
  return [...late, ...Object.keys(merged.metafile.outputs)].map(absolute).concat(kept);
};
