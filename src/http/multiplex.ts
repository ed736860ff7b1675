/** One port for HTTP/1.1 and cleartext HTTP/2, as the control plane needs it: `curl` speaks the one, gRPC the other. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type http2 from "node:http2";
import type { Socket } from "node:net";
import { HTTP_LIMITS, type HttpLimits } from "../platform/limits.ts";
import type { Logger } from "../platform/logger.ts";
import { bind } from "./bind.ts";
import type { Listener } from "./data-listener.ts";
import { answerFaults } from "./faults.ts";
import { isHttp2Preface, routeByFirstBytes } from "./first-bytes.ts";
import { createLifetime } from "./lifetime.ts";
import { createHttpServer } from "./server-options.ts";

export type MultiplexedListenerOptions = {
  /** An address or a name; `127.0.0.1` and `localhost` bind the IPv6 loopback too. */
  readonly host: string;
  /** 0 to 65535; 0 picks a free one. */
  readonly port: number;
  readonly http1: (request: IncomingMessage, response: ServerResponse) => void;
  readonly http2: (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;
  readonly logger: Logger;
  readonly limits?: Partial<HttpLimits>;
};

/** Starts listening. Rejects with Node's error (`EADDRINUSE`, `EACCES`, ...) if the port cannot be had. */
export const startMultiplexedListener = async (options: MultiplexedListenerOptions): Promise<Listener> => {
  const limits = { ...HTTP_LIMITS, ...options.limits };
  const second = http2Sessions(options, limits);
  const lifetime = createLifetime({ onClosing: second.close });
  const createServer = (): Server => {
    const server = createHttpServer(limits);
    routeByFirstBytes(server, (own) => ({
      choose: (head) => {
        const preface = isHttp2Preface(head);
        if (preface === undefined) return undefined;
        return preface ? second.take : own;
      },
      waitMsMax: limits.headersMsMax,
    }));
    lifetime.watch(server);
    server.on("request", (request, response) => {
      lifetime.begin(response);
      options.http1(request, response);
    });
    answerFaults(server, { lifetime, logger: options.logger });
    return server;
  };
  const { addresses } = await bind({ ...options, createServer });
  return {
    port: addresses[0]?.port ?? options.port,
    addresses,
    close: ({ graceMs = limits.stopGraceMs } = {}) => lifetime.close({ graceMs }),
  };
};

/** The HTTP/2 half: a server that never listens and is given its connections. Made for the first of them: few suites speak gRPC. */
const http2Sessions = (options: MultiplexedListenerOptions, limits: HttpLimits) => {
  const sessions = new Set<http2.ServerHttp2Session>();
  let server: Promise<http2.Http2Server> | undefined;

  const createServer = async (): Promise<http2.Http2Server> => {
    const { createServer } = await import("node:http2");
    const server = createServer({
      settings: { maxConcurrentStreams: limits.http2StreamsMax, maxHeaderListSize: limits.headerBytesMax },
    });
    server.on("request", options.http2);
    server.on("sessionError", (error) => options.logger.debug("an HTTP/2 session failed", { error }));
    server.on("session", (session) => {
      sessions.add(session);
      session.once("close", () => sessions.delete(session));
    });
    return server;
  };
  const take = async (socket: Socket): Promise<void> => {
    server ??= createServer();
    (await server).emit("connection", socket);
  };
  return {
    take: (socket: Socket): void => void take(socket),
    /** Says goodbye; streams under way may finish. */
    close: (): void => {
      for (const session of sessions) session.close();
    },
  };
};
