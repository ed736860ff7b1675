/** `standin export`: an archive of a running server's state. */
import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { UsageError } from "../config-values.ts";
import { compressionOf } from "../seed/contents.ts";
import { readArguments, SERVER_OPTIONS, type Command } from "./command.ts";
import { controlOf } from "./control.ts";

const DESCRIPTION = {
  usage: "standin export [options] FILE|-",
  about: "Writes an archive of what a running server holds. The same state gives the same bytes.",
  positionals: { min: 1, max: 1 },
  options: {
    snapshot: { value: "NAME", help: "of a snapshot of the world, not of the world as it is now" },
    account: { value: "ID", many: true, help: "of this account alone; may be repeated" },
    gzip: { help: "compress with gzip; a FILE that ends in .gz or .tgz says so too (zstd)" },
    ...SERVER_OPTIONS,
  },
} as const;

export const exportCommand: Command = async (argv, { env, say }) => {
  const given = readArguments(argv, { env, describe: DESCRIPTION, print: (text) => process.stdout.write(text) });
  const [file] = given?.positionals ?? [];
  if (given === undefined || file === undefined) return;
  if (await isDirectory(file)) throw new UsageError(`${file}: is a directory`);
  const chunks = await controlOf(given).getArchive({
    snapshot: given.one("snapshot") ?? "",
    accountIds: given.many("account").join(","),
    compression: given.has("gzip") ? "gzip" : compressionOf(file),
  });
  if (file === "-") return pipeline(chunks, process.stdout);
  const unfinished = `${file}.unfinished`;
  try {
    await pipeline(chunks, createWriteStream(unfinished));
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  say(`wrote ${file}\n`);
};

const isDirectory = (file: string): Promise<boolean> =>
  stat(file).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
