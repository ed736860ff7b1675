/** One keep-alive connection that has one request under way at a time, straight on a socket. */
import { connect } from "node:net";
import type { Socket } from "node:net";

import { createResponseReader } from "./response-reader.ts";
import type { RawResponse, ReadOptions, ResponseReader } from "./response-reader.ts";

export type Address = { readonly host: string; readonly port: number };

/** How long a server may say nothing while a request is under way. */
const SILENCE_MS_MAX = 120_000;

type Exchange = {
  readonly reader: ResponseReader;
  readonly resolve: (response: RawResponse) => void;
  readonly reject: (error: Error) => void;
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Connects on first use, and again when the server has closed in between. */
export class RawConnection {
  readonly #address: Address;
  #socket: Socket | undefined;
  #exchange: Exchange | undefined;

  constructor(address: Address) {
    this.#address = address;
  }

  /**
   * Sends `pieces` and reads the answer. The pieces must not change before the answer is there. Rejects when the connection
   * breaks; an error status is an answer like any other.
   */
  send(pieces: readonly Uint8Array[], options: ReadOptions): Promise<RawResponse> {
    return new Promise((resolve, reject) => {
      this.#exchange = { reader: createResponseReader(options), resolve, reject };
      const socket = this.#open();
      socket.cork();
      for (const piece of pieces) socket.write(piece);
      socket.uncork();
    });
  }

  /** Begins a request whose body the caller writes to the socket piece by piece. */
  sendStreamed(head: Uint8Array, options: ReadOptions): { socket: Socket; response: Promise<RawResponse> } {
    const response = this.send([head], options);
    return { socket: this.#open(), response };
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect({ ...this.#address, noDelay: true });
    socket.setTimeout(SILENCE_MS_MAX, () => {
      if (this.#exchange !== undefined) socket.destroy(new Error(`no answer within ${SILENCE_MS_MAX} ms`));
    });
    socket.on("data", (bytes) => this.#received(bytes));
    socket.on("error", (error) => this.#failed(socket, error));
    socket.on("close", () => this.#closed(socket));
    this.#socket = socket;
    return socket;
  }

  #received(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    try {
      const response = exchange.reader.feed(bytes);
      if (response === undefined) return;
      if (!response.keepAlive) this.close();
      this.#exchange = undefined;
      exchange.resolve(response);
    } catch (error) {
      if (this.#socket !== undefined) this.#failed(this.#socket, asError(error));
    }
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#socket = undefined;
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    this.#exchange = undefined;
    try {
      exchange.resolve(exchange.reader.close());
    } catch (error) {
      exchange.reject(asError(error));
    }
  }

  #failed(socket: Socket, error: Error): void {
    if (socket !== this.#socket) return;
    this.close();
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.reject(error);
  }
}
