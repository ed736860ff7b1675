/** The peers, a row each. */
import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Address } from "../load/connection.ts";
import { isInstalled } from "../process/child.ts";
import type { Addresses, Peer, PeerName } from "./peer.ts";

const LOOPBACK = "127.0.0.1";
const TEST_KEY = { accessKeyId: "test" };

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const addressOf = (endpoint: string): Address => {
  const { hostname, port } = new URL(endpoint);
  return { host: hostname, port: Number(port) };
};

const jsonLine = (said: string): Record<string, unknown> | undefined => {
  const line = said
    .split("\n")
    .slice(0, -1)
    .find((text) => text.startsWith("{"));
  return line === undefined ? undefined : (JSON.parse(line) as Record<string, unknown>);
};

const announced = (said: string): Addresses | undefined => {
  const line = jsonLine(said);
  return line === undefined ? undefined : { data: addressOf(String(line["dataUrl"])) };
};

/** A port that nobody listens on just now, for servers that cannot choose one themselves. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, LOOPBACK, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });

const folderIn = (scratch: string, name: string): Promise<string> => mkdtemp(join(scratch, `${name}-`));

type OwnServer = Pick<Peer, "name" | "title" | "keepsBodies"> & { readonly file: string };

const ownServer = ({ file, ...rest }: OwnServer): Peer => ({
  ...rest,
  speaksS3: false,
  share: 1,
  credentials: TEST_KEY,
  command: async (scratch) => ({ command: process.execPath, args: [pathOf(file), await folderIn(scratch, rest.name)] }),
  addresses: announced,
});

/** Standin's programs: what is shipped, and what it is made from. */
export const BUNDLE = pathOf("../../dist/standin.js");
export const SOURCES = pathOf("../../src/main.ts");

const STANDIN_FLAGS = ["--port", "0", "--control-port", "0", "--json"] as const;

export type StandinOptions = {
  /** Path of the program. */
  readonly program: string;
  /** Node's own flags. */
  readonly nodeFlags?: readonly string[];
  readonly name?: "standin" | "baseline";
  /** What it serves; a throw-away directory by default. */
  readonly dataDir?: string;
};

/** Standin, or another build of it. */
export const standinPeer = ({ program, nodeFlags = [], name = "standin", dataDir }: StandinOptions): Peer => ({
  name,
  title: `Standin, ${program}`,
  speaksS3: true,
  keepsBodies: true,
  share: 1,
  credentials: TEST_KEY,
  command: (scratch) => ({
    command: process.execPath,
    args: [
      ...nodeFlags,
      program,
      ...STANDIN_FLAGS,
      ...(dataDir === undefined ? ["--ephemeral"] : ["--data-dir", dataDir]),
    ],
    // The throw-away data directory goes where the benchmark's files go. The same folder for every start, since Node's cache
    // of compiled code is there too: only the first start fills it.
    env: { TMPDIR: scratch },
    cwd: scratch,
  }),
  addresses(said) {
    const line = jsonLine(said);
    if (line === undefined) return undefined;
    return { data: addressOf(String(line["dataUrl"])), control: addressOf(String(line["controlUrl"])) };
  },
});

const moto: Peer = {
  name: "moto",
  title: "moto_server",
  speaksS3: true,
  keepsBodies: true,
  share: 0.04,
  credentials: TEST_KEY,
  command: async (scratch) =>
    isInstalled("moto_server")
      ? { command: "moto_server", args: ["-H", LOOPBACK, "-p", String(await freePort())], env: { TMPDIR: scratch } }
      : { missing: "moto_server is not installed" },
  addresses(said) {
    const endpoint = /Running on (http:\/\/[\d.]+:\d+)/.exec(said)?.[1];
    return endpoint === undefined ? undefined : { data: addressOf(endpoint) };
  },
};

const s3rver: Peer = {
  name: "s3rver",
  title: "s3rver",
  speaksS3: true,
  keepsBodies: true,
  share: 0.2,
  // The one key that it knows; it may be told not to compare signatures.
  credentials: { accessKeyId: "S3RVER" },
  command: async (scratch) =>
    isInstalled("s3rver")
      ? {
          command: "s3rver",
          args: [
            "-d",
            await folderIn(scratch, "s3rver"),
            "-a",
            LOOPBACK,
            "-p",
            "0",
            "-s",
            "--allow-mismatched-signatures",
          ],
        }
      : { missing: "s3rver is not installed" },
  addresses(said) {
    const found = /listening on (?:http:\/\/)?([\d.]+):(\d+)/i.exec(said);
    return found === null ? undefined : { data: { host: found[1] ?? LOOPBACK, port: Number(found[2]) } };
  },
};

/** All peers by name. `program` is Standin's, `baseline` that of the build to compare it with. */
export const peerTable = ({ program, baseline }: { program: string; baseline: string }): Record<PeerName, Peer> => ({
  standin: standinPeer({ program }),
  baseline: standinPeer({ program: baseline, name: "baseline" }),
  hello: ownServer({ name: "hello", title: "bare node hello server", keepsBodies: false, file: "hello.js" }),
  "node-null": ownServer({
    name: "node-null",
    title: "bare node:http, reads the body, answers a constant",
    keepsBodies: false,
    file: "node-null.ts",
  }),
  "koa-null": ownServer({
    name: "koa-null",
    title: "bare Koa, reads the body, answers a constant",
    keepsBodies: false,
    file: "koa-null.ts",
  }),
  floor: ownServer({
    name: "floor",
    title: "bare node:http, computes MD5 and CRC64NVME, writes the file",
    keepsBodies: true,
    file: "floor.ts",
  }),
  moto,
  s3rver,
});
