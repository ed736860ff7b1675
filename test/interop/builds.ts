/**
 * The programs of this folder that must be built before they run, how each is built, and where what was built lies: below `.cache`,
 * in a folder of its own for each set of pinned dependencies. `make interop` and CI build them (build.ts); tests never do.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

export type Language = "go" | "java" | "rust";

export type Command = readonly [program: string, ...args: string[]];

export type Build = {
  /** What must be there: each is run, and must end well. */
  readonly needs: readonly Command[];
  /** Brings the dependencies. That this fails says something about the network, not about us. */
  readonly fetch: Command;
  /** Makes the program, of what was fetched alone. */
  readonly build: Command;
  readonly env: Readonly<Record<string, string>>;
  /** Starts what was built. */
  readonly start: Command;
};

/** How a build ended, kept beside what was built. */
export type Outcome =
  | { readonly state: "built" }
  /** This machine lacks a tool or cannot reach a registry: not our fault. */
  | { readonly state: "lacking"; readonly what: string }
  | { readonly state: "failed"; readonly output: string };

/** The file that pins a program's dependencies. */
const PINS: Readonly<Record<Language, string>> = { go: "go.sum", java: "pom.xml", rust: "Cargo.lock" };

export const LANGUAGES = Object.keys(PINS) as Language[];

/** All that was built, for all languages. */
export const BUILT = path.resolve(import.meta.dirname, "../../.cache/interop");

export const sourceFolder = (language: Language): string => path.join(import.meta.dirname, language);

const hashOf = (files: readonly string[]): string => {
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
};

/** Where a program is built: what is there was made of the same dependencies, perhaps of older sources. */
export const buildFolder = (language: Language): string =>
  path.join(BUILT, `${language}-${hashOf([path.join(sourceFolder(language), PINS[language])])}`);

/** Where the outcome of building the sources as they are now is written. */
export const outcomeFile = (language: Language): string => {
  const entries = readdirSync(sourceFolder(language), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return path.join(buildFolder(language), `outcome-${hashOf(files.toSorted())}.json`);
};

/** How building the sources as they are now ended, if it was tried. */
export const readOutcome = (language: Language): Outcome | undefined => {
  const file = outcomeFile(language);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Outcome) : undefined;
};

const BUILDS: Readonly<Record<Language, (folder: string) => Build>> = {
  go: (folder) => ({
    needs: [["go", "version"]],
    fetch: ["go", "mod", "download"],
    build: ["go", "build", "-mod=readonly", "-buildvcs=false", "-o", path.join(folder, "interop"), "."],
    // No other toolchain than the one that is here.
    env: { GOTOOLCHAIN: "local", GOFLAGS: "", GOWORK: "off", CGO_ENABLED: "0" },
    start: [path.join(folder, "interop")],
  }),
  // Maven brings the dependencies alone: its plugins for the rest would be as many again.
  java: (folder) => ({
    needs: [
      ["javac", "-version"],
      ["mvn", "--version"],
    ],
    fetch: [
      "mvn",
      "--batch-mode",
      "--quiet",
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      `-DoutputDirectory=${path.join(folder, "jars")}`,
    ],
    build: [
      "javac",
      "--release",
      "17",
      "-encoding",
      "UTF-8",
      "-classpath",
      path.join(folder, "jars", "*"),
      "-d",
      path.join(folder, "classes"),
      "src/Interop.java",
    ],
    env: {},
    start: ["java", "-classpath", [path.join(folder, "classes"), path.join(folder, "jars", "*")].join(":"), "Interop"],
  }),
  rust: (folder) => ({
    needs: [["cargo", "--version"]],
    fetch: ["cargo", "fetch", "--locked"],
    build: ["cargo", "build", "--locked", "--offline", "--quiet"],
    env: { CARGO_TARGET_DIR: path.join(folder, "target"), CARGO_TERM_COLOR: "never" },
    start: [path.join(folder, "target/debug/standin-interop")],
  }),
};

export const buildOf = (language: Language): Build => BUILDS[language](buildFolder(language));
