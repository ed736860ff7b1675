/** A disk that is really full, where this user may mount one; what the engine does then is tested by wrappers everywhere. */
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import type { ExecutionContext } from "ava";
import { storageFaultOf } from "../../src/engine/storage-faults.ts";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { EVERYTHING } from "./contract/under-test.ts";

const VALUE = "v".repeat(4_000);
const DISK_BYTES = 24 * 1024 * 1024;

const run = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;

const withSmallDisk = async (t: ExecutionContext, use: (dir: string) => Promise<void>): Promise<void> => {
  const dir = await mkdtemp(join(tmpdir(), "standin-small-disk-"));
  if (!run("mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", dir)) {
    t.log("skipped: this machine lets this user mount no disk");
    t.pass();
    return;
  }
  try {
    await use(dir);
  } finally {
    run("umount", "-l", dir);
    await rm(dir, { recursive: true, force: true });
  }
};

const openIn = (dir: string): Promise<Engine> =>
  openLevelEngine({ location: join(dir, "db"), durability: "process", logger: silentLogger });

const putUntilRefused = async (
  engine: Engine,
  { from }: { from: number },
): Promise<{ next: number; error: unknown }> => {
  for (let next = from; ; next += 1) {
    try {
      await engine.transact(async (tx) => tx.put(`k${String(next).padStart(8, "0")}`, `${next} ${VALUE}`));
    } catch (error) {
      return { next, error };
    }
  }
};

const countOf = async (engine: Engine): Promise<number> => {
  let count = 0;
  for (let start = EVERYTHING.start; ;) {
    const from = start;
    const page = await engine.read((view) => view.scan({ start: from, end: EVERYTHING.end }, { limit: 500 }));
    count += page.length;
    const last = page.at(-1);
    if (last === undefined) return count;
    start = `${last[0]}\0`;
  }
};

test("a full disk refuses writes and serves reads; with room again writes go on, and nothing acknowledged is lost", (t) =>
  withSmallDisk(t, async (dir) => {
    t.timeout(60_000);
    await writeFile(join(dir, "ballast"), Buffer.alloc(12 * 1024 * 1024));
    let engine = await openIn(dir);
    const first = await putUntilRefused(engine, { from: 0 });
    t.is(storageFaultOf(first.error), "full");
    t.true(first.next > 100);
    const again = await putUntilRefused(engine, { from: first.next });
    t.is(storageFaultOf(again.error), "full");
    t.is(again.next, first.next);
    t.is(await countOf(engine), first.next);
    await rm(join(dir, "ballast"));
    await sleep(200);
    for (let more = 0; more < 200; more += 1)
      await engine.transact(async (tx) => tx.put(`k${String(first.next + more).padStart(8, "0")}`, `after ${VALUE}`));
    t.is(await countOf(engine), first.next + 200);
    await engine.close();
    engine = await openIn(dir);
    t.is(await countOf(engine), first.next + 200);
    await engine.close();
  }));
