/**
 * Further ports of a data listener, each for one world. A port is little more than its sockets: its connections are handed to
 * the server that all ports share, and remember which world they came for.
 */
import net from "node:net";
import type { Socket } from "node:net";
import type { Logger } from "../platform/logger.ts";
import { bind, type BoundAddress } from "./bind.ts";
import type { Lifetime } from "./lifetime.ts";

/** Which world's port a connection came in on. Of those of the main port it knows nothing. */
export type Origins = {
  /** Remembers it for a connection on which requests will come; false for one that is gone, or whose port is. */
  readonly tell: (socket: Socket) => boolean;
  readonly worldOf: (socket: Socket) => string | undefined;
};

type Port = { readonly world: string; readonly sockets: Set<Socket> };

export type WorldPort = {
  readonly port: number;
  readonly addresses: readonly BoundAddress[];
  /** Stops accepting at once, lets requests in flight finish for `graceMs`, then cuts what is left. */
  readonly close: (options?: { readonly graceMs?: number }) => Promise<void>;
};

export type WorldPortOptions = {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly world: string;
};

export type WorldPorts = {
  readonly origins: Origins;
  /** Rejects with Node's error (`EADDRINUSE`, `EACCES`, ...) if the port cannot be had. */
  readonly open: (options: WorldPortOptions) => Promise<WorldPort>;
  /** Closes all of them. */
  readonly close: (options: { readonly graceMs: number }) => Promise<void>;
};

type Options = {
  /** Whose connections are for no world of their own. */
  readonly isMainPort: (port: number) => boolean;
  /** Takes a connection over. */
  readonly take: (socket: Socket) => void;
  readonly lifetime: Lifetime;
  readonly logger: Logger;
  readonly graceMs: number;
  /** Unread bytes that a connection may hold. */
  readonly bufferBytes: number;
};

export const createWorldPorts = ({ isMainPort, take, lifetime, logger, graceMs, bufferBytes }: Options): WorldPorts => {
  const ports = new Map<number, Port>();
  const origins = new WeakMap<Socket, Port>();
  const open = new Set<WorldPort>();

  const tell = (socket: Socket): boolean => {
    const { localPort } = socket;
    if (localPort === undefined) return false;
    const port = ports.get(localPort);
    // A port may be closed while a connection on it is still being decrypted.
    if (port === undefined) return isMainPort(localPort);
    origins.set(socket, port);
    port.sockets.add(socket);
    socket.once("close", () => port.sockets.delete(socket));
    return true;
  };

  /** As Node's HTTP server makes its own. */
  const createServer = (): net.Server =>
    net.createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: bufferBytes }, take);

  return {
    origins: { tell, worldOf: (socket) => origins.get(socket)?.world },
    open: async ({ host, port: wanted, world }) => {
      const { servers, addresses } = await bind({ host, port: wanted, createServer, logger });
      const number = addresses[0]?.port ?? wanted;
      const port: Port = { world, sockets: new Set() };
      ports.set(number, port);
      const opened: WorldPort = {
        port: number,
        addresses,
        close: async (options = {}) => {
          if (!open.delete(opened)) return;
          ports.delete(number);
          const closed = Promise.all(servers.map(closeServer));
          await endConnections(port, { lifetime, graceMs: options.graceMs ?? graceMs });
          await closed;
        },
      };
      open.add(opened);
      return opened;
    },
    close: async (options) => {
      await Promise.all([...open].map((port) => port.close(options)));
    },
  };
};

const closeServer = (server: net.Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

/** Ends connections once the last answer under way on them is sent, all of them when `graceMs` are over. */
const endConnections = async (
  { sockets }: Port,
  { lifetime, graceMs }: { lifetime: Lifetime; graceMs: number },
): Promise<void> => {
  const answers = [...sockets].flatMap((socket) => {
    const answers = lifetime.answersOn(socket);
    if (answers.length === 0) socket.destroy();
    return answers;
  });
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.destroy();
  }, graceMs);
  await Promise.all(
    answers.map((response) => new Promise((resolve) => response.once("close", () => resolve(undefined)))),
  );
  clearTimeout(cut);
  for (const socket of sockets) socket.destroySoon();
};
