/** One port, several protocols: a connection's first bytes say which server gets it. */
import type { Server, Socket } from "node:net";

/** Takes a connection over, from its first byte. */
export type TakeConnection = (socket: Socket) => void;

type RouteOptions = {
  /** Called with all that has come so far, at least one byte. `undefined` asks for more. */
  readonly choose: (head: Buffer) => TakeConnection | undefined;
  /** A connection that stays undecided so long is closed. */
  readonly waitMsMax: number;
};

/** TLS's first record is a handshake, type 22. */
export const isTlsHello = (head: Buffer): boolean => head[0] === 0x16;

const HTTP2_PREFACE = Buffer.from("PRI ");

/** `undefined` while the bytes may still become the preface: `PUT` and `PROPFIND` begin as it does. */
export const isHttp2Preface = (head: Buffer): boolean | undefined => {
  const seen = Math.min(head.length, HTTP2_PREFACE.length);
  if (HTTP2_PREFACE.compare(head, 0, seen, 0, seen) !== 0) return false;
  return seen === HTTP2_PREFACE.length ? true : undefined;
};

const waitForBytes = (socket: Socket, options: RouteOptions): void => {
  let head: Buffer = Buffer.alloc(0);
  const onReadable = (): void => {
    const chunk = socket.read() as Buffer | null;
    if (chunk === null) return;
    head = head.length === 0 ? chunk : Buffer.concat([head, chunk]);
    const take = options.choose(head);
    if (take === undefined) return;
    settle();
    socket.unshift(head);
    take(socket);
  };
  const giveUp = (): void => void socket.destroy();
  const settle = (): void => {
    socket.setTimeout(0);
    socket.off("timeout", giveUp);
    socket.off("error", giveUp);
    socket.off("end", giveUp);
    socket.off("readable", onReadable);
  };
  socket.setTimeout(options.waitMsMax);
  socket.on("timeout", giveUp);
  socket.on("error", giveUp);
  socket.on("end", giveUp);
  socket.on("readable", onReadable);
};

/**
 * Puts `choose` before whatever `server` does with its connections, and returns what that was. The server must be the one
 * that listens: Node watches the timeouts of an HTTP server only while it does.
 */
export const routeByFirstBytes = (
  server: Server,
  optionsFor: (own: TakeConnection) => RouteOptions,
): TakeConnection => {
  const listeners = server.listeners("connection") as TakeConnection[];
  const own: TakeConnection = (socket) => {
    for (const listener of listeners) listener.call(server, socket);
  };
  const options = optionsFor(own);
  server.removeAllListeners("connection");
  server.on("connection", (socket) => waitForBytes(socket, options));
  return own;
};
