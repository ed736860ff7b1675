/**
 * Writes docs/truth-table.md: who may do what, from the rows that test/access/truth-table.test.ts holds against the server.
 *
 *   node scripts/generate-truth-table.ts           writes the page
 *   node scripts/generate-truth-table.ts --check   exits 1 when the page is not what would be written
 */
import { readFile, writeFile } from "node:fs/promises";
import { tablePage } from "../test/access/truth-table/page.ts";

const PAGE = new URL("../docs/truth-table.md", import.meta.url);

const wanted = tablePage();
if (process.argv.includes("--check")) {
  const present = await readFile(PAGE, "utf8").catch(() => "");
  if (present !== wanted) {
    console.error("docs/truth-table.md is out of date: run node scripts/generate-truth-table.ts");
    process.exitCode = 1;
  }
} else await writeFile(PAGE, wanted);
