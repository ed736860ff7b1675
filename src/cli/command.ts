/** What every command beside `serve` has in common: what it is given, and how its arguments are read. */
import { parseArgs } from "node:util";
import { UsageError } from "../config-values.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The outside of a command. */
export type Surroundings = {
  readonly env: Environment;
  readonly nowMs: () => number;
  /** To people; what a command makes goes to a file or to standard output. */
  readonly say: (text: string) => void;
};

export type Command = (argv: readonly string[], surroundings: Surroundings) => Promise<void>;

/** An option of a command. `value` stands for its value in the help; absent for a switch. */
export type CommandOption = {
  readonly value?: string;
  readonly many?: boolean;
  /** The variable that is read where there is no flag. */
  readonly env?: string;
  readonly help: string;
};

export type Arguments<Name extends string> = {
  readonly one: (option: Name) => string | undefined;
  readonly many: (option: Name) => readonly string[];
  readonly has: (option: Name) => boolean;
  readonly positionals: readonly string[];
};

/** Where the server is that a command steers. */
export const SERVER_OPTIONS = {
  "control-url": {
    value: "URL",
    env: "STANDIN_CONTROL_URL",
    help: "the server's control plane (http://127.0.0.1:5001)",
  },
  "control-token": {
    value: "TOKEN",
    env: "STANDIN_CONTROL_TOKEN",
    help: "what the control plane demands, if anything",
  },
  world: { value: "WORLD", env: "STANDIN_WORLD", help: "the world (default)" },
} as const satisfies Readonly<Record<string, CommandOption>>;

type Description<Name extends string> = {
  readonly usage: string;
  readonly about: string;
  readonly options: Readonly<Record<Name, CommandOption>>;
  readonly positionals: { readonly min: number; readonly max: number };
};

const helpOf = <Name extends string>({ usage, about, options }: Description<Name>): string => {
  const rows = Object.entries<CommandOption>(options).map(
    ([name, { value, help }]) => [`  --${name}${value === undefined ? "" : ` ${value}`}`, help] as const,
  );
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [`Usage: ${usage}`, "", about, "", ...rows.map(([left, help]) => left.padEnd(width) + help), ""].join("\n");
};

/** The arguments of a command; undefined where they ask for help, which is given then. Throws `UsageError`. */
export const readArguments = <Name extends string>(
  argv: readonly string[],
  { env, describe, print }: { env: Environment; describe: Description<Name>; print: (text: string) => void },
): Arguments<Name> | undefined => {
  const { options, usage } = describe;
  const { values, positionals } = parse(argv, { options, usage });
  if (values["help"] === true) {
    print(helpOf(describe));
    return undefined;
  }
  if (positionals.length < describe.positionals.min || positionals.length > describe.positionals.max)
    throw new UsageError(`usage: ${usage}`);
  const many = (name: Name): string[] => {
    const flag = values[name];
    if (flag !== undefined && typeof flag !== "boolean") return typeof flag === "string" ? [flag] : [...flag];
    const variable = options[name].env === undefined ? undefined : env[options[name].env];
    return variable === undefined || variable === "" ? [] : [variable];
  };
  return { many, one: (name) => many(name).at(-1), has: (name) => values[name] === true, positionals };
};

type Parsed = {
  readonly values: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
  readonly positionals: readonly string[];
};

const parse = (
  argv: readonly string[],
  { options, usage }: { options: Readonly<Record<string, CommandOption>>; usage: string },
): Parsed => {
  const parsed = Object.entries(options).map(([name, { value, many = false }]) => {
    return [name, { type: value === undefined ? "boolean" : "string", multiple: many } as const] as const;
  });
  try {
    const all = { ...Object.fromEntries(parsed), help: { type: "boolean" } } as const;
    const { values, positionals } = parseArgs({ args: [...argv], options: all, allowPositionals: true });
    return { values, positionals };
  } catch (error) {
    const [sentence = ""] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(`${sentence}; usage: ${usage}`);
  }
};
