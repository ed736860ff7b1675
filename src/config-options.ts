/** The options of the command line as data: what is parsed and what `--help` says come from this one table. */

type Option = {
  /** What stands for its value in the help; absent for a switch. */
  readonly value?: string;
  /** May be given several times, or as a list with commas in the environment. */
  readonly many?: boolean;
  /** Variables beside `STANDIN_` and its own name. */
  readonly env?: readonly string[];
  readonly help: string;
};

const OPTIONS = {
  port: { value: "PORT", env: ["MOTO_PORT"], help: "S3 and STS listen here (5000; 0 picks a free one)" },
  "control-port": { value: "PORT", help: "the control plane listens here (5001; 0 picks a free one)" },
  "world-ports": { value: "FIRST-LAST", help: "free ports of new worlds come from here (any free port)" },
  host: { value: "HOST", help: "address to bind (127.0.0.1, and ::1 with it)" },
  "control-host": { value: "HOST", help: "address to bind for the control plane (as --host)" },
  "control-token": {
    value: "TOKEN",
    help: "what callers of the control plane must send; needed unless it is loopback",
  },
  "data-dir": { value: "DIR", help: "where state is kept (.standin)" },
  ephemeral: { help: "keep state in a throw-away directory instead" },
  durability: {
    value: "process|disk",
    help: "what acknowledged writes survive: the process's end, or the machine's (process)",
  },
  account: { value: "ID", help: "account of requests that name none (123456789012)" },
  auth: { value: "off|lenient|strict", help: "what is believed and what is verified (lenient)" },
  seed: { value: "N", help: "make ids, and credentials of a new data directory, repeatable" },
  "base-host": { value: "HOST", many: true, help: "host under which bucket.HOST is a bucket; may be repeated" },
  "equivalent-hosts": {
    value: "HOST[:PORT]",
    many: true,
    help: "host that signatures may name in place of this server's; may be repeated",
  },
  "advertise-host": { value: "HOST", help: "host in the endpoints that answers contain" },
  tls: {
    value: "off|self-signed",
    help: "also speak TLS on the data port, with a certificate kept in the data directory",
  },
  "tls-cert": { value: "FILE", help: "also speak TLS, with this certificate chain (PEM)" },
  "tls-key": { value: "FILE", help: "the private key of --tls-cert (PEM)" },
  "compat-endpoints": {
    value: "loopback|open",
    help: "who may use moto's and LocalStack's own endpoints without a token (loopback)",
  },
  "restore-seconds": { value: "N", help: "how long the restore of an archived object takes (0: done at once)" },
  "event-webhook": { value: "URL", help: "post S3 event notifications here (nowhere)" },
  import: { value: "FILE", help: "begin with what this archive holds, in place of what the state holds" },
  "export-on-exit": { value: "FILE", help: "write an archive of the state at exit (.gz: gzip, else zstd)" },
  "seed-dir": { value: "DIR", help: "begin with what this seed directory holds; refused where there are buckets" },
  "seed-force": { help: "let --seed-dir replace what its accounts hold" },
  "log-level": { value: "LEVEL", help: "debug, info, warn, error or silent, on standard error (info)" },
  json: { help: "print the addresses as one line of JSON" },
  version: { help: "print the version" },
  help: { help: "print this" },
} as const satisfies Readonly<Record<string, Option>>;

export type OptionName = keyof typeof OPTIONS;
export const CONFIG_OPTIONS: Readonly<Record<OptionName, Option>> = OPTIONS;
export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** What `--help` prints. */
export const helpText = (): string => {
  const rows = OPTION_NAMES.map((name) => {
    const { value, help } = CONFIG_OPTIONS[name];
    return [`  --${name}${value === undefined ? "" : ` ${value}`}`, help] as const;
  });
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [
    "standin: a stand-in for AWS S3 and STS, with many accounts in one server",
    "",
    "Usage: standin [serve] [options]",
    "       standin export  an archive of what a running server holds",
    "       standin import  an archive into a running server",
    "       standin seed    a running server with the files of a directory",
    "       standin pull    buckets of any S3 endpoint into a running server",
    "       standin doctor  whether a data directory is sound; repairs it",
    "       standin COMMAND --help",
    "",
    ...rows.map(([left, help]) => left.padEnd(width) + help),
    "",
    "Each option is also read from the environment: --control-port as STANDIN_CONTROL_PORT; a flag wins.",
    "As in moto: MOTO_PORT; MOTO_ACCOUNT_ID (or STANDIN_ACCOUNT_ID) makes every request that account's;",
    "MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS=false keeps accounts out of each other's buckets.",
    "",
  ].join("\n");
};
