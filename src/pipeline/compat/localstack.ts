/** LocalStack's own endpoints below `/_localstack/`: https://docs.localstack.cloud/aws/configuration/networking/internal-endpoints/ */
import type { WireRequest, WireResponse } from "../../protocol/wire.ts";
import { resetAccounts } from "../../state/snapshots.ts";
import type { CompatDeps } from "./compat.ts";
import { CompatError, json, notImplemented, readJsonObject, text } from "./exchange.ts";
import { resetKeepingAccount } from "./reset.ts";

type Endpoint = (request: WireRequest, deps: CompatDeps) => Promise<WireResponse>;

const EDITION = "community";

const getHealth: Endpoint = async (_request, { version }) =>
  json(200, { services: { s3: "running", sts: "running" }, edition: EDITION, version });

const headHealth: Endpoint = async () => text(200, "ok");

/** Only what a restart does to state: the server stays. */
const postHealth: Endpoint = async (request, { world }) => {
  const { action } = await readJsonObject(request);
  if (action === "kill") throw new CompatError(501, "The action kill is not implemented; send the process SIGTERM.");
  if (action !== "restart") throw new CompatError(400, "The member action must be restart.");
  await resetKeepingAccount(world);
  return text(200, "ok");
};

const getInfo: Endpoint = async (_request, { version, sessionId, startedAtMs, clock }) => {
  const nowMs = clock.now();
  return json(200, {
    version,
    edition: EDITION,
    is_license_activated: false,
    session_id: sessionId,
    system: process.platform,
    server_time_utc: new Date(nowMs).toISOString().slice(0, "2026-01-01T00:00:00".length),
    uptime: Math.floor((nowMs - startedAtMs) / 1000),
  });
};

/** Suites wait for `/_localstack/init/ready`; whoever gets an answer is served already. */
const STAGES = { BOOT: true, START: true, READY: true, SHUTDOWN: false } as const;

const getInit: Endpoint = async () => json(200, { completed: STAGES, scripts: [] });
const getInitStage =
  (stage: keyof typeof STAGES): Endpoint =>
  async () =>
    json(200, { completed: STAGES[stage], scripts: [] });

const postStateReset: Endpoint = async (_request, { world }) => {
  await resetKeepingAccount(world);
  return text(200, "");
};

const postS3Reset: Endpoint = async (_request, { world }) => {
  await resetAccounts(world, {});
  return text(200, "");
};

// STS holds no state: credentials need no memory.
const postStsReset: Endpoint = async () => text(200, "");

const ENDPOINTS: ReadonlyMap<string, Readonly<Record<string, Endpoint>>> = new Map([
  ["/_localstack/health", { GET: getHealth, HEAD: headHealth, POST: postHealth }],
  ["/_localstack/info", { GET: getInfo }],
  ["/_localstack/init", { GET: getInit }],
  ["/_localstack/init/boot", { GET: getInitStage("BOOT") }],
  ["/_localstack/init/start", { GET: getInitStage("START") }],
  ["/_localstack/init/ready", { GET: getInitStage("READY") }],
  ["/_localstack/init/shutdown", { GET: getInitStage("SHUTDOWN") }],
  ["/_localstack/state/reset", { POST: postStateReset }],
  ["/_localstack/state/s3/reset", { POST: postS3Reset }],
  ["/_localstack/state/sts/reset", { POST: postStsReset }],
]);

/** Answers a request whose path begins with `/_localstack/`: what is not built answers 501 by its path. */
export const answerLocalStack = async (request: WireRequest, deps: CompatDeps): Promise<WireResponse> => {
  const methods = ENDPOINTS.get(request.rawPath);
  if (!methods) return notImplemented(request.rawPath);
  const endpoint = methods[request.method];
  if (!endpoint) throw new CompatError(405, `${request.rawPath} takes ${Object.keys(methods).join(", ")} only.`);
  return endpoint(request, deps);
};
