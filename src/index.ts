/** What the npm package exports: a server in this process for test suites in JavaScript and TypeScript, and the control plane's client. */
import { createConfig, UsageError, type Config } from "./config.ts";
import { createControlClient, type ControlClient } from "./control/client.ts";
import { startServer, type RunningServer } from "./server.ts";
import { assertNodeVersion, explainStartError } from "./start-error.ts";

export {
  AuthMode,
  BucketNamespace,
  ClientClock,
  Code,
  ConnectError,
  createControlClient,
  DefaultAccountMode,
  DifferenceChange,
  DifferenceKind,
  durationFromMs,
  durationMs,
  ExportCompression,
  NewBuckets,
  timestampDate,
  timestampFromDate,
  WebhookState,
  type ControlClient,
} from "./control/client.ts";
export { UsageError, type Config } from "./config.ts";

/**
 * Whatever the command line takes, under the names of {@link Config}. Nothing is read from the environment. What is left out is as on
 * the command line, but for what suits a test suite: both ports are free ones, state is thrown away unless a `dataDir` is given,
 * and only warnings and errors are logged.
 */
export type StandinOptions = Partial<Config>;

/** A server that runs in this process. */
export type Standin = {
  /** Of S3 and STS, for the SDKs' `endpoint`: `http://127.0.0.1:49152`. */
  readonly endpoint: string;
  readonly controlUrl: string;
  /** The control plane's client, with this server's token if it has one. */
  readonly control: ControlClient;
  /** The certificate to trust, with `tls: { kind: "self-signed" }`. */
  readonly caPath?: string;
  /** Stops accepting, finishes what is under way, and removes state that is thrown away. May be called again. */
  close(): Promise<void>;
};

/**
 * Starts a server in this process. Several may run side by side. Rejects with a {@link UsageError} of one line, nothing left open,
 * for a Node that is too old, an option that is not valid, a port that is taken, or a data directory that cannot be used.
 */
export const startStandin = async (options: StandinOptions = {}): Promise<Standin> => {
  assertNodeVersion(process.versions.node);
  const config = configFrom(options);
  const server = await start(config);
  const { dataUrl, controlUrl, caPath } = server;
  return {
    endpoint: dataUrl,
    controlUrl,
    control: createControlClient({ baseUrl: controlUrl, token: config.controlToken }),
    ...(caPath === undefined ? {} : { caPath }),
    close: () => server.close(),
  };
};

const start = async (config: Config): Promise<RunningServer> => {
  try {
    return await startServer(config);
  } catch (error) {
    const line = explainStartError(error, config);
    throw line === undefined ? error : new UsageError(line, { cause: error });
  }
};

const configFrom = (options: StandinOptions): Config =>
  createConfig({ port: 0, controlPort: 0, ephemeral: options.dataDir === undefined, logLevel: "warn", ...options });
