/** A client that says exactly the bytes it is told, and a listener on a free port for it to talk to. */
import { once } from "node:events";
import net from "node:net";
import type { Readable } from "node:stream";
import type { ExecutionContext } from "ava";
import { startDataListener, type DataListenerOptions, type Listener } from "../../src/http/data-listener.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import type { WireRequest, WireResponse } from "../../src/protocol/wire.ts";

export type RawClient = {
  readonly socket: net.Socket;
  send(text: string): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves with everything received once `done` likes it, or the server has closed. Fails after 5 s. */
  until(done: (received: string) => boolean): Promise<string>;
  /** Resolves once the server has closed the connection. */
  closed(): Promise<string>;
};

/** Connects to `port` on the IPv4 loopback, or talks over `socket`. */
export const rawClient = async (port: number): Promise<RawClient> => {
  const socket = net.connect({ host: "127.0.0.1", port });
  await once(socket, "connect");
  let text = "";
  let ended = false;
  const wake = new Set<() => void>();
  const changed = (): void => {
    for (const look of wake) look();
  };
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    changed();
  });
  socket.on("error", () => {});
  socket.on("close", () => {
    ended = true;
    changed();
  });
  const until = (done: (received: string) => boolean): Promise<string> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`still waiting after 5 s, received: ${text}`)), 5000);
      const look = (): void => {
        if (!ended && !done(text)) return;
        clearTimeout(timer);
        wake.delete(look);
        resolve(text);
      };
      wake.add(look);
      look();
    });
  return {
    socket,
    send: (bytes) => void socket.write(bytes, "latin1"),
    received: () => text,
    until,
    closed: () => until(() => false),
  };
};

export const readAll = async (body: Readable): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** Answers 200 with `text`. */
export const ok = (text: string): WireResponse => ({
  status: 200,
  headers: { "Content-Type": "text/plain" },
  body: text,
});

/** Answers with what it was sent. */
export const echo = async (request: WireRequest): Promise<WireResponse> => {
  request.continueBody();
  const body = await readAll(request.body);
  return ok(`${request.method} ${request.rawPath}?${request.rawQuery} ${body.toString("latin1")}`);
};

/** A listener that is closed at the end of the test. */
export const listen = async (
  t: ExecutionContext,
  handle: DataListenerOptions["handle"],
  options: Partial<DataListenerOptions> = {},
): Promise<Listener> => {
  const listener = await startDataListener({ host: "127.0.0.1", port: 0, handle, logger: silentLogger, ...options });
  t.teardown(() => listener.close({ graceMs: 0 }));
  return listener;
};

/** How often `part` occurs in `text`. */
export const count = (text: string, part: string): number => text.split(part).length - 1;
