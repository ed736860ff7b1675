/** One request and its answer, and the boundary that no error crosses. */
import type { ServerResponse } from "node:http";
import type { HttpLimits } from "../platform/limits.ts";
import type { Logger } from "../platform/logger.ts";
import type { WireRequest, WireResponse } from "../protocol/wire.ts";
import { badRequest, internalError } from "./answers.ts";
import type { Lifetime } from "./lifetime.ts";
import { parseTarget, toWireRequest } from "./request.ts";
import { discard, sendResponse } from "./response.ts";
import type { Origins } from "./world-port.ts";

export type ExchangeOptions = {
  readonly handle: (request: WireRequest) => Promise<WireResponse>;
  readonly logger: Logger;
  readonly limits: HttpLimits;
  readonly lifetime: Lifetime;
  readonly origins: Origins;
};

/** Hands the request of `response` to `handle` and sends what comes back. Never throws. */
export const exchange = async (response: ServerResponse, options: ExchangeOptions): Promise<void> => {
  options.lifetime.begin(response);
  const request = response.req;
  const target = parseTarget(request.url ?? "");
  const world = options.origins.worldOf(request.socket);
  if (target === undefined) return send(response, badRequest, options);
  let answer: WireResponse;
  try {
    answer = await options.handle(toWireRequest(request, response, { target, world }));
  } catch (error) {
    // Whoever reads the body of a client that left gets an error, and that is no fault of ours.
    if (!request.socket.destroyed) report(response, error, options);
    answer = internalError;
  }
  sendTogether(() => send(response, answer, options));
};

let waiting: (() => void)[] = [];

/**
 * Answers that become ready in one turn of the event loop leave together at its end. Writing to a socket wakes its reader,
 * which costs more than all else that a small request does; a burst of writes wakes it once.
 */
const sendTogether = (write: () => void): void => {
  waiting.push(write);
  if (waiting.length > 1) return;
  setImmediate(() => {
    const ready = waiting;
    waiting = [];
    for (const each of ready) each();
  });
};

const send = (response: ServerResponse, answer: WireResponse, options: ExchangeOptions): void => {
  const { limits, lifetime } = options;
  const rest = {
    limits,
    close: lifetime.closing(),
    onBodyError: (error: Error) => report(response, error, options),
  };
  try {
    sendResponse(response, answer, rest);
  } catch (error) {
    report(response, error, options);
    discard(answer.body);
    response.statusMessage = "";
    sendResponse(response, internalError, rest);
  }
};

const report = ({ req }: ServerResponse, error: unknown, { logger }: ExchangeOptions): void =>
  logger.error("a request failed", { method: req.method, target: req.url, error });
