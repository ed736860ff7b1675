/** `standin doctor`: whether what a data directory holds fits together. */
import { access, realpath } from "node:fs/promises";
import { join, resolve } from "node:path";
import { toUrl, UsageError } from "../config-values.ts";
import { EngineLockedError, EngineOpenError } from "../engine/errors.ts";
import { openLevelEngine } from "../engine/level/level-engine.ts";
import { storageFaultOf } from "../engine/storage-faults.ts";
import { silentLogger } from "../platform/logger.ts";
import { createSystemPlatform } from "../platform/system-platform.ts";
import { createHasherByName, loadAllHashers } from "../protocol/checksums/hasher.ts";
import { examineStore, repairStore } from "../state/doctor/doctor.ts";
import type { Finding } from "../state/doctor/finding.ts";
import { explainStartError } from "../start-error.ts";
import { readArguments, SERVER_OPTIONS, type Arguments, type Command } from "./command.ts";

const { world: _world, ...CONTROL_OPTIONS } = SERVER_OPTIONS;

const DESCRIPTION = {
  usage: "standin doctor [options]",
  about: [
    "Reads all that a data directory holds, every record and every byte, and says what is wrong, a line each. A server that",
    "has the directory open is asked over its control plane. Ends with 0 when all is well, with 1 when something is wrong.",
  ].join("\n"),
  positionals: { min: 0, max: 0 },
  options: {
    "data-dir": { value: "DIR", env: "STANDIN_DATA_DIR", help: "where state is kept (.standin)" },
    repair: { help: "put right what can be without guessing; no server may have the directory open" },
    ...CONTROL_OPTIONS,
  },
} as const;

type Given = Arguments<keyof typeof DESCRIPTION.options>;
type Line = Finding & { readonly repaired?: boolean };

/** What the doctor found wrong is not the user's mistake, nor the program's. */
const EXIT_FAULTS = 1;

export const doctorCommand: Command = async (argv, { env }) => {
  const print = (text: string): void => void process.stdout.write(text);
  const given = readArguments(argv, { env, describe: DESCRIPTION, print });
  if (given === undefined) return;
  const dataDir = resolve(given.one("data-dir") ?? ".standin");
  const tally = newTally(print);
  try {
    await access(join(dataDir, "db")).catch((cause: unknown) => {
      throw new UsageError(`there is no state in ${dataDir} (--data-dir)`, { cause });
    });
    for await (const line of examine(dataDir, given)) tally.add(line);
  } catch (error) {
    if (error instanceof EngineOpenError || storageFaultOf(error) !== "damaged") throw explained(error, dataDir);
    tally.add({ kind: "record", severity: "fault", text: `the database is damaged: ${reasonOf(error)}` });
  }
  print(`${tally.sum()} in ${dataDir}\n`);
  if (tally.hasFaults()) process.exitCode = EXIT_FAULTS;
};

const explained = (error: unknown, dataDir: string): unknown => {
  if (error instanceof UsageError) return error;
  const line = explainStartError(error, { dataDir });
  return line === undefined ? error : new UsageError(line, { cause: error });
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

async function* examine(dataDir: string, given: Given): AsyncGenerator<Line> {
  const isRepair = given.has("repair");
  let engine;
  try {
    engine = await openLevelEngine({ location: join(dataDir, "db"), durability: "disk", logger: silentLogger });
  } catch (error) {
    if (!(error instanceof EngineLockedError) || isRepair) throw error;
    yield* askServer(dataDir, given);
    return;
  }
  try {
    await loadAllHashers();
    const options = {
      engine,
      bodiesDir: join(dataDir, "bodies"),
      platform: createSystemPlatform({ logger: silentLogger }),
      createHasher: createHasherByName,
    };
    yield* isRepair ? repairStore(options) : examineStore(options);
  } finally {
    await engine.close();
  }
}

async function* askServer(dataDir: string, { one }: Given): AsyncGenerator<Line> {
  const { createControlClient } = await import("../control/client.ts");
  const baseUrl = toUrl({ name: "--control-url", text: one("control-url") ?? "http://127.0.0.1:5001" });
  const { doctor } = createControlClient({ baseUrl, token: one("control-token") });
  try {
    for await (const { dataDir: itsDir, finding } of doctor.checkStore({})) {
      if (itsDir !== "" && !(await isSame(itsDir, dataDir)))
        throw new UsageError(
          `${dataDir} is in use, and not by the server at ${baseUrl} (--control-url), which has ${itsDir}`,
        );
      if (finding === undefined) continue;
      const { kind, text, repair } = finding;
      yield { kind: kind as Finding["kind"], severity: "fault", text, ...(repair === "" ? {} : { repair }) };
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const reason = reasonOf(error);
    throw new UsageError(`${dataDir} is in use, and the server at ${baseUrl} (--control-url) says: ${reason}`, {
      cause: error,
    });
  }
}

const isSame = async (one: string, other: string): Promise<boolean> => {
  const [first, second] = await Promise.all([one, other].map((dir) => realpath(dir).catch(() => dir)));
  return first === second;
};

type Tally = { add(line: Line): void; sum(): string; hasFaults(): boolean };

const newTally = (print: (text: string) => void): Tally => {
  let faults = 0;
  let leftovers = 0;
  let repaired = 0;
  return {
    add: (line) => {
      if (line.repaired === true) repaired += 1;
      else if (line.severity === "fault") faults += 1;
      else leftovers += 1;
      print(describe(line));
    },
    sum: () =>
      [
        faults === 0 ? "nothing is wrong" : counted(faults, "fault"),
        ...(leftovers === 0 ? [] : [`${counted(leftovers, "leftover")} that the next start of a server takes away`]),
        ...(repaired === 0 ? [] : [`${repaired} put right`]),
      ].join(", "),
    hasFaults: () => faults > 0,
  };
};

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

const describe = ({ kind, severity, text, repair, repaired }: Line): string => {
  const mark = repaired === true ? "repaired" : severity;
  const doing = repair === undefined || repaired === true ? "" : ` (--repair ${repair})`;
  return `${mark.padEnd(9)} ${kind.padEnd(9)}  ${text}${doing}\n`;
};
