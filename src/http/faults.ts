/** Connections that break HTTP's rules or go silent. */
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Logger } from "../platform/logger.ts";
import { asBytes, badRequest, headersTooLarge, requestTimeout, type TextAnswer } from "./answers.ts";
import type { Lifetime } from "./lifetime.ts";
import { sendAndClose } from "./response.ts";

type FaultOptions = { readonly lifetime: Lifetime; readonly logger: Logger };

/** Answers what never becomes a request, and ends connections whose request or response has stalled. */
export const answerFaults = (server: Server, { lifetime, logger }: FaultOptions): void => {
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    logger.debug("a connection broke the rules of HTTP", { code: error.code });
    refuse(socket, { answer: refusals[error.code ?? ""] ?? badRequest, lifetime, gone: error.code === "ECONNRESET" });
  });
  server.on("timeout", (socket: Socket) => endIfStalled(socket, lifetime));
};

const refusals: Readonly<Record<string, TextAnswer>> = {
  HPE_HEADER_OVERFLOW: headersTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: requestTimeout,
};

type RefuseOptions = { readonly answer: TextAnswer; readonly lifetime: Lifetime; readonly gone: boolean };

const refuse = (socket: Socket, options: RefuseOptions): void => {
  const before = options.lifetime.answersOn(socket);
  if (options.gone || !socket.writable) {
    socket.destroy();
  } else if (before.length === 0) {
    socket.end(asBytes(options.answer), () => socket.destroy());
  } else if (before.some(({ req }) => !req.complete)) {
    cutShort(before, options.answer);
  } else {
    // Good requests came before the bad one on this connection: they get their answers first.
    before.at(-1)?.once("close", () => refuse(socket, options));
  }
};

/** Answers a request that will never be complete, if that can still be said in order, and ends the connection. */
const cutShort = ([first, ...others]: readonly ServerResponse[], answer: TextAnswer): void => {
  if (first === undefined) return;
  if (others.length === 0 && !first.headersSent) sendAndClose(first, answer);
  else first.req.socket.destroy();
};

/** No byte came or went for {@link HttpLimits.bodyIdleMsMax}, or, between requests, for {@link HttpLimits.keepAliveMs}. */
const endIfStalled = (socket: Socket, lifetime: Lifetime): void => {
  const answers = lifetime.answersOn(socket);
  if (answers.length === 0) {
    socket.destroy();
  } else if (answers.some(isWaitingForClient)) {
    cutShort(answers, requestTimeout);
  } else {
    // It is we who are slow. Node's timer has run out; what comes next is to be timed again.
    socket.setTimeout(socket.timeout ?? 0);
  }
};

/** True if we want to read its body or to be read: a paused body, or none begun, is a handler that takes its time. */
const isWaitingForClient = (response: ServerResponse): boolean =>
  (!response.req.complete && response.req.readableFlowing === true) || response.writableLength > 0;
