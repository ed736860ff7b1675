/** What is open on a listener, and how it ends. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests that are being answered, and connections, of all servers of one listener. */
export type Lifetime = {
  /** Counts a server and its connections in, before it listens and after anything else that changes its listeners. */
  readonly watch: (server: Server) => void;
  /** True once `close` was called: answers then say `Connection: close`. */
  readonly closing: () => boolean;
  /** Counts an answer until its response closes. */
  readonly begin: (response: ServerResponse) => void;
  /** The answers under way on one connection, oldest first. */
  readonly answersOn: (socket: IncomingMessage["socket"]) => ServerResponse[];
  /** Stops accepting, lets requests in flight finish for `graceMs`, then cuts what is left. Resolves when all is closed. */
  readonly close: (options: { readonly graceMs: number }) => Promise<void>;
};

type LifetimeOptions = {
  /** Called when closing begins, for what else hangs on the connections (HTTP/2 sessions). */
  readonly onClosing?: () => void;
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
  });

/** Knows of nothing until it is told to `watch`. */
export const createLifetime = ({ onClosing }: LifetimeOptions = {}): Lifetime => {
  const servers = new Set<Server>();
  const sockets = new Set<Socket>();
  const answers = new Set<ServerResponse>();
  let closing: Promise<void> | undefined;

  const closeIdle = (): void => {
    for (const server of servers) server.closeIdleConnections();
  };
  const stop = async (graceMs: number): Promise<void> => {
    const all = Promise.all([...servers].map(closed));
    onClosing?.();
    // Node takes a connection that has not said anything yet for a busy one.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    const cut = setTimeout(() => {
      for (const socket of sockets) socket.destroy();
    }, graceMs);
    await all;
    clearTimeout(cut);
  };
  return {
    watch: (server) => {
      servers.add(server);
      server.prependListener("connection", (socket: Socket) => {
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
      });
    },
    closing: () => closing !== undefined,
    begin: (response) => {
      answers.add(response);
      response.once("close", () => {
        answers.delete(response);
        if (closing !== undefined) setImmediate(closeIdle);
      });
    },
    answersOn: (socket) => [...answers].filter((response) => response.req.socket === socket),
    close: ({ graceMs }) => (closing ??= stop(graceMs)),
  };
};
