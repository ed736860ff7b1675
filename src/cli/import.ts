/** `standin import`: an archive becomes a running server's state, or a snapshot of it. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { UsageError } from "../config-values.ts";
import { readArguments, SERVER_OPTIONS, type Command } from "./command.ts";
import { controlOf } from "./control.ts";

const DESCRIPTION = {
  usage: "standin import [options] FILE|-",
  about: "Gives a running server what an archive holds, in place of what its accounts hold now.",
  positionals: { min: 1, max: 1 },
  options: {
    snapshot: { value: "NAME", help: "make a snapshot of it, and leave the world as it is" },
    replace: { help: "let it take the place of a snapshot of that name" },
    account: { value: "ID", many: true, help: "import this account alone; may be repeated" },
    ...SERVER_OPTIONS,
  },
} as const;

/** What an import answers. */
export type ImportAnswer = {
  readonly accountIds: readonly string[];
  readonly whole: boolean;
  readonly snapshot?: { readonly name: string };
};

export const importCommand: Command = async (argv, { env, say }) => {
  const given = readArguments(argv, { env, describe: DESCRIPTION, print: (text) => process.stdout.write(text) });
  const [file] = given?.positionals ?? [];
  if (given === undefined || file === undefined) return;
  if (file !== "-") await assertReadable(file);
  const query = {
    snapshot: given.one("snapshot") ?? "",
    replace: given.has("replace") ? "true" : "",
    accountIds: given.many("account").join(","),
  };
  const source = file === "-" ? process.stdin : createReadStream(file);
  say(told((await controlOf(given).putArchive(query, source)) as ImportAnswer));
};

/** What cannot be read is said before the server hears of it. */
const assertReadable = async (file: string): Promise<void> => {
  const handle = await open(file);
  try {
    if ((await handle.stat()).isDirectory()) throw new UsageError(`${file}: is a directory`);
  } finally {
    await handle.close();
  }
};

const told = ({ accountIds, whole, snapshot }: ImportAnswer): string => {
  const accounts = accountIds.length === 1 ? "1 account" : `${accountIds.length} accounts`;
  if (snapshot !== undefined) return `made snapshot ${snapshot.name} of ${accounts}\n`;
  return `imported ${accounts}${whole ? "; all others are empty" : ""}\n`;
};
