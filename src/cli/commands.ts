/** The commands beside `serve`, each loaded when it is asked for. */
import type { Command } from "./command.ts";

type Row = { readonly load: () => Promise<Command> };

const COMMANDS: Readonly<Record<string, Row>> = {
  export: { load: async () => (await import("./export.ts")).exportCommand },
  import: { load: async () => (await import("./import.ts")).importCommand },
  seed: { load: async () => (await import("./seed.ts")).seedCommand },
  doctor: { load: async () => (await import("./doctor.ts")).doctorCommand },
  pull: { load: async () => (await import("./pull/pull.ts")).pullCommand },
};

/** The command of that name; undefined for any other word. */
export const findCommand = (name: string | undefined): (() => Promise<Command>) | undefined =>
  name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name]?.load : undefined;
