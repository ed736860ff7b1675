/** The command line of the benchmark. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { CASE_NAMES, LOAD_CASE_NAMES, isCaseName, isLoadCaseName } from "./case-names.ts";
import type { CaseName, LoadCaseName } from "./case-names.ts";
import type { PeerName } from "./peers/peer.ts";
import { BUNDLE, SOURCES } from "./peers/table.ts";

export type Options = {
  readonly cases: readonly CaseName[];
  readonly peers: readonly PeerName[];
  readonly quick: boolean;
  /** Paths of Standin's program, and of a build to compare it with. */
  readonly program: string;
  readonly baseline: string | undefined;
  readonly jsonFile: string | undefined;
  readonly profile: LoadCaseName | undefined;
  readonly scratchParent: string | undefined;
};

const RIVALS = ["node-null", "koa-null", "floor", "moto", "s3rver"] as const satisfies readonly PeerName[];

/** A quick run measures the yardsticks alone, unless it is told whom. */
const YARDSTICKS = ["koa-null", "floor"] as const satisfies readonly PeerName[];

export const USAGE = `usage: npm run bench -- [CASE...] [options]

cases  ${CASE_NAMES.join(" ")}
       (all of them when none is named)

  --quick            fewer and shorter rounds, smaller states, the yardsticks alone; under two minutes
  --peers A,B        whom to measure beside standin: ${RIVALS.join(",")}
  --json FILE        also write all figures to FILE (with --profile: the profile itself)
  --sources          measure src/main.ts instead of the bundle
  --program FILE     measure another build instead of the bundle, which is then not built
  --baseline FILE    measure another build as well, under the name "baseline"
  --profile CASE     a CPU profile of standin under the load of a case, instead of figures:
                     ${LOAD_CASE_NAMES.join(" ")}
  --scratch FOLDER   where the servers keep their files (6 GiB free for the case five-gib)
  --help`;

/** A wrong command line; the message says what is wrong. */
export class UsageError extends Error {}

const requireCase = (name: string): CaseName => {
  if (!isCaseName(name)) throw new UsageError(`no such case: ${name}`);
  return name;
};

const requireLoad = (name: string): LoadCaseName => {
  if (!isLoadCaseName(name)) throw new UsageError(`no such load to profile: ${name}`);
  return name;
};

const requireFile = (name: string): string => {
  if (!existsSync(name)) throw new UsageError(`no such file: ${name}`);
  return resolve(name);
};

const requireRival = (name: string): PeerName => {
  const found = RIVALS.find((rival) => rival === name);
  if (found === undefined) throw new UsageError(`no such peer: ${name}`);
  return found;
};

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        sources: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        program: { type: "string" },
        baseline: { type: "string" },
        peers: { type: "string" },
        json: { type: "string" },
        profile: { type: "string" },
        scratch: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

/** Reads the command line; undefined asks for help. Throws `UsageError`. */
export const parseOptions = (args: readonly string[]): Options | undefined => {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const named = positionals.map(requireCase);
  const rivals =
    values.peers === undefined
      ? values.quick
        ? YARDSTICKS
        : RIVALS
      : values.peers.split(",").filter(Boolean).map(requireRival);
  return {
    cases: named.length === 0 ? CASE_NAMES : CASE_NAMES.filter((name) => named.includes(name)),
    peers: ["standin", ...(values.baseline === undefined ? [] : (["baseline"] as const)), ...rivals],
    quick: values.quick,
    program: values.program === undefined ? (values.sources ? SOURCES : BUNDLE) : requireFile(values.program),
    baseline: values.baseline === undefined ? undefined : requireFile(values.baseline),
    jsonFile: values.json,
    profile: values.profile === undefined ? undefined : requireLoad(values.profile),
    scratchParent: values.scratch,
  };
};
