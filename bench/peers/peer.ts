/** A server that is measured: how it is started, what it can do, and how one that runs is stopped. */
import { startChild } from "../process/child.ts";
import type { Child, Command } from "../process/child.ts";
import { RawConnection } from "../load/connection.ts";
import type { Address } from "../load/connection.ts";
import { createTemplate } from "../load/request.ts";
import type { Credentials } from "../load/request.ts";

export type PeerName = "standin" | "baseline" | "node-null" | "koa-null" | "floor" | "hello" | "moto" | "s3rver";

/** How to start a server, or why that can't be. */
export type StartCommand = Command | { readonly missing: string };

export type Peer = {
  readonly name: PeerName;
  /** What it is, for the head of the report. */
  readonly title: string;
  /** Knows buckets, lists, uploads; one that does not answers every request alike, or only keeps bodies. */
  readonly speaksS3: boolean;
  /** Keeps what is put. */
  readonly keepsBodies: boolean;
  /** Share of the warm-up requests, seeds and keys that it gets: 1, or less for a server too slow for a run of minutes. */
  readonly share: number;
  readonly credentials: Credentials;
  /** How to start it on a port of its own choice, with a folder for its files. */
  command(scratch: string): StartCommand | Promise<StartCommand>;
  /** The addresses in what it has said so far; undefined while they are not there. */
  addresses(said: string): Addresses | undefined;
};

export type Addresses = { readonly data: Address; readonly control?: Address };

export type Server = {
  readonly peer: Peer;
  readonly pid: number;
  readonly data: Address;
  readonly control: Address | undefined;
  /** From just before the process was spawned to the end of its first answer, in milliseconds. */
  readonly bootMs: number;
  stop(): Promise<void>;
};

/** How long a server may take to boot. */
const BOOT_MS_MAX = 60_000;

const awaitAddresses = (child: Child, peer: Peer): Promise<Addresses> =>
  new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      stopListening();
      clearTimeout(timer);
      reject(new Error(`${peer.name} ${why}:\n${child.said()}`));
    };
    const look = (): void => {
      const found = peer.addresses(child.said());
      if (found === undefined) return;
      stopListening();
      clearTimeout(timer);
      resolve(found);
    };
    const timer = setTimeout(() => fail(`was not up within ${BOOT_MS_MAX} ms`), BOOT_MS_MAX);
    const stopListening = child.listen(look);
    void child.ended.then(() => fail("ended before it was up"));
    look();
  });

const firstAnswer = async (peer: Peer, address: Address): Promise<void> => {
  const connection = new RawConnection(address);
  try {
    const { head } = createTemplate({ method: "GET", target: "/" }, address, peer.credentials);
    await connection.send([head], { method: "GET" });
  } finally {
    connection.close();
  }
};

export class PeerMissing extends Error {}

/** Starts a peer and waits for its first answer. Throws `PeerMissing` where it is not installed. */
export const startPeer = async (peer: Peer, scratch: string): Promise<Server> => {
  const command = await peer.command(scratch);
  if ("missing" in command) throw new PeerMissing(command.missing);
  const begun = performance.now();
  const child = await startChild(command);
  try {
    const { data, control } = await awaitAddresses(child, peer);
    await firstAnswer(peer, data);
    const bootMs = performance.now() - begun;
    return { peer, pid: child.pid, data, control, bootMs, stop: () => child.stop() };
  } catch (error) {
    await child.stop();
    throw error;
  }
};
