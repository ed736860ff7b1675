/** The cases that are a load, a row each: who is measured, with what, and against which targets. */
import type { LoadCaseName } from "../case-names.ts";
import type { Target } from "../figures.ts";
import type { Job, RequestsJob } from "../load/jobs.ts";
import type { PeerName, Server } from "../peers/peer.ts";

/** A target on standin's CPU: the reference's over it (more is better), or as it is, in milliseconds. */
export type LoadTarget = Target & { readonly value: "reference / standin" | "milliseconds" };

export type Span = { readonly first: number; readonly count: number };

export type LoadCase = {
  readonly name: LoadCaseName;
  /** What one operation is. */
  readonly operation: string;
  readonly peers: readonly PeerName[];
  /** The yardstick. */
  readonly reference: PeerName;
  readonly targets: readonly LoadTarget[];
  /** Operations before anything is measured, for a server of share 1. */
  readonly warmUp: number;
  /** CPU time that a round should take, in milliseconds; gives the number of operations. */
  readonly roundCpuMs: number;
  /** Operations of one round. */
  readonly roundMin: number;
  readonly roundMax: number;
  /** What must be there before the first operation. */
  readonly seed: (server: Server) => readonly Job[];
  /** What must be there before these operations, and is not measured. */
  readonly prepare: (server: Server, span: Span) => readonly Job[];
  readonly job: (server: Server, span: Span) => Job;
};

const BUCKET = "bench";
const MIB = 1024 * 1024;
const SMALL_BYTES = 1024;
const SMALL_KEYS = 1000;
const SMALL_CONNECTIONS = 16;
const LARGE_BYTES = 8 * MIB;
const LARGE_KEYS = 8;
const LARGE_CONNECTIONS = 2;
const PARTS = 8;
export const LIST_KEYS = 20_000;
const PAGE_KEYS = 1000;
const DELETE_KEYS = 1000;

const NOTHING = (): readonly Job[] => [];

type RequestRow = Pick<RequestsJob, "method" | "target"> &
  Partial<Pick<RequestsJob, "bodyBytes" | "modulo" | "stride" | "connections">>;

const requests = ({ data, peer }: Server, { first, count }: Span, row: RequestRow): RequestsJob => ({
  kind: "requests",
  address: data,
  credentials: peer.credentials,
  connections: SMALL_CONNECTIONS,
  first,
  count,
  ...row,
});

const createBucket = (server: Server): readonly Job[] =>
  server.peer.speaksS3
    ? [requests(server, { first: 0, count: 1 }, { method: "PUT", target: `/${BUCKET}`, connections: 1 })]
    : [];

const seedObjects = (server: Server, span: Span, row: RequestRow): readonly Job[] =>
  server.peer.keepsBodies ? [...createBucket(server), requests(server, span, row)] : [];

const SMALL = { method: "PUT", target: `/${BUCKET}/key-#`, bodyBytes: SMALL_BYTES } as const;
const LARGE = { method: "PUT", target: `/${BUCKET}/large-#`, bodyBytes: LARGE_BYTES, connections: 1 } as const;

const ofReference = (reference: PeerName, bound: number): LoadTarget => ({
  what: `CPU of ${reference} over CPU of standin`,
  value: "reference / standin",
  sense: "at least",
  bound,
  unit: "",
});

const cpuAtMost = (what: string, bound: number): LoadTarget => ({
  what: `CPU of ${what}`,
  value: "milliseconds",
  sense: "at most",
  bound,
  unit: "ms",
});

const ALL_PEERS: readonly PeerName[] = ["standin", "node-null", "koa-null", "floor", "moto", "s3rver"];
const READ_PEERS: readonly PeerName[] = ["standin", "node-null", "koa-null", "moto", "s3rver"];
const LARGE_PEERS: readonly PeerName[] = ["standin", "koa-null", "floor", "moto", "s3rver"];

const SMALL_ROUNDS = { warmUp: 5000, roundCpuMs: 700, roundMin: 40, roundMax: 50_000 } as const;
const LARGE_ROUNDS = { warmUp: 60, roundCpuMs: 1200, roundMin: 4, roundMax: 400 } as const;

const readSmall = (name: "get1k" | "head", method: "GET" | "HEAD"): LoadCase => ({
  name,
  operation: `${method} of 1 KiB, ${SMALL_CONNECTIONS} at a time`,
  peers: READ_PEERS,
  reference: "koa-null",
  targets: [ofReference("koa-null", 0.5)],
  ...SMALL_ROUNDS,
  seed: (server) => seedObjects(server, { first: 0, count: SMALL_KEYS }, SMALL),
  prepare: NOTHING,
  job: (server, span) => requests(server, span, { method, target: SMALL.target, modulo: SMALL_KEYS }),
});

/** A slow server lists a bucket with fewer keys; its figure flatters it. */
const listKeysOf = ({ peer }: Server): number =>
  Math.max(2 * PAGE_KEYS, Math.round(LIST_KEYS * Math.min(1, peer.share)));

export const LOAD_CASES: readonly LoadCase[] = [
  {
    name: "put1k",
    operation: `PUT of 1 KiB to a new key, ${SMALL_CONNECTIONS} at a time`,
    peers: ALL_PEERS,
    reference: "koa-null",
    targets: [ofReference("koa-null", 0.35)],
    ...SMALL_ROUNDS,
    seed: createBucket,
    prepare: NOTHING,
    job: (server, span) => requests(server, span, SMALL),
  },
  readSmall("get1k", "GET"),
  readSmall("head", "HEAD"),
  {
    name: "put8m",
    operation: `PUT of 8 MiB, ${LARGE_CONNECTIONS} at a time`,
    peers: LARGE_PEERS,
    reference: "floor",
    targets: [ofReference("floor", 0.8)],
    ...LARGE_ROUNDS,
    seed: createBucket,
    prepare: NOTHING,
    job: (server, span) => requests(server, span, { ...LARGE, modulo: LARGE_KEYS, connections: LARGE_CONNECTIONS }),
  },
  {
    name: "get8m",
    operation: `GET of 8 MiB, ${LARGE_CONNECTIONS} at a time`,
    peers: ["standin", "floor", "moto", "s3rver"],
    reference: "floor",
    targets: [],
    ...LARGE_ROUNDS,
    seed: (server) => seedObjects(server, { first: 0, count: LARGE_KEYS }, LARGE),
    prepare: NOTHING,
    job: (server, span) =>
      requests(server, span, {
        method: "GET",
        target: LARGE.target,
        modulo: LARGE_KEYS,
        connections: LARGE_CONNECTIONS,
      }),
  },
  {
    name: "multipart",
    operation: `an upload of ${PARTS} parts of 8 MiB, ${LARGE_CONNECTIONS} at a time (floor: as many PUTs)`,
    peers: ["standin", "floor", "moto"],
    reference: "floor",
    targets: [ofReference("floor", 0.8)],
    warmUp: 8,
    roundCpuMs: 1500,
    roundMin: 4,
    roundMax: 40,
    seed: createBucket,
    prepare: NOTHING,
    job: ({ data, peer }, { first, count }) => ({
      kind: "multipart",
      address: data,
      credentials: peer.credentials,
      connections: LARGE_CONNECTIONS,
      first,
      count,
      path: `/${BUCKET}/parts-#`,
      parts: PARTS,
      partBytes: LARGE_BYTES,
      asPuts: !peer.speaksS3,
      modulo: 2,
    }),
  },
  {
    name: "list",
    operation: `a page of ${PAGE_KEYS} among ${LIST_KEYS} keys (koa-null: its constant; slow peers: among fewer)`,
    peers: ["standin", "koa-null", "moto", "s3rver"],
    reference: "koa-null",
    targets: [cpuAtMost(`a page of ${PAGE_KEYS}`, 5)],
    warmUp: 200,
    roundCpuMs: 800,
    roundMin: 5,
    roundMax: 5000,
    // Keys from 1 on, so that "after number n * 1000" is always a full page.
    seed: (server) => (server.peer.speaksS3 ? seedObjects(server, { first: 1, count: listKeysOf(server) }, SMALL) : []),
    prepare: NOTHING,
    job: (server, span) =>
      requests(server, span, {
        method: "GET",
        target: `/${BUCKET}?list-type=2&max-keys=${PAGE_KEYS}&start-after=key-#`,
        stride: PAGE_KEYS,
        modulo: listKeysOf(server),
        connections: 1,
      }),
  },
  {
    name: "delete",
    operation: `DeleteObjects of ${DELETE_KEYS} keys of 1 KiB, quiet (koa-null: reads the body)`,
    peers: ["standin", "koa-null", "moto"],
    reference: "koa-null",
    targets: [cpuAtMost(`a DeleteObjects of ${DELETE_KEYS}`, 15)],
    warmUp: 10,
    roundCpuMs: 300,
    roundMin: 1,
    roundMax: 20,
    seed: createBucket,
    prepare: (server, { first, count }) =>
      server.peer.speaksS3 ? [requests(server, { first: first * DELETE_KEYS, count: count * DELETE_KEYS }, SMALL)] : [],
    job: ({ data, peer }, { first, count }) => ({
      kind: "delete",
      address: data,
      credentials: peer.credentials,
      connections: 1,
      first,
      count,
      bucket: BUCKET,
      prefix: "key-",
      keys: DELETE_KEYS,
    }),
  },
];
