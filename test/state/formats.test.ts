/** Stores of every format that was ever written are read for good. */
import { createReadStream } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import test from "ava";
import { unpackTar } from "modern-tar";
import { prefixRange } from "../../src/state/keys.ts";
import { RECORD_FORMAT } from "../../src/state/records.ts";
import { describeStore } from "../fixtures/full-store.ts";
import { diagnose, withStore } from "../support/doctor.ts";
import { openStateIn, withFolder } from "../support/state.ts";
import { audit } from "./audit.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

const unpackInto = async (dir: string, archive: string): Promise<void> => {
  const stream = Readable.toWeb(createReadStream(archive).pipe(createGunzip())) as ReadableStream<Uint8Array>;
  for (const { header, data } of await unpackTar(stream)) {
    const file = join(dir, header.name);
    if (header.type === "directory") await mkdir(file, { recursive: true });
    else {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, data ?? "");
    }
  }
};

/** Kinds of records that every store of format 1 may have, by what their keys begin with. */
const KINDS = ["Cf", "Cb", "Cu", "Cw", "Cp", "Ch", "Cy", "Cs", "Ct", "Ck", "Cq", "Bi", "Bf", "Bs", "Br"];
const LAYERED_KINDS = "bnfcovmxaup".split("");

for (let format = 1; format <= RECORD_FORMAT; format += 1) {
  const fixture = join(FIXTURES, `store-format-${format}`);

  test(`a store of format ${format} that a server left shows all that it held`, (t) =>
    withFolder(async (dir) => {
      await unpackInto(dir, `${fixture}.tar.gz`);
      const opened = await openStateIn(dir);
      const held: unknown = JSON.parse(await readFile(`${fixture}.json`, "utf8"));
      t.deepEqual(await describeStore(opened.state), held);
      await opened.state.settle();
      t.deepEqual(await describeStore(opened.state), held);
      t.deepEqual(await audit(opened.engine, dir), { problems: [], unreferenced: [] });
      await opened.close();
      await withStore(dir, async (store) => t.deepEqual(await diagnose(store), []));
    }));

  test(`the store of format ${format} has a record of every kind`, (t) =>
    withFolder(async (dir) => {
      await unpackInto(dir, `${fixture}.tar.gz`);
      await withStore(dir, async ({ engine }) => {
        const keys = await engine.read(async (reader) =>
          (await reader.scan(prefixRange(""), { limit: 10_000 })).map(([key]) => key),
        );
        for (const kind of KINDS)
          t.true(
            keys.some((key) => key.startsWith(kind)),
            kind,
          );
        for (const kind of LAYERED_KINDS)
          t.true(
            keys.some((key) => key.startsWith("L") && key[17] === kind),
            kind,
          );
      });
    }));
}
