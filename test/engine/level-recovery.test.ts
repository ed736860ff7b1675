/** The engine after a failed commit: it opens its database again before it writes, and says so while it cannot. */
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import { CommitFailedError, EngineUnavailableError, ViewExpiredError } from "../../src/engine/errors.ts";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { storageFaultOf } from "../../src/engine/storage-faults.ts";
import { newPlan, openPlannedDisk, type Plan } from "../support/planned-disk.ts";
import { withFolder } from "../support/state.ts";
import { dump, putAll } from "./contract/under-test.ts";

const withPlan = (use: (engine: Engine, plan: Plan, location: string) => Promise<void>): Promise<void> =>
  withFolder(async (dir) => {
    const location = join(dir, "db");
    const plan = newPlan();
    const engine = await openLevelEngine({
      location,
      durability: "process",
      logger: silentLogger,
      openDisk: openPlannedDisk(plan),
    });
    try {
      await use(engine, plan, location);
    } finally {
      await engine.close();
    }
  });

test("after a failed commit the database is opened again before the next one", (t) =>
  withPlan(async (engine, plan) => {
    await putAll(engine, [["a", "1"]]);
    plan.failWrites = 1;
    const error = await t.throwsAsync(putAll(engine, [["b", "1"]]), { instanceOf: CommitFailedError });
    t.is(storageFaultOf(error), "full");
    t.is(plan.reopened, 1);
    await putAll(engine, [["c", "1"]]);
    t.deepEqual(await dump(engine), [
      ["a", "1"],
      ["c", "1"],
    ]);
  }));

test("while there is no room reads go on and writes are refused at once; then they go on", (t) =>
  withPlan(async (engine, plan) => {
    await putAll(engine, [["a", "1"]]);
    plan.failWrites = 1;
    plan.isFull = true;
    await t.throwsAsync(putAll(engine, [["b", "1"]]), { instanceOf: CommitFailedError });
    const many = await Promise.allSettled(Array.from({ length: 20_000 }, () => putAll(engine, [["b", "1"]])));
    t.true(many.every((each) => each.status === "rejected" && each.reason instanceof EngineUnavailableError));
    t.deepEqual(await dump(engine), [["a", "1"]]);
    t.is(plan.reopened, 0);
    plan.isFull = false;
    await sleep(150);
    await putAll(engine, [["c", "1"]]);
    t.is(plan.reopened, 1);
  }));

test("a failed commit that took place after all is there once the failure is told, and listeners hear of it before", (t) =>
  withPlan(async (engine, plan) => {
    let settled = 0;
    engine.onSettled?.(async () => {
      settled += 1;
    });
    plan.failWrites = 1;
    plan.lateWrites = true;
    await t.throwsAsync(putAll(engine, [["b", "1"]]), { instanceOf: CommitFailedError });
    t.is(settled, 1);
    t.deepEqual(await dump(engine), [["b", "1"]]);
  }));

test("a view that has begun to read does not read on from a database that was opened again", (t) =>
  withPlan(async (engine, plan) => {
    await putAll(engine, [["a", "1"]]);
    const reading = engine.read(async (view) => {
      await view.get("a");
      plan.failWrites = 1;
      await putAll(engine, [["b", "1"]]).catch(() => undefined);
      return view.get("a");
    });
    await t.throwsAsync(reading, { instanceOf: ViewExpiredError });
  }));

test("a database that cannot be opened again is not taken for a new one, and is used again as soon as it is back", (t) =>
  withPlan(async (engine, plan, location) => {
    await putAll(engine, [["a", "1"]]);
    await rename(location, `${location}.away`);
    plan.failWrites = 1;
    await t.throwsAsync(putAll(engine, [["b", "1"]]), { instanceOf: CommitFailedError });
    await t.throwsAsync(putAll(engine, [["b", "1"]]), { instanceOf: EngineUnavailableError });
    await rename(`${location}.away`, location);
    await sleep(150);
    t.deepEqual(await dump(engine), [["a", "1"]]);
    await putAll(engine, [["c", "1"]]);
  }));

test("what is the matter with a disk is told from codes and from LevelDB's words", (t) => {
  const coded = (code: string, message = ""): Error => Object.assign(new Error(message), { code });
  t.is(storageFaultOf(coded("ENOSPC")), "full");
  t.is(storageFaultOf(coded("EMFILE")), "tooManyFiles");
  t.is(storageFaultOf(coded("EROFS")), "readOnly");
  t.is(storageFaultOf(new Error("outer", { cause: coded("EIO") })), "broken");
  t.is(storageFaultOf(coded("LEVEL_IO_ERROR", "IO error: a.ldb: Too many open files")), "tooManyFiles");
  t.is(storageFaultOf(coded("LEVEL_IO_ERROR", "IO error: a.ldb: Input/output error")), "broken");
  t.is(storageFaultOf(coded("LEVEL_CORRUPTION", "Corruption: block checksum mismatch")), "damaged");
  t.is(storageFaultOf(coded("ENOENT")), undefined);
  t.is(storageFaultOf("text"), undefined);
});
