/** A data plane over a state that the test holds too: to make worlds, or to put faults in the engine's way. */
import { mkdtemp, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionContext } from "ava";
import { openLevelEngine } from "../../src/engine/level/level-engine.ts";
import type { Engine } from "../../src/engine/port.ts";
import { startDataListener } from "../../src/http/data-listener.ts";
import { createEphemeralServerKey } from "../../src/identity/server-key.ts";
import { createPipeline } from "../../src/pipeline/pipeline.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { createSystemPlatform } from "../../src/platform/system-platform.ts";
import { createAddressing } from "../../src/protocol/addressing.ts";
import { openState, type State } from "../../src/state/state.ts";

export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type PipelineServer = {
  readonly port: number;
  readonly state: State;
  /** The log's entries, parsed. */
  readonly log: readonly Readonly<Record<string, string>>[];
  /** Sends `PUT /bucket/key` and the like, unsigned. */
  readonly send: (line: string, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
};

/** Starts it for one test. `wrap` may change what the engine does once the state is open. */
export const startPipeline = async (
  t: ExecutionContext,
  { wrap = (engine) => engine }: { wrap?: (engine: Engine) => Engine } = {},
): Promise<PipelineServer> => {
  const folder = await mkdtemp(join(tmpdir(), "standin-pipeline-"));
  const log: Record<string, string>[] = [];
  const logger = createLogger({
    level: "warn",
    write: (line) => void log.push(JSON.parse(line) as Record<string, string>),
  });
  const platform = createSystemPlatform({ logger });
  const engine = await openLevelEngine({ location: join(folder, "db"), durability: "process", logger });
  const state = await openState({
    engine: wrap(engine),
    bodiesDir: join(folder, "bodies"),
    durability: "process",
    platform,
  });
  const handle = createPipeline({
    state,
    platform,
    serverKey: createEphemeralServerKey(platform),
    addressing: createAddressing({ baseHosts: [] }),
    compat: {
      guard: { baseHosts: ["localhost"], loopback: true, endpoints: "guarded", controlToken: undefined },
      version: "0",
      sessionId: "0",
      startedAtMs: 0,
      clock: platform.clock,
      reseed: async () => {},
    },
  });
  const listener = await startDataListener({ host: "127.0.0.1", port: 0, handle, logger });
  t.teardown(async () => {
    await listener.close({ graceMs: 0 });
    await state.close();
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });
  const { port } = listener;
  return { port, state, log, send: (line, headers = {}) => send(port, { line, headers }) };
};

const send = (
  port: number,
  { line, headers }: { line: string; headers: Readonly<Record<string, string>> },
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const [method = "", path = ""] = line.split(" ");
    const outgoing = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (incoming) => {
      let body = "";
      incoming.on("data", (chunk: Buffer) => (body += chunk.toString("latin1")));
      incoming.on("error", reject);
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
