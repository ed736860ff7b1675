/** A case by its name. */
import type { CaseName, LoadCaseName } from "../case-names.ts";
import { isLoadCaseName } from "../case-names.ts";
import type { CaseResult } from "../figures.ts";
import type { Context } from "./context.ts";
import { runFiveGibCase } from "./five-gib.ts";
import { LOAD_CASES } from "./load-cases.ts";
import type { LoadCase } from "./load-cases.ts";
import { runLayersCase } from "./layers.ts";
import { runLoadCase } from "./load.ts";
import { runBootCase, runMemoryCase } from "./start.ts";
import { runStateCase } from "./state.ts";
import { runStrictCase } from "./strict.ts";
import { runWorldsCase } from "./worlds.ts";

/** The row of a load case. */
export const requireLoadCase = (name: LoadCaseName): LoadCase => {
  const row = LOAD_CASES.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`${name} is no load`);
  return row;
};

const OTHER_CASES: Record<Exclude<CaseName, LoadCaseName>, (context: Context) => Promise<CaseResult>> = {
  boot: runBootCase,
  memory: runMemoryCase,
  state: runStateCase,
  worlds: runWorldsCase,
  layers: runLayersCase,
  strict: runStrictCase,
  "five-gib": runFiveGibCase,
};

/** Runs one case to its end; no process of it is left. */
export const runCase = (context: Context, name: CaseName): Promise<CaseResult> =>
  isLoadCaseName(name) ? runLoadCase(context, requireLoadCase(name)) : OTHER_CASES[name](context);
