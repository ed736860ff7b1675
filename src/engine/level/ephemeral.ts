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
  removeAtExit(folder);
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true });
    needNotRemove(folder);
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

/** Folders of engines that are open. Node warns of a leak from the eleventh listener on, so one is there for all of them. */
const folders = new Set<string>();

const removeAll = (): void => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
};

const removeAtExit = (folder: string): void => {
  if (folders.size === 0) process.on("exit", removeAll);
  folders.add(folder);
};

const needNotRemove = (folder: string): void => {
  folders.delete(folder);
  if (folders.size === 0) process.off("exit", removeAll);
};

const makeFolder = async (): Promise<string> => {
  try {
    return await mkdtemp(join(tmpdir(), "standin-"));
  } catch (cause) {
    throw new EngineOpenError(`No folder for temporary files can be made in ${tmpdir()}: ${String(cause)}`, { cause });
  }
};
