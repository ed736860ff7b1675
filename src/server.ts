/** The composition root: opens the engine and the state, starts both planes, and closes all of it in reverse. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import manifest from "../package.json" with { type: "json" };
import type { Config } from "./config.ts";
import type { ControlHandler } from "./control/handler.ts";
import { openEphemeralLevelEngine } from "./engine/level/ephemeral.ts";
import { openLevelEngine, type LevelEngineOptions } from "./engine/level/level-engine.ts";
import type { Engine } from "./engine/port.ts";
import { afterAnswers } from "./harness/after-answers.ts";
import { createDueRunner, type DueRunner } from "./harness/due-runner.ts";
import { createWorldKeeper, type WorldKeeper } from "./harness/world-keeper.ts";
import { startDataListener, type DataListener, type Listener } from "./http/data-listener.ts";
import { startMultiplexedListener } from "./http/multiplex.ts";
import type { TlsMaterial } from "./http/tls/same-port.ts";
import { createEphemeralServerKey, loadServerKey, type ServerKey } from "./identity/server-key.ts";
import { createPipeline, type Pipeline } from "./pipeline/pipeline.ts";
import type { Files } from "./platform/files.ts";
import { createLogger } from "./platform/logger.ts";
import { isLoopback } from "./platform/loopback.ts";
import type { LateAnswerTimes } from "./platform/limits.ts";
import type { Platform } from "./platform/platform.ts";
import { createSystemPlatform } from "./platform/system-platform.ts";
import { createAddressing } from "./protocol/addressing.ts";
import { dueHandlers } from "./services/s3/due-handlers.ts";
import type { WorldSettings } from "./state/model.ts";
import { openState, seedFromNumber, type State } from "./state/state.ts";

export type RunningServer = {
  /** `http://127.0.0.1:5000` */
  readonly dataUrl: string;
  readonly controlUrl: string;
  readonly dataDir: string;
  /** The certificate to trust, with `--tls self-signed`. */
  readonly caPath?: string;
  /** Stops accepting, finishes what is under way, and closes the state. */
  close(): Promise<void>;
};

/** Host names that are the server's own, beside those of `--base-host`. */
const OWN_HOSTS = ["localhost", "localhost.localstack.cloud"];

/** What stands in for the system's, so that tests can steer it. */
type Given = {
  readonly platform?: Platform;
  readonly lateAnswer?: LateAnswerTimes;
  readonly files?: Files;
  readonly openDisk?: LevelEngineOptions["openDisk"];
};

/**
 * Starts a server. Rejects, with nothing left open, when a port is taken, the data directory is locked or unwritable, or the
 * certificates cannot be read. `platform` stands in for the system's clock, randomness and log, `lateAnswer` for when slow
 * operations begin to answer, `files` and `openDisk` for what is beneath the state.
 */
export const startServer = async (config: Config, given: Given = {}): Promise<RunningServer> => {
  const platform = given.platform ?? createSystemPlatform({ logger: createLogger({ level: config.logLevel }) });
  const closers: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    const failures: unknown[] = [];
    // What fails to close must not keep the rest open: the data directory's lock is the last of them.
    for (const closer of closers.splice(0).toReversed()) await closer().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const store = await openStore(config, platform, given);
    closers.push(() => store.engine.close());
    const state = await openState({
      engine: store.engine,
      bodiesDir: join(store.dataDir, "bodies"),
      durability: config.durability,
      platform,
      settings: settingsOf(config),
      ...(config.seed === undefined ? {} : { seed: config.seed }),
      ...(given.files === undefined ? {} : { files: given.files }),
    });
    closers.push(() => state.close());
    if (config.importFile ?? config.seedDir ?? config.exportOnExit) {
      const { openContents } = await import("./seed/contents.ts");
      closers.push(await openContents(config, { state, platform }));
    }
    const tls = await loadTls(config, { dataDir: store.dataDir, platform });
    const planes = { config, platform, state, serverKey: store.serverKey, lateAnswer: given.lateAnswer };
    const data = await startDataPlane(planes, tls);
    closers.push(async () => {
      await data.close();
      await Promise.all(state.worlds().map(afterAnswers));
    });
    const dueRunner = createDueRunner({ platform, bodies: state.bodies, handlers: dueHandlers });
    closers.push(() => dueRunner.close());
    const worlds = keepWorlds(planes, { data, dueRunner });
    closers.push(() => worlds.close());
    // Taken before the worlds' own, which may not be to be had: no new world must come in between.
    const reopened = Promise.withResolvers<void>();
    const control = await startControlPlane({ ...planes, worlds, ready: reopened.promise });
    closers.push(() => control.close());
    await worlds.reopen();
    reopened.resolve();
    return {
      dataUrl: dataUrlOf(config, data.port),
      controlUrl: urlOf({ secure: false, host: config.controlHost, port: control.port }),
      dataDir: store.dataDir,
      ...(tls?.caPath === undefined ? {} : { caPath: tls.caPath }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

type Store = { readonly engine: Engine; readonly dataDir: string; readonly serverKey: ServerKey };

const openStore = async (
  config: Config,
  { logger, random }: Platform,
  { openDisk }: Pick<Given, "openDisk">,
): Promise<Store> => {
  const disk = openDisk === undefined ? {} : { openDisk };
  const { seed } = config;
  if (config.ephemeral) {
    const engine = await openEphemeralLevelEngine({ logger, ...disk });
    return { engine, dataDir: engine.folder, serverKey: createEphemeralServerKey({ random, seed }) };
  }
  const { dataDir, durability } = config;
  await mkdir(dataDir, { recursive: true });
  const engine = await openLevelEngine({ location: join(dataDir, "db"), durability, logger, ...disk });
  const serverKey = await loadServerKey({ file: join(dataDir, "server.key"), random, seed }).catch(
    async (error: unknown) => {
      await engine.close();
      throw error;
    },
  );
  return { engine, dataDir, serverKey };
};

const settingsOf = (config: Config): Partial<WorldSettings> => ({
  authMode: config.authMode,
  fallbackAccount: config.account,
  crossAccountAccess: config.crossAccountAccess,
  restoreDurationMs: config.restoreSeconds * 1_000,
  ...(config.eventWebhook === undefined ? {} : { eventWebhookUrl: config.eventWebhook }),
  ...(config.accountOverride === undefined ? {} : { accountOverride: config.accountOverride }),
  ...(config.equivalentHosts.length === 0 ? {} : { equivalentHosts: config.equivalentHosts }),
});

type LoadedTls = TlsMaterial & { readonly caPath?: string };

const loadTls = async (
  { tls, baseHosts, advertiseHost }: Config,
  { dataDir, platform }: { dataDir: string; platform: Platform },
): Promise<LoadedTls | undefined> => {
  if (tls.kind === "off") return undefined;
  if (tls.kind === "self-signed") {
    const { loadSelfSigned } = await import("./http/tls/self-signed.ts");
    const hosts = [...baseHosts, ...(advertiseHost === undefined ? [] : [advertiseHost])];
    return loadSelfSigned({ folder: join(dataDir, "tls"), hosts, nowMs: platform.clock.now() });
  }
  const { readFile } = await import("node:fs/promises");
  const [cert, key] = await Promise.all([readFile(tls.certFile, "utf8"), readFile(tls.keyFile, "utf8")]);
  return { cert, key };
};

type Planes = {
  readonly config: Config;
  readonly platform: Platform;
  readonly state: State;
  readonly serverKey: ServerKey;
  readonly lateAnswer: LateAnswerTimes | undefined;
};

const startDataPlane = (
  { config, platform, state, serverKey, lateAnswer }: Planes,
  tls: LoadedTls | undefined,
): Promise<DataListener> => {
  const { host, port, baseHosts, advertiseHost } = config;
  const names = [...baseHosts, ...(advertiseHost === undefined ? [] : [advertiseHost])];
  const handle: Pipeline = createPipeline({
    state,
    serverKey,
    platform,
    lateAnswer,
    addressing: createAddressing({ baseHosts: names }),
    compat: {
      guard: {
        baseHosts: [...OWN_HOSTS, ...names],
        loopback: isLoopback(host),
        endpoints: config.compatEndpoints === "open" ? "open" : "guarded",
        controlToken: config.controlToken,
      },
      version: manifest.version,
      sessionId: platform.random.bytes(SESSION_ID_BYTES).toString("hex"),
      startedAtMs: platform.clock.now(),
      clock: platform.clock,
      reseed: (world, seed) => world.reseed(seedFromNumber(seed)),
    },
  });
  return startDataListener({ host, port, handle, logger: platform.logger, ...(tls === undefined ? {} : { tls }) });
};

const SESSION_ID_BYTES = 16;

/** The worlds with their ports, which are the data listener's. */
const keepWorlds = (
  { config, platform, state }: Planes,
  { data, dueRunner }: { data: DataListener; dueRunner: DueRunner },
): WorldKeeper =>
  createWorldKeeper({
    state,
    platform,
    openPort: data.openPort,
    mainPort: data.port,
    range: config.worldPorts,
    urlOf: (port) => dataUrlOf(config, port),
    dueRunner,
  });

const dataUrlOf = ({ advertiseHost, host }: Config, port: number): string =>
  urlOf({ secure: false, host: advertiseHost ?? host, port });

type ControlPlane = Pick<Listener, "port" | "close">;

type ControlPlaneOptions = Planes & {
  readonly worlds: WorldKeeper;
  /** Calls wait for it. */
  readonly ready: Promise<void>;
};

const startControlPlane = async (options: ControlPlaneOptions): Promise<ControlPlane> => {
  const { config, platform, state, serverKey, worlds, ready } = options;
  const { controlHost, controlPort, controlToken, advertiseHost } = config;
  const stopping = new AbortController();
  // Protobuf and Connect are a third of the program, and many suites never steer: loaded with the first call.
  let loaded: Promise<ControlHandler> | undefined;
  const load = async (): Promise<ControlHandler> => {
    const [{ createControlHandler }, { createAccessSimulator }] = await Promise.all([
      import("./control/handler.ts"),
      import("./pipeline/simulate-access.ts"),
      ready,
    ]);
    const simulateAccess = createAccessSimulator(platform);
    return createControlHandler({
      state,
      serverKey,
      platform,
      worlds,
      simulateAccess,
      token: controlToken,
      allowedHosts: advertiseHost === undefined ? [] : [advertiseHost],
      shutdownSignal: stopping.signal,
    });
  };
  const handle: ControlHandler = (request, response) => {
    loaded ??= load();
    loaded.then(
      (handler) => handler(request, response),
      (error: unknown) => {
        platform.logger.error("the control plane could not be loaded", { error });
        response.destroy();
      },
    );
  };
  const listener = await startMultiplexedListener({
    host: controlHost,
    port: controlPort,
    logger: platform.logger,
    http1: handle,
    http2: handle,
  });
  return {
    port: listener.port,
    close: () => {
      stopping.abort();
      return listener.close();
    },
  };
};

const urlOf = ({ secure, host, port }: { secure: boolean; host: string; port: number }): string =>
  `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
