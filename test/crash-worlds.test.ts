/**
 * `kill -9` at random points of a script that puts, copies, snapshots, restores, resets, forks and deletes worlds while layers are
 * collected and flattened: what was acknowledged is there, a step that was cut off took place wholly or not at all, and the store
 * fits together before and after the next start.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  S3Client,
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import test from "ava";
import type { ExecutionContext } from "ava";
import { createControlClient, type ControlClient } from "../src/control/client.ts";
import { after, bodyOf, chooseStep, type Contents, type Model, type Step } from "./support/crash-worlds.ts";
import { diagnose, withStore } from "./support/doctor.ts";
import { openStateIn, withFolder } from "./support/state.ts";

const POINTS = Number(process.env["STANDIN_CRASH_POINTS"] ?? 8);
const DRIVERS = ["a", "b", "c"];
const STORM_MS_MIN = 20;
const STORM_MS_MAX = 1_200;
const BOOT_MS_MAX = 60_000;
/** Of so many crashes one is followed by a collection of everything instead of a check of the running server. */
const COLLECT_EVERY = 3;
const ACCOUNT = "111111111111";
const BUCKET = "bucket";
const MAIN = join(import.meta.dirname, "../src/main.ts");

type Server = { readonly control: ControlClient; readonly s3: (world: string) => S3Client; kill(): Promise<void> };

const startServer = async (t: ExecutionContext, dataDir: string): Promise<Server> => {
  const flags = ["--port", "0", "--control-port", "0", "--data-dir", dataDir, "--json", "--log-level", "error"];
  const child = spawn(process.execPath, [MAIN, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const clients = new Map<string, S3Client>();
  const kill = async (): Promise<void> => {
    child.kill("SIGKILL");
    await closed;
    for (const client of clients.values()) client.destroy();
  };
  t.teardown(kill);
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    closed.then(() => Promise.reject(new Error("the server ended before it was up"))),
    sleep(BOOT_MS_MAX, undefined, { ref: false }).then(() => Promise.reject(new Error("the server is not up"))),
  ])) as [string];
  const { dataUrl, controlUrl } = JSON.parse(line) as { dataUrl: string; controlUrl: string };
  return {
    kill,
    control: createControlClient({ baseUrl: controlUrl }),
    s3: (world) => {
      const known = clients.get(world);
      if (known !== undefined) return known;
      const made = new S3Client({
        endpoint: dataUrl,
        region: "us-east-1",
        forcePathStyle: true,
        maxAttempts: 1,
        credentials: { accessKeyId: ACCOUNT, secretAccessKey: "test" },
      });
      made.middlewareStack.add(
        (next) => (args) => {
          (args.request as { headers: Record<string, string> }).headers["x-standin-world"] = world;
          return next(args);
        },
        { step: "build" },
      );
      clients.set(world, made);
      return made;
    },
  };
};

/** Takes a step. A bucket that a reset took away is made again first, which changes nothing that is compared. */
const take = async ({ control, s3 }: Server, step: Step): Promise<void> => {
  const { world } = step;
  const Bucket = BUCKET;
  switch (step.kind) {
    case "put":
      await s3(world).send(new CreateBucketCommand({ Bucket }));
      await s3(world).send(new PutObjectCommand({ Bucket, Key: step.key, Body: bodyOf(step.body) }));
      return;
    case "remove":
      await s3(world).send(new DeleteObjectCommand({ Bucket, Key: step.key }));
      return;
    case "copy":
      await s3(world).send(new CopyObjectCommand({ Bucket, Key: step.to, CopySource: `${Bucket}/${step.from}` }));
      return;
    case "snapshot":
      await control.state.createSnapshot({ world, name: step.name, replace: true });
      return;
    case "restore":
      await control.state.restoreSnapshot({ world, name: step.name });
      return;
    case "forget":
      await control.state.deleteSnapshot({ world, name: step.name });
      return;
    case "reset":
      await control.state.reset({ world });
      return;
    case "fork":
      await control.worlds.createWorld({
        name: step.name,
        fromWorld: world,
        fromSnapshot: step.snapshot ?? "",
        ephemeral: false,
      });
      return;
    case "drop":
      await control.worlds.deleteWorld({ name: world });
  }
};

/** One driver: what its worlds hold for sure, and the step that was cut off. */
type Driver = { readonly prefix: string; model: Model; cut: Step | undefined };

type Run = { readonly drivers: readonly Driver[]; steps: number; cut: number; readonly kinds: Set<Step["kind"]> };

const driveUntilKilled = async (
  server: Server,
  run: Run,
  { driver, killed }: { driver: Driver; killed: () => boolean },
): Promise<void> => {
  while (!killed()) {
    const step = chooseStep(driver.model, { prefix: driver.prefix, count: (run.steps += 1) });
    driver.cut = step;
    run.kinds.add(step.kind);
    try {
      await take(server, step);
    } catch (error) {
      if (!killed()) throw new Error(`${JSON.stringify(step)} failed: ${String(error)}`, { cause: error });
      run.cut += 1;
      return;
    }
    driver.model = after(driver.model, step);
    driver.cut = undefined;
  }
};

const stormAndKill = async (server: Server, run: Run): Promise<void> => {
  let isKilled = false;
  const driving = Promise.all(
    run.drivers.map((driver) => driveUntilKilled(server, run, { driver, killed: () => isKilled })),
  );
  await Promise.race([driving, sleep(randomInt(STORM_MS_MIN, STORM_MS_MAX))]);
  isKilled = true;
  await server.kill();
  await driving;
};

/** What a world holds, by the bytes themselves. */
const readWorld = async (server: Server, world: string, bodies: ReadonlyMap<string, number>): Promise<Contents> => {
  const s3 = server.s3(world);
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
  const found = new Map<string, number>();
  if (Buckets.length === 0) return found;
  const { Contents: objects = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  for (const { Key } of objects) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    const bytes = Buffer.from(await Body!.transformToByteArray());
    found.set(Key!, bodies.get(bytes.toString("latin1")) ?? -1);
  }
  return found;
};

const bodiesOf = (models: readonly Model[]): Map<string, number> => {
  const numbers = models.flatMap(({ worlds }) => [...worlds.values()].flatMap((contents) => [...contents.values()]));
  return new Map(numbers.map((number) => [bodyOf(number).toString("latin1"), number]));
};

const shown = (worlds: ReadonlyMap<string, Contents>): string =>
  [...worlds]
    .map(
      ([name, contents]) =>
        `${name}: ${[...contents]
          .map((entry) => entry.join("="))
          .toSorted()
          .join(" ")}`,
    )
    .toSorted()
    .join("; ");

/** Holds what a driver's worlds hold against what they may: as before the step that was cut off, or as after it. */
const verify = async (server: Server, driver: Driver): Promise<void> => {
  const { model, cut, prefix } = driver;
  const possible = cut === undefined ? [model] : [model, after(model, cut)];
  const bodies = bodiesOf(possible);
  const { worlds } = await server.control.worlds.listWorlds({ pageSize: 1_000 });
  const found = new Map<string, Contents>();
  const snapshots = new Set<string>();
  for (const { name } of worlds.filter((world) => world.name.startsWith(prefix))) {
    found.set(name, await readWorld(server, name, bodies));
    for (const snapshot of (await server.control.state.listSnapshots({ world: name })).snapshots)
      snapshots.add(`${name}/${snapshot.name}`);
  }
  const isSo = ({ worlds, snapshots: kept }: Model): boolean =>
    shown(worlds) === shown(found) && [...kept.keys()].toSorted().join() === [...snapshots].toSorted().join();
  const is = possible.findLast(isSo);
  if (is === undefined) {
    const wanted = possible.map(({ worlds }) => shown(worlds)).join("\nor     ");
    throw new Error(`after ${JSON.stringify(cut)}\nfound  ${shown(found)}\nwanted ${wanted}`);
  }
  // A snapshot that replaces another looks like it: what it holds is not known until it is taken again.
  if (cut?.kind === "snapshot" && is === possible[1]) {
    await server.control.state.createSnapshot({ world: cut.world, name: cut.name, replace: true });
  }
  driver.model = is;
  driver.cut = undefined;
};

const faultsIn = async (dataDir: string): Promise<string[]> =>
  withStore(dataDir, async (store) => {
    const found = await diagnose(store, { contents: true });
    return found.filter(({ severity }) => severity === "fault").map(({ text }) => text);
  });

/** Takes away all that nothing leads to; answers what is wrong or left over then. */
const collect = async (dataDir: string): Promise<string[]> => {
  const opened = await openStateIn(dataDir);
  await opened.state.settle();
  await opened.close();
  return withStore(dataDir, async (store) => (await diagnose(store, { contents: true })).map(({ text }) => text));
};

test(`kill -9 at ${POINTS} random points of a script on worlds loses nothing and leaves a store that fits together`, (t) =>
  withFolder(async (dataDir) => {
    t.timeout(3_600_000);
    const run: Run = {
      drivers: DRIVERS.map((prefix) => ({
        prefix,
        model: { worlds: new Map(), snapshots: new Map() },
        cut: undefined,
      })),
      steps: 0,
      cut: 0,
      kinds: new Set(),
    };
    let server = await startServer(t, dataDir);
    for (const driver of run.drivers) {
      const name = `${driver.prefix}0`;
      await server.control.worlds.createWorld({ name });
      driver.model = { worlds: new Map([[name, new Map()]]), snapshots: new Map() };
    }
    for (let point = 1; point <= POINTS; point += 1) {
      await stormAndKill(server, run);
      t.deepEqual(await faultsIn(dataDir), [], `after crash ${point}`);
      if (point % COLLECT_EVERY === 0) t.deepEqual(await collect(dataDir), [], `after the collection at ${point}`);
      server = await startServer(t, dataDir);
      for (const driver of run.drivers) await verify(server, driver);
      for await (const { finding } of server.control.doctor.checkStore({})) t.is(finding, undefined);
    }
    await server.kill();
    t.deepEqual(await collect(dataDir), []);
    t.log(`${POINTS} crashes, ${run.steps} steps, ${run.cut} of them cut off; ${[...run.kinds].toSorted().join(" ")}`);
    t.true(run.cut > POINTS / 2, "the crashes cut steps off");
  }));
