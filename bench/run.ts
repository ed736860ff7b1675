/** The benchmark: `npm run bench -- --help`; how it measures is told in docs/benchmark.md. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";

import type { CaseName } from "./case-names.ts";
import { isLoadCaseName } from "./case-names.ts";
import type { Context } from "./cases/context.ts";
import { requireLoadCase, runCase } from "./cases/run-case.ts";
import type { CaseResult } from "./figures.ts";
import { startLoader } from "./load/loader.ts";
import { UsageError, USAGE, parseOptions } from "./options.ts";
import type { Options } from "./options.ts";
import { BUNDLE, peerTable, standinPeer } from "./peers/table.ts";
import { createScratch } from "./process/scratch.ts";
import { profileCase } from "./profile/profile-case.ts";
import { formatCase, formatVerdicts, reportJson } from "./report.ts";
import { FULL, QUICK } from "./settings.ts";

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const NAME_WIDTH = 9;

const buildBundle = (): void => {
  const script = fileURLToPath(new URL("../scripts/build.ts", import.meta.url));
  const { status } = spawnSync(process.execPath, [script, "--if-stale"], { stdio: "inherit" });
  if (status !== 0) throw new Error("the bundle could not be built");
};

const describeMachine = (): Record<string, unknown> => ({
  node: process.version,
  cpu: cpus()[0]?.model ?? "unknown",
  cores: availableParallelism(),
  loadAverage: loadavg()[0],
  date: new Date().toISOString(),
});

const legend = ({ peers, wanted }: Context): string =>
  (["hello", ...wanted] as const).map((name) => `  ${name.padEnd(NAME_WIDTH)}  ${peers[name].title}\n`).join("");

const titleOf = (name: CaseName): string =>
  isLoadCaseName(name) ? `${name}: ${requireLoadCase(name).operation}` : name;

const runCases = async (context: Context, options: Options): Promise<boolean> => {
  const machine = describeMachine();
  context.say(
    `Node ${process.version}, ${String(machine["cores"])} cores, load ${loadavg()[0]?.toFixed(2) ?? "?"}\n${legend(context)}`,
  );
  const results = new Map<CaseName, CaseResult>();
  let failed = false;
  for (const name of options.cases) {
    try {
      const result = await runCase(context, name);
      results.set(name, result);
      context.say(formatCase(titleOf(name), result));
    } catch (error) {
      failed = true;
      context.say(`${titleOf(name)}\n  FAILED: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  context.say(formatVerdicts([...results.values()].flatMap(({ verdicts }) => verdicts)));
  if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, reportJson(machine, results));
  return !failed;
};

const main = async (options: Options): Promise<number> => {
  if (options.program === BUNDLE) buildBundle();
  const loader = startLoader();
  const context: Context = {
    settings: options.quick ? QUICK : FULL,
    loader,
    scratch: createScratch(options.scratchParent),
    peers: peerTable({ program: options.program, baseline: options.baseline ?? options.program }),
    standinOn: (dataDir) => standinPeer({ program: options.program, dataDir }),
    wanted: options.peers,
    say: (text) => console.log(text),
  };
  try {
    if (options.profile !== undefined) {
      const { text, raw } = await profileCase(context, requireLoadCase(options.profile), options.program);
      context.say(text);
      if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, raw);
      return 0;
    }
    return (await runCases(context, options)) ? 0 : EXIT_FAILED;
  } finally {
    loader.stop();
  }
};

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) console.log(USAGE);
  else process.exitCode = await main(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED;
}
