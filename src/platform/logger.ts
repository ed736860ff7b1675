/** The server's own log: one line an entry, on standard error, so that standard output stays for addresses and results. */

const LEVELS = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof LEVELS)[number];

export const isLogLevel = (text: string): text is LogLevel => (LEVELS as readonly string[]).includes(text);

type Fields = Readonly<Record<string, unknown>>;

export type Logger = {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
};

const describe = (value: unknown): unknown => (value instanceof Error ? (value.stack ?? value.message) : value);

/** Writes entries of `level` and above to `write`, a line of JSON each. */
export const createLogger = (options: { level: LogLevel; write?: (line: string) => void }): Logger => {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const from = LEVELS.indexOf(options.level);
  const at =
    (level: LogLevel) =>
    (message: string, fields: Fields = {}): void => {
      if (LEVELS.indexOf(level) < from) return;
      const described = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, describe(value)]));
      write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...described })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
};

export const silentLogger: Logger = createLogger({ level: "silent" });
