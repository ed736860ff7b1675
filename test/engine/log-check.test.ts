/** LevelDB's log with damage: writes that were acknowledged are never left out without a word. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { EngineOpenError } from "../../src/engine/errors.ts";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import { damageInLog } from "../../src/engine/level/log-check.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { dump, putAll } from "./contract/under-test.ts";

const open = (location: string) => openLevelEngine({ location, durability: "process", logger: silentLogger });

const RECORDS = 60;
const valueOf = (n: number): string => String(n).repeat(400 + n * 40);

/** A database whose records are all in its log still, the log's name and its bytes. */
const withLog = async (use: (db: { folder: string; file: string; log: Buffer }) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), "standin-log-"));
  try {
    const engine = await open(join(folder, "db"));
    for (let n = 0; n < RECORDS; n += 1) await putAll(engine, [[`k${n}`, valueOf(n)]]);
    await engine.close();
    const name = (await readdir(join(folder, "db"))).find((file) => file.endsWith(".log")) ?? "";
    const file = join(folder, "db", name);
    await use({ folder, file, log: await readFile(file) });
  } finally {
    await rm(folder, { recursive: true });
  }
};

test("a log in order is in order, and so is one that ends anywhere", (t) =>
  withLog(async ({ log }) => {
    t.true(log.byteLength > 2 * 32 * 1024);
    t.is(damageInLog(log), undefined);
    for (let bytes = 0; bytes < log.byteLength; bytes += 997) {
      t.is(damageInLog(log.subarray(0, bytes)), undefined);
      t.is(damageInLog(Buffer.concat([log.subarray(0, bytes), Buffer.alloc(5_000)])), undefined);
    }
  }));

test("a byte that was changed is found wherever more was written after it", (t) =>
  withLog(async ({ log }) => {
    const last = log.byteLength - valueOf(RECORDS - 1).length - 200;
    for (let at = 0; at < last; at += 613) {
      const changed = Buffer.from(log);
      changed[at] = changed[at]! ^ 0x40;
      const damage = damageInLog(changed);
      t.true(damage !== undefined && damage <= at, `byte ${at}`);
    }
  }));

test("a database whose log is damaged is refused and not changed", (t) =>
  withLog(async ({ folder, file, log }) => {
    const changed = Buffer.from(log);
    changed[40_000] = changed[40_000]! ^ 1;
    await writeFile(file, changed);
    const error = await t.throwsAsync(open(join(folder, "db")), { instanceOf: EngineOpenError });
    t.regex(error.message, /is damaged: \d+\.log cannot be read from byte \d+ on, and more was written after it/);
    t.true(changed.equals(await readFile(file)));
    await writeFile(file, log);
    const engine = await open(join(folder, "db"));
    t.is((await dump(engine)).length, RECORDS);
    await engine.close();
  }));

test("a database whose log ends within a record opens with all that was written before", (t) =>
  withLog(async ({ folder, file, log }) => {
    for (const bytes of [log.byteLength - 5, 70_000, 32_768, 20_000]) {
      const copy = join(folder, `cut-${bytes}`);
      await cp(join(folder, "db"), copy, { recursive: true });
      await writeFile(join(copy, file.slice(-10)), log.subarray(0, bytes));
      const engine = await open(copy);
      const found = new Map(await dump(engine));
      await engine.close();
      t.true(found.size < RECORDS && found.size > 0);
      for (let n = 0; n < found.size; n += 1) t.is(found.get(`k${n}`), valueOf(n));
    }
  }));
