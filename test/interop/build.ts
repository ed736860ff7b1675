/**
 * Builds the programs of other SDKs that the interop tests run: `node test/interop/build.ts [go] [java] [rust]`, all without
 * arguments. What is built already is left as it is. It always ends well: how a build ended is for the test to tell.
 */
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import {
  BUILT,
  buildFolder,
  buildOf,
  LANGUAGES,
  outcomeFile,
  readOutcome,
  sourceFolder,
  type Command,
  type Language,
  type Outcome,
} from "./builds.ts";

const NEEDS_MS_MAX = 60_000;
const FETCH_MS_MAX = 5 * 60_000;
const BUILD_MS_MAX = 10 * 60_000;
const OUTPUT_BYTES_MAX = 8 * 1024 * 1024;

/** What the tools say of sources that are newer than they are, and what we say of a machine that is too busy. */
const NOT_OUR_FAULT =
  /requires (go >=|rustc)|release version \d+ not supported|feature `edition2024` is required|took longer than/;

type Ended = { readonly isGood: boolean; readonly output: string };

/** Runs a command in a language's folder; one that takes longer than it may is ended, and ended badly. */
const runIn = (
  language: Language,
  { command: [program, ...args], msMax }: { command: Command; msMax: number },
): Promise<Ended> =>
  new Promise((resolve) => {
    const env = { ...process.env, ...buildOf(language).env };
    const options = { cwd: sourceFolder(language), env, timeout: msMax, maxBuffer: OUTPUT_BYTES_MAX };
    execFile(program, args, options, (error, stdout, stderr) => {
      const overdue = error?.killed === true ? `\n${program} took longer than ${msMax / 60_000} minutes` : "";
      resolve({ isGood: error === null, output: `${stdout}${stderr}${overdue}`.trim() });
    });
  });

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

const lacking = (what: string): Outcome => ({ state: "lacking", what });

const build = async (language: Language): Promise<Outcome> => {
  const steps = buildOf(language);
  for (const command of steps.needs)
    if (!(await runIn(language, { command, msMax: NEEDS_MS_MAX })).isGood) return lacking(command.join(" "));
  await mkdir(buildFolder(language), { recursive: true });
  const fetched = await runIn(language, { command: steps.fetch, msMax: FETCH_MS_MAX });
  if (!fetched.isGood) return lacking(`dependencies of the ${language} program: ${lastLine(fetched.output)}`);
  const built = await runIn(language, { command: steps.build, msMax: BUILD_MS_MAX });
  if (built.isGood) return { state: "built" };
  if (NOT_OUR_FAULT.test(built.output)) return lacking(`${language} that builds this: ${lastLine(built.output)}`);
  return { state: "failed", output: built.output };
};

/** Removes what was made of other dependencies, and what was said of other sources. */
const sweep = async (language: Language): Promise<void> => {
  const isOld = (name: string): boolean =>
    name.startsWith(`${language}-`) && name !== path.basename(buildFolder(language));
  const old = (await readdir(BUILT)).filter(isOld).map((name) => path.join(BUILT, name));
  const outcomes = (await readdir(buildFolder(language))).filter((name) => name.startsWith("outcome-"));
  const all = [...old, ...outcomes.map((name) => path.join(buildFolder(language), name))];
  await Promise.all(all.map((place) => rm(place, { recursive: true, force: true })));
};

const report = (language: Language, { outcome, startedMs }: { outcome: Outcome; startedMs: number }): void => {
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const said = { built: "built", lacking: "left out", failed: "FAILED" }[outcome.state];
  console.log(`${language}: ${said} after ${seconds} s`);
  if (outcome.state === "lacking") console.log(`  this machine has no ${outcome.what}`);
  if (outcome.state === "failed") console.log(outcome.output);
};

const names = process.argv.slice(2);
for (const language of LANGUAGES.filter((each) => names.length === 0 || names.includes(each))) {
  if (readOutcome(language)?.state === "built") {
    console.log(`${language}: built before`);
    continue;
  }
  const startedMs = performance.now();
  const outcome = await build(language);
  await mkdir(buildFolder(language), { recursive: true });
  await sweep(language);
  await writeFile(outcomeFile(language), JSON.stringify(outcome));
  report(language, { outcome, startedMs });
}
