/** `standin seed`: a running server gets what a seed directory holds. */
import { UsageError } from "../config-values.ts";
import { readSeedDirectory } from "../seed/directory.ts";
import { seedArchive } from "../seed/seed-archive.ts";
import { readArguments, SERVER_OPTIONS, type Command } from "./command.ts";
import { controlOf, type Control } from "./control.ts";
import type { ImportAnswer } from "./import.ts";

const DESCRIPTION = {
  usage: "standin seed [options] DIR",
  about: "Gives a running server the buckets and objects of DIR/<account>/<bucket>/<key>.",
  positionals: { min: 1, max: 1 },
  options: {
    force: { help: "although the world holds buckets: the seed's accounts then hold the seed and nothing else" },
    ...SERVER_OPTIONS,
  },
} as const;

export const seedCommand: Command = async (argv, { env, say }) => {
  const given = readArguments(argv, { env, describe: DESCRIPTION, print: (text) => process.stdout.write(text) });
  const [folder] = given?.positionals ?? [];
  if (given === undefined || folder === undefined) return;
  const control = controlOf(given);
  const nowMs = await worldTime(control);
  const accounts = await readSeedDirectory(folder, { nowMs });
  if (!given.has("force") && (await holdsSomething(control)))
    throw new UsageError("the world holds buckets already; --force replaces those of the seed's accounts");
  const { accountIds } = (await control.putArchive({}, seedArchive(accounts, { nowMs }))) as ImportAnswer;
  say(`seeded ${accountIds.length === 1 ? "1 account" : `${accountIds.length} accounts`} from ${folder}\n`);
};

const worldTime = async ({ call }: Control): Promise<number> => {
  const { clock } = (await call("ClockService/GetClock", {})) as { clock: { now: string } };
  return Date.parse(clock.now);
};

type Page = { readonly accounts: readonly { readonly bucketCount: number }[]; readonly nextPageToken: string };

const holdsSomething = async ({ call }: Control): Promise<boolean> => {
  let pageToken = "";
  do {
    const page = (await call("AccountService/ListAccounts", { pageToken })) as Page;
    if (page.accounts.some(({ bucketCount }) => bucketCount > 0)) return true;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return false;
};
