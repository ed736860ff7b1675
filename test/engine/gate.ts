/** A level engine whose commits can be held back, let through and failed. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { openDisk, type Disk } from "../../src/engine/level/disk.ts";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import { silentLogger } from "../../src/platform/logger.ts";

/** Why a held commit fails. */
export const DISK_FULL = new Error("no space left");

/** Holds writes back until they are let through or failed. */
class Gate {
  readonly waiting: { pass: () => void; fail: () => void }[] = [];
  isOpen = true;
  snapshots = 0;

  guard(disk: Disk): Disk {
    return {
      ...disk,
      write: async (writes) => {
        if (!this.isOpen) {
          await new Promise<void>((resolve, reject) => {
            this.waiting.push({ pass: resolve, fail: () => reject(DISK_FULL) });
          });
        }
        return disk.write(writes);
      },
      snapshot: () => {
        this.snapshots++;
        return disk.snapshot();
      },
    };
  }

  /** Waits until a batch stands before the gate. */
  async arrival(): Promise<{ pass: () => void; fail: () => void }> {
    for (;;) {
      const first = this.waiting.shift();
      if (first !== undefined) return first;
      await setImmediate();
    }
  }
}

/** Runs `use` on an engine of its own, whose gate is open at first. */
export const withGate = async (
  use: (engine: Engine, gate: Gate) => Promise<void>,
  options: { stalledMsMax?: number } = {},
): Promise<void> => {
  const location = await mkdtemp(join(tmpdir(), "standin-engine-test-"));
  const gate = new Gate();
  const engine = await openLevelEngine({
    location,
    durability: "process",
    logger: silentLogger,
    openDisk: async (opening) => gate.guard(await openDisk(opening)),
    ...options,
  });
  try {
    await use(engine, gate);
  } finally {
    gate.isOpen = true;
    for (const { pass } of gate.waiting) pass();
    await engine.close();
    await rm(location, { recursive: true });
  }
};
