/** What the documents point at is there. */
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import test from "ava";

const ROOT = path.resolve(import.meta.dirname, "..");

type Text = { readonly file: string; readonly text: string };

const textsUnder = async (folder: string, ending: string): Promise<Text[]> => {
  const entries = await readdir(path.join(ROOT, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
  return Promise.all(files.map((entry) => textOf(path.relative(ROOT, path.join(entry.parentPath, entry.name)))));
};

const textOf = async (file: string): Promise<Text> => ({ file, text: await readFile(path.join(ROOT, file), "utf8") });

const documents = async (): Promise<Text[]> => {
  const top = (await readdir(ROOT)).filter((name) => name.endsWith(".md"));
  return [...(await Promise.all(top.map(textOf))), ...(await textsUnder("docs", ".md"))];
};

/** As forges make a heading's anchor. */
const anchorsOf = (text: string): Set<string> =>
  new Set(
    [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    ),
  );

test("every link of a document leads to a file, and to a heading of it", async (t) => {
  for (const { file, text } of await documents())
    for (const [, link = ""] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [target = "", anchor] = link.split("#");
      const place = target === "" ? file : path.join(path.dirname(file), target);
      t.true(existsSync(path.join(ROOT, place)), `${file}: ${link}`);
      if (anchor !== undefined) t.true(anchorsOf((await textOf(place)).text).has(anchor), `${file}: ${link}`);
    }
});

test("every mention of docs/fidelity.md in the sources is of a heading that it has", async (t) => {
  const anchors = anchorsOf((await textOf("docs/fidelity.md")).text);
  for (const { file, text } of await textsUnder("src", ".ts"))
    for (const [, anchor = ""] of text.matchAll(/docs\/fidelity\.md#([\w-]+)/g))
      t.true(anchors.has(anchor), `${file}: #${anchor}`);
  t.true(anchors.has("authorization"));
});

test("ARCHITECTURE.md names tests that are there, and every folder of src/", async (t) => {
  const { text } = await textOf("ARCHITECTURE.md");
  for (const [, place = ""] of text.matchAll(/`(test\/[\w./-]+|src\/[a-z]+)`/g))
    t.true(existsSync(path.join(ROOT, place)), place);
  const folders = (await textsUnder("src", ".ts")).map(({ file }) => file.split(path.sep)[1] ?? "");
  for (const folder of new Set(folders.filter((name) => !name.endsWith(".ts"))))
    t.true(text.includes(`\`src/${folder}\``), `src/${folder}`);
});
