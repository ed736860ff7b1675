import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { registerDueWork } from "../../src/harness/due-work.ts";
import { silentLogger } from "../../src/platform/logger.ts";
import type { State } from "../../src/state/state.ts";
import { startTestServer, type TestServer } from "../support/server.ts";
import { call, callOk, callRefused, withControlPlane } from "./control-plane.ts";

/** The real time of the control planes here; whole seconds, so that no call waits for one. */
const REAL = "2026-01-02T03:04:05Z";

const clock = (now: string, frozen: boolean, offset: string) => ({
  clock: { now, realNow: REAL, offset, frozen },
});

test("a clock goes with the real one until it is moved", async (t) => {
  await withControlPlane({}, async (control) => {
    t.deepEqual(await callOk(t, control, "ClockService/GetClock"), clock(REAL, false, "0s"));
  });
});

test("a clock is frozen where it is or at an instant, set, advanced and resumed", async (t) => {
  await withControlPlane({}, async (control) => {
    const ok = (rpc: string, body: object) => callOk(t, control, `ClockService/${rpc}`, body);
    t.deepEqual(await ok("FreezeClock", {}), clock(REAL, true, "0s"));
    const at = "2020-02-29T00:00:00.250Z";
    t.deepEqual(await ok("FreezeClock", { at }), clock(at, true, "-184388644.750s"));
    const set = "2026-01-03T03:04:05Z";
    t.deepEqual(await ok("SetClock", { at: set }), clock(set, true, "86400s"));
    t.deepEqual(await ok("ResumeClock", {}), clock(set, false, "86400s"));
    const advanced = "2026-01-03T03:14:05.500Z";
    t.deepEqual(await ok("AdvanceClock", { by: "600.5s" }), {
      ...clock(advanced, false, "87000.500s"),
      done: [],
      doneCount: 0,
    });
    t.deepEqual(
      await ok("SetClock", { at: "1970-01-01T00:00:00Z" }),
      clock("1970-01-01T00:00:00Z", false, "-1767323045s"),
    );
    t.deepEqual(await ok("GetClock", {}), clock("1970-01-01T00:00:00Z", false, "-1767323045s"));
    t.deepEqual(await ok("ResumeClock", { realTime: true }), clock(REAL, false, "0s"));
  });
});

test("time does not go back by an advance, nor where no clock goes; nothing is changed then", async (t) => {
  await withControlPlane({}, async (control) => {
    const refused = async (rpc: string, body: object, detail: { field: string; reason: string }) => {
      const expected = { rpc: `ClockService/${rpc}`, body, code: "invalid_argument", details: [detail] };
      await callRefused(t, control, expected);
    };
    await refused("AdvanceClock", { by: "-1s" }, { field: "by", reason: "must not be negative; SetClock goes back" });
    await refused("AdvanceClock", {}, { field: "by", reason: "must be given" });
    await refused("SetClock", {}, { field: "at", reason: "must be given" });
    const reason = "must leave the clock within the years 1970 to 9998";
    await refused("SetClock", { at: "1969-12-31T23:59:59Z" }, { field: "at", reason });
    await refused("FreezeClock", { at: "9999-01-01T00:00:00Z" }, { field: "at", reason });
    await refused("AdvanceClock", { by: "315576000000s" }, { field: "by", reason });
    t.deepEqual(await callOk(t, control, "ClockService/GetClock"), clock(REAL, false, "0s"));
    await callRefused(t, control, { rpc: "ClockService/GetClock", body: { world: "none" }, code: "not_found" });
  });
});

const worldOf = (state: State, name = "default") => {
  const world = state.world(name);
  if (world === undefined) throw new Error(`no world ${name}`);
  return world;
};

test("an advance runs what falls due, in order, and answers what it did", async (t) => {
  await withControlPlane({}, async (control, state) => {
    const startMs = Date.parse(REAL);
    for (const [kind, hours] of [
      ["lifecycle", [30, 2]],
      ["replication", [1, 3]],
    ] as const) {
      const waiting = new Set(hours.map((hour) => startMs + hour * 3_600_000));
      registerDueWork(worldOf(state), {
        next: async () => (waiting.size === 0 ? undefined : Math.min(...waiting)),
        run: async (dueAtMs) => {
          waiting.delete(dueAtMs);
          return [{ kind, dueAtMs, what: `did ${kind}` }];
        },
      });
    }
    const advanced = await callOk(t, control, "ClockService/AdvanceClock", { by: "86400s" });
    t.deepEqual(advanced["done"], [
      { kind: "replication", dueAt: "2026-01-02T04:04:05Z", description: "did replication" },
      { kind: "lifecycle", dueAt: "2026-01-02T05:04:05Z", description: "did lifecycle" },
      { kind: "replication", dueAt: "2026-01-02T06:04:05Z", description: "did replication" },
    ]);
    t.is(advanced["doneCount"], 3);
    // So does a jump, which does not answer what it did.
    t.deepEqual((await callOk(t, control, "ClockService/SetClock", { at: "2026-02-01T00:00:00Z" }))["done"], undefined);
    t.is((await callOk(t, control, "ClockService/AdvanceClock", { by: "0s" }))["doneCount"], 0);
  });
});

test("an advance tells of a thousand things at most and counts all; more than ten thousand are too many for one call", async (t) => {
  await withControlPlane({}, async (control, state) => {
    let left = 1_001;
    registerDueWork(worldOf(state), {
      next: async () => (left === 0 ? undefined : 0),
      run: async (dueAtMs) => {
        left -= 1;
        return [{ kind: "test", dueAtMs, what: "it" }];
      },
    });
    const advanced = await callOk(t, control, "ClockService/AdvanceClock", { by: "1s" });
    t.is((advanced["done"] as unknown[]).length, 1_000);
    t.is(advanced["doneCount"], 1_001);
    left = 10_001;
    await callRefused(t, control, { rpc: "ClockService/AdvanceClock", body: { by: "1s" }, code: "resource_exhausted" });
  });
});

test("a reset and a restore leave the clock, a snapshot keeps its instant, a fork copies the clock", async (t) => {
  await withControlPlane({}, async (control, state) => {
    const at = "2040-01-01T00:00:00Z";
    await callOk(t, control, "ClockService/FreezeClock", { at });
    const { snapshot } = await callOk(t, control, "StateService/CreateSnapshot", { name: "then" });
    t.is((snapshot as { createdAt: string }).createdAt, at);
    const later = "2040-01-02T00:00:00Z";
    await callOk(t, control, "ClockService/AdvanceClock", { by: "86400s" });
    await callOk(t, control, "StateService/Reset");
    await callOk(t, control, "StateService/RestoreSnapshot", { name: "then" });
    const moved = (await callOk(t, control, "ClockService/GetClock"))["clock"];
    t.like(moved, { now: later, frozen: true });

    await state.fork({ name: "fork", fromWorld: worldOf(state), fromSnapshot: "then" });
    const ofFork = await callOk(t, control, "ClockService/ResumeClock", { world: "fork" });
    t.like(ofFork["clock"], { now: later, frozen: false });
    t.like((await callOk(t, control, "ClockService/GetClock"))["clock"], { now: later, frozen: true });

    await callOk(t, control, "AccountService/CreateAccessKey", { accountId: "111111111111" });
    const { accessKeys } = await callOk(t, control, "AccountService/ListAccessKeys");
    t.is((accessKeys as { createdAt: string }[])[0]?.createdAt, later);
    await callOk(t, control, "StateService/Reset", { everything: true });
    t.deepEqual(await callOk(t, control, "ClockService/GetClock"), clock(REAL, false, "0s"));
  });
});

test("a hundred changes of a clock are remembered, and after more it shows what it should", async (t) => {
  await withControlPlane({}, async (control, state) => {
    for (let hour = 0; hour < 150; hour += 1) {
      await call(control, "ClockService/AdvanceClock", { body: { by: "3600s" } });
    }
    t.is(worldOf(state).record.clock?.length, 100);
    t.like((await callOk(t, control, "ClockService/GetClock"))["clock"], { offset: "540000s", frozen: false });
  });
});

const LATE_IN_A_SECOND = Date.parse(REAL) + 600;

test("a jump waits for the next second of real time; one that need not be told apart, and one at once, do not", async (t) => {
  // The real clock that the server is shown stands still, but its waiting is real.
  const platform = {
    clock: { now: () => LATE_IN_A_SECOND },
    random: { bytes: (size: number) => Buffer.alloc(size, 7) },
    logger: silentLogger,
  };
  await withControlPlane({ platform }, async (control, state) => {
    const took = async (rpc: string, body: object): Promise<number> => {
      const beganMs = performance.now();
      await callOk(t, control, `ClockService/${rpc}`, body);
      return performance.now() - beganMs;
    };
    t.true((await took("AdvanceClock", { by: "3600s" })) >= 400);
    t.true((await took("FreezeClock", {})) < 300);
    t.true((await took("ResumeClock", {})) < 300);
    t.true((await took("AdvanceClock", { by: "3600s", atOnce: true })) < 300);
    t.true((await took("AdvanceClock", { by: "0.5s" })) < 300);
    await worldOf(state).updateSettings({ clientClock: "world" });
    t.true((await took("SetClock", { at: "2040-01-01T00:00:00Z" })) < 300);
  });
});

const startIn = async (t: ExecutionContext, dataDir: string): Promise<TestServer> => {
  const server = await startTestServer({ ephemeral: false, dataDir });
  t.teardown(() => server.close().catch(() => undefined));
  return server;
};

test("a moved clock survives a restart: frozen it stands still, running it runs on", async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), "standin-clock-"));
  t.teardown(() => rm(dataDir, { recursive: true, force: true }));
  const at = "2040-01-01T00:00:00Z";
  let server = await startIn(t, dataDir);
  await callOk(t, server.running.controlUrl, "ClockService/FreezeClock", { at });
  await server.close();
  server = await startIn(t, dataDir);
  t.like((await callOk(t, server.running.controlUrl, "ClockService/GetClock"))["clock"], { now: at, frozen: true });
  await callOk(t, server.running.controlUrl, "ClockService/ResumeClock");
  await server.close();
  server = await startIn(t, dataDir);
  const { now } = (await callOk(t, server.running.controlUrl, "ClockService/GetClock"))["clock"] as { now: string };
  const passedMs = Date.parse(now) - Date.parse(at);
  t.true(passedMs > 0 && passedMs < 60_000);
});
