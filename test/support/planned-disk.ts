/** A database whose batches fail as planned, some of them only to be there after all once it is opened again. */
import { openDisk, type Disk } from "../../src/engine/level/disk.ts";

const FULL = Object.assign(new Error("IO error: 000003.log: No space left on device"), {
  code: "LEVEL_IO_ERROR",
});

/** What is to go wrong, and what was done about it. */
export type Plan = { failWrites: number; lateWrites: boolean; isFull: boolean; reopened: number };

export const newPlan = (): Plan => ({ failWrites: 0, lateWrites: false, isFull: false, reopened: 0 });

export const openPlannedDisk = (plan: Plan): typeof openDisk => {
  let late: Parameters<Disk["write"]>[0] | undefined;
  return async (options) => {
    const disk = await openDisk(options);
    return {
      ...disk,
      write: async (writes) => {
        if (plan.failWrites === 0) return disk.write(writes);
        plan.failWrites -= 1;
        if (plan.lateWrites) late = new Map(writes);
        throw FULL;
      },
      probe: async () => {
        if (plan.isFull) throw Object.assign(new Error("no room"), { code: "ENOSPC" });
        await disk.probe();
      },
      reopen: async () => {
        await disk.reopen();
        if (late !== undefined) await disk.write(late);
        late = undefined;
        plan.reopened += 1;
      },
    };
  };
};
