/**
 * Writes `store-format-<N>.tar.gz` and `.json`, a store of the format that the program writes now with all that it holds. Run it once
 * when a format is new, never again after it was released: `node scripts/write-store-fixture.ts`.
 */
import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RECORD_FORMAT } from "../src/state/records.ts";
import { openStateIn, withFolder } from "../test/support/state.ts";
import { describeStore, fillStore } from "../test/fixtures/full-store.ts";

const target = join(import.meta.dirname, `../test/fixtures/store-format-${RECORD_FORMAT}`);

await withFolder(async (dir) => {
  // Each transaction runs once, so that ids are as a server draws them.
  const opened = await openStateIn(dir, { wrap: (engine) => engine });
  await fillStore(opened.state);
  await writeFile(`${target}.json`, `${JSON.stringify(await describeStore(opened.state), undefined, 1)}\n`);
  await opened.crash();
  const files = ["--exclude=LOG*", "--exclude=LOCK", "db", "bodies"];
  const { status } = spawnSync("tar", ["-czf", `${target}.tar.gz`, "-C", dir, ...files], { stdio: "inherit" });
  if (status !== 0) throw new Error("tar failed");
});
