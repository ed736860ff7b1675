/** The data plane's listener: sockets -> requests as plain data -> answers as plain data -> sockets. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import Koa from "koa";
import { HTTP_LIMITS, type HttpLimits } from "../platform/limits.ts";
import type { Logger } from "../platform/logger.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import { bind, type BoundAddress } from "./bind.ts";
import { exchange, type ExchangeOptions } from "./exchange.ts";
import { answerFaults } from "./faults.ts";
import { createLifetime } from "./lifetime.ts";
import { createHttpServer } from "./server-options.ts";
import type { TlsMaterial } from "./tls/same-port.ts";
import { createWorldPorts, type Origins, type WorldPort } from "./world-port.ts";

export type DataListenerOptions = {
  /** An address or a name; `127.0.0.1` and `localhost` bind the IPv6 loopback too. */
  readonly host: string;
  /** 0 to 65535; 0 picks a free one. */
  readonly port: number;
  /** Answers one request. It should not throw; if it does, that is logged and the client gets a bare `InternalError`. */
  readonly handle: (request: WireRequest) => Promise<WireResponse>;
  readonly logger: Logger;
  /** With it, the port speaks TLS to those who begin with a handshake, and plain HTTP to the rest. */
  readonly tls?: TlsMaterial;
  readonly limits?: Partial<HttpLimits>;
};

export type Listener = {
  readonly port: number;
  readonly addresses: readonly BoundAddress[];
  /** Stops accepting, lets requests in flight finish for `graceMs`, then cuts what is left. */
  readonly close: (options?: { readonly graceMs?: number }) => Promise<void>;
};

/** A listener that more ports may be opened beside, one for a world each. */
export type DataListener = Listener & {
  /** On the listener's host; 0 picks a free port. Rejects with Node's error if the port cannot be had. */
  readonly openPort: (options: { readonly port: number; readonly world: string }) => Promise<WorldPort>;
};

/** Starts listening. Rejects with Node's error (`EADDRINUSE`, `EACCES`, ...) if the port cannot be had, and for TLS material that is none. */
export const startDataListener = async (options: DataListenerOptions): Promise<DataListener> => {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const lifetime = createLifetime();
  const { host, handle, logger } = options;
  let shared: Server | undefined;
  let mainPort: number | undefined;
  const ports = createWorldPorts({
    // Asked of the server itself: it may accept before we hear that it listens.
    isMainPort: (port) => port === (mainPort ??= portOf(shared)),
    take: (socket) => shared?.emit("connection", socket),
    lifetime,
    logger,
    graceMs: limits.stopGraceMs,
    bufferBytes: limits.responseBufferBytes,
  });
  const { origins } = ports;
  const listener = koaListener({ handle, logger, limits, lifetime, origins });
  const speakTls = await tlsFor(options.tls, { limits, origins });
  const createServer = (): Server => {
    const server = createHttpServer(limits);
    if (speakTls === undefined) tellOrigins(server, origins);
    else speakTls(server);
    lifetime.watch(server);
    server.on("request", listener);
    server.on("checkContinue", listener);
    answerFaults(server, { lifetime, logger });
    shared ??= server;
    return server;
  };
  const { addresses } = await bind({ ...options, createServer });
  return {
    port: addresses[0]?.port ?? options.port,
    addresses,
    openPort: ({ port, world }) => ports.open({ host, port, world }),
    close: async ({ graceMs = limits.stopGraceMs } = {}) => {
      await Promise.all([lifetime.close({ graceMs }), ports.close({ graceMs })]);
    },
  };
};

/** What makes a server speak TLS too; loaded only for those who ask. */
const tlsFor = async (
  material: TlsMaterial | undefined,
  { limits, origins }: { limits: HttpLimits; origins: Origins },
) => {
  if (material === undefined) return undefined;
  const { alsoSpeakTls } = await import("./tls/same-port.ts");
  return (server: Server): void => alsoSpeakTls(server, { material, limits, accept: origins.tell });
};

/** Before HTTP sees a connection it is known which world it is for. */
const tellOrigins = (server: Server, origins: Origins): void => {
  server.prependListener("connection", (socket: Socket) => {
    if (!origins.tell(socket)) socket.destroy();
  });
};

/** One Koa middleware, which writes to Node's response itself: Koa's own handling of responses costs more than all of ours. */
const koaListener = (options: ExchangeOptions): ((request: IncomingMessage, response: ServerResponse) => void) => {
  const app = new Koa();
  // Connections that break; `exchange` lets nothing else through. Koa's own listener would write to the console.
  app.on("error", (error: unknown) => options.logger.debug("a connection failed", { error }));
  app.use((context) => {
    context.respond = false;
    return exchange(context.res, options);
  });
  const callback = app.callback();
  return (request, response) => void callback(request, response);
};

const portOf = (server: Server | undefined): number | undefined => {
  const address = server?.address();
  return typeof address === "object" ? address?.port : undefined;
};
