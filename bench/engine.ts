/**
 * What the engine costs: CPU (user and system, all threads of this process) and time per operation.
 *
 *   node bench/engine.ts            all
 *   node bench/engine.ts transact   those whose names begin so
 *
 * A median of five interleaved rounds each, on a throw-away database of 20,000 records. On a busy machine trust the CPU.
 */
import { openEphemeralLevelEngine } from "../src/engine/level/ephemeral.ts";
import type { Engine } from "../src/engine/port.ts";
import { silentLogger } from "../src/platform/logger.ts";

type Case = { name: string; operations: number; run: (engine: Engine) => Promise<void> };

const RECORDS = 20_000;
const ROUNDS = 5;
const VALUE = "v".repeat(450);
const BODY = Buffer.alloc(1024, 1);
const keyOf = (n: number): string => `L0000000000000001live/bucket/${String(n).padStart(20, "0")}`;

let serial = 0;

const writeOne = (engine: Engine): Promise<void> =>
  engine.transact(async (tx) => {
    const n = serial++;
    await tx.get("Chdefault/123456789012");
    await tx.get(keyOf(n % RECORDS));
    tx.put(keyOf(n % RECORDS), VALUE);
    tx.put(`Bi${n}`, BODY);
    tx.put(`Br${n}/1`, "");
    tx.add("count/objects", 1);
    tx.add("count/bytes", 1024);
  });

const concurrently = async (options: {
  times: number;
  concurrency: number;
  run: () => Promise<void>;
}): Promise<void> => {
  let left = options.times;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await options.run();
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
};

const transacting = (concurrency: number): Case => ({
  name: `transact (2 gets, 3 puts, 2 adds), concurrency ${concurrency}`,
  operations: 4000,
  run: (engine) => concurrently({ times: 4000, concurrency, run: () => writeOne(engine) }),
});

const scanning = (limit: number, times: number): Case => ({
  name: `scan of ${limit} x 450 bytes`,
  operations: times,
  run: async (engine) => {
    for (let n = 0; n < times; n++) {
      await engine.read((view) => view.scan({ start: keyOf(n * 5), end: keyOf(RECORDS) }, { limit }));
    }
  },
});

const cases: Case[] = [
  {
    name: "read with one get",
    operations: 20_000,
    run: async (engine) => {
      for (let n = 0; n < 20_000; n++) await engine.read((view) => view.get(keyOf(n)));
    },
  },
  {
    name: "get in a view",
    operations: 20_000,
    run: (engine) =>
      engine.read(async (view) => {
        for (let n = 0; n < 20_000; n++) await view.get(keyOf(n));
      }),
  },
  {
    name: "read with one get while transactions run",
    operations: 4000,
    run: async (engine) => {
      await Promise.all([
        concurrently({ times: 4000, concurrency: 8, run: () => writeOne(engine) }),
        concurrently({
          times: 4000,
          concurrency: 8,
          run: () => engine.read(async (view) => void (await view.get(keyOf(7)))),
        }),
      ]);
    },
  },
  transacting(1),
  transacting(16),
  transacting(64),
  scanning(1, 4000),
  scanning(1000, 200),
];

const median = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const fill = (engine: Engine): Promise<void> =>
  concurrently({
    times: RECORDS / 100,
    concurrency: 4,
    run: () =>
      engine.transact(async (tx) => {
        for (let n = 0; n < 100; n++) tx.put(keyOf(serial++), VALUE);
      }),
  });

const engine = await openEphemeralLevelEngine({ logger: silentLogger });
await fill(engine);
const chosen = cases.filter(({ name }) => name.startsWith(process.argv[2] ?? ""));
const rounds = chosen.map((): { cpu: number; wall: number }[] => []);
for (const { run } of chosen) await run(engine);
for (let round = 0; round < ROUNDS; round++) {
  for (const [at, { run, operations }] of chosen.entries()) {
    const cpuBefore = process.cpuUsage();
    const before = performance.now();
    await run(engine);
    const cpu = process.cpuUsage(cpuBefore);
    rounds[at]?.push({
      cpu: (cpu.user + cpu.system) / operations,
      wall: ((performance.now() - before) * 1000) / operations,
    });
  }
}
for (const [at, { name }] of chosen.entries()) {
  const cpu = median((rounds[at] ?? []).map((round) => round.cpu));
  const wall = median((rounds[at] ?? []).map((round) => round.wall));
  process.stdout.write(`${name.padEnd(55)}${cpu.toFixed(2).padStart(10)} us CPU${wall.toFixed(2).padStart(10)} us\n`);
}
await engine.close();
