#!/usr/bin/env node
/** The command line: reads the configuration, starts the server, says where it listens, and stops it on a signal. */
import module from "node:module";
import manifest from "../package.json" with { type: "json" };
import { findCommand } from "./cli/commands.ts";
import { parseCommand, UsageError, type Config } from "./config.ts";
import { THREADS } from "./platform/limits.ts";
import { silentLogger } from "./platform/logger.ts";
import { createSystemPlatform } from "./platform/system-platform.ts";
import type { RunningServer } from "./server.ts";
import { assertNodeVersion, explainStartError } from "./start-error.ts";

/** Anything that the user can put right: flags, ports, the data directory. */
const EXIT_USAGE = 2;

const main = async (): Promise<void> => {
  assertNodeVersion(process.versions.node);
  // Whoever started us may stop reading what we say: that is no reason to stop serving.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  const argv = process.argv.slice(2);
  const other = findCommand(argv[0]);
  if (other !== undefined) return await runCommand(other, argv.slice(1));
  const command = parseCommand(argv, process.env);
  if (command.kind === "help") return print(command.text);
  if (command.kind === "version") return print(`${manifest.version}\n`);
  const server = await start(command.config);
  print(command.json ? `${JSON.stringify(describe(server))}\n` : announce(server, command.config));
};

const print = (text: string): void => void process.stdout.write(text);

const runCommand = async (
  load: NonNullable<ReturnType<typeof findCommand>>,
  argv: readonly string[],
): Promise<void> => {
  const { clock } = createSystemPlatform({ logger: silentLogger });
  const say = (text: string): void => void process.stderr.write(text);
  try {
    await (
      await load()
    )(argv, { env: process.env, nowMs: () => clock.now(), say });
  } catch (error) {
    // Whoever read what we wrote has had enough.
    if (error instanceof Error && "code" in error && error.code === "EPIPE") return;
    const line = explainStartError(error, { dataDir: "" });
    throw line === undefined ? error : new UsageError(line, { cause: error });
  }
};

const start = async (config: Config): Promise<RunningServer> => {
  const stop = onSignal();
  // Loaded only now: so that the thread pool has its size before its first use, and from Node's cache of compiled code.
  process.env["UV_THREADPOOL_SIZE"] ??= String(THREADS);
  module.enableCompileCache();
  const { startServer } = await import("./server.ts");
  try {
    const server = await startServer(config);
    stop(server);
    return server;
  } catch (error) {
    const line = explainStartError(error, config);
    throw line === undefined ? error : new UsageError(line, { cause: error });
  }
};

/** Returns what to call with the server once it runs. The first signal stops it in order, the second at once. */
const onSignal = (): ((server: RunningServer) => void) => {
  const running = Promise.withResolvers<RunningServer>();
  let signals = 0;
  const stop = async (): Promise<void> => {
    signals += 1;
    if (signals > 1) process.exit(1);
    const server = await running.promise;
    await server.close();
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop().catch(fail));
  return running.resolve;
};

const describe = ({ dataUrl, controlUrl, dataDir, caPath }: RunningServer): object => ({
  dataUrl,
  controlUrl,
  dataDir,
  ...(caPath === undefined ? {} : { caPath }),
  pid: process.pid,
});

const announce = ({ dataUrl, controlUrl, dataDir, caPath }: RunningServer, { ephemeral }: Config): string =>
  [
    `Standin ${manifest.version}`,
    `  S3 and STS     ${dataUrl}`,
    `  control plane  ${controlUrl}`,
    `  state          ${dataDir}${ephemeral ? " (removed at exit)" : ""}`,
    ...(caPath === undefined ? [] : [`  TLS            trust ${caPath}`]),
    "",
  ].join("\n");

const fail = (error: unknown): void => {
  const usage = error instanceof UsageError;
  process.stderr.write(`standin: ${usage ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
  process.exit(usage ? EXIT_USAGE : 1);
};

await main().catch(fail);
