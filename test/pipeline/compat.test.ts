import { Readable } from "node:stream";
import test from "ava";
import { answerCompat, isCompatPath } from "../../src/pipeline/compat/compat.ts";
import type { CompatDeps } from "../../src/pipeline/compat/compat.ts";
import { COMPAT_BODY_BYTES_MAX } from "../../src/pipeline/compat/exchange.ts";
import { TRANSITIONS_MAX } from "../../src/pipeline/compat/memory.ts";
import type { WireRequest } from "../../src/protocol/wire.ts";
import type { WorldSettings } from "../../src/state/model.ts";
import type { World } from "../../src/state/world.ts";

/** A world of settings alone. */
const fakeWorld = (settings: Partial<WorldSettings> = {}): World => {
  const world = {
    settings: { authMode: "lenient", fallbackAccount: "123456789012", ...settings },
    updateSettings: async (change: object) => {
      world.settings = { ...world.settings, ...change };
    },
  };
  return world as unknown as World;
};

const SESSION_ID = "3f0c";
const seeds: number[] = [];

const deps = (change: Partial<CompatDeps> = {}): CompatDeps => ({
  world: fakeWorld(),
  guard: { baseHosts: ["localhost"], loopback: true, endpoints: "guarded", controlToken: undefined },
  version: "0.1.0",
  sessionId: SESSION_ID,
  startedAtMs: Date.UTC(2026, 10, 24, 10, 0, 0),
  clock: { now: () => Date.UTC(2026, 10, 24, 10, 1, 30, 500) },
  reseed: async (seed) => {
    seeds.push(seed);
  },
  ...change,
});

const request = (
  line: string,
  options: { headers?: Record<string, string>; body?: string; host?: string } = {},
): WireRequest => {
  const [method = "", target = ""] = line.split(" ");
  const [rawPath = "", rawQuery = ""] = target.split("?");
  return {
    method,
    rawPath,
    rawQuery,
    headers: options.headers ?? {},
    host: options.host ?? "localhost:5000",
    secure: false,
    remoteAddress: "127.0.0.1",
    body: Readable.from(options.body === undefined ? [] : [Buffer.from(options.body)]),
    continueBody: () => {},
  };
};

const ask = async (line: string, options: Parameters<typeof request>[1] & { deps?: CompatDeps } = {}) => {
  const response = await answerCompat(request(line, options), options.deps ?? deps());
  const body = (response.body ?? "") as string;
  return { status: response.status, body, json: () => JSON.parse(body) as Record<string, unknown> };
};

test("only paths below /moto-api/ and /_localstack/ are the stand-ins' own", (t) => {
  for (const path of ["/moto-api/reset", "/moto-api/", "/_localstack/health"]) t.true(isCompatPath(path), path);
  for (const path of ["/", "/moto-api", "/moto-apis/reset", "/bucket/moto-api/reset", "/_local"])
    t.false(isCompatPath(path), path);
});

test("LocalStack's health says that S3 and STS run", async (t) => {
  const health = await ask("GET /_localstack/health");
  t.is(health.status, 200);
  t.deepEqual(health.json(), { services: { s3: "running", sts: "running" }, edition: "community", version: "0.1.0" });
  t.is((await ask("HEAD /_localstack/health")).status, 200);
});

test("LocalStack's info says for how many seconds the server runs", async (t) => {
  const info = (await ask("GET /_localstack/info")).json();
  t.like(info, {
    session_id: SESSION_ID,
    uptime: 90,
    server_time_utc: "2026-11-24T10:01:30",
    is_license_activated: false,
  });
});

test("a suite that waits for LocalStack's READY stage goes on at once", async (t) => {
  t.deepEqual((await ask("GET /_localstack/init/ready")).json(), { completed: true, scripts: [] });
});

test("LocalStack's kill answers 501 and an unknown action 400", async (t) => {
  t.is((await ask("POST /_localstack/health", { body: '{"action":"kill"}' })).status, 501);
  t.is((await ask("POST /_localstack/health", { body: '{"action":"dance"}' })).status, 400);
  t.is((await ask("POST /_localstack/health", { body: "no json" })).status, 400);
});

test("a method that an endpoint of LocalStack does not take answers 405", async (t) => {
  t.is((await ask("GET /_localstack/state/reset")).status, 405);
});

test("endpoints that are not built answer 501 by their path", async (t) => {
  for (const path of ["/moto-api/recorder/start-recording", "/moto-api/proxy/passthrough", "/_localstack/diagnose"]) {
    const answer = await ask(`POST ${path}`);
    t.is(answer.status, 501);
    t.true(answer.body.includes(path));
  }
});

test("stopping and resetting moto's recorder succeeds, since nothing records", async (t) => {
  t.is((await ask("POST /moto-api/recorder/stop-recording")).body, "Recording is set to False");
  t.is((await ask("POST /moto-api/recorder/reset-recording")).status, 200);
});

test("moto's resets need a POST", async (t) => {
  t.is((await ask("GET /moto-api/reset")).status, 400);
  t.is((await ask("GET /moto-api/reset-auth")).status, 400);
});

test("moto's seed seeds the ids of the world and refuses what is no number", async (t) => {
  t.is((await ask("POST /moto-api/seed?a=4711")).status, 200);
  t.true(seeds.includes(4711));
  for (const query of ["", "?a=", "?a=x", "?b=1"]) t.is((await ask(`POST /moto-api/seed${query}`)).status, 400);
});

test("moto's config is remembered, and a GET answers 201 too", async (t) => {
  const options = { deps: deps() };
  t.deepEqual((await ask("GET /moto-api/config", options)).json(), {
    batch: { use_docker: true },
    lambda: { use_docker: true },
  });
  const changed = await ask("POST /moto-api/config", { ...options, body: '{"batch":{"use_docker":false},"other":1}' });
  t.is(changed.status, 201);
  const answer = await ask("GET /moto-api/config", options);
  t.is(answer.status, 201);
  t.deepEqual(answer.json(), { batch: { use_docker: false }, lambda: { use_docker: true } });
});

test("moto's state transitions are set, answered and unset, apart for each world", async (t) => {
  const [one, other] = [{ deps: deps() }, { deps: deps() }];
  const get = "GET /moto-api/state-manager/get-transition?model_name=s3%3A%3Akeyrestore";
  const body = JSON.stringify({ model_name: "s3::keyrestore", transition: { progression: "manual", times: 1 } });
  t.is((await ask("POST /moto-api/state-manager/set-transition", { ...one, body })).status, 201);
  t.deepEqual((await ask(get, one)).json(), { progression: "manual", times: 1 });
  t.deepEqual((await ask(get, other)).json(), { progression: "immediate" });
  t.is((await ask("POST /moto-api/state-manager/unset-transition", { ...one, body })).status, 201);
  t.deepEqual((await ask(get, one)).json(), { progression: "immediate" });
});

test("state transitions are counted up to their limit", async (t) => {
  const options = { deps: deps() };
  const set = (name: string) =>
    ask("POST /moto-api/state-manager/set-transition", {
      ...options,
      body: JSON.stringify({ model_name: name, transition: {} }),
    });
  for (let count = 0; count < TRANSITIONS_MAX; count += 1) await set(`m${count}`);
  t.is((await set("one more")).status, 400);
});

test("a state transition without a model's name or an object answers 400", async (t) => {
  t.is((await ask("GET /moto-api/state-manager/get-transition")).status, 400);
  for (const body of ["{}", '{"model_name":"m"}', '{"transition":{}}', "[]"]) {
    t.is((await ask("POST /moto-api/state-manager/set-transition", { body })).status, 400, body);
  }
});

test("reset-auth with 0 makes the world strict, and with inf lenient again", async (t) => {
  const world = fakeWorld();
  const options = { deps: deps({ world }) };
  const first = await ask("POST /moto-api/reset-auth", { ...options, body: "0" });
  t.deepEqual(first.json(), { status: "ok", PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT: "inf" });
  t.is(world.settings.authMode, "strict");
  const second = await ask("POST /moto-api/reset-auth", { ...options, body: "inf" });
  t.deepEqual(second.json(), { status: "ok", PREVIOUS_INITIAL_NO_AUTH_ACTION_COUNT: "0.0" });
  t.is(world.settings.authMode, "lenient");
});

test("reset-auth answers 501 for a count between and 400 for no number", async (t) => {
  t.is((await ask("POST /moto-api/reset-auth", { body: "4" })).status, 501);
  for (const body of ["", "x", "-1"]) t.is((await ask("POST /moto-api/reset-auth", { body })).status, 400, body);
});

const jsonOfSize = (sizeBytes: number): string => `{"a":"${"x".repeat(sizeBytes - 8)}"}`;

test("a body of the largest size is read, and one byte more answers 413", async (t) => {
  t.is((await ask("POST /moto-api/config", { body: jsonOfSize(COMPAT_BODY_BYTES_MAX) })).status, 201);
  t.is((await ask("POST /moto-api/config", { body: jsonOfSize(COMPAT_BODY_BYTES_MAX + 1) })).status, 413);
});

test("known hosts and addresses are served, other hosts are refused", async (t) => {
  const hosts = ["localhost", "LOCALHOST:5000", "w1.world.localhost:5000", "127.0.0.1:5000", "[::1]:5000", "10.0.0.9"];
  for (const host of hosts) t.is((await ask("GET /_localstack/health", { host })).status, 200, host);
  for (const host of ["evil.example", "notlocalhost", "localhost.evil.example", ""]) {
    t.is((await ask("GET /_localstack/health", { host })).status, 403, host);
  }
});

const fromOrigin = (origin: string) => ask("GET /_localstack/health", { headers: { origin } });

test("a page of another origin is refused, one of the same origin is served", async (t) => {
  t.is((await fromOrigin("http://localhost:5000")).status, 200);
  for (const origin of ["https://localhost:5000", "http://localhost:5001", "http://evil.example", "null"]) {
    t.is((await fromOrigin(origin)).status, 403, origin);
  }
});

test("on a data port that is not loopback the control token is asked for, unless the endpoints are open", async (t) => {
  const guard = { ...deps().guard, loopback: false, controlToken: "secret" };
  const ask2 = (change: Partial<CompatDeps["guard"]>, authorization?: string) =>
    ask("GET /_localstack/health", {
      deps: deps({ guard: { ...guard, ...change } }),
      ...(authorization !== undefined && { headers: { authorization } }),
    });
  t.is((await ask2({})).status, 403);
  t.is((await ask2({}, "Bearer wrong")).status, 403);
  t.is((await ask2({}, "Bearer secret")).status, 200);
  t.is((await ask2({ controlToken: undefined }, "Bearer secret")).status, 403);
  t.is((await ask2({ endpoints: "open" })).status, 200);
});
