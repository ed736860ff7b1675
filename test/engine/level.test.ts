import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import test, { type ExecutionContext } from "ava";
import { EngineLockedError, EngineOpenError } from "../../src/engine/errors.ts";
import { openEphemeralLevelEngine } from "../../src/engine/level/ephemeral.ts";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import { runTwice } from "../support/run-twice-engine.ts";
import { engineContract } from "./contract.ts";
import { dump, putAll, type EngineUnderTest } from "./contract/under-test.ts";

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), "standin-engine-test-"));

const underTest = (title: string, wrap: (engine: Engine) => Engine): EngineUnderTest => ({
  title,
  open: async () => {
    const location = await newFolder();
    const open = async (): Promise<Engine> =>
      wrap(await openLevelEngine({ location, durability: "process", logger: silentLogger }));
    return { engine: await open(), reopen: open, remove: () => rm(location, { recursive: true }) };
  },
});

engineContract(
  test,
  underTest("level", (engine) => engine),
);
engineContract(test, underTest("level, every function run twice", runTwice));

const withFolder = async (use: (folder: string) => Promise<void>): Promise<void> => {
  const folder = await newFolder();
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const open = (location: string): Promise<Engine> =>
  openLevelEngine({ location, durability: "process", logger: silentLogger });

test("a database that is open cannot be opened again until it is closed", (t) =>
  withFolder(async (folder) => {
    const engine = await open(folder);
    const error = await t.throwsAsync(open(folder), { instanceOf: EngineLockedError });
    t.true(error?.message.includes(folder));
    await putAll(engine, [["a", "1"]]);
    await engine.close();
    const again = await open(folder);
    t.deepEqual(await dump(again), [["a", "1"]]);
    await again.close();
  }));

test("a database in folders that are not there yet makes them", (t) =>
  withFolder(async (folder) => {
    const engine = await open(join(folder, "some", "where"));
    await putAll(engine, [["a", "1"]]);
    await engine.close();
    t.true(existsSync(join(folder, "some", "where", "CURRENT")));
  }));

const refusesToOpen = async (t: ExecutionContext, location: string): Promise<void> => {
  const error = await t.throwsAsync(open(location), { instanceOf: EngineOpenError });
  t.false(error instanceof EngineLockedError);
  t.true(error?.message.includes(location));
};

test("a database where no folder can be is refused with a clear error", (t) =>
  withFolder(async (folder) => {
    const file = join(folder, "file");
    await writeFile(file, "in the way");
    await refusesToOpen(t, file);
    await refusesToOpen(t, join(file, "below"));
  }));

const filledFolder = async (folder: string): Promise<void> => {
  const engine = await open(folder);
  await putAll(engine, [["a", "1"]]);
  await engine.close();
};

test("a database that has lost its CURRENT file is refused and not emptied", (t) =>
  withFolder(async (folder) => {
    await filledFolder(folder);
    const current = await readFile(join(folder, "CURRENT"));
    await rm(join(folder, "CURRENT"));
    const names = await readdir(folder);
    await refusesToOpen(t, folder);
    t.deepEqual(await readdir(folder), names);
    await writeFile(join(folder, "CURRENT"), current);
    const again = await open(folder);
    t.deepEqual(await dump(again), [["a", "1"]]);
    await again.close();
  }));

test("a database with a garbled manifest is refused and not emptied", (t) =>
  withFolder(async (folder) => {
    await filledFolder(folder);
    const manifest = (await readdir(folder)).find((name) => name.startsWith("MANIFEST")) ?? "";
    await writeFile(join(folder, manifest), "garbage ".repeat(100));
    await refusesToOpen(t, folder);
    t.is(await readFile(join(folder, manifest), "utf8"), "garbage ".repeat(100));
  }));

test("an engine that is durable to the disk commits and reads back", (t) =>
  withFolder(async (folder) => {
    const engine = await openLevelEngine({ location: folder, durability: "disk", logger: silentLogger });
    await Promise.all(Array.from({ length: 20 }, (_, n) => engine.transact(async (tx) => tx.add("n", n))));
    t.deepEqual(await dump(engine), [["n", "190"]]);
    await engine.close();
  }));

test.serial("an ephemeral engine's folder is there while it is open and gone once it is closed", async (t) => {
  const listeners = process.listenerCount("exit");
  const engine = await openEphemeralLevelEngine({ logger: silentLogger });
  await putAll(engine, [["a", "1"]]);
  t.deepEqual(await dump(engine), [["a", "1"]]);
  t.true(existsSync(engine.folder));
  t.is(process.listenerCount("exit"), listeners + 1);
  await engine.close();
  await engine.close();
  t.false(existsSync(engine.folder));
  t.is(process.listenerCount("exit"), listeners);
});

test("two ephemeral engines know nothing of each other", async (t) => {
  const engines = [
    await openEphemeralLevelEngine({ logger: silentLogger }),
    await openEphemeralLevelEngine({ logger: silentLogger }),
  ] as const;
  await putAll(engines[0], [["a", "1"]]);
  t.deepEqual(await dump(engines[1]), []);
  await Promise.all(engines.map((engine) => engine.close()));
});

test.serial("many ephemeral engines wait for the exit with one listener", async (t) => {
  const listeners = process.listenerCount("exit");
  const opened = await Promise.all(
    Array.from({ length: 12 }, () => openEphemeralLevelEngine({ logger: silentLogger })),
  );
  t.is(process.listenerCount("exit"), listeners + 1);
  await Promise.all(opened.map((engine) => engine.close()));
  t.is(process.listenerCount("exit"), listeners);
  t.false(opened.some(({ folder }) => existsSync(folder)));
});

test("the folders of ephemeral engines are gone after an exit that did not close them", async (t) => {
  const program = `
    import { openEphemeralLevelEngine } from ${JSON.stringify(new URL("../../src/engine/level/ephemeral.ts", import.meta.url).href)};
    import { silentLogger } from ${JSON.stringify(new URL("../../src/platform/logger.ts", import.meta.url).href)};
    const engines = [
      await openEphemeralLevelEngine({ logger: silentLogger }),
      await openEphemeralLevelEngine({ logger: silentLogger }),
    ];
    for (const engine of engines) await engine.transact(async (tx) => tx.put("a", "1"));
    process.stdout.write(engines.map(({ folder }) => folder).join(" "));
    process.exit(0);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  t.regex(stdout, /^\S+standin-\S+ \S+standin-\S+$/);
  for (const folder of stdout.split(" ")) t.false(existsSync(folder));
});
