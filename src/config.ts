/** What the server is told at its start. Flags and environment variables are read here and nowhere else. */
import path from "node:path";
import { parseArgs } from "node:util";
import { CONFIG_OPTIONS, OPTION_NAMES, helpText, type OptionName } from "./config-options.ts";
import {
  oneOf,
  toAccount,
  toBoolean,
  toHost,
  toHostAndPort,
  toLogLevel,
  toPath,
  toPort,
  toPortRange,
  toRestoreSeconds,
  toSeed,
  toToken,
  toUrl,
  UsageError,
  wrong,
  type Given,
  type PortRange,
} from "./config-values.ts";
import type { LogLevel } from "./platform/logger.ts";
import { isLoopback } from "./platform/loopback.ts";

export { UsageError } from "./config-values.ts";

const AUTH_MODES = ["off", "lenient", "strict"] as const;
const DURABILITIES = ["process", "disk"] as const;
const COMPAT_ENDPOINTS = ["loopback", "open"] as const;

export type TlsChoice =
  | { readonly kind: "off" }
  /** Certificates made at the first start and kept in the data directory. */
  | { readonly kind: "self-signed" }
  | { readonly kind: "files"; readonly certFile: string; readonly keyFile: string };

export type Config = {
  /** Where the data plane listens. `127.0.0.1` and `localhost` mean both loopback addresses. */
  readonly host: string;
  /** 0 to 65535; 0 picks a free one. */
  readonly port: number;
  /** Where the control plane listens. One that is not loopback needs `controlToken`. */
  readonly controlHost: string;
  readonly controlPort: number;
  /** Where free ports of new worlds come from; absent: any that is free. */
  readonly worldPorts?: PortRange;
  /** Absolute. Not used when `ephemeral`. */
  readonly dataDir: string;
  /** State lives in a throw-away directory that is removed at exit. */
  readonly ephemeral: boolean;
  /** Who a request is if nothing in it says so. Twelve digits. */
  readonly account: string;
  /** Who every request is, whatever it says, until the control plane takes it back. Twelve digits. */
  readonly accountOverride?: string;
  readonly authMode: (typeof AUTH_MODES)[number];
  /** Makes visible ids, and the server key of new state, repeatable. 0 to 2^53 - 1. */
  readonly seed?: number;
  /** `process`: what was acknowledged survives the end of the process; `disk`: of the machine. */
  readonly durability: (typeof DURABILITIES)[number];
  readonly logLevel: LogLevel;
  /** Host names under which virtual-hosted buckets are found, beyond the usual ones. Lower case. */
  readonly baseHosts: readonly string[];
  /** Hosts, with their ports, that signatures may name in place of this server's. */
  readonly equivalentHosts: readonly string[];
  readonly tls: TlsChoice;
  /** What callers of a control plane that is not loopback must present. */
  readonly controlToken?: string;
  /** The host in endpoints that the server answers with. */
  readonly advertiseHost?: string;
  /** Whether moto's and LocalStack's own endpoints answer without a token on a data port that is not loopback. */
  readonly compatEndpoints: (typeof COMPAT_ENDPOINTS)[number];
  /** Whether an account may use another's bucket by name (in `off` and `lenient`). */
  readonly crossAccountAccess: boolean;
  /** How long the restore of an archived object is under way. 0 to 172,800 (two days); 0: it is done at once. */
  readonly restoreSeconds: number;
  /** Where worlds that begin empty post their events: an http or https URL. */
  readonly eventWebhook?: string;
  /** An archive that takes the place of what the default world holds, before the first request. Absolute. */
  readonly importFile?: string;
  /** Where an archive of the default world goes after the last request. Absolute. */
  readonly exportOnExit?: string;
  /** A seed directory for the default world, which must not hold buckets unless `seedForce`. Absolute. */
  readonly seedDir?: string;
  readonly seedForce: boolean;
};

/** What the command line asks for. `json`: print the addresses as a line of JSON. */
export type Command =
  | { readonly kind: "serve"; readonly config: Config; readonly json: boolean }
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "version" };

const DEFAULTS: Config = {
  host: "127.0.0.1",
  port: 5000,
  controlHost: "127.0.0.1",
  controlPort: 5001,
  dataDir: path.resolve(".standin"),
  ephemeral: false,
  account: "123456789012",
  authMode: "lenient",
  durability: "process",
  logLevel: "info",
  baseHosts: [],
  equivalentHosts: [],
  tls: { kind: "off" },
  compatEndpoints: "loopback",
  crossAccountAccess: true,
  restoreSeconds: 0,
  seedForce: false,
};

/** Fills in the defaults and checks the whole. Throws {@link UsageError}. */
export const createConfig = (settings: Partial<Config> = {}): Config => {
  const given = defined(settings);
  const config = readEach({ ...DEFAULTS, controlHost: given.host ?? DEFAULTS.host, ...given });
  if (config.port !== 0 && config.port === config.controlPort)
    throw new UsageError(`the data and the control plane cannot share port ${config.port}`);
  if (!isLoopback(config.controlHost) && config.controlToken === undefined)
    throw new UsageError(
      `a control plane on ${config.controlHost} can be reached from other machines: give it a --control-token, or bind it with --control-host 127.0.0.1`,
    );
  return config;
};

/** Reads settings as the command line's: types do not hold what a program in JavaScript passes. */
const readEach = (config: Config): Config => {
  const entries = Object.entries(config).map(([name, setting]: [string, unknown]) => {
    if (!Object.hasOwn(READERS, name)) throw new UsageError(`there is no setting ${JSON.stringify(name)}`);
    return [name, READERS[name as keyof Config](name, setting)];
  });
  return Object.fromEntries(entries) as Config;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the command line (`argv` without program and script) and the environment; a flag wins. Throws {@link UsageError}. */
export const parseCommand = (argv: readonly string[], env: Environment): Command => {
  const { values, positionals } = parseFlags(argv);
  if (values["help"] === true) return { kind: "help", text: helpText() };
  if (values["version"] === true) return { kind: "version" };
  const [verb = "serve", ...rest] = positionals;
  if (verb !== "serve" || rest.length > 0)
    throw new UsageError(`unknown command ${[verb, ...rest].join(" ")}; see standin --help`);
  const given = lookUp(values, env);
  return {
    kind: "serve",
    config: createConfig(settingsFrom(given, env)),
    json: read(given.one("json"), toBoolean) ?? false,
  };
};

type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

const parseFlags = (argv: readonly string[]): { values: Flags; positionals: string[] } => {
  const options = Object.fromEntries(
    OPTION_NAMES.map((name) => {
      const { value, many = false } = CONFIG_OPTIONS[name];
      return [name, { type: value === undefined ? "boolean" : "string", multiple: many } as const];
    }),
  );
  try {
    const parsed = parseArgs({ args: [...argv], options, allowPositionals: true, allowNegative: true });
    return { values: parsed.values as Flags, positionals: parsed.positionals };
  } catch (error) {
    // Node's messages go on for a paragraph about positional arguments.
    const [sentence = ""] = (error as Error).message.split(/[.\n]/);
    throw new UsageError(`${sentence}; see standin --help`);
  }
};

type LookUp = {
  readonly one: (option: OptionName) => Given | undefined;
  readonly many: (option: OptionName) => Given[];
};

const lookUp = (flags: Flags, env: Environment): LookUp => {
  const many = (option: OptionName): Given[] => {
    const flag = flags[option];
    if (flag !== undefined) return [flag].flat().map((text) => ({ name: `--${option}`, text: String(text) }));
    const own = `STANDIN_${option.toUpperCase().replaceAll("-", "_")}`;
    const names = [own, ...(CONFIG_OPTIONS[option].env ?? [])];
    const name = names.find((name) => isSet(env[name]));
    if (name === undefined) return [];
    const texts = CONFIG_OPTIONS[option].many === true ? (env[name] ?? "").split(",") : [env[name] ?? ""];
    return texts.map((text) => ({ name, text: text.trim() }));
  };
  return { many, one: (option) => many(option).at(-1) };
};

const isSet = (text: string | undefined): text is string => text !== undefined && text !== "";

/** An override has no flag: it is moto's variable, and ours beside it. */
const OVERRIDE_VARIABLES = ["STANDIN_ACCOUNT_ID", "MOTO_ACCOUNT_ID"];
const CROSS_ACCOUNT_VARIABLE = "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS";

const settingsFrom = ({ one, many }: LookUp, env: Environment): Partial<Config> => {
  const variable = (names: readonly string[]): Given | undefined => {
    const name = names.find((name) => isSet(env[name]));
    return name === undefined ? undefined : { name, text: env[name] ?? "" };
  };
  return defined({
    host: read(one("host"), toHost),
    port: read(one("port"), toPort),
    controlHost: read(one("control-host"), toHost),
    controlPort: read(one("control-port"), toPort),
    worldPorts: read(one("world-ports"), toPortRange),
    dataDir: read(one("data-dir"), toPath),
    ephemeral: read(one("ephemeral"), toBoolean),
    account: read(one("account"), toAccount),
    accountOverride: read(variable(OVERRIDE_VARIABLES), toAccount),
    authMode: read(one("auth"), oneOf(AUTH_MODES)),
    seed: read(one("seed"), toSeed),
    durability: read(one("durability"), oneOf(DURABILITIES)),
    logLevel: read(one("log-level"), toLogLevel),
    baseHosts: many("base-host").map((given) => toHost(given).toLowerCase()),
    equivalentHosts: many("equivalent-hosts").map(toHostAndPort),
    tls: toTls({ mode: one("tls"), cert: one("tls-cert"), key: one("tls-key") }),
    controlToken: read(one("control-token"), toToken),
    advertiseHost: read(one("advertise-host"), toHost),
    compatEndpoints: read(one("compat-endpoints"), oneOf(COMPAT_ENDPOINTS)),
    crossAccountAccess: read(variable([CROSS_ACCOUNT_VARIABLE]), toBoolean),
    restoreSeconds: read(one("restore-seconds"), toRestoreSeconds),
    eventWebhook: read(one("event-webhook"), toUrl),
    importFile: read(one("import"), toPath),
    exportOnExit: read(one("export-on-exit"), toPath),
    seedDir: read(one("seed-dir"), toPath),
    seedForce: read(one("seed-force"), toBoolean),
  });
};

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Leaves out what is undefined, so that spreading it keeps the defaults. */
const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;

const read = <T>(given: Given | undefined, to: (given: Given) => T): T | undefined =>
  given === undefined ? undefined : to(given);

type TlsGiven = { readonly mode: Given | undefined; readonly cert: Given | undefined; readonly key: Given | undefined };

const toTls = ({ mode, cert, key }: TlsGiven): TlsChoice => {
  const kind = mode === undefined ? undefined : oneOf(["off", "self-signed"])(mode);
  if (kind !== undefined && (cert ?? key) !== undefined)
    throw new UsageError("--tls makes its own certificate: it cannot go with --tls-cert and --tls-key");
  if (cert !== undefined && key !== undefined) return { kind: "files", certFile: toPath(cert), keyFile: toPath(key) };
  if ((cert ?? key) !== undefined) throw new UsageError("--tls-cert and --tls-key go together");
  return { kind: kind ?? "off" };
};

type Reader<T> = (name: string, setting: unknown) => T;

const asText =
  <T>(to: (given: Given) => T): Reader<T> =>
  (name, setting) =>
    to({ name, text: String(setting) });

const readHosts: Reader<readonly string[]> = (name, setting) => {
  if (!Array.isArray(setting)) throw wrong({ name, text: String(setting) }, "a list of host names");
  return setting.map((host: unknown) => toHost({ name, text: String(host) }).toLowerCase());
};

const readHostsAndPorts: Reader<readonly string[]> = (name, setting) => {
  if (!Array.isArray(setting)) throw wrong({ name, text: String(setting) }, "a list of hosts");
  return setting.map((host: unknown) => toHostAndPort({ name, text: String(host) }));
};

const readPortRange: Reader<PortRange> = (name, setting) => {
  const { first, last } = (setting ?? {}) as { readonly [end in "first" | "last"]?: number };
  return toPortRange({ name, text: typeof setting === "string" ? setting : `${first}-${last}` });
};

const readTls: Reader<TlsChoice> = (name, setting) => {
  const choice = (setting ?? {}) as { readonly [field in "kind" | "certFile" | "keyFile"]?: string };
  const text = (field: keyof typeof choice): Given => ({ name: `${name}.${field}`, text: choice[field] ?? "" });
  const kind = oneOf(["off", "self-signed", "files"])(text("kind"));
  return kind === "files" ? { kind, certFile: toPath(text("certFile")), keyFile: toPath(text("keyFile")) } : { kind };
};

const READERS: { readonly [Name in keyof Config]-?: Reader<Config[Name]> } = {
  host: asText(toHost),
  port: asText(toPort),
  controlHost: asText(toHost),
  controlPort: asText(toPort),
  worldPorts: readPortRange,
  dataDir: asText(toPath),
  ephemeral: asText(toBoolean),
  account: asText(toAccount),
  accountOverride: asText(toAccount),
  authMode: asText(oneOf(AUTH_MODES)),
  seed: asText(toSeed),
  durability: asText(oneOf(DURABILITIES)),
  logLevel: asText(toLogLevel),
  baseHosts: readHosts,
  equivalentHosts: readHostsAndPorts,
  tls: readTls,
  controlToken: asText(toToken),
  advertiseHost: asText(toHost),
  compatEndpoints: asText(oneOf(COMPAT_ENDPOINTS)),
  crossAccountAccess: asText(toBoolean),
  restoreSeconds: asText(toRestoreSeconds),
  eventWebhook: asText(toUrl),
  importFile: asText(toPath),
  exportOnExit: asText(toPath),
  seedDir: asText(toPath),
  seedForce: asText(toBoolean),
};
