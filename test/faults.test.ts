/**
 * Thousands of requests to a server whose disk fails now and then: it says so as AWS does and goes on, what was acknowledged is
 * there, the rest is there wholly or not at all, and the store fits together.
 */
import { createHash } from "node:crypto";
import test from "ava";
import { createControlClient } from "../src/control/client.ts";
import { openStateIn, withFolder } from "./support/state.ts";
import { diagnose, withStore } from "./support/doctor.ts";
import { faultyDisk, faultyFiles, Faults } from "./support/faulty.ts";
import { startTestServer, type RawRequest, type RawResponse, type TestServer } from "./support/server.ts";

const OPERATIONS = Number(process.env["STANDIN_FAULT_OPERATIONS"] ?? 800);
const SEED = Number(process.env["STANDIN_FAULT_SEED"] ?? 7);
const WORKERS = 4;
const KEYS_EACH = 12;
const FAULTS_PER_MILLE = 15;
const BODY_BYTES_MAX = 150_000;
const BUCKET = "/faults";

/** A body is told by its number. */
const pool = createHash("shake256", { outputLength: 2 * BODY_BYTES_MAX })
  .update("pool")
  .digest();
const bodyOf = (number: number): Buffer => {
  const size = 1 + ((number * 7_919) % (number % 3 === 0 ? BODY_BYTES_MAX : 3_000));
  return pool.subarray(number % BODY_BYTES_MAX, (number % BODY_BYTES_MAX) + size);
};

/** What a key may hold: numbers of bodies, or that it is absent. */
type Possible = Set<number | undefined>;

type Run = {
  readonly server: TestServer;
  readonly faults: Faults;
  readonly keys: Map<string, Possible>;
  acknowledged: number;
  readonly refused: Map<string, number>;
  bodies: number;
};

/** As the owner, not as somebody anonymous. */
const send = ({ server }: Run, method: string, path: string, options: RawRequest = {}): Promise<RawResponse> =>
  server.request(method, path, { ...options, headers: { ...options.headers, "x-moto-account-id": "123456789012" } });

const REFUSALS = new Map([
  ["503 SlowDown", true],
  ["500 InternalError", true],
]);

/** The answer's code where the request was refused; throws for a refusal that is none of those that a failing disk causes. */
const outcomeOf = (run: Run, { status, body }: { status: number; body: Buffer }): "done" | "refused" => {
  const text = body.toString("latin1");
  if (status < 300 && !text.includes("<Error>")) {
    run.acknowledged += 1;
    return "done";
  }
  const refusal = `${status} ${/<Code>(\w+)<\/Code>/.exec(text)?.[1]}`;
  if (!REFUSALS.has(refusal)) throw new Error(`answered ${refusal}: ${text}`);
  run.refused.set(refusal, (run.refused.get(refusal) ?? 0) + 1);
  return "refused";
};

const possibleOf = (run: Run, key: string): Possible => {
  const known = run.keys.get(key);
  if (known !== undefined) return known;
  const fresh: Possible = new Set([undefined]);
  run.keys.set(key, fresh);
  return fresh;
};

const settle = (run: Run, key: string, { next, outcome }: { next: Possible; outcome: "done" | "refused" }): void => {
  run.keys.set(key, outcome === "done" ? next : new Set([...possibleOf(run, key), ...next]));
};

const put = async (run: Run, key: string): Promise<void> => {
  const number = (run.bodies += 1);
  const answer = await send(run, "PUT", `${BUCKET}/${key}`, { body: bodyOf(number) });
  settle(run, key, { next: new Set([number]), outcome: outcomeOf(run, answer) });
};

const remove = async (run: Run, key: string): Promise<void> => {
  const answer = await send(run, "DELETE", `${BUCKET}/${key}`);
  settle(run, key, { next: new Set([undefined]), outcome: outcomeOf(run, answer) });
};

const copy = async (run: Run, { from, to }: { from: string; to: string }): Promise<void> => {
  const source = possibleOf(run, from);
  if (source.has(undefined) || from === to) return;
  const headers = { "x-amz-copy-source": `${BUCKET}/${from}` };
  const answer = await send(run, "PUT", `${BUCKET}/${to}`, { headers });
  settle(run, to, { next: source, outcome: outcomeOf(run, answer) });
};

const multipart = async (run: Run, key: string): Promise<void> => {
  const path = `${BUCKET}/${key}`;
  const created = await send(run, "POST", `${path}?uploads`);
  if (outcomeOf(run, created) === "refused") return;
  const uploadId = /<UploadId>([^<]+)</.exec(created.body.toString())![1]!;
  const number = (run.bodies += 1);
  const part = await send(run, "PUT", `${path}?partNumber=1&uploadId=${uploadId}`, { body: bodyOf(number) });
  if (outcomeOf(run, part) === "refused") return;
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${part.headers.etag}</ETag></Part></CompleteMultipartUpload>`;
  const answer = await send(run, "POST", `${path}?uploadId=${uploadId}`, { body });
  settle(run, key, { next: new Set([number]), outcome: outcomeOf(run, answer) });
};

/** A connection that breaks in the middle of a body is what a client sees of a file that cannot be read on. */
const read = async (run: Run, key: string): Promise<void> => {
  const answer = await send(run, "GET", `${BUCKET}/${key}`).catch(() => undefined);
  if (answer === undefined || (answer.status !== 200 && answer.status !== 404)) return;
  assertPossible(run, key, answer);
};

const assertPossible = (run: Run, key: string, { status, body }: { status: number; body: Buffer }): void => {
  const possible = possibleOf(run, key);
  if (status === 404 && possible.has(undefined)) return;
  for (const number of possible) if (status === 200 && number !== undefined && bodyOf(number).equals(body)) return;
  throw new Error(`${key} answered ${status} with ${body.byteLength} bytes, not one of ${[...possible].join()}`);
};

const work = async (run: Run, worker: number): Promise<void> => {
  const { faults } = run;
  const key = (): string => `${worker}-${faults.pick(KEYS_EACH)}`;
  for (let operation = 0; operation < OPERATIONS / WORKERS; operation += 1) {
    const dice = faults.pick(100);
    if (dice < 45) await put(run, key());
    else if (dice < 55) await remove(run, key());
    else if (dice < 65) await copy(run, { from: key(), to: key() });
    else if (dice < 75) await multipart(run, key());
    else await read(run, key());
  }
};

/** Snapshots and worlds that come and go meanwhile. What of it is refused does not matter. */
const stir = async (run: Run, isOver: () => boolean): Promise<void> => {
  const { state, worlds } = createControlClient({ baseUrl: run.server.running.controlUrl });
  const ignore = (): undefined => undefined;
  for (let round = 0; !isOver(); round += 1) {
    await state.createSnapshot({ name: `s${round % 3}`, replace: true }).catch(ignore);
    await worlds.createWorld({ name: `w${round % 4}`, fromWorld: "default" }).catch(ignore);
    await worlds.deleteWorld({ name: `w${(round + 2) % 4}` }).catch(ignore);
    await state.deleteSnapshot({ name: `s${(round + 1) % 3}` }).catch(ignore);
  }
};

test(`${OPERATIONS} operations on a disk that fails now and then lose nothing and leave a store that fits together`, (t) =>
  withFolder(async (dataDir) => {
    t.timeout(3_600_000);
    const faults = new Faults(SEED);
    const given = { files: faultyFiles(faults), openDisk: faultyDisk(faults) };
    const server = await startTestServer({ ephemeral: false, dataDir, durability: "disk", logLevel: "silent" }, given);
    const run: Run = { server, faults, keys: new Map(), acknowledged: 0, refused: new Map(), bodies: 0 };
    try {
      await server.request("PUT", BUCKET);
      faults.perMille = FAULTS_PER_MILLE;
      let isOver = false;
      const stirring = stir(run, () => isOver);
      await Promise.all(Array.from({ length: WORKERS }, (_, worker) => work(run, worker))).finally(
        () => (isOver = true),
      );
      await stirring;
      faults.perMille = 0;
      for (const key of run.keys.keys()) {
        let answer = await send(run, "GET", `${BUCKET}/${key}`);
        // A commit that failed last may still have to be settled.
        for (let again = 0; again < 20 && answer.status >= 500; again += 1)
          answer = await send(run, "GET", `${BUCKET}/${key}`);
        assertPossible(run, key, answer);
      }
    } finally {
      faults.perMille = 0;
      await server.close();
    }
    t.log(`${faults.count} faults, ${run.acknowledged} acknowledged, refused: ${JSON.stringify([...run.refused])}`);
    t.true(faults.count > OPERATIONS / 50);
    t.true(run.acknowledged > OPERATIONS / 5);
    t.true([...REFUSALS.keys()].every((refusal) => run.refused.has(refusal)));
    await withStore(dataDir, async (store) => {
      const found = await diagnose(store, { contents: true });
      t.deepEqual(
        found.filter(({ severity }) => severity === "fault"),
        [],
      );
    });
    const opened = await openStateIn(dataDir);
    await opened.state.settle();
    await opened.close();
    await withStore(dataDir, async (store) => t.deepEqual(await diagnose(store, { contents: true }), []));
  }));
