/** Calls of the control plane as a harness makes them, and a control plane on its own over any state. */
import type { ExecutionContext } from "ava";
import { createControlHandler, type ControlHandlerOptions } from "../../src/control/handler.ts";
import { createWorldKeeper } from "../../src/harness/world-keeper.ts";
import { startMultiplexedListener } from "../../src/http/multiplex.ts";
import { deriveServerKey } from "../../src/identity/server-key.ts";
import { createAccessSimulator } from "../../src/pipeline/simulate-access.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import type { Platform } from "../../src/platform/platform.ts";
import type { State } from "../../src/state/state.ts";
import { withState } from "../support/state.ts";

export type JsonAnswer = {
  readonly status: number;
  readonly headers: Headers;
  /** The answer's JSON; members are looked up by tests that know them. */
  readonly json: Readonly<Record<string, unknown>>;
};

/** Calls `StateService/Reset` and the like as curl does. A text as body is sent as it is. */
export const call = async (
  baseUrl: string,
  rpc: string,
  options: { body?: object | string; headers?: Record<string, string> } = {},
): Promise<JsonAnswer> => {
  const { body = {}, headers = {} } = options;
  const response = await fetch(`${baseUrl}/standin.v1.${rpc}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const json = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, json };
};

/** Calls and asserts that the call succeeds. */
export const callOk = async (t: ExecutionContext, baseUrl: string, ...[rpc, body]: [rpc: string, body?: object]) => {
  const answer = await call(baseUrl, rpc, body === undefined ? {} : { body });
  t.is(answer.status, 200, JSON.stringify(answer.json));
  return answer.json;
};

type Refusal = {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { debug: unknown; type: string }[];
};

/** Calls and asserts the code and the details of the error; answers its message. */
export const callRefused = async (
  t: ExecutionContext,
  baseUrl: string,
  expected: { rpc: string; body: object; code: string; details?: readonly object[] },
): Promise<string> => {
  const answer = await call(baseUrl, expected.rpc, { body: expected.body });
  const refusal = answer.json as Refusal;
  t.is(refusal.code, expected.code, JSON.stringify(answer.json));
  if (expected.details !== undefined)
    t.deepEqual(
      refusal.details?.map(({ debug }) => debug),
      expected.details,
    );
  return refusal.message;
};

const platform: Platform = {
  clock: { now: () => Date.parse("2026-01-02T03:04:05Z") },
  random: { bytes: (size) => Buffer.alloc(size, 7) },
  logger: silentLogger,
};

const serverKey = deriveServerKey(Buffer.alloc(32, 1));

/** Ports that nobody listens on. */
const NO_PORTS = {
  openPort: async ({ port }: { port: number }) => ({ port: port === 0 ? 15_000 : port, close: async () => {} }),
  mainPort: 5_000,
  urlOf: (port: number) => `http://localhost:${port}`,
  dueRunner: { watch: () => {}, forget: () => {} },
};

/** A control plane alone, on a port of its own. */
export const withControlPlane = async (
  options: Partial<ControlHandlerOptions>,
  use: (baseUrl: string, state: State) => Promise<void>,
): Promise<void> =>
  withState(async (state) => {
    const worlds = createWorldKeeper({ state, platform, ...NO_PORTS });
    const simulateAccess = createAccessSimulator(platform);
    const handler = createControlHandler({ state, serverKey, platform, worlds, simulateAccess, ...options });
    const listener = await startMultiplexedListener({
      host: "127.0.0.1",
      port: 0,
      http1: handler,
      http2: handler,
      logger: silentLogger,
    });
    try {
      await use(`http://127.0.0.1:${listener.port}`, state);
    } finally {
      await listener.close({ graceMs: 0 });
    }
  });
