/** An engine on a throw-away folder, gone once the engine is closed or the process exits. */
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EngineOpenError } from "../errors.ts";
import type { Engine } from "../port.ts";
import { openLevelEngine, type LevelEngineOptions } from "./level-engine.ts";

/** A folder that lives as long as its engine. What belongs to the same state may be put beside the database in it. */
export type EphemeralEngine = Engine & { readonly folder: string };

/**
 * Makes a folder under the system's folder for temporary files and opens an engine in it. `close` removes the folder; so does an
 * exit of the process without `close`, but not a kill. Throws `EngineOpenError`.
 */
export const openEphemeralLevelEngine = async (
  options: Omit<LevelEngineOptions, "location" | "durability">,
): Promise<EphemeralEngine> => {
  const folder = await makeFolder();
  const onExit = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", onExit);
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    process.off("exit", onExit);
  };
  try {
    const engine = await openLevelEngine({ ...options, location: join(folder, "db"), durability: "process" });
    let closing: Promise<void> | undefined;
    return { ...engine, folder, close: () => (closing ??= engine.close().finally(remove)) };
  } catch (error) {
    await remove();
    throw error;
  }
};

const makeFolder = async (): Promise<string> => {
  try {
    return await mkdtemp(join(tmpdir(), "standin-"));
  } catch (cause) {
    throw new EngineOpenError(`No folder for temporary files can be made in ${tmpdir()}: ${String(cause)}`, { cause });
  }
};
